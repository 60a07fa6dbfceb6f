import type { CallState } from './call-lifecycle.js';

/**
 * How an attempt ended, in our words. Each carrier adapter maps its own words onto these in one table.
 * What follows from each word stands in OUTCOMES and nowhere else.
 */
export const OUTCOME_NAMES = [
  /** A person (or nobody we can tell from one) took the call, and it ended in the ordinary way. */
  'answered',
  /** A machine took the call. */
  'voicemail',
  /** It rang until the ring timeout. */
  'no_answer',
  /** The line was engaged (SIP 486, 600). */
  'busy',
  /** The callee declined (SIP 603). */
  'rejected',
  /** The number does not exist (SIP 404, 410, 484, 604; Q.850 1, 22, 28). */
  'invalid_number',
  /** The subscriber cannot be reached for now (SIP 480 with Q.850 20). */
  'unreachable',
  /** The carrier or an analytics service blocked the call (SIP 607, 608). */
  'blocked_by_carrier',
  /** Too many calls for the trunk (HTTP 429; Q.850 34, 42, 44 before ringing). Nothing was dialled: given back. */
  'carrier_limit',
  /** The network failed (SIP 5xx; a final 503 without a Q.850 cause is this). */
  'carrier_failure',
  /** Our credentials, caller id or request are wrong. The contact is not to blame: the campaign stops. */
  'our_fault',
  /** We hung up, or withdrew the call, before it was answered. */
  'cancelled',
  /** Nobody can tell whether the phone rang. Parked until somebody can. */
  'unknown',
] as const;

export type Outcome = (typeof OUTCOME_NAMES)[number];

/** Which of the campaign's cooldowns follows an outcome. */
export type CooldownClass = 'success' | 'voicemail' | 'no_answer' | 'busy' | 'failed';

export interface OutcomeRule {
  /** The call's state when no retry follows. */
  finalState: Extract<
    CallState,
    'completed' | 'voicemail' | 'no-answer' | 'busy' | 'failed' | 'cancelled' | 'outcome_unknown'
  >;
  /** The cooldown class a retry waits for; null where a retry never helps, and where the try is given back. */
  retryClass: CooldownClass | null;
  /** Whether the attempt used up one of the contact's tries. One that did not is given back. */
  spendsAttempt: boolean;
}

/** The one table of outcomes. */
export const OUTCOMES: Record<Outcome, OutcomeRule> = {
  answered: { finalState: 'completed', retryClass: 'success', spendsAttempt: true },
  voicemail: { finalState: 'voicemail', retryClass: 'voicemail', spendsAttempt: true },
  no_answer: { finalState: 'no-answer', retryClass: 'no_answer', spendsAttempt: true },
  busy: { finalState: 'busy', retryClass: 'busy', spendsAttempt: true },
  rejected: { finalState: 'failed', retryClass: 'failed', spendsAttempt: true },
  invalid_number: { finalState: 'failed', retryClass: null, spendsAttempt: true },
  unreachable: { finalState: 'failed', retryClass: 'failed', spendsAttempt: true },
  blocked_by_carrier: { finalState: 'failed', retryClass: null, spendsAttempt: true },
  carrier_limit: { finalState: 'failed', retryClass: null, spendsAttempt: false },
  carrier_failure: { finalState: 'failed', retryClass: 'failed', spendsAttempt: true },
  our_fault: { finalState: 'failed', retryClass: null, spendsAttempt: false },
  cancelled: { finalState: 'cancelled', retryClass: null, spendsAttempt: true },
  unknown: { finalState: 'outcome_unknown', retryClass: null, spendsAttempt: true },
};
