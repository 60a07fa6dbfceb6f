import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callerIdsInOrder,
  callerIdStartsFree,
  chooseCallerId,
  isPoolCapped,
  UNUSED,
  useAfter,
  type CallerIdFacts,
  type CallerIdLimits,
  type CallerIdUse,
} from './caller-ids.js';

const NOON = new Date('2026-11-23T12:00:00Z');
const FREE: CallerIdLimits = {
  maxCallsPerCallerIdSecond: null,
  maxCallsPerCallerIdDay: null,
  callerIdTimezone: 'UTC',
};
const POOL = Array.from({ length: 8 }, (_, place) => `+1202555010${place}`);

const callees = fc.integer({ min: 0, max: 999_999 }).map((last) => `+1212${`${last}`.padStart(7, '0')}`);
const pools = fc.uniqueArray(fc.constantFrom(...POOL), { minLength: 1 });

function facts(pool: readonly string[], limits: Partial<CallerIdLimits>): CallerIdFacts {
  return { pool, unshown: 0, uses: new Map<string, CallerIdUse>(), limits: { ...FREE, ...limits } };
}

/** Used as often as given, each start at the same instant. */
function used(limits: CallerIdLimits, starts: number, at = NOON): CallerIdUse {
  return Array.from({ length: starts }).reduce<CallerIdUse>((use) => useAfter(use, limits, at), UNUSED);
}

describe('the caller id for a callee', () => {
  it('stays the same whatever else joins or leaves the pool', () => {
    fc.assert(
      fc.property(callees, pools, pools, (to, before, after) => {
        const [first] = callerIdsInOrder(to, before, []);
        const [next] = callerIdsInOrder(to, after, [first as string]);
        if (after.includes(first as string)) expect(next).toBe(first);
        // Without a memory of the person too, unless one that joined comes before it.
        const [unknown] = callerIdsInOrder(to, after, []);
        if (after.includes(first as string) && unknown !== first) expect(before).not.toContain(unknown);
      }),
    );
  });

  it('is one of the pool, each once, in an order that does not depend on how the pool is written', () => {
    fc.assert(
      fc.property(callees, pools, (to, pool) => {
        const order = callerIdsInOrder(to, pool, []);
        expect(order.toSorted()).toEqual(pool.toSorted());
        expect(callerIdsInOrder(to, pool.toReversed(), [])).toEqual(order);
      }),
    );
  });

  it('is spread evenly over a pool, and where one leaves, its callees over the others', () => {
    const people = Array.from({ length: 8_000 }, (_, place) => `+1212555${`${place}`.padStart(4, '0')}`);
    const callersOf = (pool: string[]) => people.map((to) => callerIdsInOrder(to, pool, [])[0] as string);
    const before = callersOf(POOL);
    const left = callersOf(POOL.slice(1));
    for (const callerId of POOL) {
      const count = before.filter((one) => one === callerId).length;
      expect(Math.abs(count - 1_000)).toBeLessThan(150);
    }
    const moved = people.filter((_, place) => before[place] !== left[place]);
    expect(moved).toHaveLength(before.filter((one) => one === POOL[0]).length);
    for (const callerId of POOL.slice(1)) {
      const taken = left.filter((one, place) => one === callerId && before[place] !== callerId).length;
      expect(taken).toBeGreaterThan(80);
    }
  });

  it('is the carrier account’s own where the pool is empty, whatever is limited', () => {
    const none = facts([], { maxCallsPerCallerIdDay: 1, maxCallsPerCallerIdSecond: 1 });
    expect(chooseCallerId('+12125550100', [], [], none, NOON)).toEqual({ kind: 'chosen', callerId: null });
    expect(isPoolCapped(none, NOON)).toBe(false);
    expect(callerIdStartsFree(none, NOON)).toBe(Infinity);
  });
});

