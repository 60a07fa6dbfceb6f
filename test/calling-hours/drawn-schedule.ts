import type { CallingSchedule } from '#policy/calling-window.js';
import type { RandomStream } from '../../apps/carrier/random-stream.js';
import type { ClockTable } from './clock-table.js';

const DAY_MINUTES = 24 * 60;
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** A schedule whose edges lie near the time of day at which the clock changes, more often than not. */
export function drawnSchedule(random: RandomStream, table: ClockTable, changeMs: number): CallingSchedule {
  const changedTo = table.minuteAt[(changeMs - table.startMs) / table.stepMs] ?? 0;
  const someDate = () => oneOf(random, table.dates);
  return {
    timezone: table.zone,
    startDate: random.chance(0.7) ? '1800-01-01' : someDate(),
    endDate: random.chance(0.6) ? null : someDate(),
    daysOfWeek: random.chance(0.5) ? EVERY_DAY : EVERY_DAY.filter(() => random.chance(0.5)),
    callTimeRanges: severalOf(random, 3, () => drawnRange(random, changedTo)),
    holidays: random.chance(0.6) ? [] : severalOf(random, 3, someDate),
  };
}

/** Mostly in order; now and then empty or ending before it starts, which is never open. */
function drawnRange(random: RandomStream, changedTo: number): { start: string; end: string } {
  const times = [drawnTime(random, changedTo), drawnTime(random, changedTo)];
  if (random.chance(0.95)) times.sort((a, b) => a - b);
  const [start = 0, end = 0] = times;
  return { start: hhmm(start % DAY_MINUTES), end: hhmm(end) };
}

function drawnTime(random: RandomStream, changedTo: number): number {
  const kind = random.next();
  if (kind < 0.6) return (changedTo + wholeNumber(random, -150, 151) + DAY_MINUTES) % DAY_MINUTES;
  if (kind < 0.8) return wholeNumber(random, 0, DAY_MINUTES / 15) * 15;
  if (kind < 0.9) return 0;
  return DAY_MINUTES;
}

function severalOf<T>(random: RandomStream, most: number, draw: () => T): T[] {
  return Array.from({ length: wholeNumber(random, 1, most + 1) }, draw);
}

function oneOf<T>(random: RandomStream, items: readonly T[]): T {
  return items[wholeNumber(random, 0, items.length)]!;
}

/** From `low` up to, not including, `end`. */
function wholeNumber(random: RandomStream, low: number, end: number): number {
  return Math.floor(random.between(low, end));
}

function hhmm(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return `${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`;
}
