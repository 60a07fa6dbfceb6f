import type { CallingSchedule } from './calling-window.js';
import { instantOfRamped, rampedMs, rampInForce, type WindowRamp } from './window-ramp.js';

/**
 * A campaign's own pace: at most so many starts in any 60 seconds, spread over them. Kept by one instant, from which on the
 * next start is on schedule (the generic cell rate algorithm, ITU-T I.371): a start may run ahead of the schedule by a
 * second's worth, and what was not used is not saved up beyond that. While its hours are newly open the schedule goes by the
 * time that the ramp counts, and nothing is saved up at the opening.
 */
export interface CampaignPace {
  /** From one start to the next, on schedule. */
  intervalMs: number;
  /** Starts that may go at once. */
  burst: number;
  /** Null: the hours have been open for longer. */
  ramp: WindowRamp | null;
}

const MINUTE_MS = 60_000;

/**
 * In any minute, its start included and its end not, `burst - 1` starts that ran ahead and one an interval fit: the interval
 * leaves room for the former, so that together they are never more than `callsPerMinute`. A ramp only makes them fewer.
 */
export function paceOf(callsPerMinute: number, ramp: WindowRamp | null = null): CampaignPace {
  const burst = Math.ceil(callsPerMinute / 60);
  return { intervalMs: MINUTE_MS / (callsPerMinute - burst + 1), burst, ramp };
}

/** How fast a campaign may be, of itself and of the house that it is in. */
export interface PaceSettings {
  /** Null: only the trunk's pace holds. */
  maxCallsPerMinute: number | null;
  /** Its own ramp, 0 for none; null: the house's. */
  rampSeconds: number | null;
}

/** The pace that holds for a campaign at `now`; null: none of its own. In a ramp, one without a pace rises to the trunk's. */
export function paceNow(
  campaign: CallingSchedule & PaceSettings,
  house: { trunkCallsPerSecond: number; rampSeconds: number },
  now: Date,
): CampaignPace | null {
  const ramp = rampInForce(campaign, campaign.rampSeconds ?? house.rampSeconds, now);
  if (campaign.maxCallsPerMinute !== null) return paceOf(campaign.maxCallsPerMinute, ramp);
  return ramp && paceOf(60 * house.trunkCallsPerSecond, ramp);
}

/**
 * How many calls may start at `nowMs`, one after another. Instants are epoch milliseconds with their fraction: at thousands a
 * minute, whole ones would cost a tenth of the pace.
 * @param onScheduleAtMs null: none has started yet
 */
export function startsFree(pace: CampaignPace, onScheduleAtMs: number | null, nowMs: number): number {
  const { intervalMs, burst, ramp } = pace;
  const aheadMs = Math.max(0, onScheduleMs(pace, onScheduleAtMs) - scheduleMs(ramp, nowMs));
  return Math.max(0, Math.floor(burst - aheadMs / intervalMs));
}

/** From when on a start is on schedule, after one at `startAtMs`. */
export function onScheduleAfter(
  pace: CampaignPace,
  onScheduleAtMs: number | null,
  startAtMs: number,
): number {
  const afterMs =
    Math.max(onScheduleMs(pace, onScheduleAtMs), scheduleMs(pace.ramp, startAtMs)) + pace.intervalMs;
  return pace.ramp === null ? afterMs : instantOfRamped(pace.ramp, afterMs);
}

/** An instant as the schedule counts: in a ramp, from its opening on. */
function scheduleMs(ramp: WindowRamp | null, atMs: number): number {
  return ramp === null ? atMs : rampedMs(ramp, atMs);
}

/** In a ramp, a schedule that has just begun has one start to give, and not a second's worth. */
function onScheduleMs({ intervalMs, burst, ramp }: CampaignPace, onScheduleAtMs: number | null): number {
  const keptMs = onScheduleAtMs === null ? -Infinity : scheduleMs(ramp, onScheduleAtMs);
  return ramp === null ? keptMs : Math.max(keptMs, (burst - 1) * intervalMs);
}
