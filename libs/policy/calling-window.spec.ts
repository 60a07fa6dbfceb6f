import { describe, expect, it } from 'vitest';
import { closesAt, isOpen, isOver, localDate, nextOpening, type CallingSchedule } from './calling-window.js';
import { commonClosing, nextCommonOpening } from './open-together.js';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

const scheduleOf = (
  timezone: string,
  hours: string[],
  rest: Partial<CallingSchedule> = {},
): CallingSchedule => ({
  timezone,
  startDate: '2000-01-01',
  endDate: null,
  daysOfWeek: EVERY_DAY,
  callTimeRanges: hours.map((range) => ({ start: range.split('-')[0]!, end: range.split('-')[1]! })),
  ...rest,
});
const nextIso = (schedule: CallingSchedule, from: string) =>
  nextOpening(schedule, new Date(from))?.toISOString() ?? null;
const closesIso = (schedule: CallingSchedule, at: string) =>
  closesAt(schedule, new Date(at))?.toISOString() ?? null;

describe('an opening around a change of the clock', () => {
  const fridays = { daysOfWeek: [5] };
  it.each([
    // Zone, hours, from → opens, closes.
    [
      'New York gap',
      'America/New_York',
      '02:30-03:30',
      '2027-03-14T05:00Z',
      '2027-03-14T07:00Z',
      '2027-03-14T07:30Z',
    ],
    [
      'New York gap',
      'America/New_York',
      '02:00-03:00',
      '2027-03-14T05:00Z',
      '2027-03-15T06:00Z',
      '2027-03-15T07:00Z',
    ],
    [
      'New York overlap, first pass',
      'America/New_York',
      '01:15-01:45',
      '2027-11-07T04:00Z',
      '2027-11-07T05:15Z',
      '2027-11-07T05:45Z',
    ],
    [
      'New York overlap, second pass',
      'America/New_York',
      '01:15-01:45',
      '2027-11-07T05:45Z',
      '2027-11-07T06:15Z',
      '2027-11-07T06:45Z',
    ],
    [
      'New York overlap, an hour of two',
      'America/New_York',
      '01:00-02:00',
      '2027-11-07T04:00Z',
      '2027-11-07T05:00Z',
      '2027-11-07T07:00Z',
    ],
    [
      'Lord Howe half-hour gap',
      'Australia/Lord_Howe',
      '02:15-02:45',
      '2027-10-02T12:00Z',
      '2027-10-02T15:30Z',
      '2027-10-02T15:45Z',
    ],
    [
      'Santiago midnight gap',
      'America/Santiago',
      '00:30-02:00',
      '2027-09-05T03:00Z',
      '2027-09-05T04:00Z',
      '2027-09-05T05:00Z',
    ],
    [
      'Santiago overlap before midnight',
      'America/Santiago',
      '23:00-24:00',
      '2027-04-04T01:00Z',
      '2027-04-04T02:00Z',
      '2027-04-04T04:00Z',
    ],
    [
      'Cairo midnight gap',
      'Africa/Cairo',
      '00:15-01:30',
      '2024-04-25T20:00Z',
      '2024-04-25T22:00Z',
      '2024-04-25T22:30Z',
    ],
    [
      'Apia has no 30 December 2011',
      'Pacific/Apia',
      '09:00-10:00',
      '2011-12-29T22:00Z',
      '2012-01-05T19:00Z',
      '2012-01-05T20:00Z',
      fridays,
    ],
    [
      'Apia, the day before',
      'Pacific/Apia',
      '09:00-24:00',
      '2011-12-29T22:00Z',
      '2011-12-29T22:00Z',
      '2011-12-30T10:00Z',
      { daysOfWeek: [4] },
    ],
    [
      'Kathmandu',
      'Asia/Kathmandu',
      '09:00-10:00',
      '2027-01-04T00:00Z',
      '2027-01-04T03:15Z',
      '2027-01-04T04:15Z',
    ],
    [
      'São Paulo, summer time given up',
      'America/Sao_Paulo',
      '09:00-10:00',
      '2027-01-04T00:00Z',
      '2027-01-04T12:00Z',
      '2027-01-04T13:00Z',
    ],
    [
      'Vancouver after 2026',
      'America/Vancouver',
      '09:00-10:00',
      '2026-12-15T00:00Z',
      '2026-12-15T16:00Z',
      '2026-12-15T17:00Z',
    ],
    [
      'Edmonton after 2026',
      'America/Edmonton',
      '09:00-10:00',
      '2026-12-15T00:00Z',
      '2026-12-15T15:00Z',
      '2026-12-15T16:00Z',
    ],
    [
      'Casablanca after 2026',
      'Africa/Casablanca',
      '09:00-10:00',
      '2026-12-15T00:00Z',
      '2026-12-15T09:00Z',
      '2026-12-15T10:00Z',
    ],
  ])('%s: %s %s', (_case, zone, hours, from, opens, closes, rest: Partial<CallingSchedule> = {}) => {
    const schedule = scheduleOf(zone, [hours], rest);
    expect(nextIso(schedule, from)).toBe(new Date(opens).toISOString());
    expect(closesIso(schedule, opens)).toBe(new Date(closes).toISOString());
  });
});

