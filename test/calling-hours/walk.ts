import type { CallingSchedule } from '#policy/calling-window.js';
import type { ClockTable } from './clock-table.js';

/** A schedule beside the clock it is read on. */
export interface Read {
  schedule: CallingSchedule;
  table: ClockTable;
}

/**
 * Looks at every moment of the tables, which they have in common: 1 where every group has a schedule that is open, else
 * 0. Knows nothing of changes of the clock: it reads what each moment shows.
 */
export function openMoments(groups: readonly (readonly Read[])[]): Uint8Array {
  const inGroups = groups.map((group) => group.map(openMomentsOf).reduce(joined((a, b) => a | b)));
  return inGroups.reduce(joined((a, b) => a & b));
}

function openMomentsOf({ schedule, table: { dates, weekdays, dateAt, minuteAt } }: Read): Uint8Array {
  const { startDate, endDate, daysOfWeek, holidays = [], callTimeRanges } = schedule;
  const isOnDate = Uint8Array.from(dates, (date, place) => {
    const isWithin = startDate <= date && (endDate === null || date <= endDate);
    return Number(isWithin && daysOfWeek.includes(weekdays[place]!) && !holidays.includes(date));
  });
  const isInMinute = new Uint8Array(24 * 60);
  for (const { start, end } of callTimeRanges) {
    if (start < end) isInMinute.fill(1, minutes(start), minutes(end));
  }
  const open = new Uint8Array(dateAt.length);
  for (let i = 0; i < open.length; i++) open[i] = isOnDate[dateAt[i]!]! & isInMinute[minuteAt[i]!]!;
  return open;
}

function joined(join: (a: number, b: number) => number): (a: Uint8Array, b: Uint8Array) => Uint8Array {
  return (one, other) => one.map((isOpen, i) => join(isOpen, other[i]!));
}

function minutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
