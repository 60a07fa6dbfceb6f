import slotOf from 'cluster-key-slot';

/** Every key has one of so many slots, and every master of a cluster serves its range of them. */
export const SLOTS = 16_384;

/** What the keys of the queues begin with, shard by shard. */
export interface QueueKeys {
  /** QUEUE_PREFIX */
  prefix: string;
  /** QUEUE_SHARDS */
  shards: number;
  /** REDIS_CLUSTER */
  isCluster: boolean;
}

/**
 * The prefix of each shard's keys. In braces it is what gives a key its slot, so that a shard lies on one server whole, as
 * BullMQ's scripts need it. One queue outside a cluster has the plain prefix.
 */
export function shardPrefixes({ prefix, shards, isCluster }: QueueKeys): string[] {
  if (shards === 1) return [isCluster ? `{${prefix}}` : prefix];
  return Array.from({ length: shards }, (_, shard) => placedPrefix(prefix, shard, shards));
}

/**
 * A prefix whose slot is about the middle of the shard's part of all slots, found by trying one ending after the other:
 * by their names alone, shards would fall on masters as dice do. So masters that share the slots evenly share the shards
 * evenly, as far as the numbers go, and a border a little off its place changes nothing.
 */
function placedPrefix(prefix: string, shard: number, shards: number): string {
  const part = SLOTS / shards;
  const middle = (shard + 0.5) * part;
  for (let nth = 1; ; nth += 1) {
    const placed = `{${prefix}-${shard}of${shards}.${nth}}`;
    if (Math.abs(slotOf(placed) - middle) <= part / 4) return placed;
  }
}

/** Which of so many shards a ticket belongs to. Its id alone says so: no ticket goes before another. */
export function shardOf(ticketId: string, shards: number): number {
  return Math.floor((slotOf(ticketId) * shards) / SLOTS);
}
