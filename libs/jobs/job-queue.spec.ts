import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { NotReady } from '#environment/not-ready.js';
import type { QueueName } from './job-catalog.js';
import { JobQueue } from './job-queue.js';

function queueOn(redis: Partial<Redis> | null): JobQueue {
  const hanging = { addBulk: () => new Promise(() => undefined) } as unknown as Queue;
  const queues = { dial: hanging, 'carrier-events': hanging, webhooks: hanging };
  return new JobQueue(queues as Record<QueueName, Queue>, redis as Redis | null, 'test');
}

function redisThatSays(memory: string): Partial<Redis> {
  return { status: 'ready', info: () => Promise.resolve(memory) } as unknown as Partial<Redis>;
}

describe('the job queue', () => {
  it.each(['allkeys-lru', 'volatile-ttl'])(
    'lets no process start on a Redis that may evict by %s',
    async (policy) => {
      const queue = queueOn(redisThatSays(`used_memory:1\r\nmaxmemory_policy:${policy}\r\nmaxmemory:0\r\n`));
      await expect(queue.connected()).rejects.toThrow(NotReady);
      await expect(queue.state()).rejects.toThrow(policy);
    },
  );

  it('starts on one that evicts nothing', async () => {
    const queue = queueOn(redisThatSays('maxmemory_policy:noeviction\r\n'));
    await queue.connected();
    expect(await queue.state()).toBe('reached');
  });

  it('settles an offer that the queue does not take, and says so', async () => {
    const ticket = { callId: 'c1', attempt: 1, offer: 1 };
    expect(await queueOn(redisThatSays('')).offerDials([ticket])).toBe(false);
    expect(await queueOn({ status: 'reconnecting' }).offerDials([ticket])).toBe(false);
  });
});
