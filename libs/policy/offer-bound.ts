/**
 * How many tickets may wait to be taken: about as many as the dialers take in a second. More would wait so long that they are
 * offered again while they wait, and the queue would stand between a change of turns and its effect.
 */
export interface OfferBound {
  mostWaiting: number;
}

/** What was seen of the queue since the last look. */
export interface QueueSeen {
  /** Tickets that wait now. */
  waiting: number;
  /** Tickets that have been taken since the last look. */
  taken: number;
  elapsedMs: number;
}

/** Dialers that have had nothing to do for a while find this many at once. */
const LEAST_WAITING = 200;

/** However fast they are. */
const MOST_WAITING = 20_000;

const SECOND_MS = 1_000;

/** Before anything was seen. */
export const FIRST_OFFER_BOUND: OfferBound = { mostWaiting: LEAST_WAITING };

/** The bound after a look. A queue found empty may have been empty for long: what was taken says less than they could take. */
export function boundAfter(
  { mostWaiting }: OfferBound,
  { waiting, taken, elapsedMs }: QueueSeen,
): OfferBound {
  const inASecond = elapsedMs > 0 ? Math.ceil((Math.max(0, taken) * SECOND_MS) / elapsedMs) : mostWaiting;
  const wanted = waiting > 0 ? inASecond : taken > 0 ? Math.max(2 * mostWaiting, inASecond) : mostWaiting;
  return { mostWaiting: Math.min(Math.max(wanted, LEAST_WAITING), MOST_WAITING) };
}

/** How many more may be offered now. */
export function roomToOffer({ mostWaiting }: OfferBound, waiting: number): number {
  return Math.max(0, mostWaiting - waiting);
}
