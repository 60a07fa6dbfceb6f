import { isOpen, nextOpening, type CallingSchedule } from './calling-window.js';
import { nextAttemptAt, type TimingFacts } from './next-attempt.js';

/**
 * Parts of a day in which the same person is reached differently: who is out by day is in of an evening (Weeks, Kulka and
 * Pierson, "Optimal call scheduling for a telephone survey", 1987). Read on the campaign's clock.
 */
export const DAYPARTS = [
  { start: '00:00', end: '12:00' },
  { start: '12:00', end: '17:00' },
  { start: '17:00', end: '24:00' },
] as const;

/**
 * The time for a retry in the part of the day that was tried least, of those that can be reached within a day of the first
 * time allowed; among equals the earliest. Null: no time is allowed at all.
 * @param triedAt when the call's requests left so far
 * @param spreadMs how far into its part the retry is moved, where that is allowed too: thousands begin at noon
 */
export function nextInFreshDaypart(
  facts: TimingFacts,
  readyAt: Date,
  triedAt: readonly Date[],
  spreadMs: number,
): Date | null {
  const first = nextAttemptAt(facts, readyAt);
  if (first === null) return null;
  const lastMs = first.getTime() + DAY_MS;
  const reachable = DAYPARTS.map((part) => daypartOf(facts.campaign.timezone, part)).flatMap((part) => {
    const at = nextWithin(part, facts, first, lastMs);
    return at === null ? [] : [{ part, at, tries: triedAt.filter((tried) => isOpen(part, tried)).length }];
  });
  const [chosen] = reachable.sort((a, b) => a.tries - b.tries || a.at.getTime() - b.at.getTime());
  if (chosen === undefined) return first;
  const spread = new Date(chosen.at.getTime() + spreadMs);
  const isAllowed =
    isOpen(chosen.part, spread) && nextAttemptAt(facts, spread)?.getTime() === spread.getTime();
  return isAllowed ? spread : chosen.at;
}

const DAY_MS = 24 * 3_600_000;

function daypartOf(timezone: string, part: (typeof DAYPARTS)[number]): CallingSchedule {
  return {
    timezone,
    startDate: '1970-01-01',
    endDate: null,
    daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
    callTimeRanges: [part],
  };
}

/** The first time in a part of the day that all else allows, not after `lastMs`. */
function nextWithin(part: CallingSchedule, facts: TimingFacts, from: Date, lastMs: number): Date | null {
  for (let at = from; at.getTime() <= lastMs;) {
    const inPart = nextOpening(part, at);
    const allowed = inPart === null ? null : nextAttemptAt(facts, inPart);
    if (inPart === null || allowed === null || allowed.getTime() > lastMs) return null;
    if (allowed.getTime() === inPart.getTime()) return allowed;
    at = allowed;
  }
  return null;
}
