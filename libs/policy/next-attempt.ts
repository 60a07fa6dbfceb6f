import { nextLawfulOpening, type HoursFacts } from './lawful-hours.js';
import { numberFreeFrom, type NumberFacts } from './number-limits.js';

/** All that says when a call may go, beside the people who stop it. */
export type TimingFacts = HoursFacts & NumberFacts;

/**
 * The earliest instant, not before `from`, that the hours, the caps and the cooldowns all allow, as things stand: nothing
 * else is dialled to the number in between. Null: there is none before the campaign's end.
 */
export function nextAttemptAt(facts: TimingFacts, from: Date): Date | null {
  // Each part only moves the instant forward, so where none of them does, all agree.
  for (let at = from; ;) {
    const opens = nextLawfulOpening(facts, numberFreeFrom(facts, at));
    if (opens === null || opens <= at) return opens;
    at = opens;
  }
}
