import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { importById, type DoNotCallImport } from './do-not-call-imports.store.js';
import { campaignsStopped, withdrawCalls, type ListedOn } from './do-not-call-withdrawal.js';
import { barrier, campaignKey, environmentKey, StopNotConfirmed } from './locks.js';
import { ScopedDatabase } from './scoped-database.js';

export interface ImportStep {
  /** The import after the step. */
  state: DoNotCallImport;
  deliveryIds: string[];
}

/** Longer than any step should take, and shorter than a step that hangs. The stops of dialers wait for none of them. */
const STEP_TIMEOUT_MS = 20_000;

/**
 * Carries imports on, a step in a transaction: each may be the last that this process makes, and the next process goes on
 * from there. Two that carry on the same one take turns by its row.
 */
@Injectable()
export class DoNotCallImportStepsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Imports whose file was read, and that are not over. Oldest first. */
  async unfinished(): Promise<string[]> {
    const rows = await this.database.everywhere((manager) =>
      manager.query<{ id: string }[]>(
        `SELECT id FROM do_not_call_imports WHERE status IN ('listing', 'confirming', 'withdrawing') ORDER BY id`,
      ),
    );
    return rows.map(({ id }) => id);
  }

  /**
   * One step of an import: a batch is listed, the dials that began before are waited out, or the calls of a batch are
   * withdrawn.
   * @throws StopNotConfirmed when a dial could not be waited out: the same step is to be made again
   */
  async advance(id: string): Promise<ImportStep> {
    const state = await this.database.everywhere((manager) => importById(manager, id));
    if (state === null) throw new Error('There is no such import.');
    switch (state.status) {
      case 'listing':
        return this.step(id, 'listing', listBatch);
      case 'confirming':
        await this.waitOutDials(state);
        return this.step(id, 'confirming', confirm);
      case 'withdrawing':
        return this.step(id, 'withdrawing', withdrawBatch);
      case 'reading':
      case 'completed':
      case 'failed':
        return { state, deliveryIds: [] };
    }
  }

  private async step(
    id: string,
    from: DoNotCallImport['status'],
    move: (manager: EntityManager, state: DoNotCallImport) => Promise<string[]>,
  ): Promise<ImportStep> {
    return this.database.patiently(STEP_TIMEOUT_MS, async (manager) => {
      const state = await importById(manager, id, 'FOR UPDATE');
      const deliveryIds = state?.status === from ? await move(manager, state) : [];
      return { state: (await importById(manager, id))!, deliveryIds };
    });
  }

  /**
   * A lock for each of ten million numbers would be ten million locks: that of the environment, or of the one campaign
   * whose list it is, is had when every dial that could have read the lists before has been decided.
   */
  private async waitOutDials({ environmentId, campaignId }: DoNotCallImport): Promise<void> {
    const keys =
      campaignId === null
        ? (await this.environments(environmentId)).map(environmentKey)
        : [campaignKey(campaignId)];
    for (const key of keys) {
      await this.database
        .everywhere((manager) => barrier(manager, [key]))
        .catch((error: unknown) => {
          throw error instanceof StopNotConfirmed ? error : new StopNotConfirmed({ cause: error });
        });
    }
  }

  private environments(only: string | null): Promise<string[]> {
    return this.database.everywhere((manager) => environmentsOf(manager, only));
  }
}

async function environmentsOf(manager: EntityManager, only: string | null): Promise<string[]> {
  if (only !== null) return [only];
  const rows = await manager.query<{ id: string }[]>(`SELECT id FROM environments ORDER BY id`);
  return rows.map(({ id }) => id);
}

/**
 * The numbers of a batch, each once, with what its rows say of it: of two that differ, that which stands longer. $8 is when
 * those end that say nothing.
 */
const WANTED = `SELECT DISTINCT ON (number) number AS to_number, reason, source, expires_at
  FROM do_not_call_import_batches AS batches,
    unnest(batches.numbers, batches.reasons, batches.sources, batches.expiries) AS row (number, reason, source, expires_at)
  WHERE batches.import_id = $1 AND batches.batch = $2
  ORDER BY number, coalesce(expires_at, $8) DESC NULLS FIRST`;

