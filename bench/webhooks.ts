import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { ASKING_HOSTILE_NAMES, DENIED_NETWORK } from '../test/denied-place.js';
import { House } from '../test/house.js';
import { measureDelivering } from './delivering.js';
import { measureDialling } from './dialling-beside-drips.js';
import { measureForgedCallbacks } from './forged-callbacks.js';
import { withOwnStores, type OwnStores } from './own-stores.js';
import type { Report } from './report.js';
import type { Scenario } from './scenario.js';
import { WebhookCrowd } from './webhook-crowd.js';

export const webhooks: Scenario = {
  name: 'S10',
  word: 'webhooks',
  does: 'a hundred thousand events to receivers of every kind; dialling beside one that drips; forged callbacks',
  uses: ['postgres', 'redis', 'bullmq'],
  run: ({ quick, report }) => withOwnStores((stores) => measure(stores, quick, report)),
};

const DIALERS = 2;

async function measure(stores: OwnStores, quick: boolean, report: Report): Promise<void> {
  const encryptionKey = randomBytes(32).toString('base64');
  const source = await database(stores.databaseUrl, COMMAND_LIMITS).initialize();
  const settings = {
    ENCRYPTION_KEY: encryptionKey,
    WEBHOOK_DENY_NETWORKS: DENIED_NETWORK,
    TRUNK_CALLS_PER_SECOND: '10000',
    CAMPAIGN_RAMP_SECONDS: '0',
  };
  let house: House | undefined;
  let crowd: WebhookCrowd | undefined;
  try {
    house = await House.on(stores, { dialers: 0, settings });
    crowd = await WebhookCrowd.open(source, encryptionKey);
    await measureForgedCallbacks(house, quick, report);
    for (let nth = 0; nth < DIALERS; nth += 1) await house.startDialer(ASKING_HOSTILE_NAMES);
    const events = quick ? 2_000 : 100_000;
    await measureDelivering({ source, stores, crowd, dialers: house.dialers, events, quick }, report);
    await source.query(`UPDATE webhook_endpoints SET enabled = false`);
    await measureDialling({ house, source, receivers: crowd.receivers, quick }, report);
  } finally {
    await house?.close();
    await crowd?.close();
    await source.destroy();
  }
}
