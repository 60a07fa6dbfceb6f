import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ScopedDatabase } from './scoped-database.js';

/** Adds what writers appended to the counters, so that reading stays quick. Nobody's figures change by it. */
@Injectable()
export class StatsFoldStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Moves up to `limit` deltas into the counters, in one statement: whoever reads sees them either as deltas or counted.
   * Those of a deleted campaign count for the whole house alone. When somebody else is folding, it leaves that to them.
   * @returns whether there may be more
   */
  async fold(limit: number): Promise<boolean> {
    return this.database.everywhere(async (manager) => {
      const [{ mine }] = await manager.query<[{ mine: boolean }]>(
        `SELECT pg_try_advisory_xact_lock(hashtextextended('stats-fold', 0)) AS mine`,
      );
      if (!mine) return false;
      const [{ folded }] = await manager.query<[{ folded: number }]>(FOLD, [limit]);
      return folded === limit;
    });
  }
}

/**
 * A campaign's row is held, so that its deletion, which takes its counters away, comes before this or after it. One that is
 * being changed at the moment has its turn next time.
 */
const FOLD = `WITH found AS MATERIALIZED (
    SELECT ctid AS place, campaign_id FROM stat_deltas LIMIT $1),
  held AS MATERIALIZED (
    SELECT id, deleted_at FROM campaigns WHERE id IN (SELECT campaign_id FROM found) FOR KEY SHARE SKIP LOCKED),
  taken AS (
    DELETE FROM stat_deltas AS delta USING found JOIN held ON held.id = found.campaign_id WHERE delta.ctid = found.place
    RETURNING delta.*, held.deleted_at IS NULL AS is_wanted),
  summed AS (
    SELECT environment_id, campaign_id, is_testing, quarter, figure, sum(amount) AS amount FROM taken WHERE is_wanted
    GROUP BY 1, 2, 3, 4, 5),
  by_quarter AS (
    INSERT INTO stat_quarters AS counter (environment_id, campaign_id, is_testing, quarter, figure, amount) TABLE summed
    ON CONFLICT (campaign_id, quarter, is_testing, figure) DO UPDATE SET amount = counter.amount + excluded.amount),
  of_house AS (
    INSERT INTO house_totals AS counter (figure, amount) SELECT figure, sum(amount) FROM taken GROUP BY 1
    ON CONFLICT (figure) DO UPDATE SET amount = counter.amount + excluded.amount),
  of_life AS (
    INSERT INTO stat_totals AS counter (environment_id, campaign_id, is_testing, figure, amount)
    SELECT environment_id, campaign_id, is_testing, figure, sum(amount) FROM summed GROUP BY 1, 2, 3, 4
    ON CONFLICT (campaign_id, is_testing, figure) DO UPDATE SET amount = counter.amount + excluded.amount)
  SELECT count(*)::integer AS folded FROM taken`;

/** Takes a campaign's counters away, in the transaction that deletes it; what is not folded yet is left to the fold. */
export async function forgetStats(manager: EntityManager, campaignId: string): Promise<void> {
  for (const table of ['stat_quarters', 'stat_totals']) {
    await manager.query(`DELETE FROM ${table} WHERE campaign_id = $1`, [campaignId]);
  }
}
