import { zoneOffsets, type ZoneOffsets } from './zone-offsets.js';

/**
 * When calls may go out, as a predicate on the wall clock in `timezone`: the date, the weekday and the time of day
 * all have to fit. Minutes and dates that the clock skips do not exist; minutes that it repeats count each time.
 * Replace its values, never change them in place: what is derived from them is kept.
 */
export interface CallingSchedule {
  /** IANA name. */
  timezone: string;
  /** `YYYY-MM-DD`, the first day calls may go out. */
  startDate: string;
  /** `YYYY-MM-DD`, the last day, itself included; null for no end. */
  endDate: string | null;
  /** 1 = Monday … 7 = Sunday. */
  daysOfWeek: number[];
  /** `HH:MM`, start included, end not; `24:00` may end one. A range that ends before it starts is never open. */
  callTimeRanges: { start: string; end: string }[];
  /** `YYYY-MM-DD`, dates without calls. */
  holidays?: string[];
}

/** A calling schedule in numbers. Days count from 1 January 1970, times of day in milliseconds from midnight. */
export interface CompiledSchedule {
  zone: ZoneOffsets;
  firstDay: number;
  /** Infinity for no end. */
  lastDay: number;
  /** Bit `n` for ISO weekday `n`. */
  weekdays: number;
  /** By their start, none empty. */
  ranges: readonly { startMs: number; endMs: number }[];
  holidays: ReadonlySet<number>;
}

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

const compiledBySchedule = new WeakMap<CallingSchedule, { of: CallingSchedule; plan: CompiledSchedule }>();

/**
 * Kept by identity; an entity given new values in place is noticed by the values it holds.
 * @throws Error for an unknown zone and for a malformed date or time
 */
export function compiled(schedule: CallingSchedule): CompiledSchedule {
  const kept = compiledBySchedule.get(schedule);
  if (kept && holdsTheSame(kept.of, schedule)) return kept.plan;
  const { timezone, startDate, endDate, daysOfWeek, callTimeRanges, holidays } = schedule;
  const of = { timezone, startDate, endDate, daysOfWeek, callTimeRanges, holidays };
  const plan = compile(schedule);
  compiledBySchedule.set(schedule, { of, plan });
  return plan;
}

function holdsTheSame(a: CallingSchedule, b: CallingSchedule): boolean {
  return (
    a.timezone === b.timezone &&
    a.startDate === b.startDate &&
    a.endDate === b.endDate &&
    a.daysOfWeek === b.daysOfWeek &&
    a.callTimeRanges === b.callTimeRanges &&
    a.holidays === b.holidays
  );
}

function compile(schedule: CallingSchedule): CompiledSchedule {
  return {
    zone: zoneOffsets(schedule.timezone),
    firstDay: dayNumber(schedule.startDate),
    lastDay: schedule.endDate === null ? Infinity : dayNumber(schedule.endDate),
    weekdays: schedule.daysOfWeek.reduce((mask, day) => (day >= 1 && day <= 7 ? mask | (1 << day) : mask), 0),
    ranges: rangesOf(schedule.callTimeRanges),
    holidays: new Set(schedule.holidays?.map(dayNumber)),
  };
}

function dayNumber(date: string): number {
  const ms = Date.parse(`${date}T00:00:00Z`);
  // The second look is for 30 February, which parses as 2 March.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date) {
    throw new Error(`Not a date (YYYY-MM-DD): ${JSON.stringify(date)}`);
  }
  return ms / DAY_MS;
}

/** Ranges that touch or overlap may stay as they are: every question asked of them has the same answer merged. */
function rangesOf(callTimeRanges: CallingSchedule['callTimeRanges']): CompiledSchedule['ranges'] {
  return callTimeRanges
    .map(({ start, end }) => ({ startMs: timeOfDay(start), endMs: timeOfDay(end) }))
    .filter(({ startMs, endMs }) => startMs < endMs)
    .sort((a, b) => a.startMs - b.startMs);
}

function timeOfDay(time: string): number {
  const match = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/.exec(time);
  if (!match) throw new Error(`Not a time of day (HH:MM): ${JSON.stringify(time)}`);
  return match[1] === undefined ? DAY_MS : (Number(match[1]) * 60 + Number(match[2])) * MINUTE_MS;
}
