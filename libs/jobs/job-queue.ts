import { setTimeout as pause } from 'node:timers/promises';
import type { Queue, Worker } from 'bullmq';
import slotOf from 'cluster-key-slot';
import { Cluster, type Redis } from 'ioredis';
import { NotReady } from '#environment/not-ready.js';
import type { QueueDepth } from '#metrics/house-facts.js';
import { QUEUE_NAMES, ticketId, type Jobs, type QueueName } from './job-catalog.js';
import { inTime, type QueueShard } from './queue-shard.js';
import { shardOf } from './shard-places.js';

/** A Redis that has not answered by then, when a process starts, is taken to be away. */
const REDIS_START_MS = 2_000;

/** Longest wait for the queue to be counted: nothing waits for it but who scrapes. */
const COUNT_DEADLINE_MS = 1_000;

/**
 * The only caller of the queue's add. Every method settles within 150 ms and never rejects; the answer says
 * whether the tickets were taken. A ticket not taken loses nothing.
 */
export class JobQueue {
  constructor(
    private readonly shards: readonly QueueShard[],
    private readonly redis: Redis | Cluster | null,
  ) {}

  /**
   * Waits until queues and workers in PostgreSQL have connected once; after that they heal by themselves. BullMQ
   * keeps a first connection that failed for good, so a process must not begin work on one. A Redis that is away is
   * not waited for beyond two seconds: it may come back later.
   * @throws NotReady when Redis may evict jobs, is too old, or is a cluster and not known to be one
   */
  async connected(workers: Worker[] = []): Promise<void> {
    if (this.redis !== null) {
      await this.redisToAnswer();
      await this.state();
      return;
    }
    await Promise.all([...this.all().flat(), ...workers].map((end) => end.waitUntilReady()));
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

  /** Whether the queue can be reached at this moment, be it in part. */
  isReachable(): boolean {
    return this.reachable().length > 0;
  }

  /**
   * Whether the queue has lost everything since this was last asked, or a part of it everything that was there. Of several
   * callers one is told.
   */
  async hasBeenEmptied(): Promise<boolean> {
    const emptied = await Promise.all(this.reachable().map((shard) => shard.hasBeenEmptied()));
    return emptied.includes(true);
  }

  /**
   * One word for the queue's state, for health.
   * @throws NotReady when Redis may evict jobs, is too old, or is a cluster and not known to be one: dialling might go on, but
   *   nothing that is offered would be sure to arrive
   */
  async state(): Promise<'reached' | 'partly_away' | 'away'> {
    await Promise.all(this.servers().map((server) => this.refuseUnfit(server)));
    const reachable = this.reachable().length;
    if (reachable === 0) return 'away';
    return reachable === this.shards.length ? 'reached' : 'partly_away';
  }

  /** Tickets to dial that nobody has taken yet, where the queue can be reached; null: it does not say. */
  async waitingDials(): Promise<number | null> {
    const counts = await Promise.all(this.reachable().map((shard) => shard.waitingDials()));
    const told = counts.filter((count) => count !== null);
    return told.length === 0 ? null : told.reduce((sum, count) => sum + count, 0);
  }

  /** How many tickets each queue has in each state that is not over, over all shards that say; null: none does. */
  async depths(): Promise<QueueDepth[] | null> {
    const counted = this.reachable().map((shard) =>
      Promise.race([shard.depths().catch(() => null), pause(COUNT_DEADLINE_MS, null, { ref: false })]),
    );
    const told = (await Promise.all(counted)).filter((depths) => depths !== null);
    return told.length === 0 ? null : summed(told.flat());
  }

  /**
   * Throws every ticket away that waits to be dialled, where the queue can be reached: one that is left is stale. The rows
   * know what is due: the feeder offers it anew.
   */
  async dropDials(): Promise<number> {
    const dropped = await Promise.all(this.reachable().map((shard) => shard.dropDials()));
    return dropped.reduce((sum, count) => sum + count, 0);
  }

  /** The queues of each shard, for people to look at. */
  all(): Queue[][] {
    return this.shards.map(({ queues }) => QUEUE_NAMES.map((name) => queues[name]));
  }

  /** Closes the queues; what was offered stays. */
  async close(): Promise<void> {
    await Promise.all(
      this.all()
        .flat()
        .map((queue) => queue.close()),
    );
  }

  private reachable(): QueueShard[] {
    return this.shards.filter((shard) => shard.isReachable());
  }

  /** Those that answer of the Redis servers there are. */
  private servers(): Redis[] {
    const { redis } = this;
    if (redis === null) return [];
    const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
    return servers.filter(({ status }) => status === 'ready');
  }

  /**
   * With any policy but `noeviction` Redis throws jobs away when its memory is full, and BullMQ breaks on it. And a node of a
   * cluster refuses most keys of whoever takes it for all there is. A server that does not answer is away, and not unfit.
   */
  private async refuseUnfit(server: Redis): Promise<void> {
    const asked = Promise.all([server.info('memory'), server.info('cluster'), server.info('server')]);
    const told = await inTime(
      asked.then((parts) => parts.join('\n')).catch(() => ''),
      '',
    );
    const policy = /^maxmemory_policy:(\S+)/m.exec(told)?.[1] ?? 'noeviction';
    if (policy !== 'noeviction')
      throw new NotReady(`Redis may evict jobs (maxmemory-policy is ${policy}): it must be noeviction.`);
    // Valkey tells the version of Redis that it stands for, too.
    const [, version = '', major = LEAST_VERSION.major, minor = LEAST_VERSION.minor] =
      /^redis_version:((\d+)\.(\d+)\S*)/m.exec(told) ?? [];
    if (Number(major) * 100 + Number(minor) < LEAST_VERSION.major * 100 + LEAST_VERSION.minor)
      throw new NotReady(`Redis is of version ${version}: it must be 6.2 or newer.`);
    if (/^cluster_enabled:1/m.test(told) && !(this.redis instanceof Cluster))
      throw new NotReady('Redis is a node of a cluster: REDIS_CLUSTER must be true.');
  }

  private async redisToAnswer(): Promise<void> {
    const deadline = performance.now() + REDIS_START_MS;
    while (this.reachable().length < this.shards.length && performance.now() < deadline) await pause(20);
  }

  /** Each shard takes its own tickets, and none waits for another longer than a caller may be held up. */
  private async offer<Name extends QueueName>(name: Name, tickets: Jobs[Name][]): Promise<boolean> {
    if (tickets.length === 0) return true;
    const reachable = this.reachable();
    if (reachable.length === 0) return false;
    const parts = new Map<QueueShard, Jobs[Name][]>();
    for (const ticket of tickets) {
      const shard = this.shardFor(ticketId(name, ticket), reachable);
      const part = parts.get(shard);
      if (part === undefined) parts.set(shard, [ticket]);
      else part.push(ticket);
    }
    const taken = await Promise.all([...parts].map(([shard, part]) => shard.offer(name, part)));
    return !taken.includes(false);
  }

  /** The ticket's own; while that is away one of the others: any dialer works on all of them. */
  private shardFor(id: string, reachable: QueueShard[]): QueueShard {
    const own = this.shards[shardOf(id, this.shards.length)];
    if (own !== undefined && reachable.includes(own)) return own;
    return reachable[slotOf(id) % reachable.length] ?? reachable[0]!;
  }
}

/** What BullMQ asks for. */
const LEAST_VERSION = { major: 6, minor: 2 };

/** The same queue and state of several shards as one. */
function summed(depths: QueueDepth[]): QueueDepth[] {
  const sums = new Map<string, QueueDepth>();
  for (const { queue, state, jobs } of depths) {
    const key = `${queue} ${state}`;
    sums.set(key, { queue, state, jobs: jobs + (sums.get(key)?.jobs ?? 0) });
  }
  return [...sums.values()];
}
