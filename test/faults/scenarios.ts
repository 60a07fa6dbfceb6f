import type { Scenario } from './scenario.js';
import { accept } from './scenarios/accept.js';
import { asterisk } from './scenarios/asterisk.js';
import { callbacks } from './scenarios/callbacks.js';
import { carrier } from './scenarios/carrier.js';
import { clocks } from './scenarios/clocks.js';
import { crash } from './scenarios/crash.js';
import { freeze } from './scenarios/freeze.js';
import { livekit } from './scenarios/livekit.js';
import { postgres } from './scenarios/postgres.js';
import { redis } from './scenarios/redis.js';
import { restarts } from './scenarios/restarts.js';
import { stops } from './scenarios/stops.js';
import { twilio } from './scenarios/twilio.js';
import { webhooks } from './scenarios/webhooks.js';

export const SCENARIOS: Scenario[] = [
  { name: 'accept', number: 1, run: accept },
  { name: 'redis', number: 2, run: redis },
  { name: 'crash', number: 3, run: crash, dialers: 1 },
  { name: 'freeze', number: 4, run: freeze, dialers: 4 },
  { name: 'carrier', number: 5, run: carrier },
  { name: 'callbacks', number: 6, run: callbacks },
  { name: 'stops', number: 7, run: stops, endsDiffer: true, callsPerSecond: 1_000 },
  { name: 'clocks', number: 8, run: clocks, dialers: 0 },
  { name: 'postgres', number: 9, run: postgres },
  { name: 'webhooks', number: 10, run: webhooks, dialers: 0 },
  { name: 'twilio', number: 11, run: twilio, carrier: 'twilio', calls: 1_000 },
  { name: 'asterisk', number: 12, run: asterisk, carrier: 'asterisk' },
  { name: 'livekit', number: 13, run: livekit, carrier: 'livekit', calls: 1_000 },
  { name: 'restarts', number: 14, run: restarts, dialers: 0 },
];
