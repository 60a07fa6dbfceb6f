import { runTwin } from '../twin-process.js';
import { buildTwin } from './twin-server.js';

const { ARI_USER: user = '', ARI_PASSWORD: password = '' } = process.env;

await runTwin('ari-twin', (common, log) => buildTwin({ ...common, user, password }, log));
