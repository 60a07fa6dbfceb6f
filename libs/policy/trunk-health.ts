import type { Outcome } from './outcomes.js';

/**
 * Whether a trunk fails, by what its latest requests and calls came to. One that does rests: its calls wait, or go over
 * another trunk. What was sent over it stays its own. A circuit breaker (Nygard, Release It!, 2007). Instants are epoch
 * milliseconds.
 */
export interface TrunkHealth {
  /** Requests in a row of which nobody can say that the carrier took them. */
  failedRequests: number;
  /** Calls in a row that the carrier took and could not set up. */
  failedCalls: number;
  /** When the first of those was sent; null: none was since it last went well. */
  failureSentAtMs: number | null;
  /** Rests since it last went well, which make the next one longer. */
  rests: number;
  /** Nothing is sent before this; null: it did not rest since it last went well. */
  restsUntilMs: number | null;
}

/** What a request, or the call that came of it, says of its trunk, and when that request left. */
export interface TrunkSign {
  sentAtMs: number;
  says: SaidOfHealth;
}

export type SaidOfHealth =
  /** The carrier answered the request. */
  | 'taken'
  /** Provably nothing was sent, or nothing started: as when nobody listens. */
  | 'not_sent'
  /** Nobody can tell what became of the request: each of these may cost a call. */
  | 'unknown'
  /** The carrier tells of the call of a request whose answer nobody has: it was taken all the same. */
  | 'exists'
  /** The network answered for the callee: it rang, was busy, or does not exist. */
  | 'reached'
  /** The carrier took the call, and failed to set it up. */
  | 'failed_call';

export const WELL: TrunkHealth = {
  failedRequests: 0,
  failedCalls: 0,
  failureSentAtMs: null,
  rests: 0,
  restsUntilMs: null,
};

/** So many in a row are no accident of theirs. */
export const MOST_FAILED_IN_A_ROW = 30;

/** After a rest so many are sent to see whether it is well again. */
const TRIED_BY = 5;

/** A request that was provably not sent costs nothing: it is tried again soon, however often that has failed. */
const REST_AFTER_NOT_SENT_MS = 2_000;

/** Anything else may cost a call, or an attempt of it: the rest doubles. */
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 300_000;

/** What a call's end says of its trunk; null: nothing. */
export function signOfEnd(outcome: Outcome): SaidOfHealth | null {
  switch (outcome) {
    case 'carrier_failure':
      return 'failed_call';
    // Its limits are for its pace to learn; our own mistakes, and what we withdrew, are not its doing.
    case 'carrier_limit':
    case 'our_fault':
    case 'cancelled':
    case 'unknown':
      return null;
    default:
      return 'reached';
  }
}

/** What a sign makes of a trunk's health. */
export function healthAfter(health: TrunkHealth, { says, sentAtMs }: TrunkSign, nowMs: number): TrunkHealth {
  const { failedRequests, failedCalls, failureSentAtMs } = health;
  const failed = { ...health, failureSentAtMs: Math.min(failureSentAtMs ?? sentAtMs, sentAtMs) };
  // What was sent before it first failed, and goes well, says nothing of what it does now.
  const isNews = failureSentAtMs === null || sentAtMs > failureSentAtMs;
  switch (says) {
    case 'reached':
      return isNews ? WELL : health;
    case 'taken':
      return isNews ? takesRequests(health) : health;
    // Whenever that was sent: where nothing but answers is lost, calls are made, and everybody hears of them.
    case 'exists':
      return failedRequests === 0 ? health : takesRequests(health);
    case 'not_sent':
    case 'unknown':
      return rested({ ...failed, failedRequests: failedRequests + 1 }, says, nowMs);
    case 'failed_call':
      return rested({ ...failed, failedCalls: failedCalls + 1 }, says, nowMs);
  }
}

/** Whether nothing is to be sent over it. */
export function isResting({ restsUntilMs }: Pick<TrunkHealth, 'restsUntilMs'>, nowMs: number): boolean {
  return restsUntilMs !== null && restsUntilMs > nowMs;
}

/** One that takes requests and sets up no call is not well for taking them. */
function takesRequests(health: TrunkHealth): TrunkHealth {
  return health.failedCalls === 0 ? WELL : { ...health, failedRequests: 0 };
}

function rested(
  health: TrunkHealth,
  says: 'not_sent' | 'unknown' | 'failed_call',
  nowMs: number,
): TrunkHealth {
  const { failedRequests, failedCalls, rests } = health;
  // Those that were under way when it was laid to rest say nothing that is not known.
  if (isResting(health, nowMs)) return { ...health, ...mostKept(health) };
  if (failedRequests < MOST_FAILED_IN_A_ROW && failedCalls < MOST_FAILED_IN_A_ROW) return health;
  const doublingMs = Math.min(FIRST_REST_MS * 2 ** rests, LONGEST_REST_MS);
  const isFree = says === 'not_sent';
  return {
    ...health,
    ...mostKept(health),
    rests: isFree ? rests : rests + 1,
    restsUntilMs: nowMs + (isFree ? REST_AFTER_NOT_SENT_MS : doublingMs),
  };
}

/** So few are kept in mind that some more are sent after the rest before it rests again. */
function mostKept({ failedRequests, failedCalls }: TrunkHealth): Partial<TrunkHealth> {
  const most = MOST_FAILED_IN_A_ROW - TRIED_BY;
  return { failedRequests: Math.min(failedRequests, most), failedCalls: Math.min(failedCalls, most) };
}
