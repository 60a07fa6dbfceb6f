import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  currentRate,
  FRESH_TRUNK,
  hasStart,
  MAX_TRUNK_PAUSE_SECONDS,
  nextStart,
  paceAfter,
  reservableRate,
  type TrunkPace,
} from './trunk-pace.js';

const NOON_MS = Date.parse('2026-11-23T12:00:00Z');
const RATE = 16;

function limited(pace: TrunkPace, atMs: number, retryAfterSeconds: number | null = null, sentAtMs = atMs) {
  return paceAfter(pace, { kind: 'limited', sentAtMs, retryAfterSeconds }, RATE, atMs);
}

function accepted(pace: TrunkPace, atMs: number, sentAtMs = atMs) {
  return paceAfter(pace, { kind: 'accepted', sentAtMs }, RATE, atMs);
}

/** Starts a call at every instant that is free, each answered at once, until `untilMs`. */
function carriedOn(pace: TrunkPace, fromMs: number, untilMs: number): { pace: TrunkPace; starts: number[] } {
  const starts: number[] = [];
  let nowMs = fromMs;
  for (;;) {
    nowMs = nextStart(pace, RATE, nowMs);
    if (nowMs > untilMs) return { pace, starts };
    starts.push(nowMs);
    pace = accepted({ ...pace, lastStartAtMs: nowMs }, nowMs);
  }
}

const ONCE_SLOWED = limited(FRESH_TRUNK, NOON_MS);

