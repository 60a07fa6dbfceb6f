import { pauseAskedFor, refusalOf } from '../failed-request.js';
import type { SingleAnswer } from '../single-request.js';
import type { Placement } from '../telephony-provider.js';

/** What is to be done after an answer. */
export type Step =
  /** It is done: go on. */
  | { kind: 'done' }
  /** Try again what was refused: provably nothing was done. */
  | { kind: 'refused_for_now' }
  /** This is what the request came to. */
  | { kind: 'placement'; placement: Placement; isChannelLeft: boolean };

/** Statuses by which Asterisk, or what stands before it, says for sure that it did not do what it was asked. */
const REFUSALS = new Set([400, 401, 403, 405, 413, 414, 422]);

/**
 * What the answer to a creation leads to. A channel rings nobody before it is dialled, and nobody dials it but the request
 * that was to follow: so whatever kept the creation from its answer, the phone provably does not ring. But for one: where
 * Asterisk has a channel under this attempt's id already, another request of the same attempt has made it, and may ring.
 */
export function afterCreation(answer: SingleAnswer): Step {
  if (answer.kind !== 'answered')
    return withoutCall({ kind: 'not_sent', because: answer.because }, answer.kind === 'no_answer');
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: 'done' };
  const because = `create_status_${status}`;
  if (status === 409) return withoutCall({ kind: 'unknown', because: 'channel_exists' }, false);
  if (status === 429 || status === 503)
    return withoutCall(refusalOf(answer, 'carrier_limit', because), false);
  if (REFUSALS.has(status) || status === 404)
    return withoutCall(refusalOf(answer, 'our_fault', because), false);
  return withoutCall({ kind: 'not_sent', because }, true);
}

/**
 * What the answer to a dial leads to. What says for sure that this request did nothing says that nobody rings, for it is the
 * only one; after anything else the phone may ring.
 */
export function afterDial(answer: SingleAnswer, providerCallId: string): Step {
  if (answer.kind === 'not_connected')
    return withoutCall({ kind: 'not_sent', because: answer.because }, true);
  if (answer.kind === 'no_answer') return itsCalls({ kind: 'unknown', because: answer.because });
  const { status } = answer;
  if (status >= 200 && status < 300) return itsCalls({ kind: 'accepted', providerCallId });
  const because = `dial_status_${status}`;
  // Asterisk ends a channel at once whose application nobody listens to; or it was hung up meanwhile.
  if (status === 404) return withoutCall({ kind: 'not_sent', because: 'channel_gone' }, false);
  // Not handed to the application yet, or dialled already: the channel says which.
  if (status === 409) return { kind: 'refused_for_now' };
  if (status === 429) return withoutCall(refusalOf(answer, 'carrier_limit', because), true);
  if (REFUSALS.has(status)) return withoutCall(refusalOf(answer, 'our_fault', because), true);
  return itsCalls({
    kind: 'unknown',
    because,
    ...(status === 503 ? { slowDown: { retryAfterSeconds: pauseAskedFor(answer) } } : {}),
  });
}

function withoutCall(placement: Placement, isChannelLeft: boolean): Step {
  return { kind: 'placement', placement, isChannelLeft };
}

/** The channel is that of a call, or may be. */
function itsCalls(placement: Placement): Step {
  return { kind: 'placement', placement, isChannelLeft: false };
}
