import { segmentAt, zoneOffsets, type ZoneOffsets } from './zone-offsets.js';

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

// All functions below throw a plain Error for an unknown zone, a malformed date or time and an invalid `Date`: with
// hours that cannot be read no call may go out, and that is a fault to be seen rather than an answer.

/** Whether calls may go out at the instant `at`. */
export function isOpen(schedule: CallingSchedule, at: Date): boolean {
  return isOpenAt(compiled(schedule), instantOf(at));
}

/**
 * The earliest instant, not before `from`, at which `isOpen` holds; null when there is none ever. Exact to the
 * millisecond: `from` itself when open, else the instant at which the clock enters a range.
 */
export function nextOpening(schedule: CallingSchedule, from: Date): Date | null {
  const plan = compiled(schedule);
  const { startsMs, offsetsMs } = plan.zone;
  let atMs = instantOf(from);
  if (plan.ranges.length === 0 || plan.weekdays === 0) return null;

  const lastDay = lastDayWorthTrying(plan, atMs);
  // Local time runs on without a break inside a segment of constant offset, so there the opening is found on the
  // local clock and mapped back with that offset. What lies past the segment's end is asked of the next segment.
  for (let i = segmentAt(plan.zone, atMs); atMs < endOfDayAnywhere(lastDay); i++) {
    const offsetMs = offsetsMs[i]!;
    const endMs = startsMs[i + 1] ?? Infinity;
    const localMs = firstOpenLocal(plan, atMs + offsetMs, Math.min(lastDay, dayOf(endMs + offsetMs)));
    if (localMs !== null && localMs - offsetMs < endMs) return new Date(localMs - offsetMs);
    if (endMs === Infinity) return null;
    atMs = endMs;
  }
  return null;
}

/**
 * The first instant after `at` at which calls may no longer go out, at most 24 hours (elapsed) after `at`: a window
 * open for longer answers that limit. Null when closed at `at`.
 */
export function closesAt(schedule: CallingSchedule, at: Date): Date | null {
  const plan = compiled(schedule);
  const limitMs = instantOf(at) + DAY_MS;
  let atMs = instantOf(at);
  if (!isOpenAt(plan, atMs)) return null;
  // A range may end inside or at the start of another (24:00, then 00:00), and an hour turned back may lead into the
  // same range again.
  while (atMs < limitMs && isOpenAt(plan, atMs)) atMs = endOfStretch(plan, atMs);
  return new Date(Math.min(atMs, limitMs));
}

/** The date, `YYYY-MM-DD`, on the wall clock of `timezone` at the instant `at`. */
export function localDate(timezone: string, at: Date): string {
  const zone = zoneOffsets(timezone);
  const atMs = instantOf(at);
  const localMs = atMs + zone.offsetsMs[segmentAt(zone, atMs)]!;
  return new Date(localMs).toISOString().slice(0, -'T00:00:00.000Z'.length);
}

/** Whether the end date has passed in the schedule's zone, so that no opening can come any more. */
export function isOver(schedule: CallingSchedule, at: Date): boolean {
  const { zone, lastDay } = compiled(schedule);
  const atMs = instantOf(at);
  let i = segmentAt(zone, atMs);
  if (dayOf(atMs + zone.offsetsMs[i]!) <= lastDay) return false;
  // A clock turned back past midnight brings the day before once more.
  while (++i < zone.startsMs.length && zone.startsMs[i]! < endOfDayAnywhere(lastDay)) {
    if (dayOf(zone.startsMs[i]! + zone.offsetsMs[i]!) <= lastDay) return false;
  }
  return true;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A schedule in numbers. Days count from 1 January 1970, ranges in milliseconds from midnight. */
interface CompiledSchedule {
  zone: ZoneOffsets;
  firstDay: number;
  /** Infinity for no end. */
  lastDay: number;
  /** Bit `n` for ISO weekday `n`. */
  weekdays: number;
  /** By their start, none empty. */
  ranges: { startMs: number; endMs: number }[];
  holidays: Set<number>;
}

const compiledBySchedule = new WeakMap<CallingSchedule, { of: CallingSchedule; plan: CompiledSchedule }>();

/** Kept by identity; an entity given new values in place is noticed by the values it holds. */
function compiled(schedule: CallingSchedule): CompiledSchedule {
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

function instantOf(date: Date): number {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new Error('Not an instant: invalid Date');
  return ms;
}

function isOpenAt(plan: CompiledSchedule, atMs: number): boolean {
  const localMs = atMs + plan.zone.offsetsMs[segmentAt(plan.zone, atMs)]!;
  const day = dayOf(localMs);
  return isCallingDay(plan, day) && rangeAt(plan, localMs - day * DAY_MS) !== undefined;
}

/** 1 January 1970 was a Thursday: ISO weekday 4. */
function isCallingDay({ firstDay, lastDay, weekdays, holidays }: CompiledSchedule, day: number): boolean {
  const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
  return day >= firstDay && day <= lastDay && (weekdays & (1 << weekday)) !== 0 && !holidays.has(day);
}

function rangeAt(
  { ranges }: CompiledSchedule,
  timeMs: number,
): CompiledSchedule['ranges'][number] | undefined {
  return ranges.find(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
}

/**
 * A bound for the search without an end date. Every weekday comes once in seven days, and each holiday takes one of
 * them away, so a schedule that ever opens does so within 7 × (holidays + 1) days. The rest of the 366 is for
 * dates and minutes that the clock skips.
 */
function lastDayWorthTrying({ firstDay, lastDay, holidays }: CompiledSchedule, fromMs: number): number {
  return Math.min(lastDay, Math.max(firstDay, dayOf(fromMs)) + 366 + 7 * holidays.size);
}

/** An instant by which `day` is over in every zone there is or was: none is more than 16 hours west. */
function endOfDayAnywhere(day: number): number {
  return (day + 1) * DAY_MS + 16 * 60 * MINUTE_MS;
}

/** The first open moment of an unbroken local clock, from `fromLocalMs` to the end of `lastDay`. */
function firstOpenLocal(plan: CompiledSchedule, fromLocalMs: number, lastDay: number): number | null {
  for (let day = Math.max(plan.firstDay, dayOf(fromLocalMs)); day <= lastDay; day++) {
    if (!isCallingDay(plan, day)) continue;
    const midnightMs = day * DAY_MS;
    const range = plan.ranges.find(({ endMs }) => midnightMs + endMs > fromLocalMs);
    if (range) return Math.max(fromLocalMs, midnightMs + range.startMs);
  }
  return null;
}

/** Where the range that is open at `atMs` ends, or the clock changes, if that comes first. */
function endOfStretch(plan: CompiledSchedule, atMs: number): number {
  const i = segmentAt(plan.zone, atMs);
  const offsetMs = plan.zone.offsetsMs[i]!;
  const midnightMs = dayOf(atMs + offsetMs) * DAY_MS;
  const range = rangeAt(plan, atMs + offsetMs - midnightMs)!;
  return Math.min(midnightMs + range.endMs - offsetMs, plan.zone.startsMs[i + 1] ?? Infinity);
}

function dayOf(localMs: number): number {
  return Math.floor(localMs / DAY_MS);
}
