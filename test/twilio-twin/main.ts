import { runTwin } from '../twin-process.js';
import { buildTwin } from './twin-server.js';

const { TWILIO_ACCOUNT_SID: accountSid = '', TWILIO_AUTH_TOKEN: authToken = '' } = process.env;

await runTwin('twilio-twin', (common, log) => buildTwin({ ...common, accountSid, authToken }, log));
