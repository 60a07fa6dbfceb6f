import { Injectable } from '@nestjs/common';
import { Brackets, In, IsNull, type EntityManager } from 'typeorm';
import { CAMPAIGN_MOVES, type CampaignState } from '#policy/call-lifecycle.js';
import { holdAgent } from './agent-rows.js';
import { Agent } from './agent.entity.js';
import { Attempt } from './attempt.entity.js';
import { audit } from './audit.js';
import { Campaign } from './campaign.entity.js';
import { lookAgainAtHeld } from './held-calls.js';
import { attemptsInFlight, type InFlight } from './in-flight.js';
import { barrier, campaignKey, confirming } from './locks.js';
import { oweCampaignEvent } from './outbox.js';
import type { Page, PageOf } from './page.js';
import { databaseClock } from './reading.js';
import { addSlotScope } from './slots.js';
import { ScopedDatabase } from './scoped-database.js';
import { forgetStats } from './stats-fold.store.js';
import { SharedReads } from './together-by-key.js';

export type NewCampaign = Omit<
  Campaign,
  | 'id'
  | 'environmentId'
  | 'kind'
  | 'deletedAt'
  | 'status'
  | 'completedAt'
  | 'pauseReason'
  | 'stopConfirmed'
  | 'rulesVersion'
  | 'trunks'
  | 'createdAt'
  | 'updatedAt'
>;

/** A campaign that calls are to be taken into. */
export interface CampaignToCall {
  status: CampaignState;
  /** Of calls that name none. */
  priority: number;
  isAgentPublished: boolean;
}

export interface CampaignFilter {
  status?: CampaignState | undefined;
  campaignType?: string | undefined;
  agentId?: string | undefined;
  /** Created on or after this date, UTC. */
  dateFrom?: string | undefined;
  /** Created on or before this date, UTC. */
  dateTo?: string | undefined;
  search?: string | undefined;
}

export type StatusChange =
  | { kind: 'changed'; campaign: Campaign; deliveryIds: string[] }
  | { kind: 'invalid'; from: CampaignState }
  | { kind: 'agent_not_published' }
  | { kind: 'not_found' };

export type CampaignRemoval =
  | { kind: 'removed'; deliveryIds: string[] }
  | { kind: 'not_found' }
  | { kind: 'active' }
  | { kind: 'in_progress' };

const EVENT_OF_MOVE = {
  active: { draft: 'campaign.started', paused: 'campaign.resumed' },
  paused: 'campaign.paused',
  completed: 'campaign.completed',
  cancelled: 'campaign.cancelled',
} as const;

/** Fields whose change may move calls that are waiting. */
const SCHEDULE_FIELDS = [
  'startDate',
  'endDate',
  'daysOfWeek',
  'callTimeRanges',
  'timezone',
  'holidays',
] as const;

/** What calls are held by, that a change of may free. */
const HOLDING_FIELDS = [
  'legalGuard',
  'doNotCallEnabled',
  'doNotCallListSource',
  'totalBudget',
  'dailyBudget',
  'timezone',
] as const;
const COOLDOWN_FIELDS = ['enablePostCompletionCooldown', 'postCompletionCooldownHours'] as const;

/** What the API shows: neither deleted campaigns nor the rows that direct calls hang on. */
export const SHOWN = { kind: 'campaign' as const, deletedAt: IsNull() };

/** Campaigns: their settings and their status. Every method is scoped by the environment. */
@Injectable()
export class CampaignsStore {
  private readonly toCall = new SharedReads<CampaignToCall | null>();

  constructor(private readonly database: ScopedDatabase) {}

