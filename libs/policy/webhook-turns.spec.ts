import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPEN_FACTOR, PLACE_MS, webhookTurns, type OpenTry, type Waiting } from './webhook-turns.js';

const waiting = (environmentId: string, endpointId: string): Waiting => ({ environmentId, endpointId });
const open = (environmentId: string, count: number, begunAtMs: number): OpenTry[] =>
  Array.from({ length: count }, () => ({ environmentId, begunAtMs }));

const NOW_MS = 100_000;
const OLD_MS = NOW_MS - PLACE_MS;

const turns = (...[endpoints, tries, places]: [Waiting[], OpenTry[], number]) =>
  Object.fromEntries(webhookTurns(endpoints, tries, places, NOW_MS));

describe('the turns of endpoints', () => {
  it('share the places out between environments, and within each between its endpoints', () => {
    const endpoints = [waiting('a', 'a1'), waiting('a', 'a2'), waiting('a', 'a3'), waiting('b', 'b1')];
    expect(turns(endpoints, [], 12)).toEqual({ a1: 2, a2: 2, a3: 2, b1: 6 });
  });

  it('give the next place to the environment with the fewest tries under way', () => {
    const endpoints = [
      ...Array.from({ length: 50 }, (_, nth) => waiting('a', `a${nth}`)),
      waiting('b', 'b1'),
    ];
    expect(turns(endpoints, open('a', 9, NOW_MS), 10)).toEqual({ b1: 1 });
  });

  it('go on beside tries that are slow: what has been waited for for a second leaves its place', () => {
    const endpoints = [waiting('b', 'b1')];
    expect(turns(endpoints, open('a', 10, OLD_MS + 1), 10)).toEqual({});
    expect(turns(endpoints, open('a', 10, OLD_MS), 10)).toEqual({ b1: 10 });
  });

  it('leave the other half to others, however slow the endpoints of one environment are', () => {
    const half = (10 * OPEN_FACTOR) / 2;
    expect(turns([waiting('a', 'a1')], open('a', half, OLD_MS), 10)).toEqual({});
    expect(turns([waiting('b', 'b1')], open('a', half, OLD_MS), 10)).toEqual({ b1: 10 });
  });

  it.each([1, 2, 3, 7])('leave room for one more beside %i environments that are slow', (slow) => {
    const tries: OpenTry[] = [];
    for (let nth = 0; nth < slow; nth += 1) {
      const endpoints = [waiting(`slow ${nth}`, 'endless'), waiting(`slow ${nth}`, 'as well')];
      for (let round = 0; round < 50; round += 1) {
        for (const begun of Object.values(turns(endpoints, tries, 50))) {
          tries.push(...open(`slow ${nth}`, begun, OLD_MS));
        }
      }
    }
    expect(turns([waiting('healthy', 'h')], tries, 50)).toHaveProperty('h');
  });

  it('never begin more than there are places, nor have more under way than four times those', () => {
    const environment = fc.constantFrom('a', 'b', 'c');
    const endpoints = fc.uniqueArray(fc.record({ environmentId: environment, endpointId: fc.uuid() }), {
      selector: ({ endpointId }) => endpointId,
      maxLength: 30,
    });
    const tries = fc.array(
      fc.record({ environmentId: environment, begunAtMs: fc.integer({ min: 90_000, max: NOW_MS }) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(endpoints, tries, fc.integer({ min: 1, max: 20 }), (wanting, underWay, places) => {
        const given = webhookTurns(wanting, underWay, places, NOW_MS);
        const begun = [...given.values()].reduce((sum, count) => sum + count, 0);
        expect(begun).toBeLessThanOrEqual(places);
        expect(begun === 0 || underWay.length + begun <= places * OPEN_FACTOR).toBe(true);
        for (const count of given.values()) expect(count).toBeGreaterThan(0);
      }),
    );
  });
});