describe('the bounds of a range', () => {
  const schedule = scheduleOf('Europe/London', ['09:00-12:00', '13:00-17:00']);

  it('include its first millisecond and not its end', () => {
    expect(isOpen(schedule, new Date('2027-01-04T08:59:59.999Z'))).toBe(false);
    expect(isOpen(schedule, new Date('2027-01-04T09:00:00.000Z'))).toBe(true);
    expect(isOpen(schedule, new Date('2027-01-04T11:59:59.999Z'))).toBe(true);
    expect(isOpen(schedule, new Date('2027-01-04T12:00:00.000Z'))).toBe(false);
    expect(closesIso(schedule, '2027-01-04T11:59:59.999Z')).toBe('2027-01-04T12:00:00.000Z');
    expect(closesIso(schedule, '2027-01-04T12:00:00.000Z')).toBeNull();
  });

  it('leave an instant inside as it is, to the millisecond', () => {
    expect(nextIso(schedule, '2027-01-04T09:00:00.001Z')).toBe('2027-01-04T09:00:00.001Z');
    expect(nextIso(schedule, '2027-01-04T12:00:00.000Z')).toBe('2027-01-04T13:00:00.000Z');
    expect(nextIso(schedule, '2027-01-04T17:00:00.000Z')).toBe('2027-01-05T09:00:00.000Z');
  });

  it('merge where ranges touch or overlap, in any order', () => {
    const merged = scheduleOf('Europe/London', ['13:00-15:00', '09:00-11:00', '11:00-12:00', '11:30-13:00']);
    expect(closesIso(merged, '2027-01-04T09:00Z')).toBe('2027-01-04T15:00:00.000Z');
  });

  it('go on over midnight when 24:00 meets 00:00 of an open day', () => {
    const night = scheduleOf('Europe/London', ['22:00-24:00', '00:00-06:00'], { daysOfWeek: [1, 2] });
    expect(closesIso(night, '2027-01-04T22:00Z')).toBe('2027-01-05T06:00:00.000Z');
    // Tuesday night ends with Tuesday: the range of Wednesday morning is not open.
    expect(closesIso(night, '2027-01-05T22:00Z')).toBe('2027-01-06T00:00:00.000Z');
  });

  it('answer 24 elapsed hours for a window that is open for longer', () => {
    const always = scheduleOf('America/New_York', ['00:00-24:00']);
    expect(closesIso(always, '2027-03-14T05:00Z')).toBe('2027-03-15T05:00:00.000Z');
    expect(closesIso(always, '2027-11-07T04:00Z')).toBe('2027-11-08T04:00:00.000Z');
  });
});

