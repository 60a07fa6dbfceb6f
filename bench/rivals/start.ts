import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Queue } from 'bullmq';
import type pg from 'pg';
import type { OwnStores } from '../own-stores.js';
import type { QueuePlace, Rival } from './queues.js';

/** Where a rival's queue is: in Redis under a name, in PostgreSQL in a schema of that name. */
export function rivalPlace({ databaseUrl, redisUrl, prefix }: OwnStores, client: pg.Client): QueuePlace {
  if (redisUrl === null) throw new Error('Set REDIS_URL: most of the rivals keep their jobs there.');
  // Queues in PostgreSQL have a schema of their own, which one named in the URL would win over.
  const queueUrl = new URL(databaseUrl);
  queueUrl.searchParams.delete('options');
  return { databaseUrl: queueUrl.href, redisUrl, name: `${prefix}_rival`, client };
}

/** A rival's dialer, connected and waiting for the word. */
export interface RivalDialer {
  process: ChildProcess;
  go: () => void;
  /** Ends it at once, whatever it has in hand. */
  stop: () => Promise<void>;
}

/** @param variables beyond what every dialer of a rival needs: see `dialer.ts` */
export async function startRival(
  rival: Rival,
  { databaseUrl }: OwnStores,
  place: QueuePlace,
  carrierUrl: string,
  variables: Record<string, string> = {},
): Promise<RivalDialer> {
  const running = spawn(process.execPath, [resolve(import.meta.dirname, 'dialer.js')], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      QUEUE_DATABASE_URL: place.databaseUrl,
      REDIS_URL: place.redisUrl,
      CARRIER_URL: carrierUrl,
      RIVAL: rival,
      QUEUE: place.name,
      ...variables,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(running.stdout, 'data');
  const closed = once(running, 'close');
  return {
    process: running,
    go: () => void running.stdin.write('go\n'),
    stop: async () => {
      running.kill('SIGKILL');
      await closed;
    },
  };
}

/** Throws a queue of BullMQ's in Redis away, with all its jobs. */
export async function obliterate({ name, redisUrl }: Pick<QueuePlace, 'name' | 'redisUrl'>): Promise<void> {
  const queue = new Queue(name, { connection: { url: redisUrl } });
  await queue.obliterate({ force: true });
  await queue.close();
}
