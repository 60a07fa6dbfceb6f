import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { outcomeOfFailure } from './sip-outcomes.js';

/** The simulated carrier's words for a call's state, in its events and look-ups. */
export const SIMULATED_STATES = [
  'initiated',
  'ringing',
  'answered',
  'machine',
  'completed',
  'busy',
  'no_answer',
  'rejected',
  'failed',
  'canceled',
] as const;

export type SimulatedState = (typeof SIMULATED_STATES)[number];

const PROGRESS: Partial<Record<SimulatedState, CarrierEvent['kind']>> = {
  initiated: 'initiated',
  ringing: 'ringing',
  answered: 'answered',
  machine: 'machine',
};

const ENDS: Partial<Record<SimulatedState, Outcome>> = {
  completed: 'answered',
  busy: 'busy',
  no_answer: 'no_answer',
  rejected: 'rejected',
  canceled: 'cancelled',
};

/** What a state is to us: progress, or an end with its outcome. A failure nobody can name is the carrier's. */
export function readState(
  state: SimulatedState,
  sipCode: number | null,
  q850: number | null,
): { kind: CarrierEvent['kind']; outcome: Outcome | null } {
  const progress = PROGRESS[state];
  if (progress !== undefined) return { kind: progress, outcome: null };
  return { kind: 'ended', outcome: ENDS[state] ?? outcomeOfFailure(sipCode, q850) };
}
