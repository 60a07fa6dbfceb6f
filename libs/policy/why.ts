import { closesAt, isOpen, isOver, nextOpening, type CallingSchedule } from './calling-window.js';
import { paceNow, startsFree, type PaceSettings } from './campaign-pace.js';
import type { CampaignState } from './call-lifecycle.js';
import { callerIdStartsFree, isPoolCapped, type CallerIdFacts } from './caller-ids.js';
import { decideDial, LOOKED_AT_AGAIN, type DialFacts, type WaitReason } from './decide-dial.js';
import type { Evidence } from './evidence.js';
import { nextAttemptAt } from './next-attempt.js';
import { OUTCOME_NAMES, OUTCOMES } from './outcomes.js';
import { exhaustedBudget, isShort, nextDayStart, type Spending } from './spending.js';
import { rampShare } from './window-ramp.js';

/** What a campaign is judged by when somebody asks why it is idle, or slow. */
export interface CampaignFacts {
  now: Date;
  campaign: CallingSchedule & PaceSettings & { status: CampaignState; pauseReason: string | null };
  agent: { currentStatus: 'draft' | 'published' };
  environment: { killSwitch: boolean };
  /** Calls that wait and are due. */
  due: number;
  /** Calls that wait for a later time. */
  later: number;
  /** When the first of those is due. */
  nextDueAt: Date | null;
  slots: { campaign: Slots; environment: Slots };
  pace: {
    /** Of the trunks that the campaign may use, over all campaigns, as they are set. */
    callsPerSecond: number;
    /** The same as the provider takes them now: less than it is set to, once the provider said that it is at its limit. */
    currentCallsPerSecond: number;
    /** Until when the provider asked for a pause; null, or past: it does not. */
    resumesAt: Date | null;
    /** The next free start of the first trunk that has one. */
    nextStartAt: Date | null;
    /** Until when every trunk that it may use rests; null: one does not. */
    restsUntil: Date | null;
    /** From when on the campaign's own next start is on schedule, in epoch milliseconds. */
    campaignOnScheduleAtMs: number | null;
    /** How long campaigns take to rise to their rate after their hours have opened, where they do not say. */
    rampSeconds: number;
    /** Of the starts of a second, what only calls may reserve that somebody waits for; for one of these 0. */
    reservedShare: number;
  };
  /** What the environment may still spend; null: unlimited. */
  creditBalance: number | null;
  spending: Spending;
  /** What it may call from; null: nothing limits that. */
  callerIds: CallerIdFacts | null;
  /** What became of the campaign's requests of the last PROVIDER_MINUTES minutes. */
  provider: { taken: number; turnedAway: number; unknown: number };
  /** Waiting calls by the reason that was last written to them, and when the first of each may go. */
  heldBy: HeldCalls[];
  /** How many, those that come first, `heldBy` counts; null: all of them. */
  heldByOfFirst: number | null;
  /** Whether any dialer holds the lease. */
  hasLeader: boolean;
  /** Whether some dialer hears what the carrier tells; always, of one that tells by requests. */
  isHeard: boolean;
}

export interface HeldCalls {
  reason: string;
  count: number;
  nextAt: Date | null;
}

/** How far back the provider is judged. */
export const PROVIDER_MINUTES = 10;

export interface Slots {
  inUse: number;
  /** Null: no limit of its own. */
  limit: number | null;
  /** Of the limit, what only calls may use that somebody waits for; for one of these 0. */
  reserved: number;
}

/** One thing that keeps a campaign from dialling. Fixing one may bring out the next. */
export interface IdleReason {
  reason:
    | 'campaign_not_active'
    | 'campaign_ended'
    | 'kill_switch'
    | 'agent_not_published'
    | 'no_credits'
    | 'no_lawful_opening'
    | 'outside_calling_window'
    | 'nothing_waits'
    | 'nothing_is_due'
    | 'campaign_slots_in_use'
    | 'environment_slots_in_use'
    | 'campaign_pace'
    | 'campaign_ramp'
    | 'caller_id_pace'
    | 'trunk_pace'
    | 'trunk_slowed'
    | 'provider_turns_calls_away'
    | 'no_dialer'
    | 'carrier_not_heard'
    | WaitReason;
  /** Whether nothing is dialled because of it, or less than waits. */
  effect: 'stops' | 'slows';
  /** When it lifts by itself, where that is known. */
  until: Date | null;
  /** For people. */
  sentence: string;
}

