import type { IncomingHttpHeaders } from 'node:http';
import type { Outcome } from '#policy/outcomes.js';
import { retryAfterSeconds } from '#policy/retry-after.js';
import type { Placement } from './telephony-provider.js';

/** What kept a request to a carrier from what was asked. */
export type FailedRequest<Code = string | number> =
  /** No connection ever stood: not a byte of it has left. */
  | { kind: 'not_connected'; because: string }
  /** It, or a part of it, may have arrived. */
  | { kind: 'no_answer'; because: string }
  /** It was answered, and not with a success. `code`: the carrier's own word for why; null: it gave none. */
  | { kind: 'refused'; status: number; code: Code | null; headers: IncomingHttpHeaders };

/** One word for it. @param carrier goes before the carrier's own words */
export function whyFailed(failed: FailedRequest, carrier: string): string {
  if (failed.kind !== 'refused') return failed.because;
  return failed.code === null ? `status_${failed.status}` : `${carrier}_${failed.code}`;
}

/**
 * What a request for a call came to that failed.
 * @param outcome what the carrier's table says of the refusal; null: that it is no definite no
 */
export function placementOfFailed(
  failed: FailedRequest,
  outcome: Outcome | null,
  because: string,
): Placement {
  switch (failed.kind) {
    case 'not_connected':
      return { kind: 'not_sent', because };
    case 'no_answer':
      return { kind: 'unknown', because };
    case 'refused':
      if (outcome !== null) return refusalOf(failed, outcome, because);
      // Of a server in trouble it is not known what it had done by then.
      return failed.status === 503
        ? { kind: 'unknown', because, slowDown: { retryAfterSeconds: pauseAskedFor(failed) } }
        : { kind: 'unknown', because };
  }
}

/** A definite no. Only a limit is waited for. */
export function refusalOf(
  answer: { headers: IncomingHttpHeaders },
  outcome: Outcome,
  because: string,
): Extract<Placement, { kind: 'refused' }> {
  const pause = outcome === 'carrier_limit' ? pauseAskedFor(answer) : null;
  return { kind: 'refused', outcome, because, retryAfterSeconds: pause };
}

/** For how long the carrier asks not to be asked again; null: it does not say. */
export function pauseAskedFor({ headers }: { headers: IncomingHttpHeaders }): number | null {
  return retryAfterSeconds(headers['retry-after'], Date.now());
}
