import { closesAt, isOpen, nextOpening, type CallingSchedule } from './calling-window.js';

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
  let at = from;
  let lastMs = Infinity;
  // Each clock moves the instant on to its own opening, until none of them moves it any more.
  for (let agreeing = 0, i = 0; agreeing < clocks.length; i = (i + 1) % clocks.length) {
    const opens = nextOpeningOfAny(clocks[i] ?? [], at);
    if (opens === null || opens.getTime() > lastMs) return null;
    agreeing = opens > at ? 1 : agreeing + 1;
    if (lastMs === Infinity) lastMs = opens.getTime() + HORIZON_MS;
    at = opens;
  }
  return at;
}

/** The first instant after `at` at which one of the clocks closes, at most 24 hours after; null when one is closed. */
export function commonClosing(clocks: readonly WallClock[], at: Date): Date | null {
  let earliest: Date | null = null;
  for (const clock of clocks) {
    const closes = closesOfAny(clock, at);
    if (closes === null) return null;
    if (earliest === null || closes < earliest) earliest = closes;
  }
  return earliest;
}

const HORIZON_MS = 400 * 86_400_000;

function isOpenAny(clock: WallClock, at: Date): boolean {
  return clock.some((schedule) => isOpen(schedule, at));
}

function nextOpeningOfAny(clock: WallClock, from: Date): Date | null {
  return clock.reduce<Date | null>((earliest, schedule) => {
    const opens = nextOpening(schedule, from);
    return opens !== null && (earliest === null || opens < earliest) ? opens : earliest;
  }, null);
}

/** One schedule may end where another begins, as at midnight. */
function closesOfAny(clock: WallClock, at: Date): Date | null {
  const limitMs = at.getTime() + DAY_MS;
  let closes: Date | null = null;
  for (let next: Date | null = at; next !== null && next.getTime() < limitMs;) {
    const from: Date = next;
    next = clock.reduce<Date | null>((latest, schedule) => {
      const end = closesAt(schedule, from);
      return end !== null && (latest === null || end > latest) ? end : latest;
    }, null);
    closes = next ?? closes;
  }
  return closes === null ? null : new Date(Math.min(closes.getTime(), limitMs));
}

const DAY_MS = 86_400_000;
