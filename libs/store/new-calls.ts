import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { CampaignState } from '#policy/call-lifecycle.js';
import type { NumberHistory } from '#policy/number-limits.js';
import { intakePlanner, type IntakePlan } from '#policy/plan-intake.js';
import { slotLimitsFor } from '#policy/reserved-room.js';
import { isShort } from '#policy/spending.js';
import { eventsOfUndialledEnd, type CallEventType } from '#policy/webhook-events.js';
import { Agent } from './agent.entity.js';
import { Call } from './call.entity.js';
import type { Campaign } from './campaign.entity.js';
import type { DialingSettings } from './dialing-settings.js';
import { listedAmong, registriesOf, type ListedNumber } from './do-not-call-facts.js';
import type { IntakeFacts, IntakeFactsReader } from './intake-facts.js';
import { lockForIntake } from './locks.js';
import { oweEventsOfCalls } from './outbox.js';
import { databaseClock, historiesByNumber } from './reading.js';
import { preparing, together } from './scoped-database.js';
import { spendingFacts } from './spending.js';

/** What of the settings calls are taken in by. */
export type IntakeSettings = Pick<DialingSettings, 'cooldownHourSeconds' | 'reservedShare'>;

/** A validated request for a call. */
export interface NewCall {
  environmentId: string;
  campaignId: string;
  /** E.164. */
  to: string;
  /** Where the client says the person is: IANA name, or null. */
  timezone: string | null;
  payload: Record<string, unknown>;
  context: Record<string, unknown>;
  isTesting: boolean;
  allowDuplicates: boolean;
  notBefore: Date | null;
  /** From intake to the first attempt at the earliest, on top of the campaign's own delay. */
  delaySeconds: number;
  expiresAt: Date | null;
  priority: number;
}

export type IntakeResult =
  | {
      kind: 'accepted';
      call: Call;
      campaign: { id: string; name: string; status: CampaignState };
      /** Due at once, with room to dial it: its first ticket is the caller's to offer, and counts as offered. */
      dueNow: boolean;
      /** What webhooks are owed; of calls that were taken in together, said with the first of them. */
      deliveryIds: string[];
    }
  | { kind: 'replayed'; body: unknown }
  | { kind: 'key_reused' }
  | { kind: 'duplicate'; existing: Call }
  | { kind: 'not_active'; status: CampaignState }
  | { kind: 'agent_not_published' | 'no_credits' };

/** Something was there a moment ago and is not any more: the next look sees what became of it. */
export type LookAgain = 'conflict_gone' | 'agent_gone';

export type AcceptedIntake = Extract<IntakeResult, { kind: 'accepted' }>;

/** States that hold the duplicate rule: every one that is not final. */
export const LIVE = `('waiting', 'initiated', 'ringing', 'answered', 'outcome_unknown')`;

/** A condition: no live call of a campaign goes to a number, those made with `allow_duplicates` included. All are SQL. */
export const IS_NO_DUPLICATE = (environmentId: string, campaignId: string, to: string) =>
  `NOT EXISTS (SELECT FROM calls AS live WHERE live.environment_id = ${environmentId} AND live.campaign_id = ${campaignId}
     AND live.to_number = ${to} AND live.status IN ${LIVE} OFFSET 0)`;

/** The index that is the duplicate rule, as a conflict with it is named. */
export const ONE_LIVE_PER_NUMBER = `(campaign_id, to_number) WHERE NOT allow_duplicates AND status IN ${LIVE}`;

/**
 * Takes calls of one campaign in, in the caller's transaction: with as many statements for many as for one. First comes the
 * campaign's shared lock, so that no call slips in behind a confirmed stop. Of calls to one number the first is taken.
 * @returns what became of each, in its place
 */