async function listBatch(manager: EntityManager, state: DoNotCallImport): Promise<string[]> {
  const { id, environmentId, campaignId, kind, batches } = state;
  const batch = state.batchesListed + 1;
  if (batches > 0) {
    await manager.query(
      `WITH wanted AS MATERIALIZED (
         SELECT to_number, coalesce(reason, $6) AS reason, coalesce(source, $7) AS source,
                coalesce(expires_at, $8) AS expires_at
         FROM (${WANTED}) AS rows
       ), known AS MATERIALIZED (
         SELECT wanted.*, entries.id AS entry_id, entries.expires_at AS stands_until,
                entries.import_id = $1 AS is_own, entries.expires_at <= clock_timestamp() AS is_over
         FROM wanted LEFT JOIN LATERAL (
           SELECT * FROM do_not_call_entries AS entries
           WHERE entries.to_number = wanted.to_number AND entries.kind = $5
             AND entries.environment_id IS NOT DISTINCT FROM $3 AND entries.campaign_id IS NOT DISTINCT FROM $4
           -- However the planner sees the table, it is not to be read as a whole for each batch.
           OFFSET 0) AS entries ON true
       ), listed AS (
         INSERT INTO do_not_call_entries AS entries
           (id, environment_id, campaign_id, kind, to_number, reason, source, expires_at, import_id)
         -- The import's own id, counted on: ten million random ones would take longer than all their other columns.
         SELECT (left($1::text, 24) || lpad(to_hex(($2::bigint << 20) + row_number() OVER (ORDER BY to_number)), 12, '0'))::uuid,
                $3, $4, $5, to_number, reason, source, expires_at, $1
         FROM known
         WHERE entry_id IS NULL OR stands_until < coalesce(expires_at, 'infinity') ORDER BY to_number
         -- Whatever stands longer stands: an import never shortens an entry.
         ON CONFLICT ON CONSTRAINT do_not_call_once
           DO UPDATE SET reason = excluded.reason, source = excluded.source, expires_at = excluded.expires_at
           WHERE entries.expires_at < coalesce(excluded.expires_at, 'infinity')
       )
       UPDATE do_not_call_imports AS import SET updated_at = clock_timestamp(), batches_listed = $2,
         added = import.added + counts.fresh, duplicates = import.duplicates + counts.size - counts.once + counts.own,
         already_listed = import.already_listed + counts.once - counts.fresh - counts.own
       FROM (
         SELECT count(*) AS once, count(*) FILTER (WHERE entry_id IS NULL OR is_over) AS fresh,
                count(*) FILTER (WHERE is_own AND NOT coalesce(is_over, false)) AS own,
                (SELECT cardinality(numbers) FROM do_not_call_import_batches WHERE import_id = $1 AND batch = $2) AS size
         FROM known) AS counts
       WHERE id = $1 AND status = 'listing'`,
      [id, batch, environmentId, campaignId, kind, state.reason, state.source, state.expiresAt],
    );
  }
  if (batch >= batches) {
    await manager.query(
      `UPDATE do_not_call_imports SET status = 'confirming', updated_at = clock_timestamp()
       WHERE id = $1 AND status = 'listing'`,
      [id],
    );
  }
  return [];
}

async function confirm(manager: EntityManager, { id }: DoNotCallImport): Promise<string[]> {
  await manager.query(
    `UPDATE do_not_call_imports SET status = 'withdrawing', updated_at = clock_timestamp(), in_flight = (
       SELECT count(*) FROM attempts JOIN do_not_call_entries AS entries USING (to_number)
       WHERE attempts.status IN ('sending', 'placed', 'unknown') AND entries.import_id = $1
         AND (entries.environment_id IS NULL OR entries.environment_id = attempts.environment_id)
         AND (entries.campaign_id IS NULL OR entries.campaign_id = attempts.campaign_id))
     WHERE id = $1 AND status = 'confirming'`,
    [id],
  );
  return [];
}

async function withdrawBatch(manager: EntityManager, state: DoNotCallImport): Promise<string[]> {
  const { id, kind, campaignId, source, batches } = state;
  const batch = state.batchesWithdrawn + 1;
  const list = listOf(state);
  const listedOn: ListedOn = { kind, list, campaignId, evidence: { importId: id, source } };
  // Only what stands: an entry may have ended, or been removed, since it was listed.
  const asked = `SELECT DISTINCT number AS to_number
    FROM do_not_call_imports AS import JOIN do_not_call_import_batches AS batches ON batches.import_id = import.id,
      unnest(batches.numbers) AS number
      CROSS JOIN LATERAL (
        SELECT FROM do_not_call_entries AS entries
        WHERE entries.to_number = number AND entries.kind = import.kind
          AND entries.environment_id IS NOT DISTINCT FROM import.environment_id
          AND entries.campaign_id IS NOT DISTINCT FROM import.campaign_id
          AND coalesce(entries.expires_at > clock_timestamp(), true) OFFSET 0) AS standing
    WHERE import.id = $3 AND batches.batch = $4`;
  const campaigns = await campaignsStopped(manager, state.environmentId, listedOn);
  const { stopped, deliveryIds } = await withdrawCalls(manager, campaigns, listedOn, asked, [id, batch]);
  // What comes to wait from here on was taken in, or is to be claimed, under the new lists.
  const isLast = batch >= batches || campaigns.size === 0;
  await manager.query(
    `UPDATE do_not_call_imports SET stopped = stopped + $2, batches_withdrawn = CASE WHEN $3 THEN batches ELSE $4 END,
       status = CASE WHEN $3 THEN 'completed' ELSE status END,
       updated_at = clock_timestamp(), completed_at = CASE WHEN $3 THEN clock_timestamp() END
     WHERE id = $1 AND status = 'withdrawing'`,
    [id, stopped, isLast, batch],
  );
  if (isLast) await manager.query(`DELETE FROM do_not_call_import_batches WHERE import_id = $1`, [id]);
  return deliveryIds;
}

function listOf({ environmentId, campaignId }: DoNotCallImport): ListedOn['list'] {
  if (environmentId === null) return 'global';
  return campaignId === null ? 'environment' : 'campaign';
}
