import {
  DO_NOT_CALL_RULE,
  TIMING_RULES,
  type CallFacts,
  type RefuseReason,
  type WaitReason,
} from './decide-dial.js';
import { evidenceOf, type Evidence } from './evidence.js';
import { nextAttemptAt } from './next-attempt.js';

export interface IntakeFacts extends CallFacts {
  /** The call's own earliest instant, or null. */
  notBefore: Date | null;
  /** The call's own delay from now, on top of the campaign's. */
  delaySeconds: number;
  campaign: CallFacts['campaign'] & { initialCallDelay: number };
}

export type IntakePlan =
  /**
   * Wait: ready at `readyAt`, when the initial delay is over, or, where nothing else holds the call, the person's own law
   * the number's own limits or a registry let it go (that is then the reason); expected at `at`, the first time all allow.
   */
  | { kind: 'accept'; readyAt: Date; at: Date; because: WaitReason | null; evidence: Evidence }
  /** Final at once: nothing will be dialled. */
  | { kind: 'block'; because: RefuseReason; evidence: Evidence };

/**
 * What becomes of a new call: when its first attempt is expected, or why it will never be dialled. A courtesy to
 * the caller; the guarantee is the same rules asked again in the claim.
 */
export function planIntake(facts: IntakeFacts): IntakePlan {
  const { now, notBefore, delaySeconds, campaign } = facts;
  const delayed = now.getTime() + (campaign.initialCallDelay + delaySeconds) * 1000;
  const readyAt = new Date(Math.max(delayed, notBefore?.getTime() ?? 0));
  const whenReady = { ...facts, now: readyAt };
  // The list is asked now, the rest when the call would go.
  const verdicts = [
    { rule: DO_NOT_CALL_RULE.rule, ...DO_NOT_CALL_RULE.ask(facts) },
    ...TIMING_RULES.map(({ rule, ask }) => ({ rule, ...ask(whenReady) })),
  ];
  const evidence = evidenceOf(
    now,
    verdicts.map(({ rule, passed, inputs }) => ({ rule, passed, inputs })),
  );
  for (const verdict of verdicts) {
    if ('refuse' in verdict) return { kind: 'block', because: verdict.refuse, evidence };
  }
  const at = nextAttemptAt(facts, readyAt);
  if (at === null) return { kind: 'block', because: 'no_lawful_opening', evidence };
  // Offered before, it would only be turned away. One that is not due yet has its delay for a reason.
  const held = verdicts.find((verdict) => 'wait' in verdict && verdict.until !== undefined);
  if (readyAt <= now && held !== undefined && 'wait' in held && held.until !== undefined) {
    const heldAt = nextAttemptAt(facts, held.until) ?? at;
    return { kind: 'accept', readyAt: held.until, at: heldAt, because: held.wait, evidence };
  }
  return { kind: 'accept', readyAt, at, because: null, evidence };
}
