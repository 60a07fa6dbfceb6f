import fc from 'fast-check';
import moment from 'moment-timezone';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../apps/carrier/random-stream.js';
import { clockChanges } from './clock-changes.js';
import { clockTable, isSteady } from './clock-table.js';
import { compareAround } from './comparison.js';
import { drawnSchedule } from './drawn-schedule.js';
import { openMoments } from './walk.js';
import { nextOpeningWithDayjs } from './with-dayjs.js';
import { nextOpeningWithLuxon } from './with-luxon.js';
import { closesAt, isOpen, isOver, nextOpening, type CallingSchedule } from '#policy/calling-window.js';
import { zoneDataVersion } from '#policy/zone-offsets.js';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

const hhmm = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Half-hours, a day left out, midnights left out, Ramadan, two hours at once, and laws of this year. */
const ODD_ZONES = [
  ...['Australia/Lord_Howe', 'Pacific/Apia', 'America/Santiago', 'Africa/Cairo', 'Asia/Beirut', 'Asia/Gaza'],
  ...['America/Asuncion', 'Africa/Casablanca', 'Antarctica/Troll', 'America/St_Johns', 'Asia/Kathmandu'],
  ...['Pacific/Chatham', 'Europe/Dublin', 'America/Vancouver', 'America/Edmonton'],
];

describe('against a walk over every moment of the calendar', () => {
  const changes = clockChanges(2024, 2042);

  it(
    'opens, stays open and closes at the very moment, around every change of every clock and in odd ones',
    { timeout: 300_000 },
    () => {
      const { cases, together, zones, mismatches } = compareAround(changes, {
        schedulesEach: 22,
        seed: 20261123,
      });
      expect(mismatches).toEqual([]);
      expect(cases).toBeGreaterThanOrEqual(100_000);
      expect(together).toBeGreaterThanOrEqual(5_000);
      expect(zones.size).toBeGreaterThanOrEqual(120);
      expect([...zones]).toEqual(expect.arrayContaining(ODD_ZONES));
    },
  );

  it('crowds around instants at which the clock does change, but for five clocks that stand as they are', () => {
    const standing = changes.filter(({ zone, atMs }) => isSteady(zone, atMs - 1, atMs));
    expect(standing).toHaveLength(5);
  });

  it('walks rightly itself through an hour that comes twice, which is known by heart', () => {
    const zone = 'America/New_York';
    const schedule: CallingSchedule = {
      ...{ timezone: zone, startDate: '2027-11-07', endDate: null, daysOfWeek: EVERY_DAY },
      callTimeRanges: [{ start: '01:15', end: '01:45' }],
    };
    const table = clockTable(zone, Date.parse('2027-11-07T04:00Z'), MINUTE_MS, 6 * 60);
    const open = openMoments([[{ schedule, table }]]);
    const opensAndCloses = Array.from(open.keys()).filter((i) => open[i] !== open[i - 1]);
    expect(opensAndCloses).toEqual([0, 75, 105, 135, 165]);
  });

  it('walks on clocks that show what the runtime shows, where no release since has changed the law', () => {
    expect(moment.tz.dataVersion).toBe(zoneDataVersion);
    const past = clockChanges(2019, 2025).filter(
      // 2026 brought a correction of the hour at which Moldova changed its clocks from 2022 on.
      ({ zone, atMs }, i) => i % 9 === 0 && atMs > Date.UTC(2007, 0, 1) && zone !== 'Europe/Chisinau',
    );
    expect(past.length).toBeGreaterThan(20);
    const different = past.flatMap(({ zone, atMs }) => {
      const table = clockTable(zone, atMs - DAY_MINUTES * MINUTE_MS, MINUTE_MS, 2 * DAY_MINUTES);
      const clock = new Intl.DateTimeFormat('sv-SE', {
        ...{ timeZone: zone, dateStyle: 'short', timeStyle: 'short' },
      });
      const shows = (i: number) => `${table.dates[table.dateAt[i]!]} ${hhmm(table.minuteAt[i]!)}`;
      const moments = Array.from({ length: 2 * DAY_MINUTES }, (_, i) => i);
      return moments
        .filter((i) => clock.format(table.startMs + i * MINUTE_MS) !== shows(i))
        .map((i) => `${zone} ${clock.format(table.startMs + i * MINUTE_MS)} is not ${shows(i)}`);
    });
    expect(different).toEqual([]);
  });
});

