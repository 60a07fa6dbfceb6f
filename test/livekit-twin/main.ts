import { runTwin } from '../twin-process.js';
import { buildTwin } from './twin-server.js';

const { PUBLIC_URL, LIVEKIT_API_KEY = '', LIVEKIT_API_SECRET = '', LIVEKIT_SIP_TRUNK = '' } = process.env;
const own = { apiKey: LIVEKIT_API_KEY, apiSecret: LIVEKIT_API_SECRET, trunkId: LIVEKIT_SIP_TRUNK };
const webhookUrl = () => `${PUBLIC_URL}/callbacks/livekit`;

await runTwin('livekit-twin', (common, log) => buildTwin({ ...common, ...own, webhookUrl }, log));
