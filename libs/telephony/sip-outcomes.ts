import type { Outcome } from '#policy/outcomes.js';

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

/** What a failed call came to. A failure that no code explains is the carrier's: never the number's. */
export function outcomeOfFailure(sipCode: number | null, q850: number | null): Outcome {
  return BY_Q850[q850 ?? -1] ?? BY_SIP[sipCode ?? -1] ?? 'carrier_failure';
}
