/** The last instant that a `Date` can hold, in the year 275760. */
const LAST_INSTANT_MS = 8_640_000_000_000_000;

/** Epoch milliseconds. @throws Error for an invalid `Date` */
export function instantMs(date: Date): number {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new Error('Not an instant: invalid Date');
  return ms;
}

/** Null past the last instant that there is, as for Infinity. */
export function instantAt(ms: number): Date | null {
  return ms <= LAST_INSTANT_MS ? new Date(ms) : null;
}

/** What a `Date` can hold, nearest to `ms`. */
export function nearestInstant(ms: number): Date {
  return new Date(Math.max(-LAST_INSTANT_MS, Math.min(LAST_INSTANT_MS, ms)));
}
