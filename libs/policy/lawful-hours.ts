import type { CallingSchedule } from './calling-window.js';
import { enforcedClocks, guardOf, type GuardFacts } from './legal-guard.js';
import { commonClosing, nextCommonOpening, type WallClock } from './open-together.js';

/** Whose hours a call keeps: its campaign's, and on top what the guard enforces. */
export type HoursFacts = GuardFacts & { campaign: CallingSchedule };

/** The earliest instant, not before `from`, at which the call may go; null when there is none. */
export function nextLawfulOpening(facts: HoursFacts, from: Date): Date | null {
  const clocks = clocksOf(facts, from);
  return clocks === null ? null : nextCommonOpening(clocks, from);
}

/** When the first of the hours closes that are all open at `at`; null when one is closed. At most 24 hours on. */
export function lawfulClosing(facts: HoursFacts, at: Date): Date | null {
  const clocks = clocksOf(facts, at);
  return clocks === null ? null : commonClosing(clocks, at);
}

/** Null: no hours would do, for nobody can tell the person's. */
function clocksOf(facts: HoursFacts, at: Date): WallClock[] | null {
  const guard = guardOf(facts, at);
  return guard.isBlind ? null : [[facts.campaign], ...enforcedClocks(guard)];
}
