import { keptSecret } from '#environment/kept-secret.js';
import { PortChoice } from './free-port.js';

/** Where the parts of the house listen. */
export interface Addresses {
  apiPort: number;
  apiAdminPort: number;
  dialerAdminPort: number;
  carrierUrl: string;
  /** False where CARRIER_URL names a carrier of somebody else. */
  isOwnCarrier: boolean;
}

/** What api, dialer, carrier and commands have in common, and what each of them adds. */
export interface HouseSettings {
  everybody: NodeJS.ProcessEnv;
  api: NodeJS.ProcessEnv;
  dialer: NodeJS.ProcessEnv;
  carrier: NodeJS.ProcessEnv;
}

/**
 * The default ports where they are free, else the next ones.
 * @throws PortTaken for a port that was asked for by its setting
 */
export async function chooseAddresses(asked: NodeJS.ProcessEnv): Promise<Addresses> {
  const ports = new PortChoice();
  const apiPort = await ports.take('PORT', asked.PORT, 3000);
  const apiAdminPort = await ports.take('ADMIN_PORT', asked.ADMIN_PORT, 3001);
  const isOwnCarrier = !asked.CARRIER_URL;
  const carrierUrl =
    asked.CARRIER_URL || `http://127.0.0.1:${await ports.take('CARRIER_URL', undefined, 3002)}`;
  const dialerAdminPort = await ports.take('ADMIN_PORT', undefined, 3003);
  return { apiPort, apiAdminPort, dialerAdminPort, carrierUrl, isOwnCarrier };
}

/** Everything the processes of the house are told; whatever else the user has set reaches them too. */
export function houseSettings(options: {
  asked: NodeJS.ProcessEnv;
  addresses: Addresses;
  databaseUrl: string;
  redisUrl: string | null;
  /** How much faster than life the carrier is. */
  speed: number;
}): HouseSettings {
  const { asked, addresses } = options;
  const everybody: NodeJS.ProcessEnv = {
    ...asked,
    // One machine, generated secrets, a simulated carrier: whatever the shell says, this is not production.
    NODE_ENV: 'development',
    // The demo makes calls of its own: they must ring nobody.
    TELEPHONY_PROVIDER: 'simulated',
    DATABASE_URL: options.databaseUrl,
    REDIS_URL: options.redisUrl ?? undefined,
    QUEUE_PREFIX: asked.QUEUE_PREFIX || 'ringfence',
    ADMIN_USER: asked.ADMIN_USER || 'admin',
    ADMIN_PASSWORD: asked.ADMIN_PASSWORD || keptSecret('ADMIN_PASSWORD'),
    CARRIER_URL: addresses.carrierUrl,
    CARRIER_SECRET: asked.CARRIER_SECRET || keptSecret('CARRIER_SECRET'),
    PUBLIC_URL: asked.PUBLIC_URL || `http://127.0.0.1:${addresses.apiPort}`,
    PORT: String(addresses.apiPort),
    // Nobody balances requests to one api.
    DRAIN_SECONDS: asked.DRAIN_SECONDS || '0',
    // The demo's own receiver of webhooks is on this machine.
    WEBHOOK_ALLOW_PRIVATE: asked.WEBHOOK_ALLOW_PRIVATE || 'true',
  };
  return {
    everybody,
    api: { ...everybody, ADMIN_PORT: String(addresses.apiAdminPort) },
    dialer: { ...everybody, ADMIN_PORT: String(addresses.dialerAdminPort) },
    carrier: { ...everybody, PORT: new URL(addresses.carrierUrl).port, SPEED: String(options.speed) },
  };
}
