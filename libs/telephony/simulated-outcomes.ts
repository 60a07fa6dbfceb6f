import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';

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

/** Q.850 causes and SIP codes of a failed call. A cause says more than a code, so it is asked first. */
const BY_Q850: Record<number, Outcome> = {
  1: 'invalid_number',
  22: 'invalid_number',
  28: 'invalid_number',
  17: 'busy',
  18: 'no_answer',
  19: 'no_answer',
  20: 'unreachable',
  21: 'rejected',
  34: 'carrier_failure',
  38: 'carrier_failure',
  41: 'carrier_failure',
  42: 'carrier_failure',
};

const BY_SIP: Record<number, Outcome> = {
  401: 'our_fault',
  403: 'our_fault',
  404: 'invalid_number',
  407: 'our_fault',
  408: 'no_answer',
  410: 'invalid_number',
  480: 'unreachable',
  484: 'invalid_number',
  486: 'busy',
  600: 'busy',
  603: 'rejected',
  604: 'invalid_number',
  607: 'blocked_by_carrier',
  608: 'blocked_by_carrier',
};

/** What a state is to us: progress, or an end with its outcome. A failure nobody can name is the carrier's. */
export function readState(
  state: SimulatedState,
  sipCode: number | null,
  q850: number | null,
): { kind: CarrierEvent['kind']; outcome: Outcome | null } {
  const progress = PROGRESS[state];
  if (progress !== undefined) return { kind: progress, outcome: null };
  const byCode = BY_Q850[q850 ?? -1] ?? BY_SIP[sipCode ?? -1] ?? 'carrier_failure';
  return { kind: 'ended', outcome: ENDS[state] ?? byCode };
}
