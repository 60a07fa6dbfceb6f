import { nextOpening, type CallingSchedule } from '#policy/calling-window.js';
import { RandomStream } from '../apps/carrier/random-stream.js';
import { nextOpeningWithDayjs } from '../test/calling-hours/with-dayjs.js';
import { nextOpeningWithLuxon } from '../test/calling-hours/with-luxon.js';
import type { Scenario } from './scenario.js';
import { ratios, sideBySide, type Contender } from './side-by-side.js';

export const windows: Scenario = {
  name: 'S0',
  word: 'windows',
  does: 'the next opening of calling hours, beside the same with Luxon and with Day.js',
  uses: ['moment-timezone', 'luxon', 'dayjs'],
  async run({ quick, report }) {
    const repetitions = quick ? 3 : 7;
    const scale = quick ? 0.1 : 1;
    const samples = await sideBySide(
      {
        ours: evaluations(nextOpening, 1_000_000 * scale),
        luxon: evaluations(nextOpeningWithLuxon, 3_000 * scale),
        dayjs: evaluations(nextOpeningWithDayjs, 3_000 * scale),
      },
      repetitions,
    );
    for (const [name, taken] of Object.entries(samples)) {
      report.figure(
        `next opening, ${name}`,
        taken.map(({ wallNs }) => wallNs),
        'ns',
      );
      report.cpu(`next opening, ${name}`, { node: taken.map(({ cpuNs }) => cpuNs / 1000) });
    }
    report.ratio('luxon / ours', ratios(samples.luxon, samples.ours));
    report.ratio('dayjs / ours', ratios(samples.dayjs, samples.ours));
  },
};

type NextOpening = (schedule: CallingSchedule, from: Date) => Date | null;

const ZONES = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Europe/London',
  'Europe/Berlin',
  'Africa/Johannesburg',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Pacific/Auckland',
];
const SCHEDULES = ZONES.map((timezone): CallingSchedule => ({
  timezone,
  startDate: '2025-01-01',
  endDate: null,
  daysOfWeek: [1, 2, 3, 4, 5],
  callTimeRanges: [
    { start: '09:00', end: '12:00' },
    { start: '13:00', end: '18:00' },
  ],
  holidays: ['2026-12-25', '2027-01-01'],
}));

/** Random instants over a year, drawn before anything is timed. */
const random = new RandomStream('bench', 'windows');
const INSTANTS = Array.from(
  { length: 4096 },
  () => new Date(random.between(Date.UTC(2026, 5, 1), Date.UTC(2027, 5, 1))),
);

function evaluations(ask: NextOpening, count: number): Contender {
  return () => {
    for (let i = 0; i < count; i++) ask(SCHEDULES[i % SCHEDULES.length]!, INSTANTS[i % INSTANTS.length]!);
    return count;
  };
}
