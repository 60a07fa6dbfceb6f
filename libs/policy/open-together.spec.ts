import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOpen, type CallingSchedule } from './calling-window.js';
import { areOpen, commonClosing, nextCommonOpening, type WallClock } from './open-together.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

function hours(timezone: string, range: string, rest: Partial<CallingSchedule> = {}): CallingSchedule {
  const [start = '', end = ''] = range.split('-');
  return {
    timezone,
    startDate: '2026-01-01',
    endDate: null,
    daysOfWeek: EVERY_DAY,
    callTimeRanges: [{ start, end }],
    ...rest,
  };
}

const at = (time: string) => new Date(time);
const opening = (clocks: WallClock[], from: string) => nextCommonOpening(clocks, at(from))?.toISOString();
const closing = (clocks: WallClock[], from: string) => commonClosing(clocks, at(from))?.toISOString();

describe('hours of several clocks', () => {
  it.each<[string, WallClock[], string, string | undefined]>([
    [
      'three zones leave the middle of the day',
      ['America/New_York', 'America/Chicago', 'America/Los_Angeles'].map((zone) => [
        hours(zone, '09:00-17:00'),
      ]),
      '2026-11-23T00:00:00.000Z',
      '2026-11-23T17:00:00.000Z',
    ],
    [
      'an instant at which all are open is the answer itself',
      [[hours('UTC', '09:00-17:00')], [hours('Europe/Paris', '09:00-17:00')]],
      '2026-11-23T10:11:12.345Z',
      '2026-11-23T10:11:12.345Z',
    ],
    [
      'a clock opens with the first of its schedules',
      [[hours('UTC', '15:00-16:00'), hours('UTC', '12:00-13:00'), hours('UTC', '18:00-19:00')]],
      '2026-11-23T10:00:00.000Z',
      '2026-11-23T12:00:00.000Z',
    ],
    [
      'of which one may never open again',
      [[hours('UTC', '12:00-13:00', { endDate: '2026-11-01' }), hours('UTC', '15:00-16:00')]],
      '2026-11-23T10:00:00.000Z',
      '2026-11-23T15:00:00.000Z',
    ],
    [
      'weekdays of one and dates of another',
      [
        [hours('UTC', '09:00-17:00', { daysOfWeek: [3] })],
        [hours('UTC', '12:00-13:00', { startDate: '2026-12-03' })],
      ],
      '2026-11-23T10:00:00.000Z',
      '2026-12-09T12:00:00.000Z',
    ],
    [
      'one that is over',
      [[hours('UTC', '09:00-17:00')], [hours('UTC', '09:00-17:00', { endDate: '2026-11-22' })]],
      '2026-11-23T10:00:00.000Z',
      undefined,
    ],
    ['a clock without hours', [[hours('UTC', '09:00-17:00')], []], '2026-11-23T10:00:00.000Z', undefined],
    ['no clock holds nothing', [], '2026-11-23T10:00:00.000Z', '2026-11-23T10:00:00.000Z'],
  ])('open together: %s', (_, clocks, from, opens) => {
    expect(opening(clocks, from)).toBe(opens);
  });

  it('are looked for as far as 400 days from the first that any of them waits for, and no farther', () => {
    const first = hours('UTC', '00:00-24:00', { startDate: '2027-01-01' });
    const meetingOn = (startDate: string) =>
      opening([[first], [hours('UTC', '00:00-24:00', { startDate })]], '2026-11-23T00:00:00.000Z');
    expect(meetingOn('2028-02-05')).toBe('2028-02-05T00:00:00.000Z');
    expect(meetingOn('2028-02-06')).toBeUndefined();
    // A start far ahead is no meeting that never comes.
    expect(opening([[{ ...first, startDate: '2036-01-01' }]], '2026-11-23T00:00:00.000Z')).toBe(
      '2036-01-01T00:00:00.000Z',
    );
  });

  it('that never meet are told at once', () => {
    const apart = [[hours('UTC', '09:00-10:00')], [hours('UTC', '10:00-11:00')]];
    expect(opening(apart, '2026-11-23T09:30:00.000Z')).toBeUndefined();
  });

  it.each<[string, WallClock[], string | undefined]>([
    [
      'with the first of the clocks that closes, whichever it is',
      [[hours('UTC', '09:00-17:00')], [hours('UTC', '09:00-15:00')], [hours('UTC', '09:00-16:00')]],
      '2026-11-23T15:00:00.000Z',
    ],
    [
      'with the last of the schedules of one clock',
      [[hours('UTC', '09:00-15:00'), hours('UTC', '09:00-17:00'), hours('UTC', '09:00-16:00')]],
      '2026-11-23T17:00:00.000Z',
    ],
    [
      'where one schedule goes on where another ends',
      [
        [
          hours('UTC', '09:00-13:00', { daysOfWeek: [1] }),
          hours('UTC', '13:00-24:00', { daysOfWeek: [1] }),
          hours('UTC', '00:00-08:00', { daysOfWeek: [2] }),
        ],
      ],
      '2026-11-24T08:00:00.000Z',
    ],
    [
      'after a day, elapsed, at the latest',
      [[hours('UTC', '00:00-24:00')], [hours('UTC', '12:00-24:00'), hours('UTC', '00:00-12:30')]],
      '2026-11-24T12:00:00.000Z',
    ],
    [
      'never, where one is closed already',
      [[hours('UTC', '09:00-17:00')], [hours('UTC', '13:00-17:00')]],
      undefined,
    ],
    ['never, where there is no clock', [], undefined],
  ])('close %s', (_, clocks, closes) => {
    expect(closing(clocks, '2026-11-23T12:00:00.000Z')).toBe(closes);
  });
});

