import { isOpen, isOver, type CallingSchedule } from './calling-window.js';
import type { CampaignState } from './call-lifecycle.js';
import {
  doNotCallEvidence,
  doNotCallVerdict,
  REGISTRY_PAUSE_MS,
  type DoNotCallFacts,
  type DoNotCallSettings,
} from './do-not-call.js';
import { lawfulClosing, nextLawfulOpening } from './lawful-hours.js';
import {
  enforcedClocks,
  guardEvidence,
  guardOf,
  type GuardFacts,
  type GuardSettings,
} from './legal-guard.js';
import { areOpen } from './open-together.js';
import { zoneDataVersion } from './zone-offsets.js';

/** Raised whenever a rule below changes its meaning; kept with every decision. */
export const POLICY_VERSION = '2026-11-25';

/** Everything the decision looks at, read in one snapshot under the locks. The entities fit these shapes. */
export interface DialFacts {
  /** The database clock at the moment of reading. */
  now: Date;
  call: GuardFacts['call'] & { expiresAt: Date | null };
  campaign: CallingSchedule & DoNotCallSettings & GuardFacts['campaign'] & { status: CampaignState };
  agent: { currentStatus: 'draft' | 'published' };
  environment: GuardSettings & { killSwitch: boolean };
  doNotCall: DoNotCallFacts;
  /** Another attempt to this number, of any campaign of the environment, is open. */
  numberBusy: boolean;
}

export type WaitReason =
  | 'kill_switch'
  | 'campaign_not_active'
  | 'agent_not_published'
  | 'outside_calling_window'
  | 'outside_legal_hours'
  | 'number_in_another_call'
  | 'do_not_call_registry_out_of_date';

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

/** What every rule said, in the order asked, and what it looked at: kept with the attempt or the call. */
export interface Evidence {
  policyVersion: string;
  zoneData: string;
  decidedAt: string;
  rules: { rule: string; passed: boolean; inputs: Record<string, unknown> }[];
}

type Verdict =
  | { passed: true; inputs: Record<string, unknown> }
  | { passed: false; inputs: Record<string, unknown>; wait: WaitReason; until?: Date; expected?: Date }
  | {
      passed: false;
      inputs: Record<string, unknown>;
      refuse: RefuseReason;
      state: 'blocked' | 'cancelled' | 'expired';
    };

/** The rules, in the order in which they are asked: the first that does not pass decides. */
const RULES: { rule: string; ask: (facts: DialFacts) => Verdict }[] = [
  { rule: 'campaign_open', ask: campaignOpen },
  { rule: 'call_not_expired', ask: callNotExpired },
  { rule: 'do_not_call', ask: notOnDoNotCall },
  { rule: 'kill_switch_off', ask: killSwitchOff },
  { rule: 'campaign_active', ask: campaignActive },
  { rule: 'agent_published', ask: agentPublished },
  { rule: 'callee_zone', ask: zoneKnown },
  { rule: 'calling_window', ask: insideWindow },
  { rule: 'legal_guard', ask: insideLegalHours },
  { rule: 'number_free', ask: numberFree },
];

/** What to do with a waiting call at `facts.now`. Pure: the same facts give the same decision. */
export function decideDial(facts: DialFacts): DialDecision {
  const evidence: Evidence = {
    policyVersion: POLICY_VERSION,
    zoneData: zoneDataVersion,
    decidedAt: facts.now.toISOString(),
    rules: [],
  };
  for (const { rule, ask } of RULES) {
    const verdict = ask(facts);
    evidence.rules.push({ rule, passed: verdict.passed, inputs: verdict.inputs });
    if (verdict.passed) continue;
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
  return { kind: 'dial', openUntil, evidence };
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

function notOnDoNotCall({ call, campaign, doNotCall, now }: DialFacts): Verdict {
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

/** Where hours are enforced, a person whose clock nobody can tell is not called at all. */
function zoneKnown(facts: DialFacts): Verdict {
  const { mode, place, isBlind } = guardOf(facts, facts.now);
  const inputs = { mode, zones: place.zones.length, zonesFrom: place.source, timezone: facts.call.timezone };
  if (isBlind) return { passed: false, inputs, refuse: 'callee_zone_unknown', state: 'blocked' };
  return { passed: true, inputs };
}

function insideWindow(facts: DialFacts): Verdict {
  const { campaign, now } = facts;
  const { timezone, daysOfWeek, callTimeRanges } = campaign;
  const inputs = { timezone, daysOfWeek, callTimeRanges };
  if (isOpen(campaign, now)) return { passed: true, inputs };
  const expected = nextLawfulOpening(facts, now);
  if (expected === null) return { passed: false, inputs, refuse: 'no_lawful_opening', state: 'blocked' };
  // No barrier: should the hours be widened, the call is due at once, with nothing to rewrite.
  return { passed: false, inputs, wait: 'outside_calling_window', expected };
}

/** Rules that are only warned of stand in the inputs with where they are closed, and hold nothing. */
function insideLegalHours(facts: DialFacts): Verdict {
  const { now } = facts;
  const guard = guardOf(facts, now);
  const inputs = guardEvidence(guard, now);
  if (areOpen(enforcedClocks(guard), now)) return { passed: true, inputs };
  const opens = nextLawfulOpening(facts, now);
  if (opens === null) return { passed: false, inputs, refuse: 'no_lawful_opening', state: 'blocked' };
  // A barrier, since its campaign is open and would offer the call again and again.
  return { passed: false, inputs, wait: 'outside_legal_hours', until: opens, expected: opens };
}

/** How long a call steps back while its number is in another call. */
const BUSY_NUMBER_PAUSE_MS = 2_000;

function numberFree({ numberBusy, now }: DialFacts): Verdict {
  const inputs = { numberBusy };
  if (numberBusy) {
    const until = new Date(now.getTime() + BUSY_NUMBER_PAUSE_MS);
    return { passed: false, inputs, wait: 'number_in_another_call', until, expected: until };
  }
  return { passed: true, inputs };
}
