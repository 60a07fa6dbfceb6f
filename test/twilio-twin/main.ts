import { pino } from 'pino';
import { buildTwin } from './twin-server.js';

const { PORT, SPEED, SEED, LEDGER_FILE, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN } = process.env;

const twin = await buildTwin(
  {
    accountSid: TWILIO_ACCOUNT_SID ?? '',
    authToken: TWILIO_AUTH_TOKEN ?? '',
    speed: Number(SPEED ?? '1'),
    seed: Number(SEED ?? '1'),
    ledgerFile: LEDGER_FILE ?? '/dev/null',
  },
  pino({ name: 'twilio-twin', level: 'error' }),
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void twin.close().then(() => process.exit(0)));
}
await twin.http.listen({ host: '127.0.0.1', port: Number(PORT ?? '0') });
