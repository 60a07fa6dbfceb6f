import { setTimeout as pause } from 'node:timers/promises';
import { Queue, type QueueOptions } from 'bullmq';
import slotOf from 'cluster-key-slot';
import { Cluster, type Redis } from 'ioredis';
import type { QueueDepth } from '#metrics/house-facts.js';
import { QUEUE_NAMES, ticketId, type Jobs, type QueueName } from './job-catalog.js';
import type { QueueConnection } from './queue-connection.js';

/** A queue that is away must not hold up a caller: what is not taken by then is offered again from the rows. */
const OFFER_DEADLINE_MS = 150;

/** States of tickets that somebody is to work on, or works on. */
const OPEN_STATES = ['waiting', 'prioritized', 'delayed', 'active'] as const;

/** The queues of one shard, all on one server. For JobQueue alone. */
export class QueueShard {
  private readonly epochKey: string;
  private readonly slot: number;
  private wasEmptied = false;

  /**
   * @param prefix what its keys begin with
   * @param redis null where the queues live in PostgreSQL
   */
  constructor(
    readonly queues: Record<QueueName, Queue>,
    prefix: string,
    private readonly redis: Redis | Cluster | null,
  ) {
    this.epochKey = `${prefix}:epoch`;
    this.slot = slotOf(this.epochKey);
  }

  /** Whether the server that has it can be reached at this moment. */
  isReachable(): boolean {
    const { redis } = this;
    if (redis === null) return true;
    if (redis.status !== 'ready') return false;
    if (!(redis instanceof Cluster)) return true;
    const [address] = redis.slots[this.slot] ?? [];
    const master = redis
      .nodes('master')
      .find(({ options }) => `${options.host ?? ''}:${options.port ?? ''}` === address);
    return master?.status === 'ready';
  }

  /** Never rejects; whether the tickets were taken in time. */
  offer<Name extends QueueName>(name: Name, tickets: Jobs[Name][]): Promise<boolean> {
    const added = this.queues[name]
      .addBulk(tickets.map((data) => ({ name, data, opts: { jobId: ticketId(name, data) } })))
      .then(
        () => true,
        () => false,
      );
    return inTime(added, false);
  }

  /**
   * Whether it has lost everything since this was last asked: a key that only this method writes is gone. An answer that is
   * late is told the next time, for the key is written by then.
   */
  async hasBeenEmptied(): Promise<boolean> {
    if (this.redis === null) return false;
    const asked = this.redis.set(this.epochKey, 'kept', 'NX').then(
      (written) => {
        if (written === 'OK') this.wasEmptied = true;
      },
      () => undefined,
    );
    await inTime(asked, undefined);
    const { wasEmptied } = this;
    this.wasEmptied = false;
    return wasEmptied;
  }

  /** Tickets to dial that nobody has taken yet; null: it does not say. */
  waitingDials(): Promise<number | null> {
    return inTime(
      this.queues.dial.getWaitingCount().catch(() => null),
      null,
    );
  }

  /** How many tickets each queue has in each state that is not over. */
  async depths(): Promise<QueueDepth[]> {
    const each = await Promise.all(
      QUEUE_NAMES.map(async (queue) => {
        const counts = await this.queues[queue].getJobCounts(...OPEN_STATES);
        return Object.entries(counts).map(([state, jobs]) => ({ queue, state, jobs }));
      }),
    );
    return each.flat();
  }

  /** Throws every ticket away that waits to be dialled. */
  async dropDials(): Promise<number> {
    const { dial } = this.queues;
    const waiting = await dial.getJobCounts('waiting', 'prioritized', 'delayed');
    await dial.drain(true);
    return Object.values(waiting).reduce((sum, count) => sum + count, 0);
  }
}

/**
 * The queues of each shard.
 * @param first those of the first shard, where they are made already
 */
export function queueShards(
  { shards }: QueueConnection,
  redis: Redis | Cluster | null,
  first?: Record<QueueName, Queue>,
): QueueShard[] {
  return shards.map((options, shard) => {
    const queues = (shard === 0 && first) || madeQueues(options);
    // A queue that is away reports it here over and over; whoever offers or asks learns it from the answer.
    for (const queue of Object.values(queues)) queue.on('error', () => undefined);
    return new QueueShard(queues, options.prefix ?? '', redis);
  });
}

function madeQueues(options: QueueOptions): Record<QueueName, Queue> {
  const made = QUEUE_NAMES.map((name) => [name, new Queue(name, options)]);
  return Object.fromEntries(made) as Record<QueueName, Queue>;
}

/** What is asked for, or what goes in its place once the caller has waited long enough. */
export function inTime<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  return Promise.race([asked, pause(OFFER_DEADLINE_MS, otherwise, { ref: false })]);
}
