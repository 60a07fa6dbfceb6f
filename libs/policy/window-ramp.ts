import { closesAt, nextOpening, type CallingSchedule } from './calling-window.js';

/** The first time after a campaign's hours have opened, in which its starts rise to its rate. Epoch milliseconds. */
export interface WindowRamp {
  openedAtMs: number;
  endsAtMs: number;
}

/** Of its rate, what a campaign starts in the instant its hours open; from there the share rises evenly to the whole. */
const FIRST_SHARE = 1 / 5;

/** The longest that a ramp may be set to. */
export const MAX_RAMP_SECONDS = 3_600;

/**
 * The ramp that a campaign is in at `now`; null: its hours are closed, or have been open for longer. Hours that touch, over
 * midnight too, open once.
 * @param rampSeconds 0: there is none
 */
export function rampInForce(schedule: CallingSchedule, rampSeconds: number, now: Date): WindowRamp | null {
  const rampMs = rampSeconds * 1000;
  const since = new Date(now.getTime() - rampMs);
  let opens = rampMs > 0 ? nextOpening(schedule, since) : null;
  while (opens !== null && opens <= now) {
    const closes = closesAt(schedule, opens);
    if (closes === null) return null;
    if (closes > now) {
      // Open at the beginning of the look back: it has been for the ramp's whole time.
      if (opens.getTime() === since.getTime()) return null;
      return { openedAtMs: opens.getTime(), endsAtMs: opens.getTime() + rampMs };
    }
    opens = nextOpening(schedule, closes);
  }
  return null;
}

/** What share of its rate a campaign starts at an instant: 1 once the ramp is over. */
export function rampShare({ openedAtMs, endsAtMs }: WindowRamp, atMs: number): number {
  const part = Math.min(Math.max((atMs - openedAtMs) / (endsAtMs - openedAtMs), 0), 1);
  return FIRST_SHARE + (1 - FIRST_SHARE) * part;
}

/**
 * How much time has passed since the opening as the ramp counts it: a second at a share of a half is half a second. So at
 * this pace of time a campaign may keep its whole rate. What lies before the opening is negative.
 */
export function rampedMs({ openedAtMs, endsAtMs }: WindowRamp, atMs: number): number {
  const sinceMs = atMs - openedAtMs;
  const rampMs = endsAtMs - openedAtMs;
  if (sinceMs <= 0) return sinceMs;
  if (sinceMs >= rampMs) return sinceMs - rampMs + countedOf(rampMs);
  return FIRST_SHARE * sinceMs + ((1 - FIRST_SHARE) * sinceMs ** 2) / (2 * rampMs);
}

/** The instant up to which so much time has passed: the inverse of `rampedMs`. */
export function instantOfRamped({ openedAtMs, endsAtMs }: WindowRamp, passedMs: number): number {
  const rampMs = endsAtMs - openedAtMs;
  if (passedMs <= 0) return openedAtMs + passedMs;
  if (passedMs >= countedOf(rampMs)) return endsAtMs + passedMs - countedOf(rampMs);
  const root = Math.sqrt(FIRST_SHARE ** 2 + (2 * (1 - FIRST_SHARE) * passedMs) / rampMs);
  return openedAtMs + (rampMs * (root - FIRST_SHARE)) / (1 - FIRST_SHARE);
}

/** What a whole ramp counts for. */
function countedOf(rampMs: number): number {
  return (rampMs * (1 + FIRST_SHARE)) / 2;
}
