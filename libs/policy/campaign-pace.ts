/**
 * A campaign's own pace: at most so many starts in any 60 seconds, spread over them. Kept by one instant, from which on the
 * next start is on schedule (the generic cell rate algorithm, ITU-T I.371): a start may run ahead of the schedule by a
 * second's worth, and what was not used is not saved up beyond that.
 */
export interface CampaignPace {
  /** From one start to the next, on schedule. */
  intervalMs: number;
  /** Starts that may go at once. */
  burst: number;
}

const MINUTE_MS = 60_000;

/**
 * In any minute, its start included and its end not, `burst - 1` starts that ran ahead and one an interval fit: the interval
 * leaves room for the former, so that together they are never more than `callsPerMinute`.
 */
export function paceOf(callsPerMinute: number): CampaignPace {
  const burst = Math.ceil(callsPerMinute / 60);
  return { intervalMs: MINUTE_MS / (callsPerMinute - burst + 1), burst };
}

/**
 * How many calls may start at `nowMs`, one after another. Instants are epoch milliseconds with their fraction: at thousands a
 * minute, whole ones would cost a tenth of the pace.
 * @param onScheduleAtMs null: none has started yet
 */
export function startsFree(
  { intervalMs, burst }: CampaignPace,
  onScheduleAtMs: number | null,
  nowMs: number,
): number {
  const aheadMs = Math.max(0, (onScheduleAtMs ?? 0) - nowMs);
  return Math.max(0, Math.floor(burst - aheadMs / intervalMs));
}

/** From when on a start is on schedule, after one at `startAtMs`. */
export function onScheduleAfter(
  { intervalMs }: CampaignPace,
  onScheduleAtMs: number | null,
  startAtMs: number,
): number {
  return Math.max(onScheduleAtMs ?? 0, startAtMs) + intervalMs;
}
