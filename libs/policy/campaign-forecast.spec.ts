import { describe, expect, it } from 'vitest';
import { forecast, paceLately, type ForecastFacts } from './campaign-forecast.js';
import { OFFICE_HOURS } from './facts-under-test.js';

/** A Friday, an hour before the hours close. */
const NOW = new Date('2026-11-27T16:00:00Z');

const FACTS: ForecastFacts = {
  now: NOW,
  schedule: {
    ...OFFICE_HOURS,
    callTimeRanges: [
      { start: '09:00', end: '12:00' },
      { start: '13:00', end: '17:00' },
    ],
  },
  waiting: 300,
  maxRetries: 3,
  dials: 0,
  finished: 0,
  startsPerMinute: 10,
};

describe('the forecast of a campaign', () => {
  it.each<[string, Partial<ForecastFacts>, string, number]>([
    ['ends within these hours', {}, '2026-11-27T16:30:00.000Z', 30],
    ['ends as they close', { waiting: 600 }, '2026-11-27T17:00:00.000Z', 60],
    ['goes on when they open again, after a weekend', { waiting: 900 }, '2026-11-30T09:30:00.000Z', 90],
    ['leaves out the noon', { waiting: 600 + 1_801 }, '2026-11-30T13:00:06.000Z', 240.1],
    ['takes more dials where calls took more', { dials: 599, finished: 299 }, '2026-11-27T17:00:00.000Z', 60],
    [
      'takes no more dials than retries allow',
      { waiting: 100, maxRetries: 1, dials: 900 },
      '2026-11-27T16:20:00.000Z',
      20,
    ],
    ['takes one dial at least', { dials: 3, finished: 9 }, '2026-11-27T16:30:00.000Z', 30],
  ])('%s', (_, change, endsAt, openMinutes) => {
    const reckoned = forecast({ ...FACTS, ...change });
    expect(reckoned).toMatchObject({ kind: 'reckoned', left: 0 });
    if (reckoned.kind !== 'reckoned') return;
    expect(reckoned.endsAt?.toISOString()).toBe(endsAt);
    expect(reckoned.openMinutes).toBeCloseTo(openMinutes, 6);
  });

  it('begins to count when closed hours open', () => {
    const saturday = new Date('2026-11-28T10:00:00Z');
    expect(forecast({ ...FACTS, now: saturday })).toMatchObject({
      openMinutes: 30,
      endsAt: new Date('2026-11-30T09:30:00Z'),
    });
  });

  it('says how many calls are left where the last day comes first', () => {
    const schedule = { ...FACTS.schedule, endDate: '2026-11-30' };
    // An hour today and seven on Monday, of the sixteen that it would take.
    expect(forecast({ ...FACTS, schedule, waiting: 9_600 })).toMatchObject({ endsAt: null, left: 4_800 });
  });

  it('names no day beyond a year, and calls nothing left for it', () => {
    expect(forecast({ ...FACTS, startsPerMinute: 0.001 })).toMatchObject({ endsAt: null, left: 0 });
  });

  it('is none without a pace, and none where nothing waits', () => {
    expect(forecast({ ...FACTS, startsPerMinute: 0 })).toEqual({ kind: 'no_pace' });
    expect(forecast({ ...FACTS, waiting: 0, startsPerMinute: 0 })).toEqual({ kind: 'nothing_waits' });
  });
});

describe('the pace lately', () => {
  const minute = NOW.getTime() / 60_000;
  const at = new Date(NOW.getTime() + 30_000);

  it.each<[string, [number, number][], number]>([
    ['is 0 where nothing was started', [], 0],
    ['forgets what is older than five minutes', [[minute - 5, 900]], 0],
    [
      'is over the minutes there were',
      [
        [minute - 4, 45],
        [minute - 2, 45],
      ],
      20,
    ],
    [
      'is since the first start',
      [
        [minute - 1, 30],
        [minute, 15],
      ],
      30,
    ],
    ['takes a first half minute for a whole one', [[minute, 15]], 15],
  ])('%s', (_, starts, pace) => {
    expect(paceLately(new Map(starts), at)).toBe(pace);
  });
});
