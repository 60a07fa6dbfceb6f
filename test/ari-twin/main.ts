import { pino } from 'pino';
import { buildTwin } from './twin-server.js';

const { PORT, SPEED, SEED, LEDGER_FILE, ARI_USER, ARI_PASSWORD } = process.env;

const twin = await buildTwin(
  {
    user: ARI_USER ?? '',
    password: ARI_PASSWORD ?? '',
    speed: Number(SPEED ?? '1'),
    seed: Number(SEED ?? '1'),
    ledgerFile: LEDGER_FILE ?? '/dev/null',
  },
  pino({ name: 'ari-twin', level: 'error' }),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void twin.close().then(() => process.exit(0)));
}
await twin.http.listen({ host: '127.0.0.1', port: Number(PORT ?? '0') });
