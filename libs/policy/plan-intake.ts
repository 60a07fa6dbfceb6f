import { isOver } from './calling-window.js';
import type { RefuseReason, WaitReason } from './decide-dial.js';
import {
  doNotCallVerdict,
  REGISTRY_PAUSE_MS,
  type DoNotCallFacts,
  type DoNotCallSettings,
} from './do-not-call.js';
import { nextLawfulOpening, type HoursFacts } from './lawful-hours.js';
import { enforcedClocks, guardOf } from './legal-guard.js';
import { nextCommonOpening } from './open-together.js';

export interface IntakeFacts {
  /** The database clock. */
  now: Date;
  call: HoursFacts['call'];
  /** The call's own earliest instant, or null. */
  notBefore: Date | null;
  /** The call's own delay from now, on top of the campaign's. */
  delaySeconds: number;
  campaign: HoursFacts['campaign'] & DoNotCallSettings & { initialCallDelay: number };
  environment: HoursFacts['environment'];
  doNotCall: DoNotCallFacts;
}

export type IntakePlan =
  /**
   * Wait: ready at `readyAt`, when the initial delay is over, or, where nothing else holds the call, the person's own law
   * lets it go or its registry is looked at again (that is then the reason); expected at `at`, the first opening from then on.
   */
  | { kind: 'accept'; readyAt: Date; at: Date; because: WaitReason | null }
  /** Final at once: nothing will be dialled. */
  | { kind: 'block'; because: RefuseReason };

/**
 * What becomes of a new call: when its first attempt is expected, or why it will never be dialled. A courtesy to
 * the caller; the guarantee is the same question asked again in the claim.
 */
export function planIntake(facts: IntakeFacts): IntakePlan {
  const { now, call, notBefore, delaySeconds, campaign, doNotCall } = facts;
  const listed = doNotCallVerdict(call.to, doNotCall, campaign, now);
  if (listed.kind === 'listed') return { kind: 'block', because: 'do_not_call' };
  const delayed = now.getTime() + (campaign.initialCallDelay + delaySeconds) * 1000;
  const readyAt = new Date(Math.max(delayed, notBefore?.getTime() ?? 0));
  const guard = guardOf(facts, readyAt);
  if (guard.isBlind) return { kind: 'block', because: 'callee_zone_unknown' };
  const at = isOver(campaign, readyAt) ? null : nextLawfulOpening(facts, readyAt);
  const lawfulAt = nextCommonOpening(enforcedClocks(guard), readyAt);
  if (at === null || lawfulAt === null) return { kind: 'block', because: 'no_lawful_opening' };
  if (readyAt <= now && listed.kind === 'out_of_date') {
    const until = new Date(now.getTime() + REGISTRY_PAUSE_MS);
    const then = nextLawfulOpening(facts, until) ?? at;
    return { kind: 'accept', readyAt: until, at: then, because: 'do_not_call_registry_out_of_date' };
  }
  // Offered before, it would only be turned away.
  return readyAt <= now && lawfulAt > now
    ? { kind: 'accept', readyAt: lawfulAt, at, because: 'outside_legal_hours' }
    : { kind: 'accept', readyAt, at, because: null };
}
