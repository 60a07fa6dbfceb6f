import { pino } from 'pino';
import { buildCarrier } from './carrier-server.js';
import { carrierSettingsOrExit } from './carrier-settings.js';

// eslint-disable-next-line no-restricted-properties -- the carrier is a program of its own, with settings of its own
const settings = carrierSettingsOrExit(process.env);
const log = pino({ name: 'carrier', level: settings.LOG_LEVEL });

const carrier = await buildCarrier(settings, log).catch((error: Error) =>
  fail(`The carrier cannot open its ledger ${settings.LEDGER_FILE}: ${error.message}`),
);
// The file is a copy: the process goes on with the ledger it has in memory.
carrier.ledger.on('error', (error) => log.error({ err: error }, 'the ledger file cannot be written'));

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void carrier.close().then(() => process.exit(0)));
}

const url = await carrier.http
  .listen({ host: settings.HOST, port: settings.PORT })
  .catch((error: NodeJS.ErrnoException) => fail(whyNotListening(error)));

// Written at every LOG_LEVEL: whoever started the process on port 0 learns the port from this line.
process.stdout.write(
  `${JSON.stringify({ name: 'carrier', msg: 'listening', url, speed: settings.SPEED, seed: settings.SEED })}\n`,
);

function whyNotListening(error: NodeJS.ErrnoException): string {
  const why = error.code === 'EADDRINUSE' ? 'the port is taken' : error.message;
  return `The carrier cannot listen on ${settings.HOST}:${settings.PORT}: ${why}`;
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
