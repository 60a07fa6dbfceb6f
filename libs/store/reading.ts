import type { EntityManager } from 'typeorm';
import type { DoNotCallMatch } from '#policy/do-not-call.js';

/** The database clock, which alone judges windows, ages and deadlines. Never now(): that is the transaction's start. */
export async function databaseClock(manager: EntityManager): Promise<Date> {
  const [{ now }] = await manager.query<[{ now: Date }]>(`SELECT clock_timestamp() AS now`);
  return now;
}

/** Every Do-Not-Call entry about a number that could concern a campaign; which of them count, the rules say. */
export function doNotCallMatches(
  manager: EntityManager,
  { environmentId, campaignId, to }: { environmentId: string; campaignId: string; to: string },
): Promise<DoNotCallMatch[]> {
  return manager.query(
    `SELECT id, kind, source, expires_at AS "expiresAt",
            CASE WHEN environment_id IS NULL THEN 'global' WHEN campaign_id IS NULL THEN 'environment' ELSE 'campaign' END
              AS list
     FROM do_not_call_entries
     WHERE to_number = $3 AND (environment_id = $1 OR environment_id IS NULL)
       AND (campaign_id = $2 OR campaign_id IS NULL)`,
    [environmentId, campaignId, to],
  );
}

/** Whether the number may be in a call now: an attempt to it is open, or parked and not yet past its longest. */
export async function isNumberBusy(
  manager: EntityManager,
  { environmentId, to }: { environmentId: string; to: string },
): Promise<boolean> {
  const [{ busy }] = await manager.query<[{ busy: boolean }]>(
    `SELECT EXISTS (SELECT FROM attempts WHERE environment_id = $1 AND to_number = $2
       AND (status IN ('claimed', 'sending', 'placed') OR status = 'unknown' AND holds_slot)) AS busy`,
    [environmentId, to],
  );
  return busy;
}
