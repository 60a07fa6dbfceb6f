import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onScheduleAfter, paceNow, paceOf, startsFree, type CampaignPace } from './campaign-pace.js';
import { isOpen } from './calling-window.js';
import { OFFICE_HOURS } from './facts-under-test.js';
import { instantOfRamped, rampedMs, rampInForce, rampShare } from './window-ramp.js';

const OPENED_MS = Date.parse('2026-11-23T09:00:00Z'); // a Monday
const MINUTE_RAMP = { openedAtMs: OPENED_MS, endsAtMs: OPENED_MS + 60_000 };
const OFFICE = {
  ...OFFICE_HOURS,
  callTimeRanges: [
    { start: '09:00', end: '12:00' },
    { start: '12:00', end: '17:00' },
  ],
};

const ramps = fc
  .integer({ min: 1, max: 3_600 })
  .map((seconds) => ({ openedAtMs: OPENED_MS, endsAtMs: OPENED_MS + seconds * 1000 }));

/** Starts a call at each of these times at which the pace lets one go, all that it lets go; the times at which they went. */
function starts(
  pace: CampaignPace,
  askedAtMs: readonly number[],
  onScheduleAtMs: number | null = null,
): number[] {
  const went: number[] = [];
  for (const atMs of askedAtMs) {
    for (let free = startsFree(pace, onScheduleAtMs, atMs); free > 0; free -= 1) {
      onScheduleAtMs = onScheduleAfter(pace, onScheduleAtMs, atMs);
      went.push(atMs);
    }
  }
  return went;
}

describe('the opening that a ramp is measured from', () => {
  it.each<[string, string, string | null]>([
    ['is where the hours opened', '2026-11-23T09:00:59.999Z', '2026-11-23T09:00:00Z'],
    ['counts from its very instant', '2026-11-23T09:00:00Z', '2026-11-23T09:00:00Z'],
    ['is over once its time has passed', '2026-11-23T09:01:00Z', null],
    ['is not where one range follows on another', '2026-11-23T12:00:10Z', null],
    ['is not while the hours are closed', '2026-11-23T08:59:59Z', null],
  ])('%s', (_, now, opened) => {
    const ramp = rampInForce(OFFICE, 60, new Date(now));
    expect(ramp?.openedAtMs ?? null).toBe(opened === null ? null : Date.parse(opened));
  });

  it('is none over a midnight that does not close the hours, and one after a day off', () => {
    const always = { ...OFFICE, callTimeRanges: [{ start: '00:00', end: '24:00' }] };
    expect(rampInForce(always, 60, new Date('2026-11-24T00:00:10Z'))).toBeNull();
    const afterTheWeekend = new Date('2026-11-30T00:00:10Z');
    expect(rampInForce(always, 60, afterTheWeekend)?.openedAtMs).toBe(Date.parse('2026-11-30T00:00:00Z'));
  });

  it('is the last one, where hours are shorter than the ramp, and found by the walk over every second', () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 2, maxLength: 8 });
    const asked = fc.integer({ min: 0, max: 3_600_000 });
    fc.assert(
      fc.property(minutes, fc.integer({ min: 1, max: 900 }), asked, (drawn, rampSeconds, afterMs) => {
        const times = drawn.toSorted((a, b) => a - b).map((minute) => `10:${`${minute}`.padStart(2, '0')}`);
        const callTimeRanges = times.flatMap((start, index) => {
          const end = times[index + 1];
          return index % 2 === 0 && end !== undefined ? [{ start, end }] : [];
        });
        const schedule = { ...OFFICE, callTimeRanges };
        const now = new Date(Date.parse('2026-11-23T10:00:00Z') + afterMs);
        let openedMs: number | null = null;
        for (let atMs = now.getTime() - (now.getTime() % 1000); isOpen(schedule, now); atMs -= 1_000) {
          if (!isOpen(schedule, new Date(atMs))) break;
          openedMs = atMs;
        }
        const isLong = openedMs === null || now.getTime() - openedMs >= rampSeconds * 1000;
        expect(rampInForce(schedule, rampSeconds, now)?.openedAtMs ?? null).toBe(isLong ? null : openedMs);
      }),
    );
  });

  it('is not looked for where the ramp is off', () => {
    expect(rampInForce(OFFICE, 0, new Date(OPENED_MS))).toBeNull();
  });
});

