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
import { Agent } from './agent.entity.js';
import { Call } from './call.entity.js';
import { Campaign } from './campaign.entity.js';
import { SHOWN } from './campaigns.store.js';
import { doNotCallFacts } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import { campaignKey, environmentKey } from './locks.js';
import { creditBalance } from './credits.store.js';
import { DialingSettings } from './dialing-settings.js';
import { databaseClock, isNumberBusy, numberHistory } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

export interface CampaignWhy {
  campaign: Campaign;
  reasons: IdleReason[];
  facts: CampaignFacts;
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
      const facts = await this.factsOf(manager, campaign);
      return { campaign, facts, reasons: whyIdle(facts) };
    });
  }

  /** What holds a waiting call; the call alone when it waits no more. Null: there is no such call. */
  async call(environmentId: string, id: string): Promise<{ call: Call; held: HoldReason | null } | null> {
    return this.database.within(environmentId, async (manager) => {
      const call = await manager.findOneBy(Call, { id, environmentId });
      if (call === null) return null;
      if (call.status !== 'waiting') return { call, held: null };
      const campaign = await manager.findOneByOrFail(Campaign, { id: call.campaignId });
      const ofCampaign = await this.factsOf(manager, campaign);
      const { cooldownHourSeconds } = this.settings;
      const facts = {
        ...ofCampaign,
        call,
        campaign,
        doNotCall: await doNotCallFacts(manager, call),
        history: await numberHistory(manager, call, cooldownHourSeconds),
        cooldownHourSeconds,
        numberBusy: await isNumberBusy(manager, call),
      };
      return { call, held: whyHeld(facts, whyIdle(ofCampaign)) };
    });
  }

  private async factsOf(
    manager: EntityManager,
    campaign: Campaign,
  ): Promise<CampaignFacts & { agent: Agent; environment: Environment }> {
    const { environmentId } = campaign;
    const environment = await manager.findOneByOrFail(Environment, { id: environmentId });
    const [{ led, nextStartAt }] = await manager.query<[{ led: boolean; nextStartAt: Date | null }]>(
      `SELECT EXISTS (SELECT FROM leases WHERE expires_at > clock_timestamp()) AS led,
              (SELECT next_start_at FROM trunks WHERE name = $1) AS "nextStartAt"`,
      [this.settings.trunk],
    );
    return {
      now: await databaseClock(manager),
      campaign,
      agent: await manager.findOneByOrFail(Agent, { id: campaign.agentId }),
      environment,
      ...(await waitingOf(manager, campaign.id)),
      slots: await slotsOf(manager, campaign, environment),
      pace: { callsPerSecond: this.settings.trunkCallsPerSecond, nextStartAt },
      creditBalance: await creditBalance(manager, environmentId),
      provider: await providerOf(manager, campaign.id),
      hasLeader: led,
    };
  }
}

async function waitingOf(
  manager: EntityManager,
  campaignId: string,
): Promise<Pick<CampaignFacts, 'due' | 'later' | 'nextDueAt' | 'heldBy'>> {
  const rows = await manager.query<(HeldCalls & { due: number; nextDueAt: Date | null })[]>(
    `SELECT coalesce(reason, 'not_tried_yet') AS reason, count(*)::integer AS count,
            count(*) FILTER (WHERE ready_at <= clock_timestamp())::integer AS due,
            min(ready_at) FILTER (WHERE ready_at > clock_timestamp()) AS "nextDueAt",
            min(next_attempt_at) AS "nextAt"
     FROM calls WHERE campaign_id = $1 AND status = 'waiting' GROUP BY 1 ORDER BY 2 DESC, 1`,
    [campaignId],
  );
  const due = rows.reduce((sum, row) => sum + row.due, 0);
  const later = rows.reduce((sum, row) => sum + row.count - row.due, 0);
  const [nextDueAt = null] = rows
    .flatMap((row) => row.nextDueAt ?? [])
    .sort((a, b) => a.getTime() - b.getTime());
  return {
    due,
    later,
    nextDueAt,
    heldBy: rows.map(({ reason, count, nextAt }) => ({ reason, count, nextAt })),
  };
}

async function slotsOf(
  manager: EntityManager,
  campaign: Campaign,
  environment: Environment,
): Promise<CampaignFacts['slots']> {
  const [ofCampaign, ofEnvironment] = [campaignKey(campaign.id), environmentKey(environment.id)];
  const rows = await manager.query<{ scope: string; in_use: number }[]>(
    `SELECT scope, in_use FROM slots WHERE scope IN ($1, $2)`,
    [ofCampaign, ofEnvironment],
  );
  const inUse = (scope: string) => rows.find((row) => row.scope === scope)?.in_use ?? 0;
  return {
    campaign: { inUse: inUse(ofCampaign), limit: campaign.maxConcurrentCalls },
    environment: { inUse: inUse(ofEnvironment), limit: environment.maxConcurrentCalls },
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
