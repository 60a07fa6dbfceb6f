/** Over which a pace is counted, in milliseconds: a shorter one would be chance. */
const WINDOW_MS = 1_000;

/** Steps in which a recovery is looked for, in milliseconds. */
const STEP_MS = 100;

/** Starts per second between two instants. */
export function steadyPace(starts: readonly number[], from: number, to: number): number {
  return between(starts, from, to) / ((to - from) / 1000);
}

/**
 * How many seconds after a harm the starts of a second are first as many as wanted: 0 where they never fell below. Not
 * so within the time until the next harm: all of it.
 * @param starts instants in milliseconds
 * @param wanted starts per second
 */
export function secondsBack(
  starts: readonly number[],
  harmedAt: number,
  wanted: number,
  withinMs: number,
): number {
  let backAt: number | null = 0;
  // A second that ends with the harm was not harmed: the first that can show it begins there.
  for (let begin = 0; begin + WINDOW_MS <= withinMs; begin += STEP_MS) {
    const isAtPace = between(starts, harmedAt + begin, harmedAt + begin + WINDOW_MS) >= wanted;
    if (!isAtPace) backAt = null;
    else backAt ??= begin;
  }
  return (backAt ?? withinMs) / 1000;
}

function between(starts: readonly number[], from: number, to: number): number {
  return starts.filter((at) => at >= from && at < to).length;
}
