import { setTimeout as pause } from 'node:timers/promises';
import type { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { NotReady } from '#environment/not-ready.js';
import type { QueueDepth } from '#metrics/house-facts.js';
import { QUEUE_NAMES, ticketId, type Jobs, type QueueName } from './job-catalog.js';

/** A queue that is away must not hold up a caller: what is not taken by then is offered again from the rows. */
const OFFER_DEADLINE_MS = 150;

/** A Redis that has not answered by then, when a process starts, is taken to be away. */
const REDIS_START_MS = 2_000;

/** Longest wait for the queue to be counted: nothing waits for it but who scrapes. */
const COUNT_DEADLINE_MS = 1_000;

/** States of tickets that somebody is to work on, or works on. */
const OPEN_STATES = ['waiting', 'prioritized', 'delayed', 'active'] as const;

/**
 * The only caller of the queue's add. Every method settles within 150 ms and never rejects; the answer says
 * whether the tickets were taken. A ticket not taken loses nothing.
 */
export class JobQueue {
  constructor(
    private readonly queues: Record<QueueName, Queue>,
    private readonly redis: Redis | null,
    private readonly prefix: string,
  ) {}

  /**
   * Waits until queues and workers in PostgreSQL have connected once; after that they heal by themselves. BullMQ
   * keeps a first connection that failed for good, so a process must not begin work on one. A Redis that is away is
   * not waited for beyond two seconds: it may come back later.
   * @throws NotReady when Redis may evict jobs
   */
  async connected(workers: Worker[] = []): Promise<void> {
    if (this.redis !== null) {
      await this.redisToAnswer(this.redis);
      await this.state();
      return;
    }
    await Promise.all([...this.all(), ...workers].map((end) => end.waitUntilReady()));
  }

  offerDials(tickets: Jobs['dial'][]): Promise<boolean> {
    return this.offer('dial', tickets);
  }

  applyEvents(eventIds: string[]): Promise<boolean> {
    return this.offer(
      'carrier-events',
      eventIds.map((eventId) => ({ eventId })),
    );
  }

  /**
   * Says which deliveries are owed. Not taken, they are found in the rows within a second or so.
   * @param wake another number than when the same deliveries were last named; 0 as they are made
   */
  deliverWebhooks(deliveryIds: string[], wake = 0): Promise<boolean> {
    return this.offer(
      'webhooks',
      deliveryIds.map((deliveryId) => ({ deliveryId, wake })),
    );
  }

  /** Whether the queue can be reached at this moment. */
  isReachable(): boolean {
    return this.redis === null || this.redis.status === 'ready';
  }

  /**
   * Whether the queue has lost everything since this was last asked: a key that only this method writes is gone.
   * It is written again, so of several callers one is told.
   */
  async hasBeenEmptied(): Promise<boolean> {
    if (this.redis === null || !this.isReachable()) return false;
    const written = await this.redis.set(`${this.prefix}:epoch`, 'kept', 'NX').catch(() => null);
    return written === 'OK';
  }

  /**
   * One word for the queue's state, for health.
   * @throws NotReady when Redis may evict jobs: dialling would go on, but nothing that is offered would be sure to arrive
   */
  async state(): Promise<'reached' | 'away'> {
    const policy = await this.evictionPolicy();
    if (policy !== null)
      throw new NotReady(`Redis may evict jobs (maxmemory-policy is ${policy}): it must be noeviction.`);
    return this.isReachable() ? 'reached' : 'away';
  }

  private async redisToAnswer(redis: Redis): Promise<void> {
    const deadline = performance.now() + REDIS_START_MS;
    while (redis.status !== 'ready' && performance.now() < deadline) await pause(20);
  }

  /**
   * Whether Redis may throw jobs away when its memory is full: with any policy but `noeviction` it may, and BullMQ
   * breaks on it. Null: it does not, it is away, or there is no Redis.
   */
  private async evictionPolicy(): Promise<string | null> {
    if (this.redis === null || !this.isReachable()) return null;
    const memory = await Promise.race([
      this.redis.info('memory').catch(() => ''),
      pause(OFFER_DEADLINE_MS, '', { ref: false }),
    ]);
    const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
    return policy === 'noeviction' ? null : policy;
  }

  /** Tickets to dial that nobody has taken yet; null: the queue does not say. */
  async waitingDials(): Promise<number | null> {
    const counted = this.queues.dial.getWaitingCount().catch(() => null);
    return Promise.race([counted, pause(OFFER_DEADLINE_MS, null, { ref: false })]);
  }

  /** How many tickets each queue has in each state that is not over; null: the queue does not say. */
  async depths(): Promise<QueueDepth[] | null> {
    if (!this.isReachable()) return null;
    const counted = Promise.all(
      QUEUE_NAMES.map(async (queue) => {
        const counts = await this.queues[queue].getJobCounts(...OPEN_STATES);
        return Object.entries(counts).map(([state, jobs]) => ({ queue, state, jobs }));
      }),
    ).then((each) => each.flat());
    return Promise.race([counted.catch(() => null), pause(COUNT_DEADLINE_MS, null, { ref: false })]);
  }

  /** Throws every ticket away that waits to be dialled. The rows know what is due: the feeder offers it anew. */
  async dropDials(): Promise<number> {
    const { dial } = this.queues;
    const waiting = await dial.getJobCounts('waiting', 'prioritized', 'delayed');
    await dial.drain(true);
    return Object.values(waiting).reduce((sum, count) => sum + count, 0);
  }

  /** The queues, for people to look at. */
  all(): Queue[] {
    return QUEUE_NAMES.map((name) => this.queues[name]);
  }

  private async offer<Name extends QueueName>(name: Name, tickets: Jobs[Name][]): Promise<boolean> {
    if (tickets.length === 0) return true;
    if (!this.isReachable()) return false;
    const added = this.queues[name]
      .addBulk(tickets.map((data) => ({ name, data, opts: { jobId: ticketId(name, data) } })))
      .then(
        () => true,
        () => false,
      );
    return Promise.race([added, pause(OFFER_DEADLINE_MS, false, { ref: false })]);
  }
}