export async function takeInCalls(
  manager: EntityManager,
  calls: [NewCall, ...NewCall[]],
  reader: IntakeFactsReader,
  { cooldownHourSeconds, reservedShare }: IntakeSettings,
): Promise<(IntakeResult | LookAgain)[]> {
  const [asking] = calls;
  const { environmentId, campaignId } = asking;
  const numbers = [...new Set(calls.map(({ to }) => to))];
  const quick = preparing(manager);
  // Sent one behind the other, and each sees what the lock, which is the first, has waited for.
  const [, facts, listed, registries, histories] = await together([
    lockForIntake(quick, campaignId),
    reader.read(manager, asking),
    listedAmong(quick, asking, `SELECT unnest($3::text[]) AS to_number`, [numbers]),
    registriesOf(quick, environmentId),
    historiesByNumber(quick, asking, numbers, cooldownHourSeconds),
  ]);
  const { now, campaign, environment } = facts;
  const { id, name, status } = campaign;
  if (status !== 'active') return calls.map(() => ({ kind: 'not_active', status }));
  if (!facts.isAgentHeld) return calls.map(() => 'agent_gone');
  if (campaign.kind === 'direct') {
    const refusal = await refusalOfDirect(manager, campaign, calls);
    if (refusal !== null) return calls.map(() => ({ kind: refusal }));
  }

  const planner = intakePlanner({ now, campaign, environment, registries, cooldownHourSeconds });
  const planned = offered(plan(calls, planner, listed, histories), facts, reservedShare);
  const made = await insert(manager, planned, campaign, now);
  const changes = [...made.values()].map((call) => ({ call, types: toldOf(call), attempt: null }));
  const deliveryIds =
    changes.length === 0 ? [] : await oweEventsOfCalls(manager, environmentId, changes, now);
  const existing = await liveCalls(
    manager,
    campaign,
    planned.filter((one) => !made.has(one.id)),
  );
  let isFirst = true;
  return planned.map((one) => {
    const call = made.get(one.id);
    if (call === undefined) {
      const live = existing.get(one.call.to);
      return live === undefined ? 'conflict_gone' : { kind: 'duplicate', existing: live };
    }
    const told = isFirst ? deliveryIds : [];
    isFirst = false;
    return {
      kind: 'accepted',
      call,
      campaign: { id, name, status },
      dueNow: call.offers > 0,
      deliveryIds: told,
    };
  });
}

interface PlannedCall {
  /** It will have, if it is taken. */
  id: string;
  call: NewCall;
  plan: IntakePlan;
}

type OfferedCall = PlannedCall & { dueNow: boolean };

/** What becomes of each call, by the rules. */
function plan(
  calls: NewCall[],
  planner: ReturnType<typeof intakePlanner>,
  listed: ListedNumber[],
  histories: Map<string, NumberHistory>,
): PlannedCall[] {
  return calls.map((call) => {
    const { to, timezone, notBefore, delaySeconds } = call;
    const matches = listed.filter((entry) => entry.to === to);
    const history = histories.get(to) ?? null;
    return {
      id: randomUUID(),
      call,
      plan: planner({ to, timezone, notBefore, delaySeconds, matches, history }),
    };
  });
}

/**
 * With no free slot a ticket would only come back, and with no dialer it would wait for one: the feeder offers the call when
 * there is.
 */
function offered(
  planned: PlannedCall[],
  { now, campaign, environment, inUse, isLed }: IntakeFacts,
  reservedShare: number,
): OfferedCall[] {
  const limits = { environment: environment.maxConcurrentCalls, campaign: campaign.maxConcurrentCalls };
  const isDirect = campaign.kind === 'direct';
  let taken = 0;
  return planned.map((one) => {
    const { isTesting } = one.call;
    const most = slotLimitsFor({ isDirect, isTesting }, limits, reservedShare);
    const dueNow =
      one.plan.kind === 'accept' &&
      one.plan.at <= now &&
      isLed &&
      inUse.environment + taken < most.environment &&
      inUse.campaign + taken < (most.campaign ?? Infinity);
    if (dueNow) taken += 1;
    return { ...one, dueNow };
  });
}

