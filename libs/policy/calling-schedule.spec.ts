import { describe, expect, it } from 'vitest';
import { compiled, type CallingSchedule } from './calling-schedule.js';
import { isOpen, nextOpening } from './calling-window.js';

const OPENS = new Date('2027-01-04T09:00:00Z'); // a Monday

const mornings = (change: Partial<CallingSchedule> = {}): CallingSchedule => ({
  timezone: 'Europe/London',
  startDate: '2027-01-01',
  endDate: null,
  daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
  callTimeRanges: [{ start: '09:00', end: '10:00' }],
  ...change,
});

describe('a schedule already asked about', () => {
  it.each<[keyof CallingSchedule, Partial<CallingSchedule>]>([
    ['timezone', { timezone: 'Europe/Berlin' }],
    ['startDate', { startDate: '2027-01-05' }],
    ['endDate', { endDate: '2027-01-03' }],
    ['daysOfWeek', { daysOfWeek: [2] }],
    ['callTimeRanges', { callTimeRanges: [{ start: '10:00', end: '11:00' }] }],
    ['holidays', { holidays: ['2027-01-04'] }],
  ])('is read anew when it is given another %s', (_, change) => {
    const schedule = mornings();
    expect(isOpen(schedule, OPENS)).toBe(true);
    Object.assign(schedule, change);
    expect(isOpen(schedule, OPENS)).toBe(false);
    Object.assign(schedule, mornings(), { holidays: undefined });
    expect(isOpen(schedule, OPENS)).toBe(true);
  });

  it('is not read again while its values stay, for every decision asks it', () => {
    const schedule = mornings();
    expect(compiled(schedule)).toBe(compiled(schedule));
  });
});

describe('the hours of a schedule', () => {
  it('may be named in any order', () => {
    const ranges = ['15:00-16:00', '09:00-10:00', '12:00-13:00'].map((range) => range.split('-'));
    const schedule = mornings({ callTimeRanges: ranges.map(([start = '', end = '']) => ({ start, end })) });
    const opensFrom = (time: string) => nextOpening(schedule, new Date(`2027-01-04T${time}Z`));
    expect(opensFrom('08:00')).toEqual(OPENS);
    expect(opensFrom('10:00')).toEqual(new Date('2027-01-04T12:00:00Z'));
    expect(opensFrom('13:00')).toEqual(new Date('2027-01-04T15:00:00Z'));
  });

  it.each([
    '9:00',
    '29:00',
    '24:01',
    '09:60',
    '0a:00',
    '09:0b',
    '2:30',
    '109:00',
    '09:000',
    '24:000',
    '124:00',
    '',
  ])('are refused by what they are when they are no time of day: %j', (time) => {
    const message = `Not a time of day (HH:MM): ${JSON.stringify(time)}`;
    expect(() => isOpen(mornings({ callTimeRanges: [{ start: time, end: '24:00' }] }), OPENS)).toThrow(
      message,
    );
    expect(() => isOpen(mornings({ callTimeRanges: [{ start: '00:00', end: time }] }), OPENS)).toThrow(
      message,
    );
  });

  it.each(['00:00', '09:59', '19:30', '20:00', '23:59'])('begin at any minute of a day: %s', (start) => {
    const schedule = mornings({ callTimeRanges: [{ start, end: '24:00' }] });
    expect(nextOpening(schedule, new Date('2027-01-04T00:00Z'))).toEqual(new Date(`2027-01-04T${start}:00Z`));
  });
});

describe('the days of a schedule', () => {
  it.each(['2027-1-4', '2027-02-30', '25 Dec', ''])(
    'are refused by what they are when they are no date: %j',
    (date) => {
      const message = `Not a date (YYYY-MM-DD): ${JSON.stringify(date)}`;
      for (const change of [{ startDate: date }, { endDate: date }, { holidays: [date] }]) {
        expect(() => isOpen(mornings(change), OPENS)).toThrow(message);
      }
    },
  );

  it('are the weekdays from 1 to 7 alone, whatever else is named', () => {
    expect(isOpen(mornings({ daysOfWeek: [1] }), OPENS)).toBe(true);
    expect(isOpen(mornings({ daysOfWeek: [-31, 0, 8, 33] }), OPENS)).toBe(false);
  });
});
