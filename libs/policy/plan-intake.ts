import {
  DO_NOT_CALL_RULE,
  TIMING_RULES,
  type CallFacts,
  type RefuseReason,
  type WaitReason,
} from './decide-dial.js';
import { calleePlace, type CalleePlace } from './callee-zones.js';
import type { DoNotCallMatch, RegistryState } from './do-not-call.js';
import { evidenceOf, type Evidence } from './evidence.js';
import { guardModeOf } from './legal-guard.js';
import { nextAttemptAt } from './next-attempt.js';
import { NEVER_CALLED, type NumberHistory } from './number-limits.js';

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

/** What is the same for all calls that one campaign takes in at one instant. */
export type SharedIntakeFacts = Omit<
  IntakeFacts,
  'call' | 'notBefore' | 'delaySeconds' | 'doNotCall' | 'history'
> & { registries: RegistryState[] };

/** What is one call's own among them. */
export interface OneOfMany {
  to: string;
  timezone: string | null;
  notBefore: Date | null;
  /** Its own delay from now, on top of the campaign's; by default none. */
  delaySeconds?: number;
  matches: DoNotCallMatch[];
  /** Null: nobody has called the number. */
  history: NumberHistory | null;
}

const ANYWHERE = {};

/**
 * Plans one call after the other, each as `planIntake` does. Calls that nothing tells apart share one plan, the same
 * object: a million contacts stand in a few hundred places, and to ask every rule about each would take minutes.
 */
export function intakePlanner(shared: SharedIntakeFacts): (call: OneOfMany) => IntakePlan {
  const { registries, ...facts } = shared;
  const isGuarded = guardModeOf(shared) !== 'off';
  const own = new Set(shared.campaign.doNotCallCustomList);
  const planned = new Map<CalleePlace | typeof ANYWHERE, Map<string, IntakePlan>>();
  const plan = ({ to, timezone, notBefore, delaySeconds = 0, matches, history }: OneOfMany) =>
    planIntake({
      ...facts,
      call: { to, timezone },
      notBefore,
      delaySeconds,
      doNotCall: { matches, registries },
      history: history ?? NEVER_CALLED,
    });
  return (call) => {
    const { to, timezone, notBefore, delaySeconds = 0, matches, history } = call;
    if (matches.length > 0 || history !== null || own.has(to)) return plan(call);
    // Of a number, the rules that are left read nothing but where it may be.
    const place = isGuarded ? calleePlace(to) : ANYWHERE;
    const ofPlace = planned.get(place) ?? new Map<string, IntakePlan>();
    planned.set(place, ofPlace);
    const key = `${timezone ?? ''} ${notBefore?.getTime() ?? ''} ${delaySeconds}`;
    const kept = ofPlace.get(key);
    if (kept !== undefined) return kept;
    const made = plan(call);
    ofPlace.set(key, made);
    return made;
  };
}
