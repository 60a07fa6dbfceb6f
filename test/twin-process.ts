import { pino, type Logger } from 'pino';
import type { Carrier } from '../apps/carrier/carrier-server.js';

/** What every twin of a carrier is started with. */
export interface TwinProcess {
  speed: number;
  seed: number;
  ledgerFile: string;
}

/** Runs a twin until it is asked to stop, by settings that are environment variables. */
export async function runTwin(
  name: string,
  build: (common: TwinProcess, log: Logger) => Promise<Carrier>,
): Promise<void> {
  const { PORT, SPEED, SEED, LEDGER_FILE } = process.env;
  const common = {
    speed: Number(SPEED ?? '1'),
    seed: Number(SEED ?? '1'),
    ledgerFile: LEDGER_FILE ?? '/dev/null',
  };
  const twin = await build(common, pino({ name, level: 'error' }));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void twin.close().then(() => process.exit(0)));
  }
  await twin.http.listen({ host: '127.0.0.1', port: Number(PORT ?? '0') });
}