/** Everything that keeps a campaign from dialling at `now`, or slows it, what people did first. Empty: it dials. */
export function whyIdle(facts: CampaignFacts): IdleReason[] {
  const { now, campaign, agent, environment, due, later, nextDueAt, hasLeader, isHeard } = facts;
  const reasons: IdleReason[] = [];
  const add = (reason: IdleReason['reason'], sentence: string, until: Date | null = null) =>
    reasons.push({ reason, effect: 'stops', until, sentence });

  if (campaign.status !== 'active') {
    const because = campaign.pauseReason === null ? '' : ` (${campaign.pauseReason})`;
    add('campaign_not_active', `The campaign is ${campaign.status}${because}.`);
  }
  if (environment.killSwitch) add('kill_switch', 'The kill switch of the environment is on.');
  if (agent.currentStatus !== 'published') add('agent_not_published', 'Its agent is not published.');
  if (hasNoCredits(facts)) {
    add('no_credits', 'The environment has too few credits left for a call; only test calls go.');
  }
  const budget = exhaustedBudget(facts.spending);
  if (budget !== null) add(BUDGET_REASONS[budget], BUDGET_SENTENCES[budget]);
  if (isOver(campaign, now)) add('campaign_ended', `Its last day was ${campaign.endDate}.`);
  else if (!isOpen(campaign, now)) {
    const opens = nextOpening(campaign, now);
    if (opens === null) add('no_lawful_opening', 'Its hours never open again before its last day.');
    else add('outside_calling_window', 'Its hours are closed.', opens);
  }
  if (due === 0 && later === 0) add('nothing_waits', 'No call of it waits.');
  else if (due === 0) {
    add('nothing_is_due', `Its waiting calls are all due later: ${later}.`, nextDueAt);
    reasons.push(...heldByRules(facts));
  }
  reasons.push(...shortOfRoom(facts), ...turnedAway(facts));
  if (!hasLeader) add('no_dialer', 'No dialer is running, or none reaches the database.');
  else if (!isHeard) {
    add(
      'carrier_not_heard',
      'No dialer is connected to the carrier to hear of calls: none is made meanwhile.',
    );
  }
  return reasons;
}

/** With nothing due, the rules that gave calls a later time are what holds the campaign. */
function heldByRules(facts: CampaignFacts): IdleReason[] {
  const { heldBy, heldByOfFirst, spending } = facts;
  const ofFirst = heldByOfFirst === null ? '' : ` of the first ${heldByOfFirst}`;
  const budget = exhaustedBudget(spending);
  const isSaid = (reason: WaitReason) =>
    (reason === 'no_credits' && hasNoCredits(facts)) ||
    (budget !== null && reason === BUDGET_REASONS[budget]);
  return [...LOOKED_AT_AGAIN, ...OF_TRUNKS]
    .filter((reason) => !isSaid(reason))
    .flatMap((reason) => {
      const held = heldBy.find((one) => one.reason === reason);
      if (held === undefined) return [];
      const sentence = `${HELD_SENTENCES[reason] ?? `Held by ${reason}`}: ${held.count}${ofFirst}.`;
      return [{ reason, effect: 'stops' as const, until: held.nextAt, sentence }];
    });
}

function hasNoCredits({ creditBalance, spending }: CampaignFacts): boolean {
  return creditBalance !== null && isShort(creditBalance, spending.needed);
}

const BUDGET_REASONS = { total: 'campaign_budget_spent', daily: 'campaign_daily_budget_spent' } as const;

const BUDGET_SENTENCES = {
  total: 'Its budget is spent, or reserved by calls under way; only test calls go.',
  daily: 'Its budget for the day is spent, or reserved by calls under way; only test calls go.',
};

