/**
 * The states of a call and of an attempt, and the only moves between them. The database carries the same
 * words; every write names the state it moves from, and a test walks these tables.
 */

export const CALL_STATES = [
  /** To be dialled at `next_attempt_at`. The feeder offers it; the claim moves it on. A process dying changes nothing. */
  'waiting',
  /** An attempt is open and has not rung yet. Events or the reconciler move it on; a crash leaves it to the reconciler. */
  'initiated',
  /** The phone rings. Events move it on; silence makes the reconciler ask the carrier. */
  'ringing',
  /** Somebody, or a machine, talks with the agent. As ringing. */
  'answered',
  /** Final: a conversation took place. */
  'completed',
  /** Final: a machine answered, and no retry is left. */
  'voicemail',
  /** Final: it rang, nobody answered, and no retry is left. */
  'no-answer',
  /** Final: engaged, and no retry is left. */
  'busy',
  /** Final: it could not be completed; the outcome says why. */
  'failed',
  /** Final: a rule forbids the call; the reason is kept. Nothing was dialled for it any more. */
  'blocked',
  /** Final: the campaign or the call was cancelled while it waited. */
  'cancelled',
  /** Final: the campaign ended, or the call's own deadline passed, while it waited. */
  'expired',
  /** Parked: nobody can tell whether the phone rang. Never redialled by itself; late proof or an operator moves it. */
  'outcome_unknown',
] as const;

export type CallState = (typeof CALL_STATES)[number];

const ENDS = ['completed', 'voicemail', 'no-answer', 'busy', 'failed', 'cancelled'] as const;
const PLANNED = ['waiting', 'outcome_unknown', ...ENDS] as const;

/** From each state, where a call may go. `waiting` out of an open state is a retry, or an attempt given back. */
export const CALL_MOVES: Record<CallState, readonly CallState[]> = {
  waiting: ['initiated', 'blocked', 'expired', ...ENDS],
  initiated: ['ringing', 'answered', ...PLANNED],
  ringing: ['answered', ...PLANNED],
  answered: [...PLANNED],
  outcome_unknown: ['waiting', ...ENDS],
  completed: [],
  voicemail: [],
  'no-answer': [],
  busy: [],
  failed: [],
  blocked: [],
  cancelled: [],
  expired: [],
};

/** States that hold an open attempt. */
export const ACTIVE_STATES = ['initiated', 'ringing', 'answered'] as const;

/** States in which nothing more will happen; exactly these have a finishing time (a CHECK holds that). */
export const FINAL_STATES = CALL_STATES.filter((state) => CALL_MOVES[state].length === 0);

export function isFinal(state: CallState): boolean {
  return CALL_MOVES[state].length === 0;
}

export function mayMove(from: CallState, to: CallState): boolean {
  return CALL_MOVES[from].includes(to);
}

export const ATTEMPT_STATES = [
  /** Decided and recorded, nothing sent. The fence moves it on; too old, the reconciler takes it back, which is
   *  safe because the fence then fails. */
  'claimed',
  /** The fence has committed: one request may have left. Never dialled again; the answer, an event or a look-up
   *  moves it on. A process dying here leaves it to the look-up. */
  'sending',
  /** The carrier has it. Events and look-ups move it on. */
  'placed',
  /** It has an outcome. Final. */
  'ended',
  /** Provably nothing was dialled; the try was given back. Kept as evidence. Final. */
  'released',
  /** The horizon passed without proof. Late proof still moves it to its true outcome. */
  'unknown',
] as const;

export type AttemptState = (typeof ATTEMPT_STATES)[number];

export const ATTEMPT_MOVES: Record<AttemptState, readonly AttemptState[]> = {
  claimed: ['sending', 'released'],
  sending: ['placed', 'ended', 'released', 'unknown'],
  placed: ['ended', 'unknown'],
  unknown: ['ended'],
  ended: [],
  released: [],
};

export const CAMPAIGN_STATES = ['draft', 'active', 'paused', 'completed', 'cancelled'] as const;

export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** The transitions of PATCH status; every other pair is INVALID_TRANSITION. */
export const CAMPAIGN_MOVES: Record<CampaignState, readonly CampaignState[]> = {
  draft: ['active', 'cancelled'],
  active: ['paused', 'completed', 'cancelled'],
  paused: ['active', 'completed', 'cancelled'],
  completed: [],
  cancelled: [],
};
