import { DisconnectReason } from '@livekit/protocol';
import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { outcomeOfFailure } from '../sip-outcomes.js';

type Progress = Exclude<CarrierEvent['kind'], 'ended'>;

/** What a word of LiveKit's means here. */
export type Reading =
  | { kind: Progress; outcome: null }
  | { kind: 'ended'; outcome: Outcome }
  /** Nothing in this table: it proves that there is a call, and nothing about it. */
  | { kind: 'indeterminate' };

/** Where a call stands, by the attribute `sip.callStatus` of its participant. */
const PROGRESS = new Map<string, Progress>([
  ['dialing', 'initiated'],
  ['ringing', 'ringing'],
  // Digits are sent to whoever answered.
  ['automation', 'answered'],
  ['active', 'answered'],
  // Set of an answered call that is being ended, never of one that was not: its end is told by the participant's leaving.
  ['hangup', 'answered'],
]);

/**
 * How a call ended that nobody answered, by why its participant left. LiveKit folds the network's codes into these few, and
 * tells no code beside them.
 */
const UNANSWERED_ENDS = new Map<DisconnectReason, Outcome>([
  // The ring timeout; SIP 404, 408, 480; a network that never gave a final answer.
  [DisconnectReason.USER_UNAVAILABLE, 'no_answer'],
  // SIP 486, 603 and the other 4xx and 6xx: a busy line, a callee who declined, a trunk that refused us. Of what it may be,
  // the one that leaves people alone for longest.
  [DisconnectReason.USER_REJECTED, 'rejected'],
  [DisconnectReason.SIP_TRUNK_FAILURE, 'carrier_failure'],
  [DisconnectReason.MEDIA_FAILURE, 'carrier_failure'],
  // What LiveKit's server makes of every reason it does not pass on: before an answer, of the network's failures (SIP 5xx).
  [DisconnectReason.CLIENT_INITIATED, 'carrier_failure'],
  // Somebody on our side ended it: this adapter, or the agent.
  [DisconnectReason.ROOM_DELETED, 'cancelled'],
  [DisconnectReason.ROOM_CLOSED, 'cancelled'],
  [DisconnectReason.PARTICIPANT_REMOVED, 'cancelled'],
]);

/**
 * Reasons that end no call: a participant that lost its connection to the room may come back with its call, and one that was
 * driven out by its double leaves a call behind.
 */
const NO_ENDS = new Set([
  DisconnectReason.DUPLICATE_IDENTITY,
  DisconnectReason.MIGRATION,
  DisconnectReason.SIGNAL_CLOSE,
  DisconnectReason.CONNECTION_TIMEOUT,
  DisconnectReason.STATE_MISMATCH,
  DisconnectReason.JOIN_FAILURE,
  DisconnectReason.SERVER_SHUTDOWN,
]);

/** Reasons by which a participant leaves only if nobody had answered, whatever its last status was. */
const PROVE_NO_ANSWER = new Set([DisconnectReason.USER_UNAVAILABLE, DisconnectReason.USER_REJECTED]);

/** What the status of a participant that is in its room tells. */
export function readStatus(word: string | undefined): Exclude<Reading, { kind: 'ended' }> {
  const progress = PROGRESS.get(word ?? '');
  return progress === undefined ? { kind: 'indeterminate' } : { kind: progress, outcome: null };
}

/** What a participant's leaving tells, by its reason and its last status. */
export function readLeaving(reason: DisconnectReason, word: string | undefined): Reading {
  if (NO_ENDS.has(reason)) return readStatus(word);
  const unanswered = UNANSWERED_ENDS.get(reason);
  if (unanswered === undefined) return { kind: 'indeterminate' };
  if (PROVE_NO_ANSWER.has(reason)) return { kind: 'ended', outcome: unanswered };
  const last = PROGRESS.get(word ?? '');
  if (last === undefined) return { kind: 'indeterminate' };
  return { kind: 'ended', outcome: last === 'answered' ? 'answered' : unanswered };
}

/** Twirp's words for a request that was not carried out, and the limits among them. Others leave that open. */
const REFUSALS = new Map<string, Outcome>([
  ['bad_route', 'our_fault'],
  ['malformed', 'our_fault'],
  ['unimplemented', 'our_fault'],
  ['invalid_argument', 'our_fault'],
  ['out_of_range', 'our_fault'],
  ['unauthenticated', 'our_fault'],
  ['permission_denied', 'our_fault'],
  // The trunk.
  ['not_found', 'our_fault'],
  // A trunk without a number to call from. Asked not to wait for the answer, LiveKit says it only before it dials.
  ['failed_precondition', 'our_fault'],
  ['resource_exhausted', 'carrier_limit'],
]);

/** HTTP statuses by which whatever stands before LiveKit's services says that it has not passed a request on. */
const REFUSED_BEFORE = new Map<number, Outcome>([
  [400, 'our_fault'],
  [401, 'our_fault'],
  [403, 'our_fault'],
  [404, 'our_fault'],
  [413, 'our_fault'],
  [429, 'carrier_limit'],
]);

/** What a refused request comes to; null where the answer leaves open whether it was carried out. */
export function readRefusal({
  status,
  code,
  sipCode,
}: {
  status: number;
  code: string | null;
  sipCode: number | null;
}): Outcome | null {
  if (sipCode !== null) return outcomeOfFailure(sipCode, null);
  return (code === null ? REFUSED_BEFORE.get(status) : REFUSALS.get(code)) ?? null;
}
