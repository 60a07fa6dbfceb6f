import { LOOKED_AT_AGAIN } from '#policy/decide-dial.js';
import type { ScopedDatabase } from './scoped-database.js';

const BATCH = 5_000;

/** Written out, so that the index on exactly these serves. */
const HELD = `status = 'waiting' AND reason IN (${LOOKED_AT_AGAIN.map((reason) => `'${reason}'`).join(', ')})`;

/**
 * Makes calls due again that a rule gave a later time, after something changed that it is judged by; the claim then looks
 * anew. All of them were due but for that. In batches, each committed by itself.
 * @param campaignId null: those of every campaign of the environment
 */
export async function lookAgainAtHeld(
  database: ScopedDatabase,
  environmentId: string,
  campaignId: string | null,
): Promise<void> {
  for (let moved = BATCH; moved === BATCH;) {
    [, moved] = await database.within(environmentId, (manager) =>
      manager.query<[unknown[], number]>(
        `UPDATE calls SET ready_at = clock_timestamp(), reason = NULL, held_since = NULL, offered_at = NULL
         WHERE id IN (
           SELECT id FROM calls
           WHERE environment_id = $1 AND campaign_id = coalesce($2, campaign_id) AND ${HELD}
           LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
           AND status = 'waiting'`,
        [environmentId, campaignId],
      ),
    );
  }
}
