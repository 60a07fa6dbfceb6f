import moment from 'moment-timezone';

/** What the clock of one zone shows over a stretch of time, moment by moment. */
export interface ClockTable {
  zone: string;
  startMs: number;
  stepMs: number;
  /** By moment: the place in `dates` of the date shown. */
  dateAt: Uint8Array;
  /** By moment: the whole minutes shown, counted from midnight. */
  minuteAt: Uint16Array;
  dates: string[];
  /** The last moment that shows it, of the dates. */
  lastAt: number[];
  /** 1 = Monday … 7 = Sunday, of the dates. */
  weekdays: number[];
}

const DAY_MS = 86_400_000;

/**
 * Asks for every single moment, and asks moment-timezone's own reader: the engine shares no line of code with it, only
 * the data. The data is the same on purpose: the runtime's may be older than the law, and every difference would have
 * to be looked into by hand. Where nothing has changed since, the data itself is held against the runtime's.
 */
export function clockTable(zone: string, startMs: number, stepMs: number, count: number): ClockTable {
  const reader = moment.tz.zone(zone)!;
  const table: ClockTable = {
    ...{ zone, startMs, stepMs, dates: [], lastAt: [], weekdays: [] },
    ...{ dateAt: new Uint8Array(count), minuteAt: new Uint16Array(count) },
  };
  let day = Number.NaN;
  for (let i = 0, date = 0; i < count; i++) {
    const atMs = startMs + i * stepMs;
    // Minutes west of UTC; local mean times have seconds.
    const localMs = atMs - Math.round(reader.utcOffset(atMs) * 60) * 1000;
    if (Math.floor(localMs / DAY_MS) !== day) {
      day = Math.floor(localMs / DAY_MS);
      date = placeOf(day, table);
    }
    table.dateAt[i] = date;
    table.lastAt[date] = i;
    table.minuteAt[i] = Math.floor((localMs - day * DAY_MS) / 60_000);
  }
  return table;
}

/** Whether the zone's clock differs from UTC by more than whole minutes some days around an instant. */
export function showsSeconds(zone: string, aroundMs: number): boolean {
  return offsetsWithin(zone, aroundMs - 9 * DAY_MS, aroundMs + 9 * DAY_MS).some(
    (offset) => !Number.isInteger(offset),
  );
}

/** Whether the zone's clock runs on without a change. */
export function isSteady(zone: string, fromMs: number, toMs: number): boolean {
  return new Set(offsetsWithin(zone, fromMs, toMs)).size === 1;
}

/** Twice a day: a clock that was changed is left alone for longer. */
function offsetsWithin(zone: string, fromMs: number, toMs: number): number[] {
  const reader = moment.tz.zone(zone)!;
  const count = Math.ceil((toMs - fromMs) / (DAY_MS / 2)) + 1;
  return Array.from({ length: count }, (_, i) => reader.utcOffset(fromMs + (i * DAY_MS) / 2));
}

/** A clock turned back past midnight shows a date once more. */
function placeOf(day: number, { dates, weekdays }: ClockTable): number {
  const midnight = new Date(day * DAY_MS);
  const date = midnight.toISOString().slice(0, 10);
  if (dates.includes(date)) return dates.indexOf(date);
  weekdays.push(midnight.getUTCDay() || 7);
  return dates.push(date) - 1;
}