/** @returns those that were made, by their ids; the others ran into live calls */
async function insert(
  manager: EntityManager,
  planned: OfferedCall[],
  { environmentId, id: campaignId, agentId, kind }: Campaign,
  now: Date,
): Promise<Map<string, Call>> {
  const rows = planned.map(({ id, call, plan, dueNow }) => {
    const blocked = plan.kind === 'block';
    return {
      id,
      to_number: call.to,
      payload: call.payload,
      context: call.context,
      is_testing: call.isTesting,
      allow_duplicates: call.allowDuplicates,
      status: blocked ? 'blocked' : 'waiting',
      reason: plan.because,
      priority: call.priority,
      next_attempt_at: blocked ? null : plan.at,
      not_before: call.notBefore,
      expires_at: call.expiresAt,
      offers: dueNow ? 1 : 0,
      offered_at: dueNow ? now : null,
      finished_at: blocked ? now : null,
      ready_at: blocked ? now : plan.readyAt,
      timezone: call.timezone,
      evidence: plan.because === null ? null : plan.evidence,
      held_since: blocked || plan.because === null ? null : now,
    };
  });
  const made = await preparing(manager).query<Record<string, unknown>[]>(
    `INSERT INTO calls (environment_id, campaign_id, agent_id, is_direct, created_at, updated_at, id, to_number, payload,
       context, is_testing, allow_duplicates, status, reason, priority, next_attempt_at, not_before, expires_at, offers,
       offered_at, finished_at, ready_at, timezone, evidence, held_since)
     SELECT $1, $2, $3, $4, $5, $5, new.*
     FROM json_to_recordset($6) AS new (id uuid, to_number text, payload jsonb, context jsonb, is_testing boolean,
       allow_duplicates boolean, status text, reason text, priority integer, next_attempt_at timestamptz,
       not_before timestamptz, expires_at timestamptz, offers integer, offered_at timestamptz, finished_at timestamptz,
       ready_at timestamptz, timezone text, evidence jsonb, held_since timestamptz)
     WHERE new.allow_duplicates OR ${IS_NO_DUPLICATE('$1', '$2', 'new.to_number')}
     -- Whoever inserts many does so in this order: in another one, two could wait for each other.
     ORDER BY new.to_number
     ON CONFLICT ${ONE_LIVE_PER_NUMBER} DO NOTHING
     RETURNING ${columnsOfCalls(manager)}`,
    [environmentId, campaignId, agentId, kind === 'direct', now, JSON.stringify(rows)],
  );
  return new Map(made.map((row) => callOf(manager, row)).map((call) => [call.id, call]));
}

/** By their names: a prepared `*` would fail once a migration has added a column. */
function columnsOfCalls({ connection }: EntityManager): string {
  return connection
    .getMetadata(Call)
    .columns.map(({ databaseName }) => `calls.${databaseName}`)
    .join(', ');
}

/** A row as the entity that reading it would be. */
function callOf({ connection }: EntityManager, row: Record<string, unknown>): Call {
  const call = new Call();
  for (const column of connection.getMetadata(Call).columns) {
    const value: unknown = connection.driver.prepareHydratedValue(row[column.databaseName], column);
    Object.assign(call, { [column.propertyName]: value });
  }
  return call;
}

function toldOf(call: Call): CallEventType[] {
  return call.status === 'blocked'
    ? eventsOfUndialledEnd('blocked', call.isDirect)
    : ['campaign_call.queued'];
}

/** The newest live call of each number, by number. */
async function liveCalls(
  manager: EntityManager,
  { environmentId, id: campaignId }: Campaign,
  refused: PlannedCall[],
): Promise<Map<string, Call>> {
  if (refused.length === 0) return new Map();
  const rows = await preparing(manager).query<Record<string, unknown>[]>(
    // By the number, and IS TRUE leaves the planner no other way: the campaign may have a million calls.
    `SELECT ${columnsOfCalls(manager)} FROM unnest($3::text[]) AS asked (number) CROSS JOIN LATERAL (
       SELECT * FROM calls WHERE environment_id = $1 AND to_number = asked.number AND status IN ${LIVE}
         AND (campaign_id = $2) IS TRUE OFFSET 0) AS calls
     ORDER BY created_at`,
    [environmentId, campaignId, refused.map(({ call }) => call.to)],
  );
  const calls = rows.map((row) => callOf(manager, row));
  return new Map(calls.map((call) => [call.to, call]));
}

/** What a campaign would hold a call for, a direct one is refused for at once. */
async function refusalOfDirect(
  manager: EntityManager,
  campaign: Campaign,
  calls: NewCall[],
): Promise<'agent_not_published' | 'no_credits' | null> {
  const agent = await manager.findOneByOrFail(Agent, { id: campaign.agentId });
  if (agent.currentStatus !== 'published') return 'agent_not_published';
  if (calls.every(({ isTesting }) => isTesting)) return null;
  const now = await databaseClock(manager);
  const { creditBalance, spending } = await spendingFacts(manager, { campaign, agent }, now);
  return creditBalance !== null && isShort(creditBalance, spending.needed) ? 'no_credits' : null;
}
