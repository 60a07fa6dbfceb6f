import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue, type JobsOptions } from 'bullmq';
import pg from 'pg';
import { OwnRedis } from '../test/faults/stores.js';
import { House } from '../test/house.js';
import { numberAt } from './numbers.js';
import { withOwnStores, type OwnStores } from './own-stores.js';
import type { Report } from './report.js';
import type { Scenario } from './scenario.js';

export const memory: Scenario = {
  name: 'S5',
  word: 'memory',
  does: 'what a waiting call costs: bytes of Redis, beside a delayed job for each call, and bytes of PostgreSQL',
  uses: ['postgres', 'bullmq'],
  run: ({ quick, report }) => withOwnStores((stores) => measure(stores, quick, report)),
};

/** Calls that wait, one size after the other. Jobs of the larger payload take two kilobytes each. */
const SIZES = { ours: [10_000, 1_000_000, 10_000_000], rival: [10_000, 1_000_000] };
const QUICK_SIZES = { ours: [1_000, 20_000, 100_000], rival: [1_000, 20_000] };

/** Slots of the campaign: they are all taken, by calls that last. */
const SLOTS = 50;

/** The carrier's calls last a quarter of an hour: few end meanwhile. */
const CARRIER_SPEED = 0.1;

/** Within which Redis is flat, of its mean over all sizes. */
const FLAT_WITHIN = 0.05;

/** Looks at the memory, half a second apart; the most of them counts. */
const LOOKS = 20;