describe('a caller id with limits', () => {
  it('is passed over once it has made its calls of the day, and is the callee’s again the day after', () => {
    const limited = facts(POOL.slice(0, 2), {
      maxCallsPerCallerIdDay: 3,
      callerIdTimezone: 'America/New_York',
    });
    const [first, second] = callerIdsInOrder('+12125550100', limited.pool, []) as [string, string];
    const uses = new Map([[first, used(limited.limits, 3)]]);
    const choice = (at: Date, use = uses) =>
      chooseCallerId('+12125550100', limited.pool, [], { ...limited, uses: use }, at);
    expect(choice(NOON)).toEqual({ kind: 'chosen', callerId: second });
    expect(choice(new Date('2026-11-24T04:59:59.999Z'))).toEqual({ kind: 'chosen', callerId: second });
    expect(choice(new Date('2026-11-24T05:00:00Z'))).toEqual({ kind: 'chosen', callerId: first });
    const both = new Map([...uses, [second, used(limited.limits, 3)] as const]);
    expect(choice(NOON, both)).toEqual({ kind: 'capped' });
    expect(isPoolCapped({ ...limited, uses: both }, NOON)).toBe(true);
    expect(callerIdStartsFree({ ...limited, uses }, NOON)).toBe(3);
  });

  it('gives way to another within its second for a stranger, and is waited for by whom it has called', () => {
    const limited = facts(POOL.slice(0, 2), { maxCallsPerCallerIdSecond: 2 });
    const [first, second] = callerIdsInOrder('+12125550100', limited.pool, []) as [string, string];
    const uses = new Map([[first, used(limited.limits, 2)]]);
    const choice = (seen: string[], afterMs: number) =>
      chooseCallerId(
        '+12125550100',
        limited.pool,
        seen,
        { ...limited, uses },
        new Date(NOON.getTime() + afterMs),
      );
    expect(choice([], 999)).toEqual({ kind: 'chosen', callerId: second });
    expect(choice([first], 999)).toEqual({ kind: 'busy' });
    expect(choice([first], 1_000)).toEqual({ kind: 'chosen', callerId: first });
    // One that it was called from and that is no longer of the pool is nothing to wait for.
    expect(choice([POOL[5] as string], 999)).toEqual({ kind: 'chosen', callerId: second });
  });

  it('never starts more than its limit in any second or on any day, and none is turned away that it could take', () => {
    const steps = fc.array(
      fc.record({ gapMs: fc.oneof(fc.nat(80), fc.nat(1_200), fc.nat(9_000_000)), to: callees }),
      {
        maxLength: 150,
      },
    );
    const perSecond = fc.integer({ min: 1, max: 5 });
    const perDay = fc.integer({ min: 1, max: 12 });
    const zone = fc.constantFrom('UTC', 'America/New_York', 'Pacific/Apia');
    fc.assert(
      fc.property(pools, perSecond, perDay, zone, steps, (pool, second, day, callerIdTimezone, asked) => {
        const limits = { maxCallsPerCallerIdSecond: second, maxCallsPerCallerIdDay: day, callerIdTimezone };
        const uses = new Map<string, CallerIdUse>();
        const starts = new Map<string, number[]>(pool.map((callerId) => [callerId, []]));
        const dayOf = (atMs: number) =>
          new Intl.DateTimeFormat('en-CA', { timeZone: callerIdTimezone }).format(new Date(atMs));
        let atMs = NOON.getTime();
        for (const { gapMs, to } of asked) {
          atMs += gapMs;
          const free = callerIdStartsFree({ pool, unshown: 0, uses, limits }, new Date(atMs));
          const choice = chooseCallerId(to, pool, [], { pool, unshown: 0, uses, limits }, new Date(atMs));
          expect(choice.kind === 'chosen').toBe(free > 0);
          const fits = pool.filter((callerId) => {
            const own = starts.get(callerId) ?? [];
            const inSecond = own.filter((start) => start > atMs - 1_000).length;
            return inSecond < second && own.filter((start) => dayOf(start) === dayOf(atMs)).length < day;
          });
          expect(choice.kind === 'chosen').toBe(fits.length > 0);
          if (choice.kind !== 'chosen') continue;
          expect(fits).toContain(choice.callerId);
          const callerId = choice.callerId as string;
          uses.set(callerId, useAfter(uses.get(callerId) ?? UNUSED, limits, new Date(atMs)));
          starts.get(callerId)?.push(atMs);
        }
      }),
    );
  });

  it('begins no day anew that is over already in the zone it was counted in', () => {
    const inTokyo = { ...FREE, maxCallsPerCallerIdDay: 2, callerIdTimezone: 'Asia/Tokyo' };
    const late = new Date('2026-11-23T16:00:00Z');
    const uses = new Map([[POOL[0] as string, used(inTokyo, 2, late)]]);
    const inUtc = { ...facts(POOL.slice(0, 1), { maxCallsPerCallerIdDay: 2 }), uses };
    expect(isPoolCapped(inUtc, late)).toBe(true);
    expect(useAfter(uses.get(POOL[0] as string) as CallerIdUse, inUtc.limits, late)).toMatchObject({
      day: '2026-11-24',
      startsOfDay: 3,
    });
  });
});
