import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { outcomeOfFailure } from '../sip-outcomes.js';

/** What a channel's state means here; `indeterminate`: a word that is not in this table. */
export type StateReading =
  Exclude<CarrierEvent['kind'], 'ended' | 'machine'> | 'not_dialled' | 'indeterminate';

/**
 * The states of a channel. `Down` is both a channel that was never dialled and one whose phone does not ring yet: it proves
 * neither.
 */
const STATES = new Map<string, StateReading>([
  ['Down', 'not_dialled'],
  ['Rsrved', 'not_dialled'],
  ['OffHook', 'initiated'],
  ['Dialing', 'initiated'],
  ['Dialing Offhook', 'initiated'],
  ['Pre-ring', 'initiated'],
  ['Busy', 'initiated'],
  ['Ring', 'ringing'],
  ['Ringing', 'ringing'],
  ['Up', 'answered'],
]);

export function readState(word: string): StateReading {
  return STATES.get(word) ?? 'indeterminate';
}

/** The reason with which the adapter deletes a channel that it has not dialled, and the Q.850 cause that is told of it. */
export const WITHDRAWN = { reason: 'answered_elsewhere', cause: 26 } as const;

/** The cause of a channel that was hung up in the ordinary way: before it was answered, by us. */
const NORMAL_CLEARING = 16;

/** SIP's word for a call that its caller took back. */
const REQUEST_TERMINATED = 487;

/**
 * SIP codes that Asterisk puts under a cause that says less: 401, 403, 407 and 603 are all 21 there, and what it does not
 * know is 127.
 */
const SAYS_MORE_THAN_THE_CAUSE = new Set([401, 403, 407, 603, 607, 608]);

/** How a channel ended, as `ChannelDestroyed` tells. */
export interface ChannelEnd {
  /** The last state it had. */
  state: string;
  /** Q.850, as Asterisk has it, also where SIP was spoken; 0: none. */
  cause: number;
  /** The SIP code; null: it did not come to one, or this Asterisk is too old to tell it. */
  techCause: number | null;
}

/**
 * What a call came to; null: there never was a call, for its channel was withdrawn before it was dialled. The dial status is
 * not asked: it says NOANSWER of a number that does not exist and of a call that was declined alike.
 */
export function readEnd({ state, cause, techCause }: ChannelEnd): Outcome | null {
  if (state === 'Up') return 'answered';
  if (cause === WITHDRAWN.cause && readState(state) === 'not_dialled') return null;
  if (techCause !== null && SAYS_MORE_THAN_THE_CAUSE.has(techCause)) return outcomeOfFailure(techCause, null);
  if (cause === NORMAL_CLEARING && (techCause === null || techCause === REQUEST_TERMINATED))
    return 'cancelled';
  // Asterisk of 2024 and before ends a ring timeout so, and names no cause.
  if (cause === 0 && techCause === null && readState(state) === 'ringing') return 'no_answer';
  return outcomeOfFailure(techCause, cause);
}