async function measure(stores: OwnStores, quick: boolean, report: Report): Promise<void> {
  const sizes = quick ? QUICK_SIZES : SIZES;
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-memory-'));
  // Nobody else's keys and connections are counted with it.
  const redis = await OwnRedis.start(folder);
  try {
    await redis.ask('CONFIG', 'SET', 'appendonly', 'no');
    report.version('redis', /^redis_version:(.*)$/m.exec(await infoOf(redis, 'server'))?.[1]?.trim() ?? '');
    const rival = new Map<RivalJob, number>();
    for (const kind of ['lean', 'typical'] as const) {
      for (const count of sizes.rival) {
        const bytes = await bytesOfJobs(redis, kind, count);
        report.figure(`Redis, a delayed job of BullMQ, ${kind}, ${count} waiting`, bytes, 'bytes a call');
        rival.set(kind, bytes);
      }
    }
    const ours = await measureOurs({ ...stores, redisUrl: redis.url }, redis, sizes.ours, report);
    const most = sizes.rival.at(-1)!;
    const bytes = ours.find(({ count }) => count === most)!.bytes;
    for (const [kind, bytesOfJob] of rival) {
      report.ratio(`bytes of Redis a waiting call, BullMQ ${kind} / Ringfence, ${most} waiting`, [
        bytesOfJob / bytes,
      ]);
    }
    const used = ours.map(({ used }) => used);
    const middle = (Math.min(...used) + Math.max(...used)) / 2;
    report.holds(
      `Redis is flat, within ${FLAT_WITHIN * 100} %, from ${sizes.ours[0]} to ${sizes.ours.at(-1)} waiting calls`,
      used.every((bytes) => Math.abs(bytes - middle) <= middle * FLAT_WITHIN),
    );
  } finally {
    await redis.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** As a careful team writes it: the id of the row alone; and as most do: the contact itself, and options for retries. */
type RivalJob = 'lean' | 'typical';

const JOBS: Record<RivalJob, (place: number, id: string) => { data: object; opts: JobsOptions }> = {
  lean: (_place, id) => ({
    data: { c: id },
    opts: { jobId: id, delay: 86_400_000, removeOnComplete: true, removeOnFail: true },
  }),
  typical: (place, id) => ({
    data: {
      ...{ callId: id, campaignId: randomUUID(), to: numberAt(place), name: `Person ${place}` },
      notes: 'x'.repeat(200),
    },
    opts: {
      ...{ jobId: id, delay: 86_400_000, removeOnComplete: true, removeOnFail: true },
      ...{ attempts: 3, backoff: { type: 'exponential', delay: 60_000 } },
    },
  }),
};

const AT_ONCE = 500;

async function bytesOfJobs(redis: OwnRedis, kind: RivalJob, count: number): Promise<number> {
  await redis.ask('FLUSHALL');
  const queue = new Queue('calls', { connection: { url: redis.url } });
  await queue.waitUntilReady();
  const before = await usedBytes(redis);
  for (let from = 0; from < count; from += AT_ONCE) {
    const jobs = Array.from({ length: AT_ONCE }, (_, nth) => JOBS[kind](from + nth, randomUUID()));
    await queue.addBulk(jobs.map((job) => ({ name: 'dial', ...job })));
  }
  const bytes = (await usedBytes(redis)) - before;
  if ((await queue.getDelayedCount()) !== count) throw new Error('Not every job waits.');
  await queue.close();
  await redis.ask('FLUSHALL');
  return bytes / count;
}

interface Waiting {
  count: number;
  /** Of Redis, in all. */
  used: number;
  /** Of Redis, a waiting call: all that it holds beyond an empty one, connections and queues included. */
  bytes: number;
}

async function measureOurs(
  stores: OwnStores & { redisUrl: string },
  redis: OwnRedis,
  sizes: readonly number[],
  report: Report,
): Promise<Waiting[]> {
  const client = new pg.Client({ connectionString: stores.databaseUrl });
  await client.connect();
  const empty = await usedBytes(redis);
  const house = await House.on(stores, {
    dialers: 0,
    speed: CARRIER_SPEED,
    settings: { UNSAFE_RECONCILE_HORIZON_SECONDS: '600', TRUNK_CALLS_PER_SECOND: '100', LOG_LEVEL: 'warn' },
  });
  const found: Waiting[] = [];
  try {
    const campaignId = await house.campaign({ max_concurrent_calls: SLOTS });
    house.spawnDialer();
    let made = 0;
    for (const count of sizes) {
      await addWaiting(client, campaignId, made, count + SLOTS - made);
      made = count + SLOTS;
      await house.until('all slots are taken', async () => (await openAttempts(client)) >= SLOTS * 0.9);
      // What is done stays for an hour, up to a thousand jobs a queue: it tells how long the house has run, and not what waits.
      await redis.ask('FLUSHALL');
      const used = await mostUsedBytes(redis);
      const bytes = (used - empty) / count;
      found.push({ count, used, bytes });
      report.figure(`Redis, Ringfence, ${count} waiting`, used / 1e6, 'MB in all');
      report.figure(`Redis, Ringfence, ${count} waiting`, bytes, 'bytes a call');
      await tellRows(client, made, count, report);
    }
    report.holds('nearly all of them wait to the end', (await waiting(client)) >= sizes.at(-1)! * 0.99);
  } finally {
    await house.close();
    await client.end();
  }
  return found;
}

/** As an import leaves them: due, in an open campaign that dials as fast as its slots allow. */
async function addWaiting(client: pg.Client, campaignId: string, from: number, count: number): Promise<void> {
  const step = 500_000;
  for (let begin = from; begin < from + count; begin += step) {
    await client.query(
      `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, payload, context, status, ready_at, next_attempt_at)
       SELECT environment_id, campaigns.id, agent_id, '+1' || 2012000000::bigint + place,
         jsonb_build_object('name', 'Person ' || place, 'city', 'City ' || place % 500),
         jsonb_build_object('order', 'A-' || place), 'waiting', clock_timestamp(), clock_timestamp()
       FROM campaigns, generate_series($2::integer, $3::integer) AS place WHERE campaigns.id = $1`,
      [campaignId, begin, Math.min(begin + step, from + count) - 1],
    );
  }
  await client.query('ANALYZE calls');
}

async function tellRows(client: pg.Client, rows: number, count: number, report: Report): Promise<void> {
  const { rows: sizes } = await client.query<{ name: string; bytes: string }>(
    `SELECT 'all' AS name, pg_total_relation_size('calls') AS bytes
     UNION ALL SELECT 'its table', pg_table_size('calls')
     UNION ALL SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index
       WHERE indrelid = 'calls'::regclass`,
  );
  for (const { name, bytes } of sizes) {
    const each = Number(bytes) / rows;
    if (name === 'all') report.figure(`PostgreSQL, ${count} waiting`, each, 'bytes a call');
    else report.note(`of which ${name}: ${Math.round(each)}`);
  }
}

async function openAttempts(client: pg.Client): Promise<number> {
  return count(client, `SELECT count(*)::integer AS count FROM attempts WHERE status = 'placed'`);
}

async function waiting(client: pg.Client): Promise<number> {
  return count(client, `SELECT count(*)::integer AS count FROM calls WHERE status = 'waiting'`);
}

async function count(client: pg.Client, text: string): Promise<number> {
  const { rows } = await client.query<{ count: number }>(text);
  return rows[0]!.count;
}

async function mostUsedBytes(redis: OwnRedis): Promise<number> {
  let most = 0;
  for (let look = 0; look < LOOKS; look += 1) {
    most = Math.max(most, await usedBytes(redis));
    await pause(500);
  }
  return most;
}

async function usedBytes(redis: OwnRedis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await infoOf(redis, 'memory'))?.[1]);
}

async function infoOf(redis: OwnRedis, section: string): Promise<string> {
  return String(await redis.ask('INFO', section));
}
