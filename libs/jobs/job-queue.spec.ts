import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { NotReady } from '#environment/not-ready.js';
import { JobQueue } from './job-queue.js';
import { QueueShard } from './queue-shard.js';

type Added = { name: string; data: { callId: string } }[];

const hanging = () => new Promise<never>(() => undefined);

/** A shard whose tickets go to `addBulk`, on a Redis of its own. */
function shardOn(redis: object | null, addBulk: (tickets: Added) => Promise<unknown> = hanging): QueueShard {
  const queue = { addBulk, getWaitingCount: () => Promise.resolve(2) } as unknown as Queue;
  const queues = { dial: queue, 'carrier-events': queue, webhooks: queue };
  return new QueueShard(queues, 'test', redis as Redis | null);
}

function queueOn(redis: object | null): JobQueue {
  return new JobQueue([shardOn(redis)], redis as Redis | null);
}

function redisThatSays(memory: string): object {
  return { status: 'ready', info: () => Promise.resolve(memory) };
}

const AWAY = { status: 'reconnecting' };
const THERE = redisThatSays('');

describe('the job queue', () => {
  it.each(['allkeys-lru', 'volatile-ttl'])(
    'lets no process start on a Redis that may evict by %s',
    async (policy) => {
      const queue = queueOn(redisThatSays(`used_memory:1\r\nmaxmemory_policy:${policy}\r\nmaxmemory:0\r\n`));
      await expect(queue.connected()).rejects.toThrow(NotReady);
      await expect(queue.state()).rejects.toThrow(policy);
    },
  );

  it('lets no process start on a node of a cluster that it takes for all of Redis', async () => {
    const queue = queueOn(redisThatSays('maxmemory_policy:noeviction\r\ncluster_enabled:1\r\n'));
    await expect(queue.connected()).rejects.toThrow('REDIS_CLUSTER must be true');
  });

  it.each(['6.0.16', '5.4.0', '2.8.24'])('lets no process start on Redis %s', async (version) => {
    const queue = queueOn(redisThatSays(`maxmemory_policy:noeviction\r\nredis_version:${version}\r\n`));
    await expect(queue.connected()).rejects.toThrow(`Redis is of version ${version}`);
  });

  it.each(['6.2.0', '7.0.15', '10.1.0'])(
    'starts on one of version %s that evicts nothing',
    async (version) => {
      const queue = queueOn(
        redisThatSays(`maxmemory_policy:noeviction\r\ncluster_enabled:0\r\nredis_version:${version}\r\n`),
      );
      await queue.connected();
      expect(await queue.state()).toBe('reached');
    },
  );

  it('settles an offer that the queue does not take, and says so', async () => {
    const ticket = { callId: 'c1', attempt: 1, offer: 1 };
    expect(await queueOn(THERE).offerDials([ticket])).toBe(false);
    expect(await queueOn(AWAY).offerDials([ticket])).toBe(false);
  });
});

describe('the job queue in shards', () => {
  const tickets = Array.from({ length: 60 }, (_, nth) => ({ callId: `c${nth}`, attempt: 1, offer: 1 }));

  /** Shards that note what they take, as many as are asked for, and then some others. */
  function shards(taking: number, ...others: QueueShard[]) {
    const taken = Array.from({ length: taking }, (): string[] => []);
    const noting = taken.map((ids) =>
      shardOn(THERE, (added) => Promise.resolve(ids.push(...added.map(({ data }) => data.callId)))),
    );
    return { queue: new JobQueue([...noting, ...others], THERE as Redis), taken };
  }

  it('shares tickets out, and gives each to one shard', async () => {
    const { queue, taken } = shards(3);
    expect(await queue.offerDials(tickets)).toBe(true);
    expect(taken.flat().sort()).toEqual(tickets.map(({ callId }) => callId).sort());
    for (const ids of taken) expect(ids.length).toBeGreaterThan(5);
  });

  it('has the others take what one that is away would have got, evenly', async () => {
    const { queue, taken } = shards(2, shardOn(AWAY));
    expect(await queue.state()).toBe('partly_away');
    expect(await queue.offerDials(tickets)).toBe(true);
    expect(taken.flat()).toHaveLength(60);
    for (const ids of taken) expect(ids.length).toBeGreaterThan(20);
  });

  it('does not keep the tickets of others back for one that hangs, and says that not all were taken', async () => {
    const { queue, taken } = shards(2, shardOn(THERE));
    const before = performance.now();
    expect(await queue.offerDials(tickets)).toBe(false);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(taken.flat().length).toBeGreaterThan(20);
  });

  it('counts what waits where it can be reached, and says nothing where it cannot', async () => {
    expect(await shards(2, shardOn(AWAY)).queue.waitingDials()).toBe(4);
    expect(await shards(0, shardOn(AWAY)).queue.waitingDials()).toBeNull();
  });

  it('says once that one of them has lost everything, a late answer the next time', async () => {
    let answer: (written: string | null) => void = () => undefined;
    const late = { status: 'ready', set: () => new Promise((resolve) => (answer = resolve)) };
    const kept = { status: 'ready', set: () => Promise.resolve(null) };
    const queue = new JobQueue([shardOn(kept), shardOn(late)], kept as unknown as Redis);
    expect(await queue.hasBeenEmptied()).toBe(false);
    answer('OK');
    expect(await queue.hasBeenEmptied()).toBe(true);
    answer(null);
    expect(await queue.hasBeenEmptied()).toBe(false);
  });
});