describe('the pace of a trunk', () => {
  it.each<[string, TrunkPace, number, number]>([
    ['untouched, is the whole rate', FRESH_TRUNK, NOON_MS, 16],
    ['is halved by a limit', ONCE_SLOWED, NOON_MS, 8],
    ['is halved again a second later', limited(ONCE_SLOWED, NOON_MS + 1_000), NOON_MS + 1_000, 4],
    [
      'is not cut twice by one burst',
      limited(limited(ONCE_SLOWED, NOON_MS + 5), NOON_MS + 999),
      NOON_MS + 999,
      8,
    ],
    [
      'is not cut by a late answer to what left before',
      limited(ONCE_SLOWED, NOON_MS + 9_000, null, NOON_MS + 999),
      NOON_MS + 9_000,
      8,
    ],
    [
      'does not recover by calls that left before the cut',
      accepted(ONCE_SLOWED, NOON_MS + 900, NOON_MS),
      NOON_MS + 900,
      8,
    ],
    [
      'recovers a thirtieth for a second with an accepted call',
      accepted(ONCE_SLOWED, NOON_MS + 1_000),
      NOON_MS + 1_000,
      8 + 16 / 30,
    ],
    [
      'recovers no more than that by one call after a pause',
      accepted(ONCE_SLOWED, NOON_MS + 60_000),
      NOON_MS + 60_000,
      8 + 16 / 30,
    ],
    ['does not recover by time alone', ONCE_SLOWED, NOON_MS + 299_999, 8],
    ['is whole again after five quiet minutes', ONCE_SLOWED, NOON_MS + 300_000, 16],
    [
      'counts quiet from the end of the pause that was asked for',
      limited(FRESH_TRUNK, NOON_MS, 60),
      NOON_MS + 359_999,
      8,
    ],
  ])('%s', (_, pace, nowMs, rate) => {
    expect(currentRate(pace, RATE, nowMs)).toBeCloseTo(rate, 9);
  });

  it('never falls below a sixteenth, nor below a start in ten seconds, nor rises above its rate', () => {
    const storm = Array.from({ length: 20 }, (_, second) => NOON_MS + second * 1_000);
    const beaten = (rate: number) =>
      storm.reduce<TrunkPace>(
        (pace, atMs) =>
          paceAfter(pace, { kind: 'limited', sentAtMs: atMs, retryAfterSeconds: null }, rate, atMs),
        FRESH_TRUNK,
      );
    const endMs = NOON_MS + 20_000;
    expect(currentRate(beaten(16), 16, endMs)).toBe(1);
    expect(currentRate(beaten(0.5), 0.5, endMs)).toBeCloseTo(0.1, 9);
    expect(currentRate(beaten(0.05), 0.05, endMs)).toBe(0.05);
    // Set to another rate since.
    expect(currentRate(beaten(1_000), 0.5, endMs)).toBeCloseTo(0.1, 9);
  });

  it('comes back to the whole rate within half a minute of accepted calls, and not much sooner', () => {
    const pace = { ...ONCE_SLOWED, rateShare: 1 / 16 };
    expect(currentRate(carriedOn(pace, NOON_MS, NOON_MS + 20_000).pace, RATE, NOON_MS + 20_000)).toBeLessThan(
      0.75 * RATE,
    );
    const after = carriedOn(pace, NOON_MS, NOON_MS + 31_000);
    expect(currentRate(after.pace, RATE, NOON_MS + 31_000)).toBe(RATE);
  });

  it('starts nothing before the provider’s Retry-After, however it is followed by others, an hour at most', () => {
    const asked = limited(FRESH_TRUNK, NOON_MS, 7);
    expect(nextStart(asked, RATE, NOON_MS)).toBe(NOON_MS + 7_000);
    expect(nextStart(limited(asked, NOON_MS + 2, 1), RATE, NOON_MS + 2)).toBe(NOON_MS + 7_000);
    expect(nextStart(limited(asked, NOON_MS + 2), RATE, NOON_MS + 2)).toBe(NOON_MS + 7_000);
    // One of the same burst asks for longer.
    expect(nextStart(limited(asked, NOON_MS + 2, 9), RATE, NOON_MS + 2)).toBe(NOON_MS + 9_002);
    expect(nextStart(accepted(asked, NOON_MS + 2, NOON_MS + 1), RATE, NOON_MS + 2)).toBe(NOON_MS + 7_000);
    expect(hasStart(asked, RATE, NOON_MS + 5_999)).toBe(false);
    expect(hasStart(asked, RATE, NOON_MS + 6_000)).toBe(true);
    expect(nextStart(limited(FRESH_TRUNK, NOON_MS, 1e9), RATE, NOON_MS)).toBe(
      NOON_MS + MAX_TRUNK_PAUSE_SECONDS * 1_000,
    );
  });

  it('after a pause does not turn the time that was paused into a larger share', () => {
    const pace = accepted(limited(FRESH_TRUNK, NOON_MS, 100), NOON_MS + 100_010);
    expect(currentRate(pace, RATE, NOON_MS + 100_010)).toBeLessThan(8.01);
  });

  it('lets no more arrive in any second than its rate, however the ways there differ by as much as is allowed for', () => {
    const rates = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.1, max: 60, noNaN: true }));
    const delays = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 200, maxLength: 200 });
    fc.assert(
      fc.property(rates, fc.integer({ min: 0, max: 1_000 }), delays, (rate, jitterMs, parts) => {
        const reservable = reservableRate(rate, jitterMs);
        let pace: TrunkPace = FRESH_TRUNK;
        const arrivals = parts.map((part) => {
          const startAtMs = nextStart(pace, reservable, NOON_MS);
          pace = { ...pace, lastStartAtMs: startAtMs };
          return startAtMs + part * jitterMs;
        });
        arrivals.sort((a, b) => a - b);
        const most = Math.ceil(rate);
        arrivals.forEach((atMs, index) => {
          const over = arrivals[index + most];
          if (over !== undefined) expect(over - atMs).toBeGreaterThanOrEqual(1_000 - 0.01);
        });
      }),
    );
    expect(reservableRate(50, 0)).toBe(50);
    expect(reservableRate(50, 250)).toBe(40);
  });

  it('keeps within its rate, its floor and every Retry-After, whatever is answered and when', () => {
    const step = fc.record({
      gapMs: fc.oneof(fc.nat(40), fc.nat(2_000), fc.nat(400_000)),
      sentAgoMs: fc.nat(12_000),
      answer: fc.constantFrom<'start' | 'accepted' | 'limited'>('start', 'start', 'accepted', 'limited'),
      retryAfterSeconds: fc.option(fc.nat(90)),
    });
    const rates = fc.double({ min: 0.1, max: 500, noNaN: true });
    fc.assert(
      fc.property(rates, fc.array(step, { maxLength: 120 }), (rate, steps) => {
        let [pace, nowMs, pausedUntilMs] = [FRESH_TRUNK, NOON_MS, 0];
        const starts: number[] = [];
        for (const { gapMs, sentAgoMs, answer, retryAfterSeconds } of steps) {
          nowMs += gapMs;
          const sentAtMs = nowMs - sentAgoMs;
          if (answer === 'start') {
            if (!hasStart(pace, rate, nowMs)) continue;
            const startAtMs = nextStart(pace, rate, nowMs);
            expect(startAtMs).toBeGreaterThanOrEqual(pausedUntilMs);
            pace = { ...pace, lastStartAtMs: startAtMs };
            starts.push(startAtMs);
          } else if (answer === 'limited') {
            const before = currentRate(pace, rate, nowMs);
            pace = paceAfter(pace, { kind: answer, sentAtMs, retryAfterSeconds }, rate, nowMs);
            pausedUntilMs = Math.max(pausedUntilMs, nowMs + (retryAfterSeconds ?? 0) * 1_000);
            expect(currentRate(pace, rate, nowMs)).toBeLessThanOrEqual(before);
          } else {
            const before = currentRate(pace, rate, nowMs);
            pace = paceAfter(pace, { kind: answer, sentAtMs }, rate, nowMs);
            expect(currentRate(pace, rate, nowMs)).toBeGreaterThanOrEqual(before);
          }
          const now = currentRate(pace, rate, nowMs);
          expect(now).toBeLessThanOrEqual(rate);
          expect(now).toBeGreaterThanOrEqual(Math.min(rate, Math.max(rate / 16, 0.1)) * (1 - 1e-9));
        }
        const leastMs = 1_000 / rate - 0.001;
        starts
          .slice(1)
          .forEach((atMs, index) => expect(atMs - (starts[index] ?? 0)).toBeGreaterThanOrEqual(leastMs));
        expect(currentRate(pace, rate, Math.max(nowMs, pausedUntilMs) + 300_000)).toBe(rate);
      }),
    );
  });
});
