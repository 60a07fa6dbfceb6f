import { isOpen, isOver, type CallingSchedule } from './calling-window.js';
import type { CampaignState } from './call-lifecycle.js';
import { cappedCallerIds, isPoolCapped, type CallerIdFacts } from './caller-ids.js';
import {
  doNotCallEvidence,
  doNotCallVerdict,
  REGISTRY_PAUSE_MS,
  type DoNotCallFacts,
  type DoNotCallSettings,
} from './do-not-call.js';
import { evidenceOf, type Evidence, type RuleEvidence } from './evidence.js';
import { lawfulClosing } from './lawful-hours.js';
import {
  enforcedClocks,
  guardEvidence,
  guardOf,
  type GuardFacts,
  type GuardSettings,
} from './legal-guard.js';
import { nextAttemptAt, type TimingFacts } from './next-attempt.js';
import { numberCaps, numberCooldowns, numberFreeFrom, type NumberLimits } from './number-limits.js';
import { areOpen, nextCommonOpening } from './open-together.js';
import { exhaustedBudget, isDaySpent, isShort, nextDayStart, type Spending } from './spending.js';
import { isResting } from './trunk-health.js';

/** What is known of a call before it is due: the entities fit these shapes. */
export interface CallFacts extends Pick<TimingFacts, 'history' | 'cooldownHourSeconds'> {
  /** The database clock at the moment of reading. */
  now: Date;
  call: GuardFacts['call'];
  campaign: CallingSchedule & DoNotCallSettings & GuardFacts['campaign'];
  environment: GuardSettings & NumberLimits;
  doNotCall: DoNotCallFacts;
}

/** Everything the decision looks at, read in one snapshot under the locks. */
export interface DialFacts extends CallFacts {
  call: CallFacts['call'] & { expiresAt: Date | null; isTesting: boolean };
  campaign: CallFacts['campaign'] & { status: CampaignState };
  agent: { currentStatus: 'draft' | 'published' };
  environment: CallFacts['environment'] & { killSwitch: boolean };
  /** What the environment may still spend; null: unlimited. */
  creditBalance: number | null;
  spending: Spending;
  /** Since when an attempt to this number, of any campaign of the environment, is open; null: none is. */
  numberBusySince: Date | null;
  /** What it may come from; null: nothing limits that. */
  callerIds: CallerIdFacts | null;
  /** The trunks that take it, the first choice first. */
  trunks: readonly TrunkChoice[];
}

/** A trunk that a call may go over. */
export interface TrunkChoice {
  name: string;
  /** Nothing goes over it before this; null: it does not rest. */
  restsUntil: Date | null;
}

/** Whether calls may go over it. */
export function isAwake({ restsUntil }: TrunkChoice, now: Date): boolean {
  return !isResting({ restsUntilMs: restsUntil?.getTime() ?? null }, now.getTime());
}

export type WaitReason =
  | 'kill_switch'
  | 'campaign_not_active'
  | 'agent_not_published'
  | 'no_credits'
  | 'campaign_budget_spent'
  | 'campaign_daily_budget_spent'
  | 'outside_calling_window'
  | 'outside_legal_hours'
  | 'number_cap_reached'
  | 'number_cooling_down'
  | 'number_in_another_call'
  | 'do_not_call_registry_out_of_date'
  | 'no_trunk'
  | 'trunk_resting'
  | 'caller_ids_capped';

/**
 * Reasons for which a call is given a later time and steps back, so that it is not offered again and again. When what they
 * are judged by is changed, the calls they hold are looked at anew.
 */
export const LOOKED_AT_AGAIN: readonly WaitReason[] = [
  'no_credits',
  'outside_legal_hours',
  'number_cap_reached',
  'number_cooling_down',
  'do_not_call_registry_out_of_date',
  'campaign_budget_spent',
  'campaign_daily_budget_spent',
];

export type DialDecision =
  /** Dial now; the window closes at `openUntil`. */
  | { kind: 'dial'; openUntil: Date; evidence: Evidence }
  /**
   * Not now. Not to be offered before `until`; null: as soon as the reason is lifted, due as it is. `expected` is when
   * it should be able to go, as far as is known: a word for people, not a barrier.
   */
  | { kind: 'wait'; until: Date | null; expected: Date | null; because: WaitReason; evidence: Evidence }
  | {
      kind: 'refuse';
      state: 'blocked' | 'cancelled' | 'expired';
      because: RefuseReason;
      evidence: Evidence;
    };

