import { once } from 'node:events';
import type { Cluster } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobQueue } from '#jobs/job-queue.js';
import { openJobQueue } from '#jobs/open-job-queue.js';
import { redisPulse, type QueueAccess } from '#jobs/queue-connection.js';
import { clusterProgram, NO_PROGRAM, RedisCluster } from './redis-cluster.js';

const program = clusterProgram();
let servers: RedisCluster;
let access: QueueAccess;

beforeAll(async () => {
  if (program === null) return;
  servers = await RedisCluster.start(program);
  access = { redisUrl: servers.url, isCluster: true, databaseUrl: '', prefix: 'test', shards: 6 };
});

afterAll(() => servers?.close());

async function withQueue(work: (jobs: JobQueue) => Promise<void>): Promise<void> {
  const { jobs, close } = await openJobQueue(access);
  await work(jobs).finally(close);
}

describe('queues on a cluster', () => {
  beforeEach((test) => {
    if (program === null) test.skip(NO_PROGRAM);
  });

  it('are on every master, each of their tickets once, and can be emptied together', async () => {
    await withQueue(async (jobs) => {
      const tickets = Array.from({ length: 300 }, (_, nth) => ({ callId: `c${nth}`, attempt: 1, offer: 1 }));
      await jobs.offerDials(tickets);
      // On a busy machine the first of all takes longer than an offer is waited for.
      await vi.waitFor(async () => expect(await jobs.waitingDials()).toBe(300), 10_000);
      const lengths = await Promise.all(
        [0, 1, 2].map((nth) =>
          servers.ask(nth, async (redis) => {
            const keys = await redis.keys('*:dial:wait');
            return Promise.all(keys.map((key) => redis.llen(key)));
          }),
        ),
      );
      expect(lengths.map((ofMaster) => ofMaster.length)).toEqual([2, 2, 2]);
      expect(lengths.flat().reduce((sum, length) => sum + length)).toBe(300);
      expect(await jobs.dropDials()).toBe(300);
      await vi.waitFor(async () => expect(await jobs.waitingDials()).toBe(0), 10_000);
    });
  });

  it('say once that one master has lost everything', async () => {
    await withQueue(async (jobs) => {
      await vi.waitFor(async () => expect(await jobs.hasBeenEmptied()).toBe(false), 10_000);
      await servers.ask(1, (redis) => redis.flushall());
      await vi.waitFor(async () => expect(await jobs.hasBeenEmptied()).toBe(true), 10_000);
      expect(await jobs.hasBeenEmptied()).toBe(false);
    });
  });

  it('are refused where a single master may evict', async () => {
    await withQueue(async (jobs) => {
      await servers.ask(2, (redis) => redis.config('SET', 'maxmemory-policy', 'allkeys-lru'));
      await vi.waitFor(() => expect(jobs.state()).rejects.toThrow('allkeys-lru'), 10_000);
      await servers.ask(2, (redis) => redis.config('SET', 'maxmemory-policy', 'noeviction'));
      expect(await jobs.state()).toBe('reached');
    });
  });

  it('are not taken for queues on a single Redis', async () => {
    const [one] = servers.url.split(',');
    const alone = { ...access, redisUrl: one, isCluster: false };
    await expect(openJobQueue(alone)).rejects.toThrow('REDIS_CLUSTER must be true');
  });

  it('are let go of for good, though a master that stands still hears of it late', async () => {
    const redis = redisPulse(access) as Cluster;
    await once(redis, 'ready');
    const connecting = redis.nodes('master').filter(({ status }) => status !== 'ready');
    await Promise.all(connecting.map((node) => once(node, 'ready')));
    servers.freeze(1);
    const end = once(redis, 'end');
    redis.disconnect();
    await end;
    const late = once(redis, 'close');
    servers.thaw(1);
    await late;
    expect(redis.status).toBe('end');
  });

  it('are let go of for good, though none of the masters is there, and it waits to try again', async () => {
    const redis = redisPulse({ ...access, redisUrl: 'redis://127.0.0.1:1' }) as Cluster;
    // Not by `once`: it says before that nobody is there.
    await new Promise((resolve) => redis.once('reconnecting', resolve));
    const end = once(redis, 'end');
    redis.disconnect();
    await end;
    expect(redis.status).toBe('end');
  });

  it('are let go of for good, though the slots that were asked for come after that', async () => {
    const redis = redisPulse(access) as Cluster;
    await once(redis, 'connecting');
    await vi.waitFor(() => expect(redis.nodes()).not.toEqual([]));
    const end = once(redis, 'end');
    redis.disconnect();
    // What ioredis does with an answer that arrives before the connections have ended.
    redis.emit('refresh');
    await end;
    expect(redis.status).toBe('end');
    expect(redis.nodes()).toEqual([]);
  });

  it('tell whoever waits for their end of it, though they are connected to again at once', async () => {
    const redis = redisPulse(access) as Cluster;
    await once(redis, 'ready');
    const end = once(redis, 'end');
    redis.disconnect();
    const again = redis.connect().catch(() => undefined);
    await end;
    redis.disconnect();
    await once(redis, 'end');
    await again;
    expect(redis.status).toBe('end');
  });

  it('keep nobody waiting who told them to connect, though they are let go of before that is done', async () => {
    const redis = redisPulse(access) as Cluster;
    await once(redis, 'ready');
    const end = once(redis, 'end');
    redis.disconnect();
    await end;
    const masters = [0, 1, 2];
    redis.once('connect', () => {
      for (const nth of masters) servers.freeze(nth);
      redis.disconnect();
    });
    await redis
      .connect()
      .catch(() => undefined)
      .finally(() => masters.forEach((nth) => servers.thaw(nth)));
    await vi.waitFor(() => expect(redis.status).toBe('end'), 10_000);
  });
});
