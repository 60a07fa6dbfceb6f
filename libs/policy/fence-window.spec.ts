import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fenceLimit, NOTHING_FENCED, passAt, type FencedStarts, type FenceLimit } from './fence-window.js';
import { FRESH_TRUNK, nextStart, reservableRate, type TrunkPace } from './trunk-pace.js';

const NOON_MS = Date.parse('2026-11-23T12:00:00Z');

/** So many asking at each of these instants, one after the other; those that are early do not come back. */
function passed(limit: FenceLimit, asking: { atMs: number; asked: number }[]): number[] {
  let earlier: FencedStarts = NOTHING_FENCED;
  return asking.flatMap(({ atMs, asked }) => {
    const verdict = passAt(earlier, asked, limit, atMs);
    earlier = verdict.after;
    return Array<number>(verdict.passing).fill(atMs);
  });
}

/** Most of some instants in any stretch of a length, its end not included. */
function mostWithin(instants: number[], withinMs: number): number {
  return Math.max(
    0,
    ...instants.map((from) => instants.filter((at) => at >= from && at < from + withinMs).length),
  );
}

describe('the limit of a fence', () => {
  it.each<[string, number, number, FenceLimit]>([
    ['the rate in a second', 100, 0, { most: 100, withinMs: 1_000 }],
    ['the rate in a second and half of the head-room', 100, 100, { most: 100, withinMs: 1_050 }],
    ['one in as long as the rate says, where that is longer', 0.1, 0, { most: 1, withinMs: 10_000 }],
    [
      'a rate that is no whole number, over as long as a whole one takes',
      2.5,
      0,
      { most: 3, withinMs: 1_200 },
    ],
  ])('is %s', (_, rate, jitterMs, limit) => {
    expect(fenceLimit(rate, jitterMs)).toEqual(limit);
  });
});

describe('starts at a fence', () => {
  const limit = { most: 3, withinMs: 1_000 };

  it('pass as long as there is room, the others are told when, and as one leaves the stretch the next may pass', () => {
    const first = passAt(NOTHING_FENCED, 2, limit, NOON_MS);
    expect(first).toMatchObject({ passing: 2, passAtMs: [] });
    const second = passAt(first.after, 3, limit, NOON_MS + 400);
    expect(second.passing).toBe(1);
    expect(second.passAtMs).toEqual([NOON_MS + 1_000, NOON_MS + 1_000]);
    expect(passAt(second.after, 1, limit, NOON_MS + 999.9).passing).toBe(0);
    expect(passAt(second.after, 3, limit, NOON_MS + 1_000).passing).toBe(2);
    expect(passAt(NOTHING_FENCED, 8, limit, NOON_MS).passAtMs).toEqual(
      [1, 1, 1, 2, 2].map((laps) => NOON_MS + laps * 1_000),
    );
  });

  it('are kept no longer than they count', () => {
    const { after } = passAt({ atMs: [NOON_MS - 1_000, NOON_MS - 999], starts: [1, 1] }, 1, limit, NOON_MS);
    expect(after).toEqual({ atMs: [NOON_MS - 999, NOON_MS], starts: [1, 1] });
  });

  it('are not held up by a clock that was put back, and are still counted', () => {
    const { after } = passAt(NOTHING_FENCED, 3, limit, NOON_MS + 3_600_000);
    expect(passAt(after, 1, limit, NOON_MS)).toMatchObject({ passing: 0, passAtMs: [NOON_MS + 1_000] });
  });

  it('are never more in any second than the rate, however many ask and whenever', () => {
    const rates = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0.1, max: 40, noNaN: true }));
    const steps = fc.record({
      gapMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 30, noNaN: true }), fc.nat(2_000)),
      asked: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(rates, fc.nat(1_000), fc.array(steps, { maxLength: 80 }), (rate, jitterMs, gaps) => {
        let atMs = NOON_MS;
        const asking = gaps.map(({ gapMs, asked }) => ({ atMs: (atMs += gapMs), asked }));
        const starts = passed(fenceLimit(rate, jitterMs), asking);
        expect(mostWithin(starts, 1_000)).toBeLessThanOrEqual(Math.ceil(rate));
        if (rate <= 1) expect(mostWithin(starts, 1_000 / rate - 0.001)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('that come as they were reserved, later by no more than the head-room, all pass at once', () => {
    const rates = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.1, max: 60, noNaN: true }));
    const delays = fc.array(fc.double({ min: 0, max: 0.49, noNaN: true }), {
      minLength: 200,
      maxLength: 200,
    });
    fc.assert(
      fc.property(rates, fc.nat(1_000), delays, (rate, jitterMs, parts) => {
        const reservable = reservableRate(rate, jitterMs);
        let pace: TrunkPace = FRESH_TRUNK;
        const asking = parts.map((part) => {
          const startAtMs = nextStart(pace, reservable, NOON_MS);
          pace = { ...pace, lastStartAtMs: startAtMs };
          return { atMs: startAtMs + part * jitterMs, asked: 1 };
        });
        asking.sort((a, b) => a.atMs - b.atMs);
        const { most, withinMs } = fenceLimit(rate, jitterMs);
        // Instants are numbers of some 1e12: adding to them loses less than a thousandth of a millisecond.
        expect(passed({ most, withinMs: withinMs - 0.01 }, asking)).toHaveLength(parts.length);
      }),
    );
  });
});