describe('the dates of a schedule', () => {
  const march = scheduleOf('Pacific/Auckland', ['09:00-10:00'], {
    startDate: '2027-03-01',
    endDate: '2027-03-31',
  });

  it('include the first and the last day, read in its zone', () => {
    expect(nextIso(march, '2027-01-01T00:00Z')).toBe('2027-02-28T20:00:00.000Z');
    expect(nextIso(march, '2027-03-30T20:59:59.999Z')).toBe('2027-03-30T20:59:59.999Z');
    expect(nextIso(march, '2027-03-30T21:00Z')).toBeNull();
  });

  it('are over from the first instant after the last day', () => {
    expect(isOver(march, new Date('2027-03-31T10:59:59.999Z'))).toBe(false);
    expect(isOver(march, new Date('2027-03-31T11:00:00.000Z'))).toBe(true);
    expect(isOver({ ...march, endDate: null }, new Date('2099-01-01T00:00Z'))).toBe(false);
  });

  it('are not over while a clock turned back past midnight still brings the last day again', () => {
    // In St John's, on 7 November 2010, one minute past midnight became one minute past eleven of the 6th.
    const toThe6th = scheduleOf('America/St_Johns', ['23:30-24:00'], { endDate: '2010-11-06' });
    expect(localDate('America/St_Johns', new Date('2010-11-07T02:30:30Z'))).toBe('2010-11-07');
    expect(isOver(toThe6th, new Date('2010-11-07T02:30:30Z'))).toBe(false);
    expect(nextIso(toThe6th, '2010-11-07T02:30:30Z')).toBe('2010-11-07T03:00:00.000Z');
    expect(isOver(toThe6th, new Date('2010-11-07T03:30:00Z'))).toBe(true);
  });

  it('leave out holidays, also one in the middle of a continuous opening', () => {
    const xmas = scheduleOf('Europe/London', ['00:00-24:00'], { holidays: ['2026-12-25', '2026-12-26'] });
    expect(closesIso(xmas, '2026-12-24T12:00Z')).toBe('2026-12-25T00:00:00.000Z');
    expect(nextIso(xmas, '2026-12-25T00:00Z')).toBe('2026-12-27T00:00:00.000Z');
  });

  it.each([
    ['2026-12-31T23:59:59.999Z', 'Europe/London', '2026-12-31'],
    ['2026-12-31T23:59:59.999Z', 'Asia/Kathmandu', '2027-01-01'],
    ['2011-12-30T09:59:59.999Z', 'Pacific/Apia', '2011-12-29'],
    ['2011-12-30T10:00:00.000Z', 'Pacific/Apia', '2011-12-31'],
    ['0999-12-31T23:00:00.000Z', 'UTC', '0999-12-31'],
  ])('%s in %s is %s', (at, zone, date) => {
    expect(localDate(zone, new Date(at))).toBe(date);
  });
});

describe('a schedule that never opens', () => {
  const from = '2027-01-04T00:00Z';
  it.each<[string, Partial<CallingSchedule>]>([
    ['no Sunday between the dates', { startDate: '2027-01-04', endDate: '2027-01-09', daysOfWeek: [7] }],
    [
      'only holidays',
      { startDate: '2027-01-04', endDate: '2027-01-05', holidays: ['2027-01-04', '2027-01-05'] },
    ],
    ['an end before the start', { startDate: '2027-01-04', endDate: '2027-01-03' }],
    ['an end in the past', { endDate: '2026-12-31' }],
    ['no weekday', { daysOfWeek: [] }],
    ['no such weekday', { daysOfWeek: [0, 8, 33] }],
    ['no range', { callTimeRanges: [] }],
    ['an empty range', { callTimeRanges: [{ start: '09:00', end: '09:00' }] }],
    ['a range across midnight', { callTimeRanges: [{ start: '22:00', end: '06:00' }] }],
    [
      'only the gap of one day',
      { startDate: '2027-03-28', endDate: '2027-03-28', callTimeRanges: [{ start: '01:00', end: '02:00' }] },
    ],
    ['an end long after the horizon', { endDate: '9999-12-31', daysOfWeek: [] }],
  ])('has no next opening: %s', (_case, rest) => {
    expect(nextOpening(scheduleOf('Europe/London', ['09:00-10:00'], rest), new Date(from))).toBeNull();
  });

  it('is told from one that opens only after years of holidays', () => {
    const mondays = Array.from({ length: 300 }, (_, week) =>
      new Date(Date.UTC(2027, 0, 4 + 7 * week)).toISOString().slice(0, 10),
    );
    const schedule = scheduleOf('UTC', ['09:00-10:00'], { daysOfWeek: [1], holidays: mondays });
    expect(nextIso(schedule, from)).toBe(new Date(Date.UTC(2027, 0, 4 + 7 * 300, 9)).toISOString());
  });

  it('is told from one that starts far ahead', () => {
    const schedule = scheduleOf('UTC', ['09:00-10:00'], { startDate: '2036-06-01' });
    expect(nextIso(schedule, from)).toBe('2036-06-01T09:00:00.000Z');
  });
});

