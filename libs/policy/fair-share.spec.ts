import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOut, type Demand } from './fair-share.js';

function demand(environmentId: string, id: string, most: number): Demand {
  return { environmentId, id, most };
}

describe('the sharing of starts', () => {
  it('gives a whale no more than its turn', () => {
    const demands = [demand('a', 'whale', 1_000_000), demand('a', 'small', 5), demand('b', 'other', 5)];
    const free = new Map([
      ['a', 100],
      ['b', 100],
    ]);
    expect(Object.fromEntries(shareOut(demands, free, 12))).toEqual({ whale: 4, small: 3, other: 5 });
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
        const shares = shareOut(wanted, free, starts);
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
