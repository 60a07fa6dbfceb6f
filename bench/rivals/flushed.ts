import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type pg from 'pg';
import type { OwnRedis } from '../../test/faults/stores.js';
import { House } from '../../test/house.js';
import { numberAt } from '../numbers.js';
import type { OwnStores } from '../own-stores.js';

/** Nothing is dialled any more after this long without a start. */
const QUIET_MS = 5_000;

/**
 * The dialer as it is commonly written, with a job for each call, whose Redis is emptied while most of them wait.
 * @returns how many waited then, and how many of those were never dialled
 */
export async function flushRival(
  stores: OwnStores & { redisUrl: string },
  redis: OwnRedis,
  client: pg.Client,
  calls: number,
): Promise<{ waiting: number; lost: number }> {
  // Only the carrier of this house is used.
  const house = await House.on(stores, { dialers: 0, speed: 120, settings: { LOG_LEVEL: 'warn' } });
  const sink = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(sink, 'listening');
  await client.query(
    `CREATE TABLE rival_calls (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), to_number text NOT NULL, status text NOT NULL)`,
  );
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO rival_calls (to_number, status) SELECT unnest($1::text[]), 'queued' RETURNING id`,
    // Last digits from 00 to 59 are answered.
    [Array.from({ length: calls }, (_, nth) => numberAt(Math.floor(nth / 60) * 100 + (nth % 60)))],
  );
  const queue = new Queue('rival', { connection: { url: stores.redisUrl }, prefix: stores.prefix });
  await queue.addBulk(rows.map(({ id }) => ({ name: 'dial', data: { callId: id } })));
  const worker = spawn(
    process.execPath,
    [resolve(import.meta.dirname, '../../test/faults/rivals/dialer.js')],
    {
      env: {
        ...process.env,
        DATABASE_URL: stores.databaseUrl,
        REDIS_URL: stores.redisUrl,
        QUEUE_PREFIX: stores.prefix,
        RIVAL: 'naive',
        CARRIER_URL: house.variables.CARRIER_URL,
        CALLBACK_URL: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`,
      },
      stdio: 'ignore',
    },
  );
  const queued = async () => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM rival_calls WHERE status = 'queued'`,
    );
    return rows[0]!.count;
  };
  try {
    while ((await queued()) > calls * 0.9) await pause(20);
    await redis.ask('FLUSHALL');
    const waiting = await queued();
    let left = waiting;
    for (let quietMs = 0; quietMs < QUIET_MS; quietMs += 500) {
      await pause(500);
      const now = await queued();
      if (now < left) quietMs = 0;
      left = now;
    }
    return { waiting, lost: left };
  } finally {
    worker.kill('SIGKILL');
    await queue.close();
    sink.close();
    sink.closeAllConnections();
    await house.close();
    await client.query('DROP TABLE rival_calls');
  }
}