  /** @returns 'no_such_agent' when the environment has no agent of this id (any more) */
  async create(
    environmentId: string,
    settings: NewCampaign,
  ): Promise<{ campaign: Campaign; deliveryIds: string[] } | 'no_such_agent'> {
    return this.database.within(environmentId, async (manager) => {
      if (!(await holdAgent(manager, environmentId, settings.agentId))) return 'no_such_agent';
      const campaign = manager.create(Campaign, {
        ...settings,
        environmentId,
        status: 'draft',
        stopConfirmed: true,
        rulesVersion: 1,
      });
      await manager.save(campaign);
      await addSlotScope(manager, campaignKey(campaign.id));
      const deliveryIds = await oweCampaignEvent(
        manager,
        campaign,
        'campaign.created',
        await databaseClock(manager),
      );
      return { campaign, deliveryIds };
    });
  }

  async find(environmentId: string, id: string): Promise<Campaign | null> {
    return this.database.within(environmentId, (manager) =>
      manager.findOneBy(Campaign, { id, environmentId, ...SHOWN }),
    );
  }

  /** What is to be known of a campaign before its calls are looked at; read once for all who ask at the same time. */
  findToCall(environmentId: string, id: string): Promise<CampaignToCall | null> {
    return this.toCall.of(`${environmentId} ${id}`, async () => {
      const [campaign] = await this.database.readWithin<CampaignToCall>(
        environmentId,
        `SELECT status, priority, EXISTS (
           SELECT FROM agents WHERE agents.environment_id = $1 AND agents.id = campaigns.agent_id
             AND agents.current_status = 'published' AND agents.deleted_at IS NULL) AS "isAgentPublished"
         FROM campaigns
         WHERE campaigns.environment_id = $1 AND campaigns.id = $2 AND kind = 'campaign' AND deleted_at IS NULL`,
        [environmentId, id],
      );
      return campaign ?? null;
    });
  }

  /** Of any environment, for an operator at a machine. */
  async findAnywhere(id: string): Promise<Campaign | null> {
    return this.database.everywhere((manager) => manager.findOneBy(Campaign, { id, ...SHOWN }));
  }

  async list(environmentId: string, filter: CampaignFilter, page: Page): Promise<PageOf<Campaign>> {
    return this.database.within(environmentId, async (manager) => {
      const query = manager.createQueryBuilder(Campaign, 'campaign').where({ environmentId, ...SHOWN });
      const { status, campaignType, agentId, dateFrom, dateTo, search } = filter;
      if (status !== undefined) query.andWhere('campaign.status = :status', { status });
      if (campaignType !== undefined)
        query.andWhere('campaign.campaignType = :campaignType', { campaignType });
      if (agentId !== undefined) query.andWhere('campaign.agentId = :agentId', { agentId });
      if (dateFrom !== undefined) query.andWhere(`campaign.createdAt >= :dateFrom::date`, { dateFrom });
      if (dateTo !== undefined) query.andWhere(`campaign.createdAt < :dateTo::date + 1`, { dateTo });
      if (search !== undefined) {
        query.andWhere(
          new Brackets((either) =>
            either
              .where('strpos(lower(campaign.name), lower(:search)) > 0', { search })
              .orWhere('strpos(lower(campaign.description), lower(:search)) > 0', { search }),
          ),
        );
      }
      const total = await query.getCount();
      if (page.after === undefined) query.skip((page.number - 1) * page.size);
      else {
        query.andWhere(
          `(campaign.createdAt, campaign.id) < (SELECT created_at, id FROM campaigns
           WHERE environment_id = :environmentId AND id = :after)`,
          { environmentId, after: page.after },
        );
      }
      const items = await query
        .orderBy('campaign.createdAt', 'DESC')
        .addOrderBy('campaign.id', 'DESC')
        .take(page.size)
        .getMany();
      return { items, total, page };
    });
  }

