import { isOpen, isOver, nextOpening, type CallingSchedule } from './calling-window.js';
import type { CampaignState } from './call-lifecycle.js';
import { decideDial, type DialFacts, type Evidence, type WaitReason } from './decide-dial.js';
import { nextLawfulOpening } from './lawful-hours.js';

/** What a campaign is judged by when somebody asks why it is idle, or slow. */
export interface CampaignFacts {
  now: Date;
  campaign: CallingSchedule & { status: CampaignState; pauseReason: string | null };
  agent: { currentStatus: 'draft' | 'published' };
  environment: { killSwitch: boolean };
  /** Calls that wait and are due. */
  due: number;
  /** Calls that wait for a later time. */
  later: number;
  /** When the first of those is due. */
  nextDueAt: Date | null;
  slots: { campaign: Slots; environment: Slots };
  /** Whether any dialer holds the lease. */
  hasLeader: boolean;
}

export interface Slots {
  inUse: number;
  /** Null: no limit of its own. */
  limit: number | null;
}

/** One thing that keeps a campaign from dialling. Fixing one may bring out the next. */
export interface IdleReason {
  reason:
    | 'campaign_not_active'
    | 'campaign_ended'
    | 'kill_switch'
    | 'agent_not_published'
    | 'no_lawful_opening'
    | 'outside_calling_window'
    | 'nothing_waits'
    | 'nothing_is_due'
    | 'campaign_slots_in_use'
    | 'environment_slots_in_use'
    | 'no_dialer';
  /** When it lifts by itself, where that is known. */
  until: Date | null;
  /** For people. */
  sentence: string;
}

/** Everything that keeps a campaign from dialling at `now`, what people did first. Empty: it dials. */
export function whyIdle(facts: CampaignFacts): IdleReason[] {
  const { now, campaign, agent, environment, due, later, nextDueAt, slots, hasLeader } = facts;
  const reasons: IdleReason[] = [];
  const add = (reason: IdleReason['reason'], sentence: string, until: Date | null = null) =>
    reasons.push({ reason, until, sentence });

  if (campaign.status !== 'active') {
    const because = campaign.pauseReason === null ? '' : ` (${campaign.pauseReason})`;
    add('campaign_not_active', `The campaign is ${campaign.status}${because}.`);
  }
  if (environment.killSwitch) add('kill_switch', 'The kill switch of the environment is on.');
  if (agent.currentStatus !== 'published') add('agent_not_published', 'Its agent is not published.');
  if (isOver(campaign, now)) add('campaign_ended', `Its last day was ${campaign.endDate}.`);
  else if (!isOpen(campaign, now)) {
    const opens = nextOpening(campaign, now);
    if (opens === null) add('no_lawful_opening', 'Its hours never open again before its last day.');
    else add('outside_calling_window', 'Its hours are closed.', opens);
  }
  if (due === 0 && later === 0) add('nothing_waits', 'No call of it waits.');
  else if (due === 0) add('nothing_is_due', `Its ${later} waiting calls are due later.`, nextDueAt);
  if (isFull(slots.campaign)) {
    add('campaign_slots_in_use', `All ${slots.campaign.limit} of its calls at once are under way.`);
  }
  if (isFull(slots.environment)) {
    add(
      'environment_slots_in_use',
      `All ${slots.environment.limit} calls at once of the environment are under way.`,
    );
  }
  if (!hasLeader) add('no_dialer', 'No dialer is running, or none reaches the database.');
  return reasons;
}

/** What holds a waiting call. */
export interface HoldReason {
  /** A rule's reason, `not_due`, a reason of its campaign's, or `about_to_dial`. */
  reason: string;
  /** The rule that decides, where it is one of the rules of a dial. */
  rule: string | null;
  /** The earliest it may go, as far as is known. */
  nextAt: Date | null;
  /** What every rule said; null while the call is not due, for then none is asked. */
  evidence: Evidence | null;
}

/**
 * What holds a waiting call at `now`: its time, the first rule that does not pass, or room.
 * @param idle what keeps its campaign from dialling
 */
export function whyHeld(
  facts: DialFacts & { call: { readyAt: Date; reason: string | null } },
  idle: IdleReason[],
): HoldReason {
  const { now, call } = facts;
  // What the person's law or a registry holds is given a later time, and is asked all the same: the rule is the reason.
  if (call.readyAt > now && !STEPPED_BACK.has(call.reason)) {
    return { reason: 'not_due', rule: null, nextAt: nextLawfulOpening(facts, call.readyAt), evidence: null };
  }
  const decision = decideDial(facts);
  const { evidence } = decision;
  if (decision.kind !== 'dial') {
    const rule = evidence.rules.find(({ passed }) => !passed)?.rule ?? null;
    const nextAt = decision.kind === 'wait' ? (decision.expected ?? decision.until) : null;
    return { reason: decision.because, rule, nextAt, evidence };
  }
  const [first] = idle.filter(({ reason }) => reason !== 'nothing_is_due' && reason !== 'nothing_waits');
  return { reason: first?.reason ?? 'about_to_dial', rule: null, nextAt: first?.until ?? now, evidence };
}

/** Reasons for which a rule gives a call that is due a later time. */
const STEPPED_BACK = new Set<string | null>([
  'outside_legal_hours',
  'do_not_call_registry_out_of_date',
] satisfies WaitReason[]);

function isFull({ inUse, limit }: Slots): boolean {
  return limit !== null && inUse >= limit;
}
