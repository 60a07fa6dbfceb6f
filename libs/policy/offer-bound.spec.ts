import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundAfter, FIRST_OFFER_BOUND, roomToOffer, type OfferBound } from './offer-bound.js';

/** Looks four times a second while dialers that take so many a second are offered all that the bound has room for. */
function feeding(
  takenPerSecond: number,
  looks: number,
): { bound: OfferBound; waiting: number; idle: number } {
  let [bound, waiting, idle] = [FIRST_OFFER_BOUND, 0, 0];
  for (let look = 0; look < looks; look += 1) {
    waiting += roomToOffer(bound, waiting);
    const taken = Math.min(waiting, Math.round(takenPerSecond / 4));
    idle = Math.round(takenPerSecond / 4) - taken;
    waiting -= taken;
    bound = boundAfter(bound, { waiting, taken, elapsedMs: 250 });
  }
  return { bound, waiting, idle };
}

describe('the bound on what is offered', () => {
  it.each([1, 40, 300, 1_000, 8_000, 30_000])(
    'comes to a second’s worth of dialers that take %i a second, who then never wait for it',
    (takenPerSecond) => {
      const { bound, waiting, idle } = feeding(takenPerSecond, 12);
      expect(idle).toBe(0);
      expect(bound.mostWaiting).toBeLessThanOrEqual(Math.max(2 * takenPerSecond, 200));
      expect(waiting).toBeLessThanOrEqual(Math.max(2 * takenPerSecond, 200));
    },
  );

  it('follows dialers that go away down to what finds them at work when they come back', () => {
    const busy: OfferBound = { mostWaiting: 8_000 };
    expect(boundAfter(busy, { waiting: 8_000, taken: 0, elapsedMs: 250 }).mostWaiting).toBe(200);
    expect(roomToOffer({ mostWaiting: 200 }, 8_000)).toBe(0);
  });

  it('keeps what it was while there was nothing to take', () => {
    const bound: OfferBound = { mostWaiting: 1_600 };
    expect(boundAfter(bound, { waiting: 0, taken: 0, elapsedMs: 250 })).toEqual(bound);
  });

  it('is a number between two hundred and twenty thousand, whatever was seen', () => {
    const seen = fc.record({
      waiting: fc.nat(100_000),
      taken: fc.integer({ min: -1_000, max: 100_000 }),
      elapsedMs: fc.double({ min: 0, max: 10_000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 20_000 }), seen, (mostWaiting, what) => {
        const { mostWaiting: after } = boundAfter({ mostWaiting }, what);
        expect(after).toBeGreaterThanOrEqual(200);
        expect(after).toBeLessThanOrEqual(20_000);
      }),
    );
  });
});
