import {
  compiled,
  DAY_MS,
  MINUTE_MS,
  type CallingSchedule,
  type CompiledSchedule,
} from './calling-schedule.js';
import { instantAt, instantMs, nearestInstant } from './instants.js';
import { segmentAt, zoneOffsets } from './zone-offsets.js';

export type { CallingSchedule } from './calling-schedule.js';

// All functions below throw a plain Error for an unknown zone, a malformed date or time and an invalid `Date`: with
// hours that cannot be read no call may go out, and that is a fault to be seen rather than an answer.

/** Whether calls may go out at the instant `at`. */
export function isOpen(schedule: CallingSchedule, at: Date): boolean {
  return isOpenAt(compiled(schedule), instantMs(at));
}

/**
 * The earliest instant, not before `from`, at which `isOpen` holds; null when there is none ever. Exact to the
 * millisecond: `from` itself when open, else the instant at which the clock enters a range.
 */
export function nextOpening(schedule: CallingSchedule, from: Date): Date | null {
  return instantAt(nextOpeningMs(compiled(schedule), instantMs(from)));
}

/**
 * The first instant after `at` at which calls may no longer go out, at most 24 hours (elapsed) after `at`: a window
 * open for longer answers that limit. Null when closed at `at`.
 */
export function closesAt(schedule: CallingSchedule, at: Date): Date | null {
  const closesMs = closesAtMs(compiled(schedule), instantMs(at));
  return closesMs === null ? null : nearestInstant(closesMs);
}

/** The date on the wall clock of `timezone` at the instant `at`: `YYYY-MM-DD`, with a sign outside the years 0–9999. */
export function localDate(timezone: string, at: Date): string {
  const zone = zoneOffsets(timezone);
  const atMs = instantMs(at);
  const localMs = atMs + zone.offsetsMs[segmentAt(zone, atMs)]!;
  return nearestInstant(localMs).toISOString().slice(0, -'T00:00:00.000Z'.length);
}

/** Whether the end date has passed in the schedule's zone, so that no opening can come any more. */
export function isOver(schedule: CallingSchedule, at: Date): boolean {
  const { zone, lastDay } = compiled(schedule);
  const atMs = instantMs(at);
  let i = segmentAt(zone, atMs);
  if (dayOf(atMs + zone.offsetsMs[i]!) <= lastDay) return false;
  // A clock turned back past midnight brings the day before once more.
  while (++i < zone.startsMs.length && zone.startsMs[i]! < endOfDayAnywhere(lastDay)) {
    if (dayOf(zone.startsMs[i]! + zone.offsetsMs[i]!) <= lastDay) return false;
  }
  return true;
}

/** As `nextOpening`, in epoch milliseconds and for a schedule already compiled; Infinity when there is none ever. */
export function nextOpeningMs(plan: CompiledSchedule, fromMs: number): number {
  if (plan.ranges.length === 0 || plan.weekdays === 0) return Infinity;
  const { startsMs, offsetsMs } = plan.zone;
  const lastDay = lastDayWorthTrying(plan, fromMs);
  let atMs = fromMs;
  // Local time runs on without a break inside a segment of constant offset, so there the opening is found on the
  // local clock and mapped back with that offset. What lies past the segment's end is asked of the next segment.
  for (let i = segmentAt(plan.zone, atMs); atMs < endOfDayAnywhere(lastDay); i++) {
    const offsetMs = offsetsMs[i]!;
    const endMs = startsMs[i + 1] ?? Infinity;
    const opensMs = firstOpenLocal(plan, atMs + offsetMs, endMs + offsetMs, lastDay) - offsetMs;
    if (opensMs < endMs) return opensMs;
    atMs = endMs;
  }
  return Infinity;
}

/** As `closesAt`, in epoch milliseconds and for a schedule already compiled. */
export function closesAtMs(plan: CompiledSchedule, atMs: number): number | null {
  if (!isOpenAt(plan, atMs)) return null;
  const limitMs = atMs + DAY_MS;
  let untilMs = atMs;
  // A range may end inside or at the start of another (24:00, then 00:00), and an hour turned back may lead into the
  // same range again.
  while (untilMs < limitMs && isOpenAt(plan, untilMs)) untilMs = endOfStretch(plan, untilMs);
  return Math.min(untilMs, limitMs);
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

/** The first open moment of an unbroken local clock, up to `endLocalMs` and the end of `lastDay`; Infinity for none. */
function firstOpenLocal(
  plan: CompiledSchedule,
  fromLocalMs: number,
  endLocalMs: number,
  lastDay: number,
): number {
  for (let day = Math.max(plan.firstDay, dayOf(fromLocalMs)); day <= lastDay; day++) {
    const midnightMs = day * DAY_MS;
    if (midnightMs >= endLocalMs) break;
    if (!isCallingDay(plan, day)) continue;
    for (const { startMs, endMs } of plan.ranges) {
      if (midnightMs + endMs > fromLocalMs) return Math.max(fromLocalMs, midnightMs + startMs);
    }
  }
  return Infinity;
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
