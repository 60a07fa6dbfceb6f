import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CallerIdFacts } from '#policy/caller-ids.js';
import { REOFFER_SECONDS } from '#policy/deadlines.js';
import { audit } from './audit.js';
import { callerIdFacts } from './caller-ids.js';
import { Campaign } from './campaign.entity.js';
import { Environment } from './environment.entity.js';
import { byId, databaseClock, isIn, of } from './reading.js';
import { preparing, ScopedDatabase } from './scoped-database.js';
import { ON_SCHEDULE_AT_MS } from './slots.js';
import type { Trunk } from './dialing-settings.js';
import { heardTrunks } from './hearing.js';
import { readTrunks, type TrunkNow } from './trunks.js';
import { linesOf } from './waiting-priorities.js';

/** A campaign with calls that are due and not on offer. */
export interface DueCampaign {
  campaign: Campaign;
  /** Slots free in the campaign. */
  free: number;
  /** From when on its next start is on schedule, in epoch milliseconds: see `CampaignPace`. */
  onScheduleAtMs: number | null;
  /** What it may call from; null: nothing limits that. */
  callerIds: CallerIdFacts | null;
  /** Whether urgent ones are among them: see `isUrgent`. */
  hasUrgent: boolean;
  environmentFree: number;
  /** Most attempts open at once, over all campaigns of the environment. */
  environmentLimit: number;
  environmentWeight: number;
}

export interface Offer {
  callId: string;
  attempt: number;
  offer: number;
}

/** A call whose ticket nobody has come to yet: it will take a slot, which is not taken yet. */
export interface OnOffer {
  callId: string;
  campaignId: string;
  environmentId: string;
}

interface OfferedRow extends Offer {
  turn: string;
  place: string;
}

/**
 * Due, and not on offer: never offered, handed back, or offered so long ago that the ticket must be lost. The clock is asked
 * once: only then is it a bound in the index.
 */
const OFFERABLE = `ready_at <= (SELECT clock_timestamp())
  AND (offered_at IS NULL OR offered_at < clock_timestamp() - interval '${REOFFER_SECONDS} seconds')`;

/** As `isUrgent` has it; written out, so that the index on exactly these serves. */
const URGENT = `(is_direct OR is_testing)`;

/**
 * The offerable calls of a campaign in the order that they go in, `most` at most, the highest priority first. A million
 * that are due later, as before a date or once all were tried, are passed in a step, taken only when those before it did not suffice.
 * @param condition that the index on what is due has, or that on what is urgent
 */
function firstOfferable(
  campaignId: string,
  columns: string,
  most: string,
  condition = '',
  lock = '',
): string {
  return `WITH RECURSIVE ${linesOf(campaignId, condition)}
    SELECT first.* FROM line CROSS JOIN LATERAL (
      SELECT ${columns} FROM calls WHERE status = 'waiting' AND campaign_id = ${campaignId} ${condition}
        AND priority = line.priority AND ${OFFERABLE}
      ORDER BY ready_at, id LIMIT ${most} ${lock}) AS first
    LIMIT ${most}`;
}

/** Whether a campaign has one. */
function hasOfferable(condition?: string): string {
  return `EXISTS (${firstOfferable('campaigns.id', 'id', '1', condition)})`;
}

