import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  PROVIDER_MINUTES,
  whyHeld,
  whyIdle,
  type CampaignFacts,
  type HeldCalls,
  type HoldReason,
  type IdleReason,
} from '#policy/why.js';
import { isUrgent, ORDINARY, reservedSlots, type Urgency } from '#policy/reserved-room.js';
import { isResting } from '#policy/trunk-health.js';
import { currentRate, nextStart, rateTogether } from '#policy/trunk-pace.js';
import { Agent } from './agent.entity.js';
import { Call } from './call.entity.js';
import { callerIdFacts } from './caller-ids.js';
import { Campaign } from './campaign.entity.js';
import { SHOWN } from './campaigns.store.js';
import { doNotCallFacts } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import { IS_LED } from './leases.store.js';
import { campaignKey, environmentKey } from './locks.js';
import { DialingSettings, type Trunk } from './dialing-settings.js';
import { databaseClock, numberBusySince, numberHistory } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';
import { onScheduleAt } from './slots.js';
import { spendingFacts } from './spending.js';
import { heardTrunks } from './hearing.js';
import { callerIdsOfRoutes, routesOf } from './routes.js';
import { readTrunks } from './trunks.js';
import { linesOf } from './waiting-priorities.js';

export interface CampaignWhy {
  campaign: Campaign;
  reasons: IdleReason[];
  facts: CampaignFacts;
}

export interface CampaignGlance {
  reasons: IdleReason[];
  /** Waiting calls that are due, as far as they were counted. */
  due: number;
  /** False: more are. */
  isAllDue: boolean;
  /** When the first of those is due that are not. */
  nextDueAt: Date | null;
}

/** Reads why something is not dialled, by the very rules that dial. Every method is scoped by the environment. */
@Injectable()
export class WhyStore {
  constructor(
    private readonly database: ScopedDatabase,
    private readonly settings: DialingSettings,
  ) {}

  /** Null: there is no such campaign. */
  async campaign(environmentId: string, id: string): Promise<CampaignWhy | null> {
    return this.database.within(environmentId, async (manager) => {
      const campaign = await manager.findOneBy(Campaign, { id, environmentId, ...SHOWN });
      if (campaign === null) return null;
      const facts = await this.factsOf(manager, campaign, await waitingOf(manager, campaign.id), ORDINARY);
      return { campaign, facts, reasons: whyIdle(facts) };
    });
  }

  /**
   * The same of a campaign of which it is known how many calls wait: nobody counts them for it, so that it may be asked again and
   * again. Null: there is no such campaign.
   */
  async glance(environmentId: string, id: string, waiting: number): Promise<CampaignGlance | null> {
    return this.database.within(environmentId, async (manager) => {
      const campaign = await manager.findOneBy(Campaign, { id, environmentId, ...SHOWN });
      if (campaign === null) return null;
      const first = await firstWaitingOf(manager, id, waiting, await databaseClock(manager));
      const reasons = whyIdle(await this.factsOf(manager, campaign, first, ORDINARY));
      return { reasons, due: first.due, isAllDue: first.due < MOST_GLANCED_AT, nextDueAt: first.nextDueAt };
    });
  }

  /** What holds a waiting call; the call alone when it waits no more. Null: there is no such call. */
  async call(environmentId: string, id: string): Promise<{ call: Call; held: HoldReason | null } | null> {
    return this.database.within(environmentId, async (manager) => {
      const call = await manager.findOneBy(Call, { id, environmentId });
      if (call === null) return null;
      if (call.status !== 'waiting') return { call, held: null };
      const campaign = await manager.findOneByOrFail(Campaign, { id: call.campaignId });
      const ofCampaign = await this.factsOf(manager, campaign, THIS_CALL_ALONE, call);
      const { cooldownHourSeconds } = this.settings;
      const { now, environment, callerIds } = ofCampaign;
      const [trunks = []] = await routesOf(manager, [{ call, campaign, environment }], this.settings.trunks);
      const facts = {
        ...ofCampaign,
        call,
        campaign,
        doNotCall: await doNotCallFacts(manager, call),
        history: await numberHistory(manager, call, cooldownHourSeconds),
        cooldownHourSeconds,
        numberBusySince: await numberBusySince(manager, call),
        callerIds: callerIdsOfRoutes(callerIds, trunks, now),
        trunks,
      };
      return { call, held: whyHeld(facts, whyIdle(ofCampaign)) };
    });
  }

