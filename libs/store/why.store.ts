import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { whyHeld, whyIdle, type CampaignFacts, type HoldReason, type IdleReason } from '#policy/why.js';
import { Agent } from './agent.entity.js';
import { Call } from './call.entity.js';
import { Campaign } from './campaign.entity.js';
import { SHOWN } from './campaigns.store.js';
import { doNotCallFacts } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import { campaignKey, environmentKey } from './locks.js';
import { databaseClock, isNumberBusy } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

export interface CampaignWhy {
  campaign: Campaign;
  reasons: IdleReason[];
  facts: CampaignFacts;
  /** Waiting calls by the reason that was last written to them. */
  heldBy: { reason: string; count: number }[];
}

/** Reads why something is not dialled, by the very rules that dial. Every method is scoped by the environment. */
@Injectable()
export class WhyStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Null: there is no such campaign. */
  async campaign(environmentId: string, id: string): Promise<CampaignWhy | null> {
    return this.database.within(environmentId, async (manager) => {
      const campaign = await manager.findOneBy(Campaign, { id, environmentId, ...SHOWN });
      if (campaign === null) return null;
      const facts = await factsOf(manager, campaign);
      const heldBy = await manager.query<CampaignWhy['heldBy']>(
        `SELECT coalesce(reason, 'not_tried_yet') AS reason, count(*)::integer AS count
         FROM calls WHERE campaign_id = $1 AND status = 'waiting' GROUP BY 1 ORDER BY 2 DESC, 1`,
        [id],
      );
      return { campaign, facts, reasons: whyIdle(facts), heldBy };
    });
  }

  /** What holds a waiting call; the call alone when it waits no more. Null: there is no such call. */
  async call(environmentId: string, id: string): Promise<{ call: Call; held: HoldReason | null } | null> {
    return this.database.within(environmentId, async (manager) => {
      const call = await manager.findOneBy(Call, { id, environmentId });
      if (call === null) return null;
      if (call.status !== 'waiting') return { call, held: null };
      const campaign = await manager.findOneByOrFail(Campaign, { id: call.campaignId });
      const ofCampaign = await factsOf(manager, campaign);
      const facts = {
        ...ofCampaign,
        call,
        campaign,
        doNotCall: await doNotCallFacts(manager, call),
        numberBusy: await isNumberBusy(manager, call),
      };
      return { call, held: whyHeld(facts, whyIdle(ofCampaign)) };
    });
  }
}

async function factsOf(
  manager: EntityManager,
  campaign: Campaign,
): Promise<CampaignFacts & { environment: Environment }> {
  const { environmentId } = campaign;
  const environment = await manager.findOneByOrFail(Environment, { id: environmentId });
  const [counts] = await manager.query<[{ due: number; later: number; next_due_at: Date | null }]>(
    `SELECT count(*) FILTER (WHERE ready_at <= clock_timestamp())::integer AS due,
              count(*) FILTER (WHERE ready_at > clock_timestamp())::integer AS later,
              min(ready_at) FILTER (WHERE ready_at > clock_timestamp()) AS next_due_at
       FROM calls WHERE campaign_id = $1 AND status = 'waiting'`,
    [campaign.id],
  );
  const slots = await manager.query<{ scope: string; in_use: number }[]>(
    `SELECT scope, in_use FROM slots WHERE scope IN ($1, $2)`,
    [campaignKey(campaign.id), environmentKey(environmentId)],
  );
  const inUse = (scope: string) => slots.find((row) => row.scope === scope)?.in_use ?? 0;
  const [{ led }] = await manager.query<[{ led: boolean }]>(
    `SELECT EXISTS (SELECT FROM leases WHERE expires_at > clock_timestamp()) AS led`,
  );
  return {
    now: await databaseClock(manager),
    campaign,
    agent: await manager.findOneByOrFail(Agent, { id: campaign.agentId }),
    environment,
    due: counts.due,
    later: counts.later,
    nextDueAt: counts.next_due_at,
    slots: {
      campaign: { inUse: inUse(campaignKey(campaign.id)), limit: campaign.maxConcurrentCalls },
      environment: {
        inUse: inUse(environmentKey(environmentId)),
        limit: environment.maxConcurrentCalls,
      },
    },
    hasLeader: led,
  };
}
