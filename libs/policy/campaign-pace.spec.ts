import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onScheduleAfter, paceOf, startsFree } from './campaign-pace.js';

const NOON_MS = Date.parse('2026-11-23T12:00:00Z');

/** Starts a call whenever the pace lets one go, asked at these times; the times at which one went. */
function starts(callsPerMinute: number, askedAtMs: readonly number[]): number[] {
  const pace = paceOf(callsPerMinute);
  let onScheduleAtMs: number | null = null;
  const went: number[] = [];
  for (const atMs of askedAtMs) {
    if (startsFree(pace, onScheduleAtMs, atMs) === 0) continue;
    onScheduleAtMs = onScheduleAfter(pace, onScheduleAtMs, atMs);
    went.push(atMs);
  }
  return went;
}

describe('the pace of a campaign', () => {
  it('lets no more start in any sixty seconds than it says, however they are asked for', () => {
    const gaps = fc.array(fc.oneof(fc.nat(50), fc.nat(3_000), fc.nat(90_000)), { maxLength: 400 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), gaps, (callsPerMinute, gapsMs) => {
        let atMs = NOON_MS;
        const went = starts(
          callsPerMinute,
          gapsMs.map((gapMs) => (atMs += gapMs)),
        );
        went.forEach((fromMs, index) => {
          const over = went[index + callsPerMinute];
          if (over !== undefined) expect(over - fromMs).toBeGreaterThanOrEqual(60_000);
        });
      }),
    );
  });

  it.each([
    [1, 1],
    [6, 6],
    [60, 60],
    [61, 60],
    [600, 591],
    [6_000, 5_901],
  ])('of %i a minute starts %i in each, asked all the time', (callsPerMinute, each) => {
    const tenMinutes = Array.from({ length: 600_000 }, (_, ms) => NOON_MS + ms);
    const later = starts(callsPerMinute, tenMinutes).filter((atMs) => atMs >= NOON_MS + 300_000);
    expect(Math.abs(later.length / 5 / each - 1)).toBeLessThan(0.002);
  });

  it('spreads them, but for a second’s worth, and saves nothing up beyond that', () => {
    const pace = paceOf(600);
    expect(startsFree(pace, null, NOON_MS)).toBe(10);
    expect(startsFree(pace, NOON_MS - 3_600_000, NOON_MS)).toBe(10);
    expect(startsFree(pace, NOON_MS + 4.5 * pace.intervalMs, NOON_MS)).toBe(5);
    expect(startsFree(pace, NOON_MS + 9.5 * pace.intervalMs, NOON_MS)).toBe(0);
    expect(startsFree(paceOf(6), null, NOON_MS)).toBe(1);
    expect(onScheduleAfter(paceOf(6), null, NOON_MS)).toBe(NOON_MS + 10_000);
  });
});