export type RefuseReason =
  | 'do_not_call'
  | 'callee_zone_unknown'
  | 'no_lawful_opening'
  | 'campaign_cancelled'
  | 'campaign_completed'
  | 'campaign_ended'
  | 'call_expired';

export type Verdict =
  | { passed: true; inputs: Record<string, unknown> }
  | { passed: false; inputs: Record<string, unknown>; wait: WaitReason; until?: Date; expected?: Date }
  | {
      passed: false;
      inputs: Record<string, unknown>;
      refuse: RefuseReason;
      state: 'blocked' | 'cancelled' | 'expired';
    };

/** A rule by its name. It answers with what it looked at, whatever it says. */
export interface Rule<Facts> {
  rule: string;
  ask: (facts: Facts) => Verdict;
}

export const DO_NOT_CALL_RULE: Rule<CallFacts> = { rule: 'do_not_call', ask: notOnDoNotCall };

const HOURS_RULES: Rule<CallFacts>[] = [
  { rule: 'callee_zone', ask: zoneKnown },
  { rule: 'calling_window', ask: insideWindow },
  { rule: 'legal_guard', ask: insideLegalHours },
];

const NUMBER_RULES: Rule<CallFacts>[] = [
  { rule: 'number_caps', ask: belowNumberCaps },
  { rule: 'number_cooldown', ask: notCoolingDown },
];

/** The rules of when: known before a call is due. */
export const TIMING_RULES: Rule<CallFacts>[] = [...HOURS_RULES, ...NUMBER_RULES];

/** The rules, in the order in which they are asked: the first that does not pass decides. */
const RULES: Rule<DialFacts>[] = [
  { rule: 'campaign_open', ask: campaignOpen },
  { rule: 'call_not_expired', ask: callNotExpired },
  DO_NOT_CALL_RULE,
  { rule: 'kill_switch_off', ask: killSwitchOff },
  { rule: 'campaign_active', ask: campaignActive },
  { rule: 'agent_published', ask: agentPublished },
  { rule: 'credits', ask: hasCredits },
  { rule: 'campaign_budget', ask: withinBudget },
  ...HOURS_RULES,
  // Before the limits: a request that is under way may still be given back, and then counts for none of them.
  { rule: 'number_free', ask: numberFree },
  ...NUMBER_RULES,
  { rule: 'trunk', ask: hasTrunk },
  { rule: 'caller_ids', ask: hasCallerId },
];

/** What to do with a waiting call at `facts.now`. Pure: the same facts give the same decision. */
export function decideDial(facts: DialFacts): DialDecision {
  const asked: RuleEvidence[] = [];
  for (const { rule, ask } of RULES) {
    const verdict = ask(facts);
    asked.push({ rule, passed: verdict.passed, inputs: verdict.inputs });
    if (verdict.passed) continue;
    const evidence = evidenceOf(facts.now, asked);
    return 'wait' in verdict
      ? {
          kind: 'wait',
          until: verdict.until ?? null,
          expected: verdict.expected ?? null,
          because: verdict.wait,
          evidence,
        }
      : { kind: 'refuse', state: verdict.state, because: verdict.refuse, evidence };
  }
  // The rules of hours have passed, so there is an instant at which they close; failing that, dial not at all.
  const openUntil = lawfulClosing(facts, facts.now) ?? facts.now;
  return { kind: 'dial', openUntil, evidence: evidenceOf(facts.now, asked) };
}

function campaignOpen({ campaign, now }: DialFacts): Verdict {
  const inputs = { status: campaign.status, endDate: campaign.endDate };
  if (campaign.status === 'cancelled') {
    return { passed: false, inputs, refuse: 'campaign_cancelled', state: 'cancelled' };
  }
  if (campaign.status === 'completed') {
    return { passed: false, inputs, refuse: 'campaign_completed', state: 'expired' };
  }
  if (isOver(campaign, now)) return { passed: false, inputs, refuse: 'campaign_ended', state: 'expired' };
  return { passed: true, inputs };
}

function callNotExpired({ call, now }: DialFacts): Verdict {
  const inputs = { expiresAt: call.expiresAt?.toISOString() ?? null };
  if (call.expiresAt !== null && call.expiresAt <= now) {
    return { passed: false, inputs, refuse: 'call_expired', state: 'expired' };
  }
  return { passed: true, inputs };
}

