import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localDate } from './calling-window.js';
import { reportingPeriods, type ReportingPeriods } from './reporting-periods.js';

const NOW = new Date('2026-11-26T20:00:00Z');
const HOUR_MS = 3_600_000;

/** Ordinary, of half and quarter hours, with clocks that change by half an hour or at midnight, and a day that never was. */
const ZONES = [
  ...['UTC', 'America/New_York', 'Europe/Lisbon', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe'],
  ...['America/Santiago', 'Africa/Cairo', 'Pacific/Chatham', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'],
];

function periodsOf(zone: string, from: string, to: string, by: 'day' | 'hour') {
  const asked = reportingPeriods(zone, { from, to, by }, NOW);
  if (asked.kind !== 'periods') throw new Error(asked.kind);
  return asked;
}

describe('reporting periods', () => {
  it('are all of their days without gap or overlap, each begun as the clock strikes', () => {
    const dates = fc.date({ min: new Date('2010-01-01'), max: new Date('2037-12-01'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), dates, fc.nat(30), (zone, first, days) => {
        const from = first.toISOString().slice(0, 10);
        const to = new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);
        const byHour = periodsOf(zone, from, to, 'hour');
        const byDay = periodsOf(zone, from, to, 'day');
        expect(byHour.endsMs).toBe(byDay.endsMs);
        expect(byHour.periods[0]?.startsMs).toBe(byDay.periods[0]?.startsMs);
        for (const [nth, { startsMs, date }] of byHour.periods.entries()) {
          const endsMs = byHour.periods[nth + 1]?.startsMs ?? byHour.endsMs;
          expect(endsMs - startsMs).toBeGreaterThan(0);
          expect(endsMs - startsMs).toBeLessThanOrEqual(HOUR_MS);
          expect(localDate(zone, new Date(startsMs))).toBe(date);
          expect(localDate(zone, new Date(endsMs - 1))).toBe(date);
        }
        const starts = new Map(byDay.periods.map(({ startsMs, date }) => [startsMs, date]));
        for (const { startsMs } of byDay.periods)
          expect(localDate(zone, new Date(startsMs - 1))).not.toBe(starts.get(startsMs));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['a day of 23 hours', 'America/New_York', '2026-03-08', 23],
    ['a day of 25 hours', 'America/New_York', '2026-11-01', 25],
    ['a clock put back by half an hour, whose hour is told in two', 'Australia/Lord_Howe', '2026-04-05', 25],
    ['a day that begins at one', 'America/Santiago', '2026-09-06', 23],
  ])('know %s', (_, zone, date, hours) => {
    expect(periodsOf(zone, date, date, 'hour').periods).toHaveLength(hours);
  });

  it.each<[string, Parameters<typeof reportingPeriods>[1], Partial<ReportingPeriods>]>([
    ['nothing: all there ever was', {}, { kind: 'everything' }],
    // It is the 27th in Tokyo.
    ['days: the last 31', { by: 'day' }, { from: '2026-10-28', to: '2026-11-27' }],
    ['hours: those of the last 7 days', { by: 'hour' }, { from: '2026-11-21', to: '2026-11-27' }],
    ['a beginning: up to today', { from: '2026-11-01' }, { from: '2026-11-01', to: '2026-11-27' }],
    ['an end: the 31 days to it', { to: '2026-03-31' }, { from: '2026-03-01', to: '2026-03-31' }],
    ['a leap year', { from: '2024-01-01', to: '2024-12-31' }, { kind: 'periods' }],
    ['a day more than a year', { from: '2024-01-01', to: '2025-01-01' }, { kind: 'invalid', field: 'to' }],
    ['32 days of hours', { from: '2026-01-01', to: '2026-02-01', by: 'hour' }, { kind: 'invalid' }],
    [
      'an end before the beginning',
      { from: '2026-01-02', to: '2026-01-01' },
      { kind: 'invalid', field: 'to' },
    ],
    ['a beginning tomorrow', { from: '2026-11-28' }, { kind: 'invalid', field: 'from' }],
  ])('of %s', (_, asked, told) => {
    expect(reportingPeriods('Asia/Tokyo', asked, NOW)).toMatchObject(told);
  });
});