describe('the share of the rate', () => {
  it('rises evenly from a fifth to the whole', () => {
    const shares = [-1, 0, 15, 30, 60, 90].map((second) => rampShare(MINUTE_RAMP, OPENED_MS + second * 1000));
    expect(shares).toEqual([0.2, 0.2, expect.closeTo(0.4, 9), expect.closeTo(0.6, 9), 1, 1]);
  });

  it('is what the counted time adds up to, and each instant of it is found again', () => {
    fc.assert(
      fc.property(ramps, fc.integer({ min: -100_000, max: 7_200_000 }), (ramp, afterMs) => {
        const atMs = OPENED_MS + afterMs;
        expect(instantOfRamped(ramp, rampedMs(ramp, atMs))).toBeCloseTo(atMs, 2);
        if (afterMs < 0) return;
        const grewMs = rampedMs(ramp, atMs + 1) - rampedMs(ramp, atMs);
        expect(grewMs).toBeGreaterThan(rampShare(ramp, atMs) - 1e-6);
        expect(grewMs).toBeLessThan(rampShare(ramp, atMs + 1) + 1e-6);
      }),
    );
  });
});

describe('a campaign whose hours have just opened', () => {
  it('never starts more than the share of its rate comes to, nor than its rate in any minute, however it is asked', () => {
    const gaps = fc.array(fc.oneof(fc.nat(50), fc.nat(1_500), fc.nat(40_000)), { maxLength: 200 });
    fc.assert(
      fc.property(ramps, fc.integer({ min: 1, max: 900 }), gaps, (ramp, callsPerMinute, gapsMs) => {
        const pace = paceOf(callsPerMinute, ramp);
        let atMs = OPENED_MS;
        const asked = gapsMs.map((gapMs) => (atMs += gapMs));
        // The hours of the day before ended with a full second's worth.
        const went = starts(pace, asked, OPENED_MS - 1);
        went.forEach((startAtMs, index) => {
          expect(index).toBeLessThanOrEqual(rampedMs(ramp, startAtMs) / pace.intervalMs + 1e-6);
          const over = went[index + callsPerMinute];
          if (over !== undefined) expect(over - startAtMs).toBeGreaterThanOrEqual(60_000 - 1e-3);
        });
      }),
    );
  });

  it('starts all that the share comes to, asked four times a second', () => {
    const house = { trunkCallsPerSecond: 50, rampSeconds: 60 };
    const campaign = { ...OFFICE, maxCallsPerMinute: null, rampSeconds: null };
    const pace = paceNow(campaign, house, new Date(OPENED_MS)) as CampaignPace;
    const asked = Array.from({ length: 4 * 60 }, (_, quarter) => OPENED_MS + quarter * 250);
    const went = starts(pace, asked);
    const inSecond = (second: number) =>
      went.filter((atMs) => Math.floor((atMs - OPENED_MS) / 1000) === second).length;
    expect(inSecond(0)).toBeGreaterThanOrEqual(8);
    expect(inSecond(0)).toBeLessThanOrEqual(11);
    expect(inSecond(30)).toBeGreaterThanOrEqual(28);
    expect(inSecond(30)).toBeLessThanOrEqual(31);
    expect(inSecond(59)).toBeGreaterThanOrEqual(47);
    expect(went.length / (0.6 * 60 * 50)).toBeGreaterThan(0.97);
  });

  it('has its own ramp before the house’s, its own pace to rise to, and neither once it is over', () => {
    const house = { trunkCallsPerSecond: 50, rampSeconds: 60 };
    const campaign = { ...OFFICE, maxCallsPerMinute: null, rampSeconds: null };
    const later = new Date(OPENED_MS + 90_000);
    const soon = new Date(OPENED_MS + 1_000);
    expect(paceNow(campaign, house, later)).toBeNull();
    expect(paceNow({ ...campaign, rampSeconds: 120 }, house, later)?.ramp?.endsAtMs).toBe(
      OPENED_MS + 120_000,
    );
    expect(paceNow({ ...campaign, rampSeconds: 0 }, house, soon)).toBeNull();
    expect(paceNow({ ...campaign, maxCallsPerMinute: 6 }, house, soon)).toEqual(paceOf(6, MINUTE_RAMP));
    expect(paceNow({ ...campaign, maxCallsPerMinute: 6 }, house, later)).toEqual(paceOf(6));
  });
});
