import type { WaitReason } from '#policy/decide-dial.js';
import type { ScopedDatabase } from './scoped-database.js';

const BATCH = 5_000;

/**
 * Makes calls due again that wait for the person's own law to open, after something changed that it is judged by; the
 * claim then looks anew. All of them were due but for that. In batches, each committed by itself.
 * @param campaignId null: those of every campaign of the environment
 */
export async function lookAgainAtHeldByLaw(
  database: ScopedDatabase,
  environmentId: string,
  campaignId: string | null,
): Promise<void> {
  await lookAgainAtHeld(database, environmentId, campaignId, 'outside_legal_hours');
}

/** The same for calls that a registry holds which is out of date. */
export async function lookAgainAtHeldByRegistry(
  database: ScopedDatabase,
  environmentId: string,
  campaignId: string | null,
): Promise<void> {
  await lookAgainAtHeld(database, environmentId, campaignId, 'do_not_call_registry_out_of_date');
}

async function lookAgainAtHeld(
  database: ScopedDatabase,
  environmentId: string,
  campaignId: string | null,
  // Its index is for this very condition, and is not found for a parameter.
  reason: Extract<WaitReason, 'outside_legal_hours' | 'do_not_call_registry_out_of_date'>,
): Promise<void> {
  for (let moved = BATCH; moved === BATCH;) {
    [, moved] = await database.within(environmentId, (manager) =>
      manager.query<[unknown[], number]>(
        `UPDATE calls SET ready_at = clock_timestamp(), reason = NULL, offered_at = NULL
         WHERE id IN (
           SELECT id FROM calls
           WHERE environment_id = $1 AND campaign_id = coalesce($2, campaign_id) AND status = 'waiting'
             AND reason = '${reason}'
           LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
           AND status = 'waiting'`,
        [environmentId, campaignId],
      ),
    );
  }
}
