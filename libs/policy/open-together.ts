import { compiled, DAY_MS, type CallingSchedule, type CompiledSchedule } from './calling-schedule.js';
import { closesAtMs, isOpen, nextOpeningMs } from './calling-window.js';
import { instantAt, instantMs, nearestInstant } from './instants.js';

/** Hours of one clock that a single schedule cannot tell, such as other ones on Saturdays: open where any of them is. */
export type WallClock = readonly CallingSchedule[];

/** Whether all clocks are open at the instant `at`. */
export function areOpen(clocks: readonly WallClock[], at: Date): boolean {
  return clocks.every((clock) => isOpenAny(clock, at));
}

/**
 * The earliest instant, not before `from`, at which all clocks are open; null when there is none within 400 days of the
 * first that any one of them waits for: clocks that never meet in more than a year, with every change of the hour in it,
 * do not meet.
 */
export function nextCommonOpening(clocks: readonly WallClock[], from: Date): Date | null {
  const plans = clocks.map((clock) => clock.map(compiled));
  let atMs = instantMs(from);
  let lastMs = Infinity;
  // Each clock moves the instant on to its own opening, until none of them moves it any more.
  for (let agreeing = 0, i = 0; agreeing < plans.length; i = (i + 1) % plans.length) {
    const opensMs = nextOpeningOfAny(plans[i]!, atMs);
    if (opensMs === Infinity || opensMs > lastMs) return null;
    agreeing = opensMs > atMs ? 1 : agreeing + 1;
    if (lastMs === Infinity) lastMs = opensMs + HORIZON_MS;
    atMs = opensMs;
  }
  return instantAt(atMs);
}

/** The first instant after `at` at which one of the clocks closes, at most 24 hours after; null when one is closed. */
export function commonClosing(clocks: readonly WallClock[], at: Date): Date | null {
  let earliestMs = Infinity;
  for (const clock of clocks) {
    const closesMs = closesOfAny(clock.map(compiled), instantMs(at));
    if (closesMs === null) return null;
    earliestMs = Math.min(earliestMs, closesMs);
  }
  return earliestMs === Infinity ? null : nearestInstant(earliestMs);
}

const HORIZON_MS = 400 * DAY_MS;

function isOpenAny(clock: WallClock, at: Date): boolean {
  return clock.some((schedule) => isOpen(schedule, at));
}

function nextOpeningOfAny(plans: readonly CompiledSchedule[], fromMs: number): number {
  let earliestMs = Infinity;
  for (const plan of plans) earliestMs = Math.min(earliestMs, nextOpeningMs(plan, fromMs));
  return earliestMs;
}

/** One schedule may end where another begins, as at midnight. */
function closesOfAny(plans: readonly CompiledSchedule[], atMs: number): number | null {
  const limitMs = atMs + DAY_MS;
  let untilMs = atMs;
  while (untilMs < limitMs) {
    let latestMs = untilMs;
    for (const plan of plans) latestMs = Math.max(latestMs, closesAtMs(plan, untilMs) ?? untilMs);
    if (latestMs === untilMs) break;
    untilMs = latestMs;
  }
  return untilMs === atMs ? null : Math.min(untilMs, limitMs);
}
