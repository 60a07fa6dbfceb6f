import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { outcomeOfFailure } from '../sip-outcomes.js';

/** What a word of Twilio's means here. */
export type Reading =
  | { kind: Exclude<CarrierEvent['kind'], 'ended'>; outcome: null }
  | { kind: 'ended'; outcome: Outcome }
  /** A word that is not in this table: it proves that there is a call, and nothing about it. */
  | { kind: 'indeterminate' };

/** Twilio's words for a call that goes on, in callbacks (`CallStatus`) and look-ups (`status`). */
const PROGRESS = new Map<string, Exclude<CarrierEvent['kind'], 'ended'>>([
  ['queued', 'initiated'],
  ['initiated', 'initiated'],
  ['ringing', 'ringing'],
  ['in-progress', 'answered'],
]);

/** Its words for one that has ended, where the network's own code does not say more. */
const ENDS = new Map<string, Outcome>([
  ['completed', 'answered'],
  ['busy', 'busy'],
  ['no-answer', 'no_answer'],
  ['canceled', 'cancelled'],
]);

/** SIP codes that say more than Twilio's `busy` and `no-answer` do: a call declined, or blocked on its way. */
const MORE_EXACT_THAN_THE_WORD = new Set([603, 607, 608]);

/**
 * What a call's status tells. The network's code comes before Twilio's word where it says more; a failure that nothing
 * explains is the carrier's and never the number's, for Twilio says `failed` of both.
 */
export function readStatus(word: string, sipCode: number | null): Reading {
  const progress = PROGRESS.get(word);
  if (progress !== undefined) return { kind: progress, outcome: null };
  if (word === 'failed') return { kind: 'ended', outcome: outcomeOfFailure(sipCode, null) };
  const outcome = ENDS.get(word);
  if (outcome === undefined) return { kind: 'indeterminate' };
  const isOvertold =
    (outcome === 'busy' || outcome === 'no_answer') && MORE_EXACT_THAN_THE_WORD.has(sipCode ?? 0);
  return { kind: 'ended', outcome: isOvertold ? outcomeOfFailure(sipCode, null) : outcome };
}

/** Who answered, by Twilio's machine detection (`AnsweredBy`); null: it cannot tell, or has no such word. */
export function readAnsweredBy(word: string | null | undefined): 'human' | 'machine' | null {
  if (word === 'human') return 'human';
  return word === 'fax' || word?.startsWith('machine_') || word === 'machine' ? 'machine' : null;
}

/** Twilio's error codes for a call that it refuses to create. Whatever is not here is a fault of ours: see below. */
const REFUSALS: Record<number, Outcome> = {
  // The number: it does not exist, or is not one.
  21211: 'invalid_number',
  21217: 'invalid_number',
  21401: 'invalid_number',
  // The number, for now.
  21214: 'unreachable',
  13224: 'unreachable',
  // The number, as Twilio blocks it.
  21216: 'blocked_by_carrier',
  // Limits: of requests a second, of requests at once, of calls at once, of calls queued.
  20429: 'carrier_limit',
  10004: 'carrier_limit',
  22005: 'carrier_limit',
  86008: 'carrier_limit',
};

/** HTTP statuses by which Twilio says for sure that it has made no call. */
const DEFINITE_NO = new Set([400, 401, 403, 404, 413, 422]);

/**
 * What a refused creation comes to; null where the status leaves open whether a call was made. An unknown code with a
 * definite no is our fault (the account, the caller id, permissions): the campaign stops and says the code, and no contact
 * is used up by what may refuse them all.
 */
export function readRefusal(status: number, code: number | null): Outcome | null {
  if (status === 429) return 'carrier_limit';
  if (!DEFINITE_NO.has(status)) return null;
  return REFUSALS[code ?? 0] ?? 'our_fault';
}