  private async factsOf(
    manager: EntityManager,
    campaign: Campaign,
    waiting: Waiting,
    asking: Urgency,
  ): Promise<CampaignFacts & { agent: Agent; environment: Environment }> {
    const { environmentId } = campaign;
    const environment = await manager.findOneByOrFail(Environment, { id: environmentId });
    const [{ led }] = await manager.query<[{ led: boolean }]>(`SELECT ${IS_LED} AS led`);
    const reservedShare = isUrgent(asking) ? 0 : this.settings.reservedShare;
    const now = await databaseClock(manager);
    const agent = await manager.findOneByOrFail(Agent, { id: campaign.agentId });
    const [callerIds = null] = await callerIdFacts(manager, [{ campaign, environment }]);
    const trunks = this.settings.trunksOf(campaign);
    const { creditBalance, spending } = await spendingFacts(manager, { campaign, agent }, now);
    return {
      now,
      campaign,
      agent,
      environment,
      ...waiting,
      slots: await slotsOf(manager, campaign, environment, reservedShare),
      pace: {
        ...(await paceOfTrunks(manager, trunks)),
        campaignOnScheduleAtMs: await onScheduleAt(manager, campaign.id),
        rampSeconds: this.settings.rampSeconds,
        reservedShare,
      },
      creditBalance,
      spending,
      callerIds,
      provider: await providerOf(manager, campaign.id),
      hasLeader: led,
      isHeard: (await heardTrunks(manager, trunks)).length > 0 || trunks.length === 0,
    };
  }
}

type PaceOfTrunks = Omit<CampaignFacts['pace'], 'campaignOnScheduleAtMs' | 'rampSeconds' | 'reservedShare'>;

/** Of some trunks as if they were one. Only where all pause, or all rest, nothing is started. */
async function paceOfTrunks(manager: EntityManager, trunks: readonly Trunk[]): Promise<PaceOfTrunks> {
  const known = await readTrunks(manager, trunks);
  const each = trunks.map(({ name, callsPerSecond, limitPerSecond }) => {
    const { pace, health, nowMs } = known.get(name)!;
    return {
      limit: limitPerSecond,
      rate: currentRate(pace, limitPerSecond, nowMs),
      resumesAtMs: pace.resumesAtMs !== null && pace.resumesAtMs > nowMs ? pace.resumesAtMs : null,
      nextStartMs: pace.lastStartAtMs === null ? null : nextStart(pace, callsPerSecond, nowMs),
      restsUntilMs: isResting(health, nowMs) ? health.restsUntilMs : null,
    };
  });
  return {
    callsPerSecond: rateTogether(each.map(({ limit }) => limit)),
    currentCallsPerSecond: rateTogether(each.map(({ rate }) => rate)),
    resumesAt: firstOfAll(each.map(({ resumesAtMs }) => resumesAtMs)),
    nextStartAt: firstOfAll(each.map(({ nextStartMs }) => nextStartMs)),
    restsUntil: firstOfAll(each.map(({ restsUntilMs }) => restsUntilMs)),
  };
}

/** The first of some instants, where there is one for each; else null. */
function firstOfAll(instantsMs: (number | null)[]): Date | null {
  const known = instantsMs.flatMap((instantMs) => instantMs ?? []);
  return known.length === 0 || known.length < instantsMs.length ? null : new Date(Math.min(...known));
}

type Waiting = Pick<CampaignFacts, 'due' | 'later' | 'nextDueAt' | 'heldBy' | 'heldByOfFirst'>;

/** What holds one call does not depend on how many others wait, and a million take a second to count. */
const THIS_CALL_ALONE: Waiting = { due: 1, later: 0, nextDueAt: null, heldBy: [], heldByOfFirst: null };

/** Of more waiting calls than this, those that come first are counted: their rows have to be read for their reasons. */
const MOST_COUNTED = 100_000;

/** The same where it is asked again and again. */
const MOST_GLANCED_AT = 1_000;

async function waitingOf(manager: EntityManager, campaignId: string): Promise<Waiting> {
  const [counts] = await manager.query<[Pick<Waiting, 'due' | 'later' | 'nextDueAt'>]>(
    `SELECT count(*) FILTER (WHERE ready_at <= clock_timestamp())::integer AS due,
            count(*) FILTER (WHERE ready_at > clock_timestamp())::integer AS later,
            min(ready_at) FILTER (WHERE ready_at > clock_timestamp()) AS "nextDueAt"
     FROM calls WHERE campaign_id = $1 AND status = 'waiting'`,
    [campaignId],
  );
  const isMore = counts.due + counts.later > MOST_COUNTED;
  const heldBy = await heldByOf(manager, campaignId, MOST_COUNTED);
  return { ...counts, heldBy, heldByOfFirst: isMore ? MOST_COUNTED : null };
}