function notOnDoNotCall({ call, campaign, doNotCall, now }: CallFacts): Verdict {
  const verdict = doNotCallVerdict(call.to, doNotCall, campaign, now);
  const inputs = doNotCallEvidence(verdict, doNotCall, campaign, now);
  switch (verdict.kind) {
    case 'clear':
      return { passed: true, inputs };
    case 'listed':
      return { passed: false, inputs, refuse: 'do_not_call', state: 'blocked' };
    case 'out_of_date': {
      const until = new Date(now.getTime() + REGISTRY_PAUSE_MS);
      return { passed: false, inputs, wait: 'do_not_call_registry_out_of_date', until };
    }
  }
}

function killSwitchOff({ environment }: DialFacts): Verdict {
  const inputs = { killSwitch: environment.killSwitch };
  if (environment.killSwitch) return { passed: false, inputs, wait: 'kill_switch' };
  return { passed: true, inputs };
}

function campaignActive({ campaign }: DialFacts): Verdict {
  const inputs = { status: campaign.status };
  if (campaign.status !== 'active') {
    return { passed: false, inputs, wait: 'campaign_not_active' };
  }
  return { passed: true, inputs };
}

function agentPublished({ agent }: DialFacts): Verdict {
  const inputs = { status: agent.currentStatus };
  if (agent.currentStatus !== 'published') {
    return { passed: false, inputs, wait: 'agent_not_published' };
  }
  return { passed: true, inputs };
}

/** How long a call steps back while there is nothing to spend on it: a payment, or a larger budget, brings it back at once. */
const NO_CREDITS_PAUSE_MS = 60_000;

/** What a dial reserves must be there as a whole: then its cost is. Test calls are free. */
function hasCredits({ call, creditBalance, spending, now }: DialFacts): Verdict {
  const inputs = { balance: creditBalance, needed: spending.needed, isTesting: call.isTesting };
  if (creditBalance === null || call.isTesting || !isShort(creditBalance, spending.needed)) {
    return { passed: true, inputs };
  }
  return { passed: false, inputs, wait: 'no_credits', until: new Date(now.getTime() + NO_CREDITS_PAUSE_MS) };
}

/** What is merely reserved may soon be free again; a day's budget that is spent is so until midnight. */
function withinBudget({ call, campaign, spending, now }: DialFacts): Verdict {
  const inputs = { ...spending, isTesting: call.isTesting };
  const exhausted = call.isTesting ? null : exhaustedBudget(spending);
  const soon = new Date(now.getTime() + NO_CREDITS_PAUSE_MS);
  switch (exhausted) {
    case null:
      return { passed: true, inputs };
    case 'total':
      return { passed: false, inputs, wait: 'campaign_budget_spent', until: soon };
    case 'daily': {
      const until = isDaySpent(spending) ? nextDayStart(campaign.timezone, now) : soon;
      return { passed: false, inputs, wait: 'campaign_daily_budget_spent', until };
    }
  }
}

/** Where hours are enforced, a person whose clock nobody can tell is not called at all. */
function zoneKnown(facts: CallFacts): Verdict {
  const { mode, place, isBlind } = guardOf(facts, facts.now);
  const inputs = { mode, zones: place.zones.length, zonesFrom: place.source, timezone: facts.call.timezone };
  if (isBlind) return { passed: false, inputs, refuse: 'callee_zone_unknown', state: 'blocked' };
  return { passed: true, inputs };
}

function insideWindow(facts: CallFacts): Verdict {
  const { campaign, now } = facts;
  const { timezone, daysOfWeek, callTimeRanges } = campaign;
  const inputs = { timezone, daysOfWeek, callTimeRanges };
  if (isOpen(campaign, now)) return { passed: true, inputs };
  const expected = nextAttemptAt(facts, now);
  if (expected === null) return { passed: false, inputs, refuse: 'no_lawful_opening', state: 'blocked' };
  // No barrier: should the hours be widened, the call is due at once, with nothing to rewrite.
  return { passed: false, inputs, wait: 'outside_calling_window', expected };
}

