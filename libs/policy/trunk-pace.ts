import { MAX_RESERVATION_SECONDS } from './deadlines.js';

/**
 * How fast a trunk may start calls: at the rate it is set to, or at a share of it after its provider has said that it is at
 * its limit. Additive increase, multiplicative decrease, as in RFC 5681: it finds what the provider takes without being
 * told. Instants are epoch milliseconds with their fraction.
 */
export interface TrunkPace {
  /** The latest start that was reserved; null: none was yet. */
  lastStartAtMs: number | null;
  /** Of the rate it is set to: above 0, at most 1. */
  rateShare: number;
  /** When the provider last said that it is at its limit, and it counted; null: never. */
  slowedAtMs: number | null;
  /** Up to here, time with accepted calls has been turned into a larger share; null: never slowed. */
  creditedUntilMs: number | null;
  /** No start before this: the provider's Retry-After; null: it never asked for a pause. */
  resumesAtMs: number | null;
}

/** What a provider's answer to a request says of its limits, and when that request left. */
export type TrunkAnswer =
  | { kind: 'accepted'; sentAtMs: number }
  | { kind: 'limited'; sentAtMs: number; retryAfterSeconds: number | null };

/** Nothing reserved, nothing heard. */
export const FRESH_TRUNK: TrunkPace = {
  lastStartAtMs: null,
  rateShare: 1,
  slowedAtMs: null,
  creditedUntilMs: null,
  resumesAtMs: null,
};

/** A limit that counts leaves this much of the rate. */
const CUT = 1 / 2;

/** However often it is cut, a trunk keeps this share of its rate, or a start in ten seconds where that is more. */
const LEAST_SHARE = 1 / 16;
const LEAST_CALLS_PER_SECOND = 0.1;

/** As long as starts may have been reserved at the rate before a cut, what they come to says nothing of the new one. */
const CUT_EVERY_MS = MAX_RESERVATION_SECONDS * 1000;

/** Accepted calls bring a trunk from nothing to its whole rate in this time. */
const RECOVERY_MS = 30_000;

/** One accepted call speaks for this much time at most, or for the interval between two starts where that is longer. */
const MOST_CREDIT_MS = 1_000;

/** Without another word of limits for this long, the trunk has its whole rate. */
const QUIET_MS = 300_000;

/** A provider may not stop a trunk for longer by one answer. */
export const MAX_TRUNK_PAUSE_SECONDS = 3_600;

/**
 * Starts per second that may be reserved on a trunk, so that never more than its calls per second arrive at the provider in
 * any second, where the way there takes one up to `jitterMs` longer than another. As many starts as fit a second are
 * spread over a second and that time.
 */
export function reservableRate(callsPerSecond: number, jitterMs: number): number {
  return (1000 * callsPerSecond) / (1000 + jitterMs * Math.min(1, callsPerSecond));
}

/** Starts per second of several trunks as if they were one. */
export function rateTogether(rates: readonly number[]): number {
  return rates.reduce((total, rate) => total + rate, 0);
}

/** Starts per second now, of the `callsPerSecond` that the trunk is set to. */
export function currentRate(pace: TrunkPace, callsPerSecond: number, nowMs: number): number {
  return callsPerSecond * shareNow(pace, callsPerSecond, nowMs);
}

/** The first instant at which a call may start, from `nowMs` on. */
export function nextStart(pace: TrunkPace, callsPerSecond: number, nowMs: number): number {
  const { lastStartAtMs, resumesAtMs } = pace;
  const spacedMs = lastStartAtMs === null ? nowMs : lastStartAtMs + intervalMs(pace, callsPerSecond, nowMs);
  return Math.max(nowMs, spacedMs, resumesAtMs ?? nowMs);
}

/** Whether a start can be reserved now: none is, further ahead than a claim may wait. */
export function hasStart(pace: TrunkPace, callsPerSecond: number, nowMs: number): boolean {
  return nextStart(pace, callsPerSecond, nowMs) <= nowMs + MAX_RESERVATION_SECONDS * 1000;
}

/** What an answer makes of a trunk's pace. */
export function paceAfter(
  pace: TrunkPace,
  answer: TrunkAnswer,
  callsPerSecond: number,
  nowMs: number,
): TrunkPace {
  return answer.kind === 'limited'
    ? slowed(pace, answer, callsPerSecond, nowMs)
    : recovered(pace, answer, callsPerSecond, nowMs);
}

function slowed(
  pace: TrunkPace,
  { sentAtMs, retryAfterSeconds }: Extract<TrunkAnswer, { kind: 'limited' }>,
  callsPerSecond: number,
  nowMs: number,
): TrunkPace {
  const pauseMs = Math.min(Math.max(retryAfterSeconds ?? 0, 0), MAX_TRUNK_PAUSE_SECONDS) * 1000;
  const resumesAtMs = pauseMs > 0 ? Math.max(pace.resumesAtMs ?? 0, nowMs + pauseMs) : pace.resumesAtMs;
  // Time in which nothing may start says nothing for the trunk.
  const creditedUntilMs = Math.max(nowMs, resumesAtMs ?? nowMs);
  // One of a burst whose calls were under way before the last cut: it is answered already.
  if (pace.slowedAtMs !== null && sentAtMs < pace.slowedAtMs + CUT_EVERY_MS) {
    return { ...pace, resumesAtMs, creditedUntilMs };
  }
  const share = shareNow(pace, callsPerSecond, nowMs) * CUT;
  const rateShare = Math.max(leastShare(callsPerSecond), share);
  return { ...pace, rateShare, slowedAtMs: nowMs, creditedUntilMs, resumesAtMs };
}

function recovered(
  pace: TrunkPace,
  { sentAtMs }: Extract<TrunkAnswer, { kind: 'accepted' }>,
  callsPerSecond: number,
  nowMs: number,
): TrunkPace {
  const { slowedAtMs, creditedUntilMs } = pace;
  // A request that left before the cut says nothing of the rate after it.
  if (slowedAtMs === null || creditedUntilMs === null || sentAtMs <= slowedAtMs) return pace;
  const mostMs = Math.max(MOST_CREDIT_MS, intervalMs(pace, callsPerSecond, nowMs));
  const creditMs = Math.min(Math.max(0, nowMs - creditedUntilMs), mostMs);
  const share = shareNow(pace, callsPerSecond, nowMs) + creditMs / RECOVERY_MS;
  return { ...pace, rateShare: Math.min(1, share), creditedUntilMs: Math.max(creditedUntilMs, nowMs) };
}

function intervalMs(pace: TrunkPace, callsPerSecond: number, nowMs: number): number {
  return 1000 / currentRate(pace, callsPerSecond, nowMs);
}

/** Within its bounds, whatever the rate was set to when it was cut. */
function shareNow(
  { rateShare, slowedAtMs, resumesAtMs }: TrunkPace,
  callsPerSecond: number,
  nowMs: number,
): number {
  const quietSinceMs = Math.max(slowedAtMs ?? -Infinity, resumesAtMs ?? -Infinity);
  if (nowMs - quietSinceMs >= QUIET_MS) return 1;
  return Math.min(1, Math.max(leastShare(callsPerSecond), rateShare));
}

function leastShare(callsPerSecond: number): number {
  return Math.min(1, Math.max(LEAST_SHARE, LEAST_CALLS_PER_SECOND / callsPerSecond));
}
