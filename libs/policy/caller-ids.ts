import { localDate } from './calling-window.js';

/** What an environment lets one of its caller ids do. The entity fits. */
export interface CallerIdLimits {
  /** Starts in any second; null: no limit. */
  maxCallsPerCallerIdSecond: number | null;
  /** Starts on a day of `callerIdTimezone`; null: no limit. */
  maxCallsPerCallerIdDay: number | null;
  /** IANA name. */
  callerIdTimezone: string;
}

/** What a caller id was used for. Instants are epoch milliseconds. */
export interface CallerIdUse {
  /** Its latest starts, oldest first: as many as it may make in a second. */
  recentStartsMs: readonly number[];
  /** The day that `startsOfDay` counts, `YYYY-MM-DD`; null: it was never used. */
  day: string | null;
  startsOfDay: number;
}

/** The caller ids that a call may come from, where something limits them. */
export interface CallerIdFacts {
  /** E.164; empty: the carrier account's own, of which nothing is counted. */
  pool: readonly string[];
  /** How many more its campaign has, that none of the call's trunks may show: with those, others of the campaign may go. */
  unshown: number;
  uses: ReadonlyMap<string, CallerIdUse>;
  limits: CallerIdLimits;
}

export const UNUSED: CallerIdUse = { recentStartsMs: [], day: null, startsOfDay: 0 };

/** The most that may be set: so many starts are kept of each caller id. */
export const MAX_CALLS_PER_CALLER_ID_SECOND = 100;

export type CallerIdChoice =
  /** Null: the carrier account's own. */
  | { kind: 'chosen'; callerId: string | null }
  /** In a second at the latest there is one. */
  | { kind: 'busy' }
  /** All have made their calls of the day. */
  | { kind: 'capped' };

export function isLimited(limits: CallerIdLimits): boolean {
  return limits.maxCallsPerCallerIdSecond !== null || limits.maxCallsPerCallerIdDay !== null;
}

/**
 * A pool in the order in which it is tried for one callee: first what that person has seen, then by a value that callee and
 * caller id have together (rendezvous hashing, Thaler and Ravishankar, 1998). So whatever else joins or leaves a pool, the
 * others keep their place, and a pool's callees are spread over it evenly.
 * @param seen what the person was called from, latest first
 */
export function callerIdsInOrder(to: string, pool: readonly string[], seen: readonly string[]): string[] {
  const familiar = [...new Set(seen)].filter((callerId) => pool.includes(callerId));
  const others = pool.filter((callerId) => !familiar.includes(callerId));
  const weights = new Map(others.map((callerId) => [callerId, weightOf(`${callerId} ${to}`)]));
  const heaviestFirst = (a: string, b: string) =>
    weights.get(b)! - weights.get(a)! || (a < b ? -1 : a > b ? 1 : 0);
  return [...familiar, ...others.sort(heaviestFirst)];
}

/**
 * The caller id for a start: the first of the order that has not made its calls of the day, and is free in that second. One
 * that the person has seen is waited for, while a stranger is called from whichever is free.
 * @param limited null: nothing limits them
 */
export function chooseCallerId(
  to: string,
  pool: readonly string[],
  seen: readonly string[],
  limited: CallerIdFacts | null,
  startAt: Date,
): CallerIdChoice {
  const order = callerIdsInOrder(to, pool, seen);
  if (limited === null) return { kind: 'chosen', callerId: order[0] ?? null };
  const { uses, limits } = limited;
  let isAnyBusy = false;
  for (const callerId of order) {
    const use = uses.get(callerId) ?? UNUSED;
    if (isCapped(use, limits, startAt)) continue;
    if (freeInSecond(use, limits, startAt) > 0) return { kind: 'chosen', callerId };
    if (seen.includes(callerId)) return { kind: 'busy' };
    isAnyBusy = true;
  }
  if (order.length === 0) return { kind: 'chosen', callerId: null };
  return { kind: isAnyBusy ? 'busy' : 'capped' };
}

/** What a start makes of a caller id's use. Starts come in their order. */
export function useAfter(use: CallerIdUse, limits: CallerIdLimits, startAt: Date): CallerIdUse {
  const kept = limits.maxCallsPerCallerIdSecond ?? 0;
  const recentStartsMs = kept === 0 ? [] : [...use.recentStartsMs, startAt.getTime()].slice(-kept);
  const today = localDate(limits.callerIdTimezone, startAt);
  // After the zone was changed, today may be a day that is over already: it is not begun again.
  const day = use.day !== null && use.day > today ? use.day : today;
  return { recentStartsMs, day, startsOfDay: startsOn(use, day) + 1 };
}

/** How many of a pool have made their calls of the day. */
export function cappedCallerIds({ pool, uses, limits }: CallerIdFacts, at: Date): number {
  return pool.filter((callerId) => isCapped(uses.get(callerId) ?? UNUSED, limits, at)).length;
}

/** Whether every caller id of a pool has made its calls of the day. */
export function isPoolCapped(facts: CallerIdFacts, at: Date): boolean {
  return facts.pool.length > 0 && cappedCallerIds(facts, at) === facts.pool.length;
}

/** How many calls of a pool may start at `startAt`. */
export function callerIdStartsFree({ pool, uses, limits }: CallerIdFacts, startAt: Date): number {
  if (pool.length === 0) return Infinity;
  const free = pool.map((callerId) => {
    const use = uses.get(callerId) ?? UNUSED;
    return Math.max(0, Math.min(freeInSecond(use, limits, startAt), freeOnDay(use, limits, startAt)));
  });
  return free.reduce((sum, one) => sum + one, 0);
}

function isCapped(use: CallerIdUse, limits: CallerIdLimits, at: Date): boolean {
  return freeOnDay(use, limits, at) <= 0;
}

function freeOnDay(use: CallerIdUse, limits: CallerIdLimits, at: Date): number {
  if (limits.maxCallsPerCallerIdDay === null) return Infinity;
  return limits.maxCallsPerCallerIdDay - startsOn(use, localDate(limits.callerIdTimezone, at));
}

/** Less what it starts in the second that ends with `startAt`, and what is reserved behind that. */
function freeInSecond(
  { recentStartsMs }: CallerIdUse,
  { maxCallsPerCallerIdSecond }: CallerIdLimits,
  startAt: Date,
): number {
  if (maxCallsPerCallerIdSecond === null) return Infinity;
  const sinceMs = startAt.getTime() - 1000;
  return maxCallsPerCallerIdSecond - recentStartsMs.filter((atMs) => atMs > sinceMs).length;
}

function startsOn(use: CallerIdUse, day: string): number {
  return use.day !== null && use.day >= day ? use.startsOfDay : 0;
}

/** An even spread over 32 bits: FNV-1a, and the finaliser of MurmurHash3, for FNV alone hardly mixes the last digits. */
function weightOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
