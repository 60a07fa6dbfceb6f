import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTurns, shareOut, type Demand } from './fair-share.js';

function demand(environmentId: string, id: string, most: number): Demand {
  return { environmentId, id, most };
}

describe('the sharing of starts', () => {
  it('gives a whale no more than its turn', () => {
    const demands = [demand('a', 'whale', 1_000_000), demand('a', 'small', 5), demand('b', 'other', 5)];
    const rooms = new Map([
      ['a', { free: 100 }],
      ['b', { free: 100 }],
    ]);
    expect(Object.fromEntries(shareOut(demands, rooms, 12))).toEqual({ whale: 4, small: 3, other: 5 });
  });

  it('gives each of many that ask its turn, where there are fewer starts at a time than they are', () => {
    const demands = Array.from({ length: 100 }, (_, n) =>
      demand('a', `campaign ${n}`, n === 0 ? 1_000_000 : 30),
    );
    const turns = noTurns();
    const got = new Map<string, number>();
    for (let tick = 0; tick < 200; tick += 1) {
      for (const [id, share] of shareOut(demands, new Map([['a', { free: 1_000 }]]), 7, turns)) {
        got.set(id, (got.get(id) ?? 0) + share);
      }
    }
    expect([...got.values()]).toEqual(Array(100).fill(14));
  });

  it('knows whose turn it is when there was no room for anybody in between, in the environment or in a campaign', () => {
    const turns = noTurns();
    const got = new Map<string, number>();
    for (let tick = 0; tick < 90; tick += 1) {
      const isFull = tick % 3 === 0;
      const demands = ['first', 'second', 'third', 'fourth', 'fifth'].map((id) =>
        demand('a', id, tick % 3 === 1 ? 0 : 9),
      );
      const rooms = new Map([['a', { free: isFull ? 0 : 2 }]]);
      for (const [id, share] of shareOut(demands, rooms, 100, turns)) got.set(id, (got.get(id) ?? 0) + share);
    }
    expect([...got.values()]).toEqual(Array(5).fill(12));
  });

  it('gives by weight, of environments and within each, over many turns', () => {
    const demands = [1, 2, 4].flatMap((weight) =>
      ['a', 'b'].map((environmentId) => ({
        environmentId,
        id: `${environmentId}${weight}`,
        most: 9_999,
        weight,
      })),
    );
    const rooms = new Map([
      ['a', { free: 9_999, weight: 1 }],
      ['b', { free: 9_999, weight: 3 }],
    ]);
    const turns = noTurns();
    const got: Record<string, number> = {};
    for (let tick = 0; tick < 400; tick += 1) {
      for (const [id, share] of shareOut(demands, rooms, 7, turns)) got[id] = (got[id] ?? 0) + share;
    }
    expect(got).toEqual({ a1: 100, a2: 200, a4: 400, b1: 300, b2: 600, b4: 1_200 });
  });

  it('saves up nothing for those that ask for nothing meanwhile, and forgets them', () => {
    const rooms = new Map([['a', { free: 1_000 }]]);
    const turns = noTurns();
    const [busy, idle] = [demand('a', 'busy', 1_000), demand('a', 'idle', 1_000)];
    shareOut([busy, idle], rooms, 2, turns);
    for (let tick = 0; tick < 50; tick += 1) shareOut([busy], rooms, 10, turns);
    expect(Object.fromEntries(shareOut([busy, idle], rooms, 10, turns))).toEqual({ busy: 5, idle: 5 });
    shareOut([], rooms, 10, turns);
    expect(turns.members.size + turns.environments.passes.size).toBe(0);
  });

  it('never exceeds a campaign, an environment or the starts, and wastes none that somebody could use', () => {
    const demands = fc.array(
      fc.record({
        environmentId: fc.constantFrom('a', 'b', 'c'),
        id: fc.uuid(),
        most: fc.integer({ min: 0, max: 20 }),
      }),
      { maxLength: 12 },
    );
    const frees = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30));
    fc.assert(
      fc.property(demands, frees, fc.nat(60), (wanted, [a, b, c], starts) => {
        const free = new Map([
          ['a', a],
          ['b', b],
          ['c', c],
        ]);
        const rooms = new Map([...free].map(([id, room]) => [id, { free: room }]));
        const shares = shareOut(wanted, rooms, starts);
        const given = wanted.map(({ id }) => shares.get(id) ?? 0);
        wanted.forEach(({ most }, index) => expect(given[index]).toBeLessThanOrEqual(most));
        const usable = [...free].map(([id, room]) =>
          Math.min(
            room,
            wanted
              .filter(({ environmentId }) => environmentId === id)
              .reduce((sum, { most }) => sum + most, 0),
          ),
        );
        const total = given.reduce((sum, share) => sum + share, 0);
        expect(total).toBe(
          Math.min(
            starts,
            usable.reduce((sum, room) => sum + room, 0),
          ),
        );
      }),
    );
  });
});