  /**
   * Changes settings under a new rules version, so that no claim made under the old ones passes its fence. Then confirm it
   * with `confirmStop`, and `lookAgainAfter`.
   * @returns null when there is no such campaign; 'has_active_calls' when the schedule of an active campaign would
   *   change under calls that wait for it; 'no_such_agent' when it names one that the environment does not have
   */
  async change(
    environmentId: string,
    actor: string,
    id: string,
    change: Partial<NewCampaign>,
  ): Promise<{ campaign: Campaign; deliveryIds: string[] } | 'has_active_calls' | 'no_such_agent' | null> {
    return this.database.within(environmentId, async (manager) => {
      const campaign = await this.lock(manager, environmentId, id);
      if (campaign === null) return null;
      const { agentId } = change;
      if (agentId !== undefined && !(await holdAgent(manager, environmentId, agentId)))
        return 'no_such_agent';
      const touchesSchedule = SCHEDULE_FIELDS.some((field) => change[field] !== undefined);
      if (touchesSchedule && campaign.status === 'active' && (await this.countWaiting(manager, id)) > 0) {
        return 'has_active_calls';
      }
      const now = await databaseClock(manager);
      Object.assign(campaign, change, { rulesVersion: campaign.rulesVersion + 1, updatedAt: now });
      await manager.save(campaign);
      const detail = { fields: Object.keys(change) };
      await audit(manager, { environmentId, actor, action: 'campaign.changed', subjectId: id, detail });
      return { campaign, deliveryIds: await oweCampaignEvent(manager, campaign, 'campaign.updated', now) };
    });
  }

  /**
   * Looks again at calls that a change may free. Confirm the change first: a claim that read the old settings would hold
   * its call behind the look.
   */
  async lookAgainAfter(environmentId: string, id: string, change: Partial<NewCampaign>): Promise<void> {
    // The cooldown of a completed campaign holds the calls of others.
    const ofOthers = COOLDOWN_FIELDS.some((field) => change[field] !== undefined);
    if (!ofOthers && !HOLDING_FIELDS.some((field) => change[field] !== undefined)) return;
    await lookAgainAtHeld(this.database, environmentId, ofOthers ? null : id);
  }

  /**
   * Moves a campaign to another status, if the table of moves allows it. Confirm a stop with `confirmStop`; one that
   * could not be confirmed may be made again.
   */
  async changeStatus(
    environmentId: string,
    actor: string,
    id: string,
    to: CampaignState,
  ): Promise<StatusChange> {
    return this.database.within(environmentId, async (manager) => {
      const campaign = await this.lock(manager, environmentId, id);
      if (campaign === null) return { kind: 'not_found' };
      const from = campaign.status;
      if (from === to && !campaign.stopConfirmed) return { kind: 'changed', campaign, deliveryIds: [] };
      if (!CAMPAIGN_MOVES[from].includes(to)) return { kind: 'invalid', from };
      if (to === 'active') {
        const agent = await manager.findOneByOrFail(Agent, { id: campaign.agentId, environmentId });
        if (agent.currentStatus !== 'published') return { kind: 'agent_not_published' };
      }
      const now = await databaseClock(manager);
      await manager.query(
        `UPDATE campaigns SET status = $2, stop_confirmed = $5, pause_reason = NULL, updated_at = $3,
           completed_at = CASE WHEN $2 = 'completed' THEN $3::timestamptz END
         WHERE id = $1 AND status = $4`,
        [id, to, now, from, to === 'active'],
      );
      const detail = { from, to };
      await audit(manager, {
        environmentId,
        actor,
        action: 'campaign.status_changed',
        subjectId: id,
        detail,
      });
      const changed = await manager.findOneByOrFail(Campaign, { id });
      return {
        kind: 'changed',
        campaign: changed,
        deliveryIds: await oweCampaignEvent(manager, changed, eventOf(from, to), now),
      };
    });
  }

