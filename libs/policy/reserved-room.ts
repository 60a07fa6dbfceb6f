import { MAX_RESERVATION_SECONDS } from './deadlines.js';

/** What tells a call that somebody waits for from one of a campaign's many. */
export interface Urgency {
  isDirect: boolean;
  isTesting: boolean;
}

/**
 * Calls made outside campaigns, callbacks among them, and test calls: they have room of their own, so that they go at once
 * in a full house too.
 */
export function isUrgent({ isDirect, isTesting }: Urgency): boolean {
  return isDirect || isTesting;
}

/** One of a campaign's many. */
export const ORDINARY: Urgency = { isDirect: false, isTesting: false };

/** Of so many slots, how many only urgent calls may use: at least one, where there is more than one. */
export function reservedSlots(slots: number, reservedShare: number): number {
  if (reservedShare === 0 || slots <= 1) return 0;
  // A seventh of a hundredth times a hundred is a little more than a seventh.
  return Math.min(slots - 1, Math.ceil(slots * reservedShare - 1e-9));
}

/** The limits that hold for a call. Campaign: null where only the environment's holds. */
export function slotLimitsFor(
  call: Urgency,
  limits: { environment: number; campaign: number | null },
  reservedShare: number,
): { environment: number; campaign: number | null } {
  if (isUrgent(call)) return limits;
  const { environment, campaign } = limits;
  return {
    environment: environment - reservedSlots(environment, reservedShare),
    campaign: campaign === null ? null : campaign - reservedSlots(campaign, reservedShare),
  };
}

/**
 * Whether a call may take a start of the trunk that is free at `startAtMs`. Others than urgent ones reserve less far ahead, by
 * the share: what lies behind that is always free for as many urgent calls as the share of a second comes to, and when they
 * have taken it, the others wait for it. None of the rate is lost while there are none.
 */
export function mayReserve(call: Urgency, startAtMs: number, nowMs: number, reservedShare: number): boolean {
  if (reservedShare === 0 || isUrgent(call)) return true;
  return startAtMs <= nowMs + (1 - reservedShare) * MAX_RESERVATION_SECONDS * 1000;
}
