import { Injectable } from '@nestjs/common';
import { IsNull, Not, type EntityManager } from 'typeorm';
import { isOver } from '#policy/calling-window.js';
import { eventsOfUndialledEnd } from '#policy/webhook-events.js';
import { Call } from './call.entity.js';
import { Campaign } from './campaign.entity.js';
import { forgetOldErrors } from './contact-import-rows.js';
import { forgetOldKeys } from './idempotency.js';
import { oweCallEvents } from './outbox.js';
import { forgetOldCounts } from './rate-counts.js';
import { databaseClock, isIn } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';
import { forgetOldWebhooks } from './webhook-logs.store.js';

/** Of campaigns: they will not dial again. Cancelled, completed, or over. */
const CLOSES = `(campaigns.status IN ('cancelled', 'completed') OR campaigns.id = ANY ($2))`;

/**
 * Goes from one campaign that calls wait in to the next, by the index of what is due, and so never past all that wait: of
 * millions, most are of campaigns that go on. Those of campaigns that do not, and those that are past their deadline, are two
 * searches, none a condition on the other's rows.
 */
const CLOSE_WAITING = `WITH RECURSIVE holding AS (
    (SELECT campaign_id FROM calls WHERE status = 'waiting' ORDER BY campaign_id LIMIT 1)
    UNION ALL
    SELECT (SELECT calls.campaign_id FROM calls WHERE status = 'waiting' AND calls.campaign_id > holding.campaign_id
            ORDER BY calls.campaign_id LIMIT 1)
    FROM holding WHERE holding.campaign_id IS NOT NULL
  ), closed AS MATERIALIZED (
    SELECT calls.id,
      CASE WHEN campaigns.status IN ('cancelled', 'completed') THEN 'campaign_' || campaigns.status ELSE 'campaign_ended' END AS reason
    FROM holding JOIN campaigns ON campaigns.id = holding.campaign_id
    CROSS JOIN LATERAL (
      SELECT id FROM calls WHERE calls.campaign_id = campaigns.id AND status = 'waiting'
      ORDER BY priority DESC, ready_at, id LIMIT $3 FOR UPDATE SKIP LOCKED) AS calls
    WHERE ${CLOSES} LIMIT $3
  ), late AS MATERIALIZED (
    SELECT calls.id, 'call_expired' AS reason FROM calls JOIN campaigns ON campaigns.id = calls.campaign_id
    WHERE calls.status = 'waiting' AND calls.expires_at <= $1 AND NOT ${CLOSES}
    LIMIT $3 FOR UPDATE OF calls SKIP LOCKED
  ), closing AS MATERIALIZED (SELECT * FROM closed UNION ALL SELECT * FROM late)
  UPDATE calls SET finished_at = $1, updated_at = $1, offered_at = NULL, reason = closing.reason,
    status = CASE closing.reason WHEN 'campaign_cancelled' THEN 'cancelled' ELSE 'expired' END
  FROM closing
  WHERE calls.id = closing.id AND calls.id = ANY (ARRAY(SELECT id FROM closing)) AND ${isIn('calls.status', 'waiting')}
  RETURNING calls.id`;

/** Writes behind a stop: waiting calls of campaigns that will not dial again get their final state, in batches. */
@Injectable()
export class FinaliseStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Ends up to `limit` waiting calls of cancelled, completed and ended campaigns, and calls past their own deadline.
   * @returns the webhook deliveries now owed, and whether there may be more to end
   */
  async finaliseBatch(limit: number): Promise<{ deliveryIds: string[]; more: boolean }> {
    return this.database.everywhere(async (manager) => {
      const now = await databaseClock(manager);
      const ended = await this.endedCampaigns(manager, now);
      const [rows] = await manager.query<[{ id: string }[], number]>(CLOSE_WAITING, [now, ended, limit]);
      const deliveryIds: string[] = [];
      for (const { id } of rows) {
        const call = await manager.findOneByOrFail(Call, { id });
        const end = call.status === 'cancelled' ? 'cancelled' : 'expired';
        const told = eventsOfUndialledEnd(end, call.isDirect);
        deliveryIds.push(...(await oweCallEvents(manager, call, told, now, null)));
      }
      return { deliveryIds, more: rows.length >= limit };
    });
  }

  /** Forgets idempotency keys that have outlived their day. Returns whether there may be more. */
  async forgetKeys(limit: number): Promise<boolean> {
    return this.database.everywhere(async (manager) => (await forgetOldKeys(manager, limit)) === limit);
  }

  /** Forgets request counts whose window is over. Returns whether there may be more. */
  async forgetCounts(limit: number): Promise<boolean> {
    return this.database.everywhere(async (manager) => (await forgetOldCounts(manager, limit)) === limit);
  }

  /** Forgets what webhooks were told longer ago than it is kept. Returns whether there may be more. */
  async forgetWebhooks(limit: number): Promise<boolean> {
    return this.database.everywhere(async (manager) => (await forgetOldWebhooks(manager, limit)) >= limit);
  }

  /** Forgets what was wrong with rows of files longer ago than it is kept. Returns whether there may be more. */
  async forgetImportErrors(limit: number): Promise<boolean> {
    return this.database.everywhere(async (manager) => (await forgetOldErrors(manager, limit)) === limit);
  }

  /** Campaigns whose last day is over in their own zone; zones are the rules' business, never SQL's. */
  private async endedCampaigns(manager: EntityManager, now: Date): Promise<string[]> {
    const dated = await manager.findBy(Campaign, { endDate: Not(IsNull()) });
    return dated.filter((campaign) => isOver(campaign, now)).map(({ id }) => id);
  }
}