describe('hours of several clocks, whatever they are', () => {
  const zones = fc.constantFrom(
    'America/New_York',
    'America/Chicago',
    'Europe/London',
    'Asia/Kathmandu',
    'UTC',
  );
  const hhmm = (minutes: number) =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  const anySchedule = fc
    .record({
      zone: zones,
      ends: fc.uniqueArray(fc.integer({ min: 0, max: 96 }), { minLength: 2, maxLength: 2 }),
      daysOfWeek: fc.subarray(EVERY_DAY, { minLength: 3 }),
    })
    .map(({ zone, ends, daysOfWeek }) => {
      const [start = 0, end = 0] = [...ends].sort((a, b) => a - b);
      return hours(zone, `${hhmm(start * 15)}-${hhmm(end * 15)}`, { daysOfWeek });
    });
  const anyClocks = fc.array(fc.array(anySchedule, { minLength: 1, maxLength: 2 }), {
    minLength: 1,
    maxLength: 3,
  });
  const instants = fc.date({ min: at('2026-03-01'), max: at('2026-12-01'), noInvalidDate: true });

  it('are open where every one of them is, by any of its schedules', () => {
    fc.assert(
      fc.property(anyClocks, instants, (clocks, now) => {
        const each = clocks.map((clock) => clock.map((schedule) => isOpen(schedule, now)).includes(true));
        expect(areOpen(clocks, now)).toBe(!each.includes(false));
      }),
    );
  });

  it('open at no earlier instant than asked for, at none that is closed, and have nothing open before', () => {
    fc.assert(
      fc.property(anyClocks, instants, (clocks, from) => {
        const opens = nextCommonOpening(clocks, from);
        const searchedToMs = Math.min(opens?.getTime() ?? Infinity, from.getTime() + 2 * DAY_MS);
        for (let ms = from.getTime(); ms < searchedToMs; ms += 15 * MINUTE_MS) {
          expect(areOpen(clocks, new Date(ms))).toBe(false);
        }
        if (opens === null) return;
        expect(opens >= from).toBe(true);
        expect(areOpen(clocks, opens)).toBe(true);
        expect(nextCommonOpening(clocks, opens)).toEqual(opens);
        if (opens > from) expect(areOpen(clocks, new Date(opens.getTime() - 1))).toBe(false);
      }),
    );
  });

  it('stay open until they close, and are closed then, or a day has gone by', () => {
    fc.assert(
      fc.property(anyClocks, instants, (clocks, from) => {
        const opens = nextCommonOpening(clocks, from);
        if (opens === null) return;
        const closes = commonClosing(clocks, opens);
        if (closes === null) throw new Error('open hours must close, or reach the limit of a day');
        for (let ms = opens.getTime(); ms < closes.getTime(); ms += 15 * MINUTE_MS) {
          expect(areOpen(clocks, new Date(ms))).toBe(true);
        }
        expect(areOpen(clocks, new Date(closes.getTime() - 1))).toBe(true);
        const lastedMs = closes.getTime() - opens.getTime();
        expect(lastedMs).toBeLessThanOrEqual(DAY_MS);
        if (lastedMs < DAY_MS) expect(areOpen(clocks, closes)).toBe(false);
      }),
    );
  });
});
