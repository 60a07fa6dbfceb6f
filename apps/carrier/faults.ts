import { RandomStream } from './random-stream.js';
import type { Scenario } from './scenario.js';

/** What an operator may switch on. Probabilities are 0 to 1; times are real milliseconds, whatever SPEED is. */
export interface Faults {
  /** A repeated id is answered with the call it already made, and does not ring again. */
  idempotent: boolean;
  /** Probability: the call is made, the connection is cut instead of an answer. */
  answer_lost: number;
  /** Probability: 500, and no call is made. */
  error_before_ring: number;
  /** Probability: the call is made, and the answer is 500. */
  error_after_ring: number;
  /** Probability: the request is never answered and no call is made. */
  hang: number;
  /**
   * The request is answered at once and the call begins this much later, look-ups saying 404 until then. As with
   * a carrier that queues, `not_after` is judged when the request arrives and not again.
   */
  late_start_ms: number;
  /** Probability, or on and off: look-ups are answered with 503. */
  lookup_down: number | boolean;
  /** Look-ups tell the state of this long ago. */
  lookup_lag_ms: number;
  /** Probability, of each callback: it is never sent. */
  drop_callbacks: number;
  /** Probability, of each callback: it is sent twice. */
  duplicate_callbacks: number;
  /** Probability, of each call: its callbacks are kept until its end and sent in any order. */
  shuffle_callbacks: number;
  /** Every callback is sent this long after what it tells. */
  callback_delay_ms: number;
  /** More requests than this in any second are answered with 429. 0 or null: no limit. */
  calls_per_second: number | null;
  /** Probability: 503 `overloaded`, and no call is made. */
  overloaded: number;
  /** The Retry-After of every 429 and 503 `overloaded`. 0 or null: none is asked for. */
  retry_after_seconds: number | null;
}

const NO_FAULTS: Readonly<Faults> = {
  idempotent: false,
  answer_lost: 0,
  error_before_ring: 0,
  error_after_ring: 0,
  hang: 0,
  late_start_ms: 0,
  lookup_down: 0,
  lookup_lag_ms: 0,
  drop_callbacks: 0,
  duplicate_callbacks: 0,
  shuffle_callbacks: 0,
  callback_delay_ms: 0,
  calls_per_second: null,
  overloaded: 0,
  retry_after_seconds: 1,
};

const PROBABILITY = { type: 'number', minimum: 0, maximum: 1 } as const;
const MILLISECONDS = { type: 'number', minimum: 0, maximum: 3_600_000 } as const;

/** JSON Schema of a change of faults. */
export const FAULTS_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    idempotent: { type: 'boolean' },
    answer_lost: PROBABILITY,
    error_before_ring: PROBABILITY,
    error_after_ring: PROBABILITY,
    hang: PROBABILITY,
    late_start_ms: MILLISECONDS,
    lookup_down: { type: ['number', 'boolean'], minimum: 0, maximum: 1 },
    lookup_lag_ms: MILLISECONDS,
    drop_callbacks: PROBABILITY,
    duplicate_callbacks: PROBABILITY,
    shuffle_callbacks: PROBABILITY,
    callback_delay_ms: MILLISECONDS,
    calls_per_second: { type: ['integer', 'null'], minimum: 0, maximum: 100_000 },
    overloaded: PROBABILITY,
    retry_after_seconds: { type: ['integer', 'null'], minimum: 0, maximum: 86_400 },
  } satisfies Record<keyof Faults, object>,
} as const;

/** The faults now in force. Those about a request, and the shuffling, are drawn when it arrives; the rest when due. */
export class FaultSwitches {
  private inForce: Readonly<Faults> = NO_FAULTS;

  get current(): Readonly<Faults> {
    return this.inForce;
  }

  /** Sets the given fields and leaves the others. Nothing given: all off. */
  change(fields: Partial<Faults>): Readonly<Faults> {
    const given = Object.keys(fields).length > 0;
    this.inForce = given ? { ...this.inForce, ...fields } : NO_FAULTS;
    return this.inForce;
  }

  clear(): Readonly<Faults> {
    return this.change({});
  }
}

/**
 * The scenario with the drawn fault of its request on top. At most one is drawn. A number that its digits refuse
 * does not ring under any fault: only the answer changes.
 */
export function withDrawnFault(scenario: Scenario, faults: Faults, stream: RandomStream): Scenario {
  // Every probability is drawn, so that switching one fault on does not move the calls another one hits.
  const hang = stream.chance(faults.hang);
  const errorBefore = stream.chance(faults.error_before_ring);
  const errorAfter = stream.chance(faults.error_after_ring);
  const lost = stream.chance(faults.answer_lost);
  if (hang) return { answer: 'hung', script: null, callbacks: 'none' };
  if (errorBefore) return { answer: 'error', script: null, callbacks: 'none' };
  if (errorAfter) return { ...scenario, answer: 'error' };
  if (lost) return { ...scenario, answer: 'dropped' };
  return scenario;
}

/** How often one callback is sent: 0 when it is dropped, 2 when it is doubled. */
export function drawnCopies(faults: Faults, stream: RandomStream): number {
  const dropped = stream.chance(faults.drop_callbacks);
  const doubled = stream.chance(faults.duplicate_callbacks);
  if (dropped) return 0;
  return doubled ? 2 : 1;
}
