import { randomUUID } from 'node:crypto';
import slotOf from 'cluster-key-slot';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticketId } from './job-catalog.js';
import { shardOf, shardPrefixes, SLOTS } from './shard-places.js';

/** What each of so many masters serves, as `redis-cli --cluster create` shares the slots out. */
function masterOf(slot: number, masters: number): number {
  const bounds = Array.from({ length: masters }, (_, nth) => Math.round(((nth + 1) * SLOTS) / masters));
  return bounds.findIndex((bound) => slot < bound);
}

function onEachMaster(prefixes: string[], masters: number): number[] {
  const counts = Array.from({ length: masters }, () => 0);
  for (const prefix of prefixes) counts[masterOf(slotOf(prefix), masters)]! += 1;
  return counts;
}

const aPrefix = fc.stringMatching(/^[a-z0-9_:.-]{1,24}$/);

describe('the keys of the queues', () => {
  it('are as they have always been for one queue, and in one slot on a cluster', () => {
    const one = { prefix: 'ringfence', shards: 1 };
    expect(shardPrefixes({ ...one, isCluster: false })).toEqual(['ringfence']);
    expect(shardPrefixes({ ...one, isCluster: true })).toEqual(['{ringfence}']);
  });

  it('lie on as many masters as there are shards for, on each of them as many', () => {
    fc.assert(
      fc.property(aPrefix, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }), (...drawn) => {
        const [prefix, masters, onEach] = drawn;
        fc.pre(masters * onEach > 1);
        const prefixes = shardPrefixes({ prefix, shards: masters * onEach, isCluster: true });
        expect(new Set(prefixes).size).toBe(masters * onEach);
        expect(onEachMaster(prefixes, masters)).toEqual(Array.from({ length: masters }, () => onEach));
      }),
    );
  });

  it('lie on no master in heaps where the numbers do not go', () => {
    fc.assert(
      fc.property(aPrefix, fc.integer({ min: 2, max: 64 }), fc.integer({ min: 2, max: 20 }), (...drawn) => {
        const [prefix, shards, masters] = drawn;
        const counts = onEachMaster(shardPrefixes({ prefix, shards, isCluster: true }), masters);
        expect(Math.max(...counts)).toBeLessThanOrEqual(Math.ceil(shards / masters) + 1);
      }),
    );
  });

  it('of one shard are all in one slot, with what else is kept beside its queues', () => {
    const [, second] = shardPrefixes({ prefix: 'ringfence', shards: 3, isCluster: true });
    const slots = ['dial:wait', 'webhooks:completed', 'epoch'].map((key) => slotOf(`${second}:${key}`));
    expect(new Set(slots).size).toBe(1);
  });
});

describe('a ticket', () => {
  it('belongs to one of the shards, by its id alone, and to each of them as often', () => {
    const counts = Array.from({ length: 6 }, () => 0);
    for (let nth = 0; nth < 6_000; nth += 1) {
      const id = ticketId('dial', { callId: randomUUID(), attempt: 1, offer: 1 });
      expect(shardOf(id, 6)).toBe(shardOf(id, 6));
      counts[shardOf(id, 6)]! += 1;
    }
    // Six standard deviations: a thousand each, give or take.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(175);
  });
});