/** A call steps back for these too, and nobody's edit brings it back before. */
const OF_TRUNKS = ['no_trunk', 'trunk_resting', 'caller_ids_capped'] as const satisfies WaitReason[];

const HELD_SENTENCES: Partial<Record<WaitReason, string>> = {
  no_credits: 'Held while there were too few credits',
  campaign_budget_spent: 'Held while its budget was spent or reserved',
  campaign_daily_budget_spent: 'Held while its budget for the day was spent or reserved',
  outside_legal_hours: 'Held for the legal hours of the people called',
  number_cap_reached: 'Held since their numbers have been called as often as is allowed',
  number_cooling_down: 'Held since their numbers are cooling down',
  do_not_call_registry_out_of_date: 'Held since a Do-Not-Call registry is out of date',
  no_trunk: 'Held since no trunk takes calls to their numbers',
  trunk_resting: 'Held while the trunks that they would go over rest',
  caller_ids_capped: 'Held since the caller ids that their trunks may show have made their calls of the day',
};

function shortOfRoom(facts: CampaignFacts): IdleReason[] {
  const { now, slots, pace } = facts;
  const { campaign, environment } = slots;
  const reasons: IdleReason[] = [];
  if (isFull(campaign)) {
    const sentence = fullSentence(campaign, 'of its calls at once');
    reasons.push({ reason: 'campaign_slots_in_use', effect: 'slows', until: null, sentence });
  }
  if (isFull(environment)) {
    const sentence = fullSentence(environment, 'calls at once of the environment');
    const effect = campaign.inUse === 0 ? 'stops' : 'slows';
    reasons.push({ reason: 'environment_slots_in_use', effect, until: null, sentence });
  }
  reasons.push(...slowedByItself(facts), ...shortOfCallerIds(facts));
  if (pace.callsPerSecond === 0) {
    const sentence = 'None of the trunks that it is kept to is set up.';
    return [...reasons, { reason: 'no_trunk', effect: 'stops', until: null, sentence }];
  }
  if (pace.restsUntil !== null) {
    const sentence = 'The carrier fails: every trunk that it may use rests, and is then tried again.';
    return [...reasons, { reason: 'trunk_resting', effect: 'stops', until: pace.restsUntil, sentence }];
  }
  if (isSlowed(pace)) return [...reasons, slowedByProvider(pace, now)];
  // Starts are reserved a second ahead; a trunk whose next one is nearly that far away has no more to give.
  if (
    pace.nextStartAt !== null &&
    pace.nextStartAt.getTime() - now.getTime() >= (1 - pace.reservedShare) * PACED_MS
  ) {
    const sentence = `The trunk's ${pace.callsPerSecond} starts a second are all taken.`;
    reasons.push({ reason: 'trunk_pace', effect: 'slows', until: null, sentence });
  }
  return reasons;
}

/** By its own pace, where it gives no start at this moment, and by the ramp of hours that have just opened. */
function slowedByItself({ now, campaign, pace, due }: CampaignFacts): IdleReason[] {
  const own = paceNow(
    campaign,
    { trunkCallsPerSecond: pace.callsPerSecond, rampSeconds: pace.rampSeconds },
    now,
  );
  if (own === null) return [];
  if (own.ramp === null) {
    const onScheduleAtMs = pace.campaignOnScheduleAtMs;
    if (onScheduleAtMs === null || startsFree(own, onScheduleAtMs, now.getTime()) > 0) return [];
    const sentence = `Its own ${campaign.maxCallsPerMinute} starts a minute are taken.`;
    return [{ reason: 'campaign_pace', effect: 'slows', until: new Date(onScheduleAtMs), sentence }];
  }
  if (due === 0) return [];
  const { openedAtMs, endsAtMs } = own.ramp;
  const percent = Math.round(100 * rampShare(own.ramp, now.getTime()));
  const seconds = Math.round((endsAtMs - openedAtMs) / 1000);
  const sentence =
    `Its hours opened at ${new Date(openedAtMs).toISOString()}: its starts rise to its rate within ${seconds} seconds, ` +
    `and are at ${percent} % of it.`;
  return [{ reason: 'campaign_ramp', effect: 'slows', until: new Date(endsAtMs), sentence }];
}

