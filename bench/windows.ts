import { nextOpening, type CallingSchedule } from '#policy/calling-window.js';
import { nextCommonOpening, type WallClock } from '#policy/open-together.js';
import { zoneDataVersion } from '#policy/zone-offsets.js';
import { RandomStream } from '../apps/carrier/random-stream.js';
import { clockChanges } from '../test/calling-hours/clock-changes.js';
import { compareAround } from '../test/calling-hours/comparison.js';
import { nextOpeningWithDayjs } from '../test/calling-hours/with-dayjs.js';
import { nextOpeningWithLuxon } from '../test/calling-hours/with-luxon.js';
import type { Report } from './report.js';
import type { Scenario } from './scenario.js';
import { ratios, sideBySide, type Contender } from './side-by-side.js';

export const windows: Scenario = {
  name: 'S0',
  word: 'windows',
  does: 'the next opening of calling hours: exact around every change of a clock, and how quickly it is found',
  uses: ['moment-timezone', 'luxon', 'dayjs'],
  async run({ quick, report }) {
    report.version('zone data', zoneDataVersion);
    compareWithWalk(quick, report);
    compareWithLibraries(quick, report);
    await measure(quick, report);
  },
};

const SEED = 20261123;

/** How many times as fast as a library it must be found. */
const FLOOR = 100;

function compareWithWalk(quick: boolean, report: Report): void {
  const changes = quick ? clockChanges(2026, 2029) : clockChanges(2010, 2042);
  const found = compareAround(changes, { schedulesEach: 22, seed: SEED });
  report.figure('compared with a walk over every moment', found.cases, 'cases');
  report.figure('of them of several zones together', found.together, 'cases');
  report.figure('around', found.changes, 'changes of a clock');
  report.figure('in', found.zones.size, 'zones');
  report.figure('mismatches', found.mismatches.length, 'cases');
  for (const mismatch of found.mismatches.slice(0, 10)) report.note(mismatch);
  report.holds('every answer is what the walk finds', found.mismatches.length === 0);
}

/** The hours measured are by day, where no clock changes: there the libraries are right too. */
function compareWithLibraries(quick: boolean, report: Report): void {
  const isSame = (ask: NextOpening) =>
    INSTANTS.slice(0, quick ? 100 : 1000).every((from, i) => {
      const schedule = SCHEDULES[i % SCHEDULES.length]!;
      return ask(schedule, from)?.getTime() === nextOpening(schedule, from)?.getTime();
    });
  report.holds('Luxon finds the same openings', isSame(nextOpeningWithLuxon));
  report.holds('Day.js finds the same openings', isSame(nextOpeningWithDayjs));
}

async function measure(quick: boolean, report: Report): Promise<void> {
  const scale = quick ? 0.1 : 1;
  const samples = await sideBySide(
    {
      'one zone': evaluations(nextOpening, 1_000_000 * scale),
      'one zone, with Luxon': evaluations(nextOpeningWithLuxon, 2_000 * scale),
      'one zone, with Day.js': evaluations(nextOpeningWithDayjs, 1_000 * scale),
      'two zones': together(PAIRS, 300_000 * scale),
      'seven zones of the United States': together([UNITED_STATES], 100_000 * scale),
      'seven zones that hardly ever meet': together([HARDLY_MEETING], 5_000 * scale),
    },
    quick ? 3 : 7,
  );
  for (const [name, taken] of Object.entries(samples)) {
    report.figure(
      name,
      taken.map(({ wallNs }) => wallNs),
      'ns',
    );
    report.cpu(name, { node: taken.map(({ cpuNs }) => cpuNs / 1000) });
  }
  const floors = [
    ['Luxon', ratios(samples['one zone, with Luxon'], samples['one zone'])],
    ['Day.js', ratios(samples['one zone, with Day.js'], samples['one zone'])],
  ] as const;
  for (const [library, times] of floors) {
    report.ratio(`${library} / ours, one zone`, times);
    report.holds(`it is found ${FLOOR} times as fast as with ${library}`, Math.min(...times) >= FLOOR);
  }
}

type NextOpening = (schedule: CallingSchedule, from: Date) => Date | null;

const SCHEDULES = [
  ...['America/New_York', 'America/Chicago', 'America/Denver', 'America/Los_Angeles', 'America/Sao_Paulo'],
  ...['Europe/London', 'Europe/Berlin', 'Africa/Johannesburg', 'Asia/Kolkata', 'Asia/Tokyo'],
  ...['Australia/Sydney', 'Pacific/Auckland'],
].map((timezone) => twoWindowsIn(timezone));

const PAIRS = [
  ['America/New_York', 'America/Chicago'],
  ['America/Denver', 'America/Phoenix'],
  ['Europe/London', 'Europe/Berlin'],
  ['Asia/Kolkata', 'Asia/Tokyo'],
  ['Australia/Sydney', 'Pacific/Auckland'],
].map((zones) => zones.map((zone): WallClock => [twoWindowsIn(zone)]));

const ZONES_OF_THE_UNITED_STATES = [
  ...['America/New_York', 'America/Chicago', 'America/Denver', 'America/Phoenix', 'America/Los_Angeles'],
  ...['America/Anchorage', 'Pacific/Honolulu'],
];
const UNITED_STATES = ZONES_OF_THE_UNITED_STATES.map((zone): WallClock => [
  { ...twoWindowsIn(zone), callTimeRanges: [{ start: '08:00', end: '21:00' }] },
]);
/** Each zone's pause falls into another's windows. */
const HARDLY_MEETING = ZONES_OF_THE_UNITED_STATES.map((zone): WallClock => [twoWindowsIn(zone)]);

/** Two windows a day, Monday to Friday, two holidays. */
function twoWindowsIn(timezone: string): CallingSchedule {
  return {
    timezone,
    startDate: '2025-01-01',
    endDate: null,
    daysOfWeek: [1, 2, 3, 4, 5],
    callTimeRanges: [
      { start: '09:00', end: '12:00' },
      { start: '13:00', end: '18:00' },
    ],
    holidays: ['2026-12-25', '2027-01-01'],
  };
}

/** Random instants over a year, drawn before anything is timed. */
const random = new RandomStream(SEED, 'instants');
const INSTANTS = Array.from(
  { length: 4096 },
  () => new Date(Math.floor(random.between(Date.UTC(2026, 5, 1), Date.UTC(2027, 5, 1)))),
);

function evaluations(ask: NextOpening, count: number): Contender {
  return () => {
    for (let i = 0; i < count; i++) ask(SCHEDULES[i % SCHEDULES.length]!, INSTANTS[i % INSTANTS.length]!);
    return count;
  };
}

function together(sets: WallClock[][], count: number): Contender {
  return () => {
    for (let i = 0; i < count; i++) nextCommonOpening(sets[i % sets.length]!, INSTANTS[i % INSTANTS.length]!);
    return count;
  };
}
