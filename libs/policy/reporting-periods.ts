import { localDate } from './calling-window.js';
import { DAY_MS, MINUTE_MS } from './calling-schedule.js';
import { segmentAt, zoneOffsets } from './zone-offsets.js';

export const PERIOD_LENGTHS = ['day', 'hour'] as const;

export type PeriodLength = (typeof PERIOD_LENGTHS)[number];

/** What figures are asked for: dates `YYYY-MM-DD` in the zone, both included. Nothing: for all there ever was. */
export interface AskedPeriods {
  from?: string | undefined;
  to?: string | undefined;
  by?: PeriodLength | undefined;
}

/** A day, or an hour of the wall clock: an hour that comes twice is two of them. */
export interface Period {
  startsMs: number;
  date: string;
  /** 0–23; null: the whole day. */
  hour: number | null;
}

export type ReportingPeriods =
  | { kind: 'everything' }
  | { kind: 'periods'; from: string; to: string; periods: Period[]; endsMs: number }
  | { kind: 'invalid'; field: 'from' | 'to'; because: string };

/** Longest ranges, in days; and how many days are told when nothing says from when. */
const MOST_DAYS = { day: 366, hour: 31 };
const USUAL_DAYS = { day: 31, hour: 7 };

/** Counters are kept by these, aligned to UTC. */
export const QUARTER_MS = 15 * MINUTE_MS;

/** The periods of a zone that figures are asked for. With no end, up to the day of `now`. */
export function reportingPeriods(timezone: string, asked: AskedPeriods, now: Date): ReportingPeriods {
  const { by = 'day' } = asked;
  if (asked.from === undefined && asked.to === undefined && asked.by === undefined)
    return { kind: 'everything' };
  const last = dayOfDate(asked.to ?? localDate(timezone, now));
  const first = asked.from === undefined ? last - USUAL_DAYS[by] + 1 : dayOfDate(asked.from);
  const field = asked.to === undefined ? 'from' : 'to';
  if (last < first) return { kind: 'invalid', field, because: 'The range must not end before it begins.' };
  if (last - first >= MOST_DAYS[by]) {
    const unit = by === 'hour' ? ' by hour' : '';
    return { kind: 'invalid', field, because: `A range${unit} must be of at most ${MOST_DAYS[by]} days.` };
  }
  const { periods, endsMs } = periodsOf(timezone, first, last, by);
  return { kind: 'periods', from: dateOfDay(first), to: dateOfDay(last), periods, endsMs };
}

/**
 * Walks the quarters of an hour, each of which belongs to the date and hour that the clock shows at its start: changes of
 * the clock need no thought that way.
 */
function periodsOf(
  timezone: string,
  first: number,
  last: number,
  by: PeriodLength,
): { periods: Period[]; endsMs: number } {
  const zone = zoneOffsets(timezone);
  const periods: Period[] = [];
  let endsMs = first * DAY_MS;
  let before = '';
  // No zone is more than 16 hours from UTC.
  const untilMs = (last + 1) * DAY_MS + 16 * 60 * MINUTE_MS;
  for (let atMs = first * DAY_MS - 16 * 60 * MINUTE_MS; atMs < untilMs; atMs += QUARTER_MS) {
    const offsetMs = zone.offsetsMs[segmentAt(zone, atMs)]!;
    const day = Math.floor((atMs + offsetMs) / DAY_MS);
    if (day < first || day > last) continue;
    const hour = by === 'day' ? null : Math.floor((atMs + offsetMs - day * DAY_MS) / (60 * MINUTE_MS));
    const here = by === 'day' ? `${day}` : `${day} ${hour} ${offsetMs}`;
    if (here !== before) periods.push({ startsMs: atMs, date: dateOfDay(day), hour });
    before = here;
    endsMs = atMs + QUARTER_MS;
  }
  return { periods, endsMs };
}

function dayOfDate(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, -'T00:00:00.000Z'.length);
}