/** What the feeder reads and writes: due rows become offers. It decides nothing; the claim does. */
@Injectable()
export class FeedStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** The database clock, and the campaigns that have something to offer and nothing that stops them but the hours. */
  async dueCampaigns(): Promise<{ now: Date; due: DueCampaign[] }> {
    return this.database.everywhere(async (manager) => {
      const now = await databaseClock(manager);
      const rows = await manager.query<(Omit<DueCampaign, 'campaign' | 'callerIds'> & { id: string })[]>(
        `SELECT campaigns.id,
                least(coalesce(campaigns.max_concurrent_calls, 2147483647) - own.in_use, 100000) AS free,
                ${ON_SCHEDULE_AT_MS.replace('on_schedule_at', 'own.on_schedule_at')},
                ${hasOfferable(`AND ${URGENT}`)} AS "hasUrgent",
                environments.max_concurrent_calls - whole.in_use AS "environmentFree",
                environments.max_concurrent_calls AS "environmentLimit",
                environments.weight AS "environmentWeight"
         FROM campaigns
         JOIN environments ON environments.id = campaigns.environment_id AND NOT environments.kill_switch
         JOIN agents ON agents.id = campaigns.agent_id AND agents.current_status = 'published'
         JOIN slots AS own ON own.scope = 'campaign:' || campaigns.id
         JOIN slots AS whole ON whole.scope = 'environment:' || environments.id
         WHERE campaigns.status = 'active'
           AND ${hasOfferable()}`,
      );
      if (rows.length === 0) return { now, due: [] };
      const campaigns = await byId(
        manager,
        Campaign,
        rows.map(({ id }) => id),
      );
      const callerIds = await this.limitedCallerIds(manager, [...campaigns.values()]);
      const due = rows.map(({ id, ...room }) => {
        const campaign = of(campaigns, id);
        return { campaign, ...room, callerIds: callerIds.get(campaign) ?? null };
      });
      return { now, due };
    });
  }

  private async limitedCallerIds(
    manager: EntityManager,
    campaigns: Campaign[],
  ): Promise<Map<Campaign, CallerIdFacts | null>> {
    const environments = await byId(
      manager,
      Environment,
      campaigns.map(({ environmentId }) => environmentId),
    );
    const asking = campaigns.map((campaign) => ({
      campaign,
      environment: of(environments, campaign.environmentId),
    }));
    const facts = await callerIdFacts(manager, asking);
    return new Map(asking.map(({ campaign }, place) => [campaign, facts[place] ?? null]));
  }

  /** How those of some trunks stand whose carriers somebody hears: over the others no claim would be let through. */
  async trunks(trunks: readonly Trunk[]): Promise<Map<Trunk, TrunkNow>> {
    return this.database.everywhere(async (manager) => {
      const heard = await heardTrunks(manager, trunks);
      const known = await readTrunks(manager, heard);
      return new Map(heard.map((trunk) => [trunk, known.get(trunk.name)!]));
    });
  }

  /** Which of some offered calls are on offer still: neither claimed, nor handed back, nor to be offered again. */
  async onOffer(callIds: string[]): Promise<OnOffer[]> {
    if (callIds.length === 0) return [];
    return this.database.everywhere((manager) =>
      preparing(manager).query(
        `SELECT id AS "callId", campaign_id AS "campaignId", environment_id AS "environmentId" FROM calls
         WHERE id = ANY ($1) AND ${isIn('status', 'waiting')}
           AND offered_at >= clock_timestamp() - interval '${REOFFER_SECONDS} seconds'`,
        [callIds],
      ),
    );
  }

  /**
   * Stamps due calls of campaigns as offered, of each up to its share, highest priority first, and returns their tickets: the
   * first of each campaign, in the order of the shares, then the second of each.
   * @param which only the urgent ones, or any
   */
  async offer(shares: ReadonlyMap<string, number>, which: 'urgent' | 'any' = 'any'): Promise<Offer[]> {
    if (shares.size === 0) return [];
    const condition = which === 'urgent' ? `AND ${URGENT}` : '';
    const rows = await this.database.everywhere((manager) =>
      manager.query<OfferedRow[]>(
        `WITH due AS MATERIALIZED (
           SELECT share.place, due.id,
             row_number() OVER (PARTITION BY share.place ORDER BY due.priority DESC, due.ready_at, due.id) AS turn
           FROM unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS share (of_campaign, most, place)
           CROSS JOIN LATERAL (
             ${firstOfferable('share.of_campaign', 'id, priority, ready_at', 'share.most', condition, 'FOR UPDATE SKIP LOCKED')}) AS due
         ), offered AS (
           -- By a list of ids: what a share may come to the planner cannot know, and joined to the rows it would read all that wait.
           UPDATE calls SET offers = offers + 1, offered_at = clock_timestamp()
           WHERE id = ANY (ARRAY(SELECT id FROM due)) AND ${isIn('status', 'waiting')}
           RETURNING id, attempt_count + 1 AS attempt, offers AS offer
         )
         SELECT offered.id AS "callId", attempt, offer, turn, place FROM offered JOIN due USING (id)`,
        [[...shares.keys()], [...shares.values()]],
      ),
    );
    return rows
      .sort((a, b) => Number(a.turn) - Number(b.turn) || Number(a.place) - Number(b.place))
      .map(({ callId, attempt, offer }) => ({ callId, attempt, offer }));
  }

  /** Writes down for how long calls are held up by nothing but the dialers: see `HeldUp`. */
  async noteLag(seconds: number): Promise<void> {
    await this.database.everywhere((manager) =>
      manager.query(
        `INSERT INTO dispatch (name, looked_at, lag_seconds) VALUES ('feed', clock_timestamp(), $1)
         ON CONFLICT (name) DO UPDATE SET looked_at = excluded.looked_at, lag_seconds = excluded.lag_seconds`,
        [seconds],
      ),
    );
  }

  /** After an operator threw the tickets away: withdraws what was on offer. Audited. Returns how many calls that is. */
  async rebuild(actor: string, droppedTickets: number): Promise<number> {
    return this.database.everywhere(async (manager) => {
      const withdrawn = await withdrawOffers(manager);
      const detail = { droppedTickets, withdrawn };
      const action = 'queue.rebuilt';
      await audit(manager, { environmentId: null, actor, action, subjectId: null, detail });
      return withdrawn;
    });
  }

  /** Every ticket is lost: all that was on offer is to be offered again at once. Returns how many calls that is. */
  async withdrawOffers(): Promise<number> {
    return this.database.everywhere(withdrawOffers);
  }
}

async function withdrawOffers(manager: EntityManager): Promise<number> {
  const [, withdrawn] = await manager.query<[unknown[], number]>(
    // Rows that somebody holds are skipped, so that no two such walks wait for each other; they are being moved.
    `UPDATE calls SET offered_at = NULL
     WHERE id IN (SELECT id FROM calls WHERE status = 'waiting' AND offered_at IS NOT NULL FOR UPDATE SKIP LOCKED)
       AND status = 'waiting'`,
  );
  return withdrawn;
}