/** Rules that are only warned of stand in the inputs with where they are closed, and hold nothing. */
function insideLegalHours(facts: CallFacts): Verdict {
  const { now } = facts;
  const guard = guardOf(facts, now);
  const inputs = guardEvidence(guard, now);
  if (areOpen(enforcedClocks(guard), now)) return { passed: true, inputs };
  const opens = nextAttemptAt(facts, now);
  if (opens === null) return { passed: false, inputs, refuse: 'no_lawful_opening', state: 'blocked' };
  // A barrier, since its campaign is open and would offer the call again and again; and the law's alone, since the
  // campaign's hours may be widened.
  const until = nextCommonOpening(enforcedClocks(guard), now) ?? opens;
  return { passed: false, inputs, wait: 'outside_legal_hours', until, expected: opens };
}

/** Caps of laws that are only warned of stand in the inputs as not enforced, and hold nothing. */
function belowNumberCaps(facts: CallFacts): Verdict {
  const caps = numberCaps(facts, facts.now);
  const isReached = caps.some(({ enforced, until }) => enforced && until !== null);
  return isReached ? heldByNumber(facts, { caps }, 'number_cap_reached') : { passed: true, inputs: { caps } };
}

function notCoolingDown(facts: CallFacts): Verdict {
  const cooldowns = numberCooldowns(facts, facts.now);
  return cooldowns.length > 0
    ? heldByNumber(facts, { cooldowns }, 'number_cooling_down')
    : { passed: true, inputs: { cooldowns } };
}

function heldByNumber(
  facts: CallFacts,
  inputs: Record<string, unknown>,
  wait: 'number_cap_reached' | 'number_cooling_down',
): Verdict {
  const until = numberFreeFrom(facts, facts.now);
  const expected = nextAttemptAt(facts, until);
  if (expected === null) return { passed: false, inputs, refuse: 'no_lawful_opening', state: 'blocked' };
  return { passed: false, inputs, wait, until, expected };
}

/** How long a call steps back while its number is in another call: as long as that has lasted, within these. */
const BUSY_NUMBER_PAUSE_MS = { least: 2_000, most: 15_000 };

function numberFree({ numberBusySince, now }: DialFacts): Verdict {
  const inputs = { numberBusySince };
  if (numberBusySince === null) return { passed: true, inputs };
  const { least, most } = BUSY_NUMBER_PAUSE_MS;
  const lastedMs = now.getTime() - numberBusySince.getTime();
  const until = new Date(now.getTime() + Math.min(Math.max(lastedMs, least), most));
  return { passed: false, inputs, wait: 'number_in_another_call', until };
}

/** How long a call steps back that no trunk takes, or none with a caller id left: until that may have changed. */
const NO_TRUNK_PAUSE_MS = 60_000;

/** One that has no start in this second is no matter of a rule: the claim finds no room, and the call is offered again. */
function hasTrunk({ trunks, now }: DialFacts): Verdict {
  const resting = trunks.flatMap((trunk) =>
    isAwake(trunk, now) ? [] : [{ name: trunk.name, restsUntil: trunk.restsUntil! }],
  );
  const inputs = { trunks: trunks.map(({ name }) => name), resting };
  if (trunks.length === 0)
    return { passed: false, inputs, wait: 'no_trunk', until: new Date(now.getTime() + NO_TRUNK_PAUSE_MS) };
  if (resting.length < trunks.length) return { passed: true, inputs };
  const until = new Date(Math.min(...resting.map(({ restsUntil }) => restsUntil.getTime())));
  return { passed: false, inputs, wait: 'trunk_resting', until };
}

/** One that is merely busy in this second is no matter of a rule: the claim finds no room, and the call is offered again. */
function hasCallerId(facts: DialFacts): Verdict {
  const { callerIds, now } = facts;
  if (callerIds === null) return { passed: true, inputs: { limited: false } };
  const { pool, unshown, limits } = callerIds;
  const { maxCallsPerCallerIdDay: callsPerDay, callerIdTimezone: timezone } = limits;
  const capped = cappedCallerIds(callerIds, now);
  const inputs = { callerIds: pool.length, unshown, capped, callsPerDay, timezone };
  if (!isPoolCapped(callerIds, now)) return { passed: true, inputs };
  const expected = nextAttemptAt(facts, nextDayStart(timezone, now));
  // No barrier: should the cap be raised or a number be added, the call is due at once. Nothing of its campaign is offered
  // meanwhile, unless others of it go over trunks that show more: before those it must not be offered again and again.
  const until = unshown > 0 ? new Date(now.getTime() + NO_TRUNK_PAUSE_MS) : null;
  return {
    ...{ passed: false, inputs, wait: 'caller_ids_capped' },
    ...(until && { until }),
    ...(expected && { expected }),
  };
}
