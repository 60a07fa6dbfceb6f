/**
 * How long calls have been waiting that every rule and every limit would let go, and no dialer takes: what whoever feeds sees of
 * it from look to look. What waits for its hours, a slot, a start of the trunk or its campaign's pace is never offered, so it
 * is no part of it. Instants are milliseconds that never go back.
 */
export interface HeldUp {
  /** Of each call that was offered and is not taken, when it was offered for the first time. */
  offeredAtMs: ReadonlyMap<string, number>;
  /** Since when more could be offered, and is not, for the dialers do not take what there is; null: they do. */
  fullSinceMs: number | null;
}

/** What one look has seen. */
export interface HeldUpSeen {
  /** Offered before, and not taken yet. */
  onOffer: readonly string[];
  /** Offered by this look, some of them perhaps again: their ticket was not taken in time. */
  offered: readonly string[];
  /** Whether it offered no more for there were as many tickets as the dialers take in a while. */
  isFull: boolean;
  nowMs: number;
}

/** Nothing is. */
export const NOT_HELD_UP: HeldUp = { offeredAtMs: new Map(), fullSinceMs: null };

export function heldUpAfter(before: HeldUp, { onOffer, offered, isFull, nowMs }: HeldUpSeen): HeldUp {
  const first = (callId: string): [string, number] => [callId, before.offeredAtMs.get(callId) ?? nowMs];
  return {
    offeredAtMs: new Map([...onOffer, ...offered].map(first)),
    fullSinceMs: isFull ? (before.fullSinceMs ?? nowMs) : null,
  };
}

/** For how long the longest of it has been waiting. */
export function heldUpSeconds({ offeredAtMs, fullSinceMs }: HeldUp, nowMs: number): number {
  let sinceMs = fullSinceMs ?? nowMs;
  for (const atMs of offeredAtMs.values()) sinceMs = Math.min(sinceMs, atMs);
  return Math.max(0, nowMs - sinceMs) / 1000;
}