/** By what its caller ids have started, of the day or within the second. */
function shortOfCallerIds({ callerIds, now }: CampaignFacts): IdleReason[] {
  if (callerIds === null) return [];
  const { pool, limits } = callerIds;
  const { maxCallsPerCallerIdDay, maxCallsPerCallerIdSecond, callerIdTimezone } = limits;
  if (isPoolCapped(callerIds, now)) {
    const sentence =
      `Its ${pool.length} caller ids have all made their ${maxCallsPerCallerIdDay} calls of the day ` +
      `(${callerIdTimezone}).`;
    const until = nextDayStart(callerIdTimezone, now);
    return [{ reason: 'caller_ids_capped', effect: 'stops', until, sentence }];
  }
  if (callerIdStartsFree(callerIds, now) > 0) return [];
  const sentence = `The ${maxCallsPerCallerIdSecond} starts a second of each of its ${pool.length} caller ids are taken.`;
  return [{ reason: 'caller_id_pace', effect: 'slows', until: null, sentence }];
}

const PACED_MS = 800;

/** A share so near the whole that nobody would notice is none. */
function isSlowed({ callsPerSecond, currentCallsPerSecond }: CampaignFacts['pace']): boolean {
  return currentCallsPerSecond < 0.995 * callsPerSecond;
}

function slowedByProvider(pace: CampaignFacts['pace'], now: Date): IdleReason {
  const { callsPerSecond, currentCallsPerSecond, resumesAt } = pace;
  const isPaused = resumesAt !== null && resumesAt > now;
  const rates = `${Number(currentCallsPerSecond.toPrecision(2))} starts a second instead of ${callsPerSecond}`;
  return {
    reason: 'trunk_slowed',
    effect: isPaused ? 'stops' : 'slows',
    until: isPaused ? resumesAt : null,
    sentence: isPaused
      ? `The provider is at its limit and asked for a pause; then the trunk makes ${rates}.`
      : `The provider said that it is at its limit: the trunk makes ${rates}.`,
  };
}

/** Fewer requests than this are no sign of anything. */
const FEWEST_REQUESTS = 3;

function turnedAway({ provider: { taken, turnedAway, unknown } }: CampaignFacts): IdleReason[] {
  const lost = turnedAway + unknown;
  if (lost < FEWEST_REQUESTS || lost < taken) return [];
  const sentence =
    `Of its requests of the last ${PROVIDER_MINUTES} minutes the provider took ${taken}, turned ${turnedAway} away, ` +
    `and left ${unknown} unanswered.`;
  const effect = taken === 0 ? 'stops' : 'slows';
  return [{ reason: 'provider_turns_calls_away', effect, until: null, sentence }];
}

/** What holds a waiting call. */
export interface HoldReason {
  /** A rule's reason, `not_due`, a reason of its campaign's, or `about_to_dial`. */
  reason: string;
  /** The rule that decides, where one does: of a dial, or `initial_delay`, `retry` and `give_back` before it is due. */
  rule: string | null;
  /** From when on it has held, as far as is known. */
  since: Date;
  /** The earliest it may go, as far as is known; of a rule that knows no time, when it is asked again. */
  nextAt: Date | null;
  /** What every rule said; null while the call is not due, for then none is asked. */
  evidence: Evidence | null;
}

export type HeldFacts = DialFacts & {
  call: {
    readyAt: Date;
    reason: string | null;
    /** Since when `reason` has been what holds it; null: since it was last moved. */
    heldSince: Date | null;
    updatedAt: Date;
    attemptsSpent: number;
  };
  campaign: { updatedAt: Date };
  agent: { updatedAt: Date };
  environment: { updatedAt: Date };
};

