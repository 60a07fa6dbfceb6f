import { Redis, type Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { DataSource } from 'typeorm';
import type { Settings } from '#environment/settings.js';
import { redisPulse } from '#jobs/queue-connection.js';
import { API_LIMITS, database } from '#store/database.js';
import { RateCounts } from '#store/rate-counts.js';
import { BreakableProxy } from '../../test/breakable-proxy.js';
import { freshDatabase } from '../../test/database.js';
import { clusterProgram, NO_PROGRAM, RedisCluster } from '../../test/redis-cluster.js';
import { Limiters } from './limiters.js';
import { RateLimit } from './rate-limit.js';
import { WrongTokens } from './wrong-tokens.js';

let source: DataSource;
const redisUrl = inject('redisUrl');
const program = clusterProgram();
let runs = 0;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
});

afterAll(() => source.destroy());

/** What one api process counts with; those of one prefix count together. */
function limiters(redis: Redis | Cluster | null, prefix: string): Limiters {
  return new Limiters(redis, new RateCounts(source), { QUEUE_PREFIX: prefix } as Settings);
}

function aPrefix(): string {
  runs += 1;
  return `rf_${inject('runId')}_limits_${runs}`;
}

/** As the house's own client: it never queues a command while Redis is away. */
function redisAt(url: string): Redis {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  return redis;
}

async function isReady(redis: Redis | Cluster): Promise<void> {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
}

/** Forty counts, eight at a time: all at once, they would wait for connections longer than a count may take. */
async function countTogether(one: RateLimit, other: RateLimit): Promise<number> {
  await Promise.all([one, other].map((limit) => limit.count('to connect', 25)));
  let refused = 0;
  for (let round = 0; round < 5; round += 1) {
    const states = await Promise.all(
      Array.from({ length: 8 }, (_, turn) => (turn % 2 === 0 ? one : other).count('t1', 25)),
    );
    refused += states.filter(({ retryAfterSeconds }) => retryAfterSeconds !== null).length;
  }
  return refused;
}

describe('the limit of a token', () => {
  it('holds for two processes together without Redis, in PostgreSQL', async () => {
    const prefix = aPrefix();
    const [one, other] = [1, 2].map(() => new RateLimit(limiters(null, prefix))) as [RateLimit, RateLimit];
    expect(await countTogether(one, other)).toBe(15);
  });

  it.runIf(Boolean(redisUrl))('holds for two processes together on Redis', async () => {
    const prefix = aPrefix();
    const redises = [redisAt(redisUrl!), redisAt(redisUrl!)];
    await Promise.all(redises.map(isReady));
    try {
      const [one, other] = redises.map((redis) => new RateLimit(limiters(redis, prefix)));
      expect(await countTogether(one!, other!)).toBe(15);
    } finally {
      for (const redis of redises) redis.disconnect();
    }
  });

  it('holds for two processes together on a cluster', async (test) => {
    if (program === null) return test.skip(NO_PROGRAM);
    const cluster = await RedisCluster.start(program);
    const prefix = aPrefix();
    const access = { redisUrl: cluster.url, isCluster: true, databaseUrl: '', prefix: 'limits', shards: 3 };
    const redises = [redisPulse(access), redisPulse(access)];
    await Promise.all(redises.map((redis) => isReady(redis!)));
    await Promise.all(redises.flatMap((redis) => (redis as Cluster).nodes()).map(isReady));
    try {
      const [one, other] = redises.map((redis) => new RateLimit(limiters(redis, prefix)));
      expect(await countTogether(one!, other!)).toBe(15);
    } finally {
      for (const redis of redises) redis?.disconnect();
      await cluster.close();
    }
  });

  it.runIf(Boolean(redisUrl))(
    'is counted by each process for itself while Redis hangs, and keeps nobody waiting',
    async () => {
      const { hostname: host, port } = new URL(redisUrl!);
      const proxy = new BreakableProxy({ host, port: Number(port || 6379) });
      await proxy.mend();
      const redis = redisAt(proxy.through(redisUrl!));
      await isReady(redis);
      try {
        const limit = new RateLimit(limiters(redis, aPrefix()));
        expect((await limit.count('t1', 2)).remaining).toBe(1);
        proxy.stall();
        const states = await Promise.all([1, 2, 3].map(() => limit.count('t1', 2)));
        expect(states.filter(({ retryAfterSeconds }) => retryAfterSeconds !== null)).toHaveLength(1);
      } finally {
        proxy.flow();
        redis.disconnect();
        await proxy.cut();
      }
    },
  );

  it('follows the environment at once when it changes, and says when the window ends', async () => {
    const limit = new RateLimit(limiters(null, aPrefix()));
    await limit.count('t1', 1);
    for (let turn = 0; turn < 20; turn += 1) {
      expect((await limit.count('t1', 1)).retryAfterSeconds).toBeGreaterThan(0);
    }
    const state = await limit.count('t1', 10);
    expect(state).toMatchObject({ limit: 10, remaining: 8, retryAfterSeconds: null });
    const untilReset = state.resetsAtSeconds - Date.now() / 1000;
    expect(untilReset).toBeGreaterThan(0);
    expect(untilReset).toBeLessThanOrEqual(61);
  });
});

describe('wrong tokens from one address', () => {
  it('are refused unseen after thirty, by every process once it has seen one, and by no other address', async () => {
    const prefix = aPrefix();
    const [one, other] = [1, 2].map(() => new WrongTokens(limiters(null, prefix))) as [
      WrongTokens,
      WrongTokens,
    ];
    for (let turn = 0; turn < 30; turn += 1) await one.noteWrong('192.0.2.1');
    expect(one.waitSeconds('192.0.2.1', 'hash')).toBeNull();
    await one.noteWrong('192.0.2.1');
    expect(one.waitSeconds('192.0.2.1', 'hash')).toBeGreaterThan(0);
    expect(one.waitSeconds('192.0.2.2', 'hash')).toBeNull();
    await other.noteWrong('192.0.2.1');
    expect(other.waitSeconds('192.0.2.1', null)).toBeGreaterThan(0);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', '2001:db8:1:3::1'],
    ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.8'],
  ])('are counted for %s and %s together, and not for %s', async (one, same, other) => {
    const wrong = new WrongTokens(limiters(null, aPrefix()));
    for (let turn = 0; turn < 31; turn += 1) await wrong.noteWrong(turn % 2 === 0 ? one : same);
    expect(wrong.waitSeconds(same, null)).toBeGreaterThan(0);
    expect(wrong.waitSeconds(one, null)).toBeGreaterThan(0);
    expect(wrong.waitSeconds(other, null)).toBeNull();
  });

  it('do not lock out a token that was good there a moment ago', async () => {
    const wrong = new WrongTokens(limiters(null, aPrefix()));
    wrong.noteGood('good');
    for (let turn = 0; turn < 31; turn += 1) await wrong.noteWrong('192.0.2.1');
    expect(wrong.waitSeconds('192.0.2.1', 'good')).toBeNull();
    expect(wrong.waitSeconds('192.0.2.1', 'guess')).toBeGreaterThan(0);
  });
});
