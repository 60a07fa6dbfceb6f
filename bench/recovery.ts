/** Over which a pace is counted, in milliseconds: a shorter one would be chance. */
const WINDOW_MS = 1_000;

/** Steps in which a recovery is looked for, in milliseconds. */
const STEP_MS = 100;

/** Starts per second between two instants. */
export function steadyPace(starts: readonly number[], from: number, to: number): number {
  return between(starts, from, to) / ((to - from) / 1000);
}

/**
 * How many seconds after a harm the pace is back: from when on a second has as many starts as wanted, and so has all that
 * follows on average until the next harm; 0 where it never fell below. Single seconds have more or fewer by chance, undisturbed
 * too. Null: not before the next harm.
 * @param starts instants in milliseconds
 * @param wanted starts per second
 */
export function secondsBack(
  starts: readonly number[],
  harmedAt: number,
  wanted: number,
  withinMs: number,
): number | null {
  const endsAt = harmedAt + withinMs;
  // A second that ends with the harm was not harmed: the first that can show it begins there.
  for (let beginsAt = harmedAt; beginsAt + WINDOW_MS <= endsAt; beginsAt += STEP_MS) {
    const ofTheSecond = steadyPace(starts, beginsAt, beginsAt + WINDOW_MS);
    if (ofTheSecond >= wanted && steadyPace(starts, beginsAt, endsAt) >= wanted)
      return (beginsAt - harmedAt) / 1000;
  }
  return null;
}

function between(starts: readonly number[], from: number, to: number): number {
  return starts.filter((at) => at >= from && at < to).length;
}
