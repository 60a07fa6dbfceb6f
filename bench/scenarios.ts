import { chaos } from './chaos.js';
import { control } from './control.js';
import { dispatch } from './dispatch.js';
import { doNotCall } from './do-not-call.js';
import { fairness } from './fairness.js';
import { httpEnqueue } from './http-enqueue.js';
import { importContacts } from './import.js';
import { memory } from './memory.js';
import type { Scenario } from './scenario.js';
import { wakeUp } from './wake-up.js';
import { webhooks } from './webhooks.js';
import { windows } from './windows.js';

export const SCENARIOS: Scenario[] = [
  httpEnqueue,
  importContacts,
  dispatch,
  wakeUp,
  memory,
  fairness,
  chaos,
  control,
  windows,
  doNotCall,
  webhooks,
];
