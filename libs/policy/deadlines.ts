/** After how long the reconciler acts on an attempt nobody speaks of, in seconds. All scale with the horizon. */
export interface Deadlines {
  /** A sending attempt that was not found, or cannot be asked about, is parked as unknown after this. */
  horizonSeconds: number;
  /** A sending or placed attempt is looked up after this much silence. */
  silenceSeconds: number;
  /** An end was told, but not all that came before it: how long to wait for the missing events before asking. */
  gapSeconds: number;
  /** An unknown attempt is looked for this often … */
  unknownEverySeconds: number;
  /** … and no longer than this after its request. */
  unknownUntilSeconds: number;
}

/** A claim older than this may not be sent any more. Judged by the database clock, in the fence. */
export const MAX_CLAIM_AGE_SECONDS = 2;

/** A claim older than this is taken back: later than any fence could pass. */
export const RECLAIM_SECONDS = 2.5;

/** A claim reserves a start at most this far ahead, well inside MAX_CLAIM_AGE_SECONDS. */
export const MAX_RESERVATION_SECONDS = 1;

/** A ticket offered and not claimed within this is offered again. */
export const REOFFER_SECONDS = 3;

/**
 * A campaign that completes itself does so no sooner after the last call was taken in: a client that hands its calls in
 * one by one must not find the campaign over between two of them.
 */
export const AUTO_COMPLETE_QUIET_SECONDS = 5;

/** How long a phone rings before the carrier gives up. */
export const RING_TIMEOUT_SECONDS = 30;

/** With the standard horizon of 600 s, a silent call is looked up after 15 s, and an unknown one for a day. */
export function deadlines(horizonSeconds: number): Deadlines {
  return {
    horizonSeconds,
    silenceSeconds: horizonSeconds / 40,
    gapSeconds: horizonSeconds / 600,
    unknownEverySeconds: horizonSeconds / 2,
    unknownUntilSeconds: horizonSeconds * 144,
  };
}

/** The n-th look-up without news waits twice as long as the one before, up to 32 times the silence. */
export function nextCheckSeconds({ silenceSeconds }: Deadlines, checksWithoutNews: number): number {
  return silenceSeconds * 2 ** Math.min(checksWithoutNews, 5);
}
