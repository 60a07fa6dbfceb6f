import { isOver, nextOpening, type CallingSchedule } from './calling-window.js';
import type { RefuseReason } from './decide-dial.js';
import { doNotCallVerdict, type DoNotCallMatch, type DoNotCallSettings } from './do-not-call.js';

export interface IntakeFacts {
  /** The database clock. */
  now: Date;
  to: string;
  /** The call's own earliest instant, or null. */
  notBefore: Date | null;
  /** The call's own delay from now, on top of the campaign's. */
  delaySeconds: number;
  campaign: CallingSchedule & DoNotCallSettings & { initialCallDelay: number };
  doNotCall: DoNotCallMatch[];
}

export type IntakePlan =
  /** Wait: ready at `readyAt`, when the initial delay is over; expected at `at`, the first opening from then on. */
  | { kind: 'accept'; readyAt: Date; at: Date }
  /** Final at once: nothing will be dialled. */
  | { kind: 'block'; because: RefuseReason };

/**
 * What becomes of a new call: when its first attempt is expected, or why it will never be dialled. A courtesy to
 * the caller; the guarantee is the same question asked again in the claim.
 */
export function planIntake({
  now,
  to,
  notBefore,
  delaySeconds,
  campaign,
  doNotCall,
}: IntakeFacts): IntakePlan {
  if (doNotCallVerdict(to, doNotCall, campaign, now).blocked)
    return { kind: 'block', because: 'do_not_call' };
  const delayed = now.getTime() + (campaign.initialCallDelay + delaySeconds) * 1000;
  const readyAt = new Date(Math.max(delayed, notBefore?.getTime() ?? 0));
  const at = isOver(campaign, readyAt) ? null : nextOpening(campaign, readyAt);
  return at === null ? { kind: 'block', because: 'no_lawful_opening' } : { kind: 'accept', readyAt, at };
}