  /**
   * Waits out every dial that began before a stop, or a change of the rules, was written; then only what is in flight
   * may still ring under the old ones.
   * @returns what is in flight, and how many calls are kept from being dialled: those that wait, and those that were
   *   claimed and can no longer pass their fence
   * @throws StopNotConfirmed
   */
  async confirmStop(environmentId: string, id: string): Promise<{ inFlight: InFlight; stopped: number }> {
    return confirming(this.database, environmentId, async (manager) => {
      await barrier(manager, [campaignKey(id)]);
      await manager.query(
        `UPDATE campaigns SET stop_confirmed = true WHERE id = $1 AND NOT stop_confirmed AND status <> 'active'`,
        [id],
      );
      const inFlight = await attemptsInFlight(manager, 'campaign_id = $1', [id]);
      const claimed = await manager.countBy(Attempt, { campaignId: id, status: 'claimed' });
      return { inFlight, stopped: (await this.countWaiting(manager, id)) + claimed };
    });
  }

  /**
   * Deletes a campaign from the API's view: what waits ends as cancelled, while calls, attempts and evidence stay, for
   * caps must not forget. Its counters go. Not while it is active, nor while an attempt may be ringing.
   */
  async remove(environmentId: string, actor: string, id: string): Promise<CampaignRemoval> {
    return this.database.within(environmentId, async (manager) => {
      const campaign = await this.lock(manager, environmentId, id);
      if (campaign === null) return { kind: 'not_found' };
      if (campaign.status === 'active') return { kind: 'active' };
      // Without its barrier passed, a dial that began before the stop may still be deciding, seen by nobody.
      const isQuiet = campaign.stopConfirmed && !(await mayRing(manager, id));
      if (!isQuiet) return { kind: 'in_progress' };
      await manager.query(
        `UPDATE campaigns SET deleted_at = clock_timestamp(), updated_at = clock_timestamp(),
           status = CASE WHEN status = 'completed' THEN status ELSE 'cancelled' END
         WHERE id = $1 AND status IN ('draft', 'paused', 'completed', 'cancelled') AND deleted_at IS NULL`,
        [id],
      );
      await forgetStats(manager, id);
      const detail = { status: campaign.status };
      await audit(manager, { environmentId, actor, action: 'campaign.deleted', subjectId: id, detail });
      const removed = await manager.findOneByOrFail(Campaign, { id });
      const deliveryIds =
        removed.status === campaign.status
          ? []
          : await oweCampaignEvent(manager, removed, 'campaign.cancelled', removed.updatedAt);
      return { kind: 'removed', deliveryIds };
    });
  }

  /** The agents of some campaigns, by id. */
  async agentsOf(environmentId: string, campaigns: Campaign[]): Promise<Map<string, Agent>> {
    const agents = await this.database.within(environmentId, (manager) =>
      manager.findBy(Agent, {
        environmentId,
        id: In(campaigns.map(({ agentId }) => agentId)),
      }),
    );
    return new Map(agents.map((agent) => [agent.id, agent]));
  }

  private lock(manager: EntityManager, environmentId: string, id: string): Promise<Campaign | null> {
    return manager.findOne(Campaign, {
      where: { id, environmentId, ...SHOWN },
      lock: { mode: 'pessimistic_write' },
    });
  }

  private async countWaiting(manager: EntityManager, id: string): Promise<number> {
    const [{ count }] = await manager.query<[{ count: number }]>(
      `SELECT count(*)::integer AS count FROM calls WHERE campaign_id = $1 AND status = 'waiting'`,
      [id],
    );
    return count;
  }
}

function eventOf(from: CampaignState, to: CampaignState): Parameters<typeof oweCampaignEvent>[2] {
  if (to === 'active') return from === 'paused' ? EVENT_OF_MOVE.active.paused : EVENT_OF_MOVE.active.draft;
  if (to === 'draft') throw new Error('No move leads to draft.');
  return EVENT_OF_MOVE[to];
}

/** Whether an attempt of the campaign is open, or parked and not yet past its longest. */
async function mayRing(manager: EntityManager, id: string): Promise<boolean> {
  const [{ rings }] = await manager.query<[{ rings: boolean }]>(
    `SELECT EXISTS (SELECT FROM attempts WHERE campaign_id = $1 AND holds_slot) AS rings`,
    [id],
  );
  return rings;
}
