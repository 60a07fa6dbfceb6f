import { MINUTE_MS } from './calling-schedule.js';
import { closesAt, nextOpening, type CallingSchedule } from './calling-window.js';

/** What the end of a campaign is reckoned from. */
export interface ForecastFacts {
  now: Date;
  schedule: CallingSchedule;
  waiting: number;
  maxRetries: number;
  /** Its dials that are over. */
  dials: number;
  /** Its calls that one of those finished. */
  finished: number;
  /** While its hours are open; 0: it has never dialled. */
  startsPerMinute: number;
}

/** When a campaign will have dialled what waits, at the earliest. */
export type Forecast =
  | { kind: 'nothing_waits' }
  /** It has no pace to reckon with. */
  | { kind: 'no_pace' }
  | {
      kind: 'reckoned';
      /** Dials that what waits comes to, retries among them. */
      dials: number;
      /** How long its hours have to be open for these. */
      openMinutes: number;
      /** When they will have been; null: not before its last day is over, or not within a year. */
      endsAt: Date | null;
      /** Calls that are left when its hours close for good; 0: none, or it has no last day. */
      left: number;
    };

/** Further ahead nobody reckons. */
const HORIZON_MS = 366 * 24 * 60 * MINUTE_MS;

/**
 * At the pace given, and with as many dials for each call as calls have taken so far. Only open hours count. That a retry waits
 * for its cooldown does not: so it is the earliest end.
 */
export function forecast(facts: ForecastFacts): Forecast {
  const { now, schedule, waiting, maxRetries, startsPerMinute } = facts;
  if (waiting <= 0) return { kind: 'nothing_waits' };
  if (startsPerMinute <= 0) return { kind: 'no_pace' };
  const dials = waiting * dialsOfCall(facts.dials, facts.finished, maxRetries);
  const openMinutes = dials / startsPerMinute;
  const wantedMs = openMinutes * MINUTE_MS;
  const { endsAt, lastOpenMs } = afterOpenTime(schedule, now, wantedMs);
  const left = lastOpenMs === null ? 0 : Math.ceil(waiting * (1 - lastOpenMs / wantedMs));
  return { kind: 'reckoned', dials: Math.ceil(dials), openMinutes, endsAt, left };
}

/** As though one more dial had finished one more call: of a campaign that has just begun, the first few do not say much. */
function dialsOfCall(dials: number, finished: number, maxRetries: number): number {
  return Math.min(Math.max((dials + 1) / (finished + 1), 1), maxRetries + 1);
}

/** The instant by which hours have been open for so long; where they never are, how long they will be before they close for good. */
function afterOpenTime(
  schedule: CallingSchedule,
  from: Date,
  wantedMs: number,
): { endsAt: Date | null; lastOpenMs: number | null } {
  let openMs = 0;
  for (let at = from; at.getTime() - from.getTime() < HORIZON_MS;) {
    const opens = nextOpening(schedule, at);
    const closes = opens && closesAt(schedule, opens);
    if (opens === null || closes === null) return { endsAt: null, lastOpenMs: openMs };
    const stretchMs = closes.getTime() - opens.getTime();
    if (openMs + stretchMs >= wantedMs) {
      return { endsAt: new Date(opens.getTime() + Math.round(wantedMs - openMs)), lastOpenMs: null };
    }
    openMs += stretchMs;
    at = closes;
  }
  return { endsAt: null, lastOpenMs: null };
}

/** Starts of a campaign by the minute they were made in: minutes since 1970, in any order. */
export type StartsByMinute = ReadonlyMap<number, number>;

/** How far back the pace of the moment is judged. */
const LATELY_MINUTES = 5;

/** Starts a minute over the last five minutes, or since the first start among them. */
export function paceLately(starts: StartsByMinute, now: Date): number {
  const nowMinutes = now.getTime() / MINUTE_MS;
  const recent = [...starts].filter(
    ([minute, count]) => count > 0 && minute > nowMinutes - LATELY_MINUTES && minute <= nowMinutes,
  );
  const first = Math.min(...recent.map(([minute]) => minute));
  const sum = recent.reduce((total, [, count]) => total + count, 0);
  return sum === 0 ? 0 : sum / Math.max(1, nowMinutes - first);
}