describe('the ends of time', () => {
  const LAST_MS = 8_640_000_000_000_000;
  const always = scheduleOf('Pacific/Kiritimati', ['00:00-24:00'], { startDate: '0000-01-01' });
  const whole = { ...always, endDate: '9999-12-31' };

  it('are years like others from 0 to 9999', () => {
    const utc = { ...whole, timezone: 'UTC' };
    expect(nextIso(utc, '-000001-12-31T23:59:59.999Z')).toBe('0000-01-01T00:00:00.000Z');
    expect(closesIso(utc, '9999-12-31T12:00Z')).toBe('+010000-01-01T00:00:00.000Z');
    expect(nextIso(utc, '+010000-01-01T00:00Z')).toBeNull();
    expect(isOver(utc, new Date('9999-12-31T23:59:59.999Z'))).toBe(false);
    expect(isOver(utc, new Date('+010000-01-01T00:00Z'))).toBe(true);
    expect(nextIso({ ...utc, startDate: '9999-12-31' }, '1970-01-01T00:00Z')).toBe(
      '9999-12-31T00:00:00.000Z',
    );
  });

  it.each([-LAST_MS, -LAST_MS + 1, LAST_MS - 1, LAST_MS])(
    'answer at %d, the first and last there are',
    (ms) => {
      const at = new Date(ms);
      for (const schedule of [always, whole, { ...always, timezone: 'Pacific/Pago_Pago', daysOfWeek: [1] }]) {
        for (const answer of [
          nextOpening(schedule, at),
          closesAt(schedule, at),
          nextCommonOpening([[schedule], [always]], at),
          commonClosing([[schedule], [always]], at),
        ]) {
          if (answer !== null) expect(answer.getTime()).not.toBeNaN();
          if (answer !== null) expect(answer.getTime()).toBeGreaterThanOrEqual(ms);
        }
        expect(isOver(schedule, at)).toBe(schedule.endDate !== null && ms > 0);
        expect(localDate(schedule.timezone, at)).toMatch(/^[+-]\d{6}-\d\d-\d\d$/);
      }
    },
  );

  it('have no opening after the last instant', () => {
    const mornings = scheduleOf('UTC', ['09:00-10:00']);
    expect(nextOpening(mornings, new Date(LAST_MS - 12 * 3_600_000))).toBeNull();
    expect(nextCommonOpening([[mornings], [always]], new Date(LAST_MS - 12 * 3_600_000))).toBeNull();
  });
});

describe('what cannot be read', () => {
  const good = scheduleOf('Europe/London', ['09:00-10:00']);
  it.each<[string, Partial<CallingSchedule>]>([
    ['Unknown time zone', { timezone: 'Europe/Lundon' }],
    ['Not a date', { startDate: '2027-1-4' }],
    ['Not a date', { endDate: '2027-02-30' }],
    ['Not a date', { holidays: ['25 Dec'] }],
    ['Not a time of day', { callTimeRanges: [{ start: '9:00', end: '10:00' }] }],
    ['Not a time of day', { callTimeRanges: [{ start: '09:00', end: '24:01' }] }],
  ])('throws rather than opens: %s %j', (message, fault) => {
    const schedule = { ...good, ...fault };
    const at = new Date('2027-01-04T09:30Z');
    for (const ask of [isOpen, nextOpening, closesAt, isOver])
      expect(() => ask(schedule, at)).toThrow(message);
  });

  it('includes an invalid Date', () => {
    const ask = [isOpen, nextOpening, closesAt, isOver];
    for (const question of ask) expect(() => question(good, new Date(Number.NaN))).toThrow('Not an instant');
    expect(() => localDate('UTC', new Date(Number.NaN))).toThrow('Not an instant');
  });
});
