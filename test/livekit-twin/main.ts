import { pino } from 'pino';
import { buildTwin } from './twin-server.js';

const { PORT, SPEED, SEED, LEDGER_FILE, PUBLIC_URL } = process.env;
const { LIVEKIT_API_KEY, LIVEKIT_API_SECRET, LIVEKIT_SIP_TRUNK } = process.env;

const twin = await buildTwin(
  {
    apiKey: LIVEKIT_API_KEY ?? '',
    apiSecret: LIVEKIT_API_SECRET ?? '',
    trunkId: LIVEKIT_SIP_TRUNK ?? '',
    webhookUrl: () => `${PUBLIC_URL}/callbacks/livekit`,
    speed: Number(SPEED ?? '1'),
    seed: Number(SEED ?? '1'),
    ledgerFile: LEDGER_FILE ?? '/dev/null',
  },
  pino({ name: 'livekit-twin', level: 'error' }),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void twin.close().then(() => process.exit(0)));
}
await twin.http.listen({ host: '127.0.0.1', port: Number(PORT ?? '0') });
