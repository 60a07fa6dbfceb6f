import { control } from './control.js';
import { dispatch } from './dispatch.js';
import { doNotCall } from './do-not-call.js';
import { fairness } from './fairness.js';
import { importContacts } from './import.js';
import type { Scenario } from './scenario.js';
import { wakeUp } from './wake-up.js';
import { webhooks } from './webhooks.js';
import { windows } from './windows.js';

export const SCENARIOS: Scenario[] = [
  importContacts,
  dispatch,
  wakeUp,
  fairness,
  control,
  windows,
  doNotCall,
  webhooks,
];
