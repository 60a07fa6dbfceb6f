import { doNotCall } from './do-not-call.js';
import type { Scenario } from './scenario.js';
import { importContacts } from './import.js';
import { windows } from './windows.js';

export const SCENARIOS: Scenario[] = [importContacts, windows, doNotCall];