/** Steps along the index from priority to priority: of a million that wait for later, one of each is looked at. */
async function firstWaitingOf(
  manager: EntityManager,
  campaignId: string,
  waiting: number,
  now: Date,
): Promise<Waiting> {
  const [first] = await manager.query<[Pick<Waiting, 'due' | 'nextDueAt'>]>(
    `WITH RECURSIVE ${linesOf('$1')}, seen AS (SELECT priority FROM line LIMIT ${MOST_GLANCED_AT})
     SELECT (SELECT count(*) FROM (
               SELECT FROM seen CROSS JOIN LATERAL (
                 SELECT FROM calls WHERE status = 'waiting' AND campaign_id = $1 AND priority = seen.priority AND ready_at <= $2
                 ORDER BY ready_at LIMIT ${MOST_GLANCED_AT}) AS each
               LIMIT ${MOST_GLANCED_AT}) AS counted)::integer AS due,
            (SELECT min(each.ready_at) FROM seen CROSS JOIN LATERAL (
               SELECT ready_at FROM calls WHERE status = 'waiting' AND campaign_id = $1 AND priority = seen.priority AND ready_at > $2
               ORDER BY ready_at LIMIT 1) AS each) AS "nextDueAt"`,
    [campaignId, now],
  );
  const later = first.due > 0 ? 0 : Math.max(waiting, first.nextDueAt === null ? 0 : 1);
  // Who has calls that are due is not held by what was written to others.
  const heldBy = later > 0 ? await heldByOf(manager, campaignId, MOST_GLANCED_AT) : [];
  return { ...first, later, heldBy, heldByOfFirst: later > MOST_GLANCED_AT ? MOST_GLANCED_AT : null };
}

async function heldByOf(manager: EntityManager, campaignId: string, most: number): Promise<HeldCalls[]> {
  return manager.query<HeldCalls[]>(
    `SELECT coalesce(reason, 'not_tried_yet') AS reason, count(*)::integer AS count, min(next_attempt_at) AS "nextAt"
     FROM (SELECT reason, next_attempt_at FROM calls WHERE campaign_id = $1 AND status = 'waiting'
           ORDER BY priority DESC, ready_at, id LIMIT $2) AS first
     GROUP BY 1 ORDER BY 2 DESC, 1`,
    [campaignId, most],
  );
}

async function slotsOf(
  manager: EntityManager,
  campaign: Campaign,
  environment: Environment,
  reservedShare: number,
): Promise<CampaignFacts['slots']> {
  const [ofCampaign, ofEnvironment] = [campaignKey(campaign.id), environmentKey(environment.id)];
  const rows = await manager.query<{ scope: string; in_use: number }[]>(
    `SELECT scope, in_use FROM slots WHERE scope IN ($1, $2)`,
    [ofCampaign, ofEnvironment],
  );
  const slots = (scope: string, limit: number | null) => ({
    inUse: rows.find((row) => row.scope === scope)?.in_use ?? 0,
    limit,
    reserved: reservedSlots(limit ?? 0, reservedShare),
  });
  return {
    campaign: slots(ofCampaign, campaign.maxConcurrentCalls),
    environment: slots(ofEnvironment, environment.maxConcurrentCalls),
  };
}

/** What the provider did with requests: one that was never sent, or that a rule took back, says nothing of it. */
async function providerOf(manager: EntityManager, campaignId: string): Promise<CampaignFacts['provider']> {
  const [row] = await manager.query<[CampaignFacts['provider']]>(
    `SELECT count(*) FILTER (WHERE status IN ('placed', 'ended'))::integer AS taken,
            count(*) FILTER (WHERE status = 'released')::integer AS "turnedAway",
            count(*) FILTER (WHERE status IN ('sending', 'unknown') AND reason IS NOT NULL)::integer AS unknown
     FROM attempts
     WHERE campaign_id = $1 AND sending_at > clock_timestamp() - interval '${PROVIDER_MINUTES} minutes'`,
    [campaignId],
  );
  return row;
}
