import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayReserve, ORDINARY, reservedSlots, slotLimitsFor } from './reserved-room.js';
import { FRESH_TRUNK, hasStart, nextStart, type TrunkPace } from './trunk-pace.js';

const NOON_MS = Date.parse('2026-11-23T12:00:00Z');
const DIRECT = { isDirect: true, isTesting: false };
const TEST = { isDirect: false, isTesting: true };

const shares = fc.integer({ min: 1, max: 50 }).map((percent) => percent / 100);

describe('the slots kept for calls that somebody waits for', () => {
  it.each([
    [100, 0.1, 10],
    [100, 0.07, 7],
    [10, 0.01, 1],
    [2, 0.5, 1],
    [1, 0.5, 0],
    [0, 0.5, 0],
    [100, 0, 0],
  ])('are, of %i and a share of %f, %i', (slots, share, reserved) => {
    expect(reservedSlots(slots, share)).toBe(reserved);
  });

  it('are taken off for campaign calls alone, and leave them some wherever there are two', () => {
    const limits = fc.record({
      environment: fc.nat(2_000),
      campaign: fc.option(fc.integer({ min: 1, max: 500 })),
    });
    fc.assert(
      fc.property(limits, shares, (given, share) => {
        expect(slotLimitsFor(DIRECT, given, share)).toEqual(given);
        expect(slotLimitsFor(TEST, given, share)).toEqual(given);
        const { environment, campaign } = slotLimitsFor(ORDINARY, given, share);
        expect(given.environment - environment).toBe(reservedSlots(given.environment, share));
        expect(environment).toBeGreaterThanOrEqual(Math.min(given.environment, 1));
        if (given.environment > 1) expect(environment).toBeLessThan(given.environment);
        expect(campaign === null).toBe(given.campaign === null);
      }),
    );
  });
});

describe('the starts of a trunk kept for calls that somebody waits for', () => {
  /** Reserves a start where the trunk and the share let it; its instant. */
  function reserve(
    trunk: { pace: TrunkPace },
    rate: number,
    call: typeof DIRECT,
    nowMs: number,
    share: number,
  ) {
    const startAtMs = nextStart(trunk.pace, rate, nowMs);
    if (!hasStart(trunk.pace, rate, nowMs) || !mayReserve(call, startAtMs, nowMs, share)) return null;
    trunk.pace = { ...trunk.pace, lastStartAtMs: startAtMs };
    return startAtMs;
  }

  it('are there at every moment, however many campaign calls ask', () => {
    const rates = fc.integer({ min: 2, max: 200 });
    const gaps = fc.array(fc.nat(400), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(rates, shares, gaps, fc.boolean(), (rate, share, gapsMs, thenUrgent) => {
        const trunk = { pace: FRESH_TRUNK };
        let nowMs = NOON_MS;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          while (reserve(trunk, rate, ORDINARY, nowMs, share) !== null);
          if (!thenUrgent) continue;
          // A share of a second's starts, less the one that an ordinary call has just begun.
          const kept = Math.floor(share * rate);
          const asked = Array.from({ length: kept }, () => reserve(trunk, rate, DIRECT, nowMs, share));
          expect(asked).not.toContain(null);
          return;
        }
      }),
    );
  });

  it('cost campaign calls nothing of the rate while nobody else calls', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 100 }), shares, (rate, share) => {
        const trunk = { pace: FRESH_TRUNK };
        let starts = 0;
        for (let tick = 0; tick < 40; tick += 1) {
          while (reserve(trunk, rate, ORDINARY, NOON_MS + tick * 250, share) !== null) starts += 1;
        }
        expect(starts).toBeGreaterThanOrEqual(Math.floor(rate * 10) - 1);
      }),
    );
  });
});