describe('against libraries, on days when no clock changes', () => {
  it.each([
    ['Luxon', nextOpeningWithLuxon, 2_000],
    ['Day.js', nextOpeningWithDayjs, 600],
  ])('%s finds the same next opening', { timeout: 120_000 }, (_name, nextOpeningWithIt, cases) => {
    const random = new RandomStream(20261123, 'libraries');
    const zones = clockChanges(2018, 2025).map(({ zone }) => zone);
    let opened = 0;
    for (let compared = 0; compared < cases;) {
      const zone = zones[Math.floor(random.between(0, zones.length))]!;
      const from = new Date(Math.floor(random.between(Date.UTC(2018, 0, 1), Date.UTC(2024, 0, 1))));
      if (!isSteady(zone, from.getTime() - DAY_MS, from.getTime() + 9 * DAY_MS)) continue;
      const table = clockTable(zone, from.getTime(), 60 * MINUTE_MS, 8 * 24);
      const drawn = drawnSchedule(random, table, from.getTime());
      const schedule: CallingSchedule = {
        ...drawn,
        endDate: drawn.endDate ?? table.dates.at(-1)!,
        // What is meant by a range that is empty, or ends before it starts, is ours to say.
        callTimeRanges: drawn.callTimeRanges.filter(({ start, end }) => start < end),
      };
      const expected = nextOpeningWithIt(schedule, from);
      compared++;
      if (expected !== null) opened++;
      expect(nextOpening(schedule, from), JSON.stringify({ schedule, from })).toEqual(expected);
    }
    expect(opened).toBeGreaterThan(cases / 3);
  });
});

describe('the next opening, of any schedule', () => {
  const anySchedule: fc.Arbitrary<CallingSchedule> = fc.record({
    timezone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
    startDate: fc.constantFrom('2026-01-01', '2027-05-05', '2029-12-31'),
    endDate: fc.constantFrom(null, null, '2027-12-31', '2030-01-01'),
    daysOfWeek: fc.subarray(EVERY_DAY, { minLength: 1 }),
    callTimeRanges: fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: DAY_MINUTES - 1 }), fc.integer({ min: 1, max: DAY_MINUTES }))
        .filter(([start, end]) => start < end)
        .map(([start, end]) => ({ start: hhmm(start), end: hhmm(end) })),
      { minLength: 1, maxLength: 3 },
    ),
    holidays: fc.constantFrom<string[]>([], ['2027-01-01', '2028-12-25']),
  });
  const anyInstant = fc.date({
    min: new Date('2026-01-01T00:00Z'),
    max: new Date('2030-06-01T00:00Z'),
    noInvalidDate: true,
  });

  it('is not before the instant asked for, is open, and has nothing open before it', () => {
    fc.assert(
      fc.property(anySchedule, anyInstant, (schedule, from) => {
        const next = nextOpening(schedule, from);
        const searchedTo = Math.min(
          next?.getTime() ?? Infinity,
          from.getTime() + 3 * DAY_MINUTES * MINUTE_MS,
        );
        for (let atMs = from.getTime(); atMs < searchedTo; atMs += MINUTE_MS) {
          if (isOpen(schedule, new Date(atMs))) expect.fail(`open at ${new Date(atMs).toISOString()}`);
        }
        if (next === null) return;
        expect(next.getTime()).toBeGreaterThanOrEqual(from.getTime());
        expect(isOpen(schedule, next)).toBe(true);
        expect(nextOpening(schedule, next)).toEqual(next);
        expect(isOver(schedule, next)).toBe(false);
        if (next > from) expect(isOpen(schedule, new Date(next.getTime() - 1))).toBe(false);
      }),
      { numRuns: 1500, seed: 20261123 },
    );
  });

  it('closes after it opened, within a day, and is open up to that instant', () => {
    fc.assert(
      fc.property(anySchedule, anyInstant, (schedule, from) => {
        const opens = nextOpening(schedule, from);
        if (opens === null) return;
        const closes = closesAt(schedule, opens)!;
        expect(closes.getTime()).toBeGreaterThan(opens.getTime());
        expect(closes.getTime() - opens.getTime()).toBeLessThanOrEqual(DAY_MINUTES * MINUTE_MS);
        for (let atMs = opens.getTime(); atMs < closes.getTime(); atMs += MINUTE_MS) {
          if (!isOpen(schedule, new Date(atMs))) expect.fail(`closed at ${new Date(atMs).toISOString()}`);
        }
        expect(isOpen(schedule, new Date(closes.getTime() - 1))).toBe(true);
      }),
      { numRuns: 1500, seed: 20261124 },
    );
  });
});