/** What a rule gave a later time is asked all the same: the rule is the reason, and not the time. */
const STEPPED_BACK: ReadonlySet<string | null> = new Set([
  ...LOOKED_AT_AGAIN,
  ...OF_TRUNKS,
  'number_in_another_call',
]);

/**
 * What holds a waiting call at `now`: its time, the first rule that does not pass, or room.
 * @param idle what keeps its campaign from dialling
 */
export function whyHeld(facts: HeldFacts, idle: IdleReason[]): HoldReason {
  const { now, call } = facts;
  if (call.readyAt > now && !STEPPED_BACK.has(call.reason)) {
    return {
      reason: 'not_due',
      rule: plannedBy(call),
      since: call.updatedAt,
      nextAt: nextAttemptAt(facts, call.readyAt),
      evidence: null,
    };
  }
  const decision = decideDial(facts);
  const { evidence } = decision;
  if (decision.kind !== 'dial') {
    const rule = evidence.rules.find(({ passed }) => !passed)?.rule ?? null;
    const nextAt =
      (decision.kind === 'wait' ? decision.expected : null) ??
      (call.readyAt > now && call.reason === decision.because ? call.readyAt : null);
    return { reason: decision.because, rule, since: sinceOf(facts, decision.because), nextAt, evidence };
  }
  const [first] = idle.filter(({ reason }) => reason !== 'nothing_is_due' && reason !== 'nothing_waits');
  return {
    reason: first?.reason ?? 'about_to_dial',
    rule: null,
    since: call.readyAt > now ? call.updatedAt : latest(call.readyAt, call.updatedAt),
    // A ramp lets calls go before it is over.
    nextAt: (first?.reason === 'campaign_ramp' ? null : first?.until) ?? now,
    evidence,
  };
}

/** What gave a call its time: a retry bears the outcome it follows, a try that was given back whatever came in between. */
function plannedBy({ reason, attemptsSpent }: HeldFacts['call']): 'initial_delay' | 'retry' | 'give_back' {
  if (reason === null) return attemptsSpent > 0 ? 'retry' : 'initial_delay';
  const outcome = OUTCOME_NAMES.find((name) => name === reason);
  return outcome !== undefined && OUTCOMES[outcome].spendsAttempt ? 'retry' : 'give_back';
}

/** A row that was changed since for another reason tells its latest change. */
function sinceOf(facts: HeldFacts, because: string): Date {
  const { now, call, campaign, agent, environment } = facts;
  if (call.reason === because) return call.heldSince ?? call.updatedAt;
  const dueSince = latest(call.readyAt > now ? call.updatedAt : call.readyAt, call.updatedAt);
  switch (because) {
    case 'kill_switch':
      return latest(environment.updatedAt, dueSince);
    case 'campaign_not_active':
      return latest(campaign.updatedAt, dueSince);
    case 'agent_not_published':
      return latest(agent.updatedAt, dueSince);
    case 'outside_calling_window':
      return latest(closedSince(facts.campaign, now) ?? dueSince, dueSince);
    default:
      return dueSince;
  }
}

/** When the hours that are closed at `at` closed; null: not within the last week. */
function closedSince(schedule: CallingSchedule, at: Date): Date | null {
  let closed: Date | null = null;
  let opens = nextOpening(schedule, new Date(at.getTime() - WEEK_MS));
  while (opens !== null && opens < at) {
    closed = closesAt(schedule, opens);
    // A window open for longer than a day is answered a day at a time.
    opens = closed === null ? null : nextOpening(schedule, closed);
  }
  return closed;
}

const WEEK_MS = 7 * 86_400_000;

function latest(a: Date, b: Date): Date {
  return a > b ? a : b;
}

function isFull({ inUse, limit, reserved }: Slots): boolean {
  return limit !== null && inUse >= limit - reserved;
}

/** `All 90 calls at once of the environment that are not kept for direct and test calls are under way.` */
function fullSentence({ limit, reserved }: Slots, whose: string): string {
  const kept = reserved > 0 ? ' that are not kept for direct and test calls' : '';
  return `All ${(limit ?? 0) - reserved} ${whose}${kept} are under way.`;
}
