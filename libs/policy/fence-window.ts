/**
 * What may pass the fence over a trunk: so many starts in any stretch of time, counted as they pass. A reserved start says when
 * a request should leave; a process that was held up and then hurries makes several of them one. Instants are epoch milliseconds
 * with their fraction.
 */
export interface FenceLimit {
  /** Starts … */
  most: number;
  /** … in any stretch of this length, its end not included. */
  withinMs: number;
}

/** The starts over a trunk that passed lately, the oldest first: those of one transaction have one instant. */
export interface FencedStarts {
  atMs: readonly number[];
  /** How many, at each instant. */
  starts: readonly number[];
}

/** How starts that ask to pass now are told. */
export interface FenceVerdict {
  /** So many of those asking pass now, the first of them. */
  passing: number;
  /** When each of the others would pass if nobody else came: in the order asked. */
  passAtMs: number[];
  /** What is to be kept of the trunk from now on. */
  after: FencedStarts;
}

/** Nothing passed yet. */
export const NOTHING_FENCED: FencedStarts = { atMs: [], starts: [] };

/** Of the time that ways to the provider may differ by, this much is for what lies after the fence; the rest for what lies before. */
const AFTER_THE_FENCE = 1 / 2;

/**
 * As many as the trunk may start in a second, or one where that is longer: never more pass than the rate says, and never more
 * arrive as long as no request takes half of `jitterMs` longer than another from the fence to the provider. Reserved starts are
 * spread by the whole of it (`reservableRate`), so those that were held up find room.
 */
export function fenceLimit(callsPerSecond: number, jitterMs: number): FenceLimit {
  const most = Math.ceil(callsPerSecond);
  return { most, withinMs: (1000 * most) / callsPerSecond + jitterMs * AFTER_THE_FENCE };
}

/** Which of `asked` starts pass at this instant, after those that did. */
export function passAt(
  earlier: FencedStarts,
  asked: number,
  { most, withinMs }: FenceLimit,
  nowMs: number,
): FenceVerdict {
  const counted = countedAt(earlier, withinMs, nowMs);
  const passed = counted.starts.reduce((total, starts) => total + starts, 0);
  const passing = Math.min(asked, Math.max(0, most - passed));
  const after: FencedStarts =
    passing === 0 ? counted : { atMs: [...counted.atMs, nowMs], starts: [...counted.starts, passing] };
  return { passing, passAtMs: laterPasses(after, asked - passing, withinMs), after };
}

/** What still counts. A clock that was put back leaves starts in the future: they count from now, or they would hold up all until then. */
function countedAt({ atMs, starts }: FencedStarts, withinMs: number, nowMs: number): FencedStarts {
  const known = atMs.map((at, place) => ({ atMs: Math.min(at, nowMs), starts: starts[place]! }));
  const counting = known.filter((one) => nowMs - one.atMs < withinMs);
  return { atMs: counting.map((one) => one.atMs), starts: counting.map((one) => one.starts) };
}

/** Each comes when one that passed does not count any more, round and round. */
function laterPasses({ atMs, starts }: FencedStarts, waiting: number, withinMs: number): number[] {
  const each = atMs.flatMap((at, place) => Array<number>(starts[place]!).fill(at));
  return Array.from(
    { length: waiting },
    (_, nth) => each[nth % each.length]! + withinMs * (1 + Math.floor(nth / each.length)),
  );
}
