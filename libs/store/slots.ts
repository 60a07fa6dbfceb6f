import type { EntityManager } from 'typeorm';
import { campaignKey, environmentKey } from './locks.js';

export interface SlotScopes {
  environmentId: string;
  campaignId: string;
}

export interface SlotLimits {
  environment: number;
  /** Null: only the environment's limit holds. */
  campaign: number | null;
}

/**
 * Locks the limit rows of an attempt's scopes, in key order, and says whether each has room. What is said holds
 * until the transaction ends.
 * @returns null where there is no room; else from when on the campaign's next start is on schedule, see `CampaignPace`
 */
export async function lockFreeSlot(
  manager: EntityManager,
  scopes: SlotScopes,
  limits: SlotLimits,
): Promise<{ onScheduleAtMs: number | null } | null> {
  const rows = await manager.query<SlotRow[]>(
    `SELECT scope, in_use, ${ON_SCHEDULE_AT_MS} FROM slots WHERE scope IN ($1, $2) ORDER BY scope FOR UPDATE`,
    scopeKeys(scopes),
  );
  if (!haveRoom(rows, scopes, limits)) return null;
  const ofCampaign = rows.find(({ scope }) => scope === campaignKey(scopes.campaignId));
  return { onScheduleAtMs: ofCampaign?.onScheduleAtMs ?? null };
}

/** With its fraction, as a number: see `startsFree`. */
export const ON_SCHEDULE_AT_MS = `extract(epoch FROM on_schedule_at)::double precision * 1000 AS "onScheduleAtMs"`;

/** From when on a campaign's next start is on schedule, in epoch milliseconds; null: it has no pace, or has not begun. */
export async function onScheduleAt(manager: EntityManager, campaignId: string): Promise<number | null> {
  const [row] = await manager.query<Pick<SlotRow, 'onScheduleAtMs'>[]>(
    `SELECT ${ON_SCHEDULE_AT_MS} FROM slots WHERE scope = $1`,
    [campaignKey(campaignId)],
  );
  return row?.onScheduleAtMs ?? null;
}

interface SlotRow {
  scope: string;
  in_use: number;
  onScheduleAtMs: number | null;
}

/**
 * Takes a slot in each scope. Ask lockFreeSlot first, in the same transaction.
 * @param onScheduleAtMs of the campaign's start after this one; null: it has no pace of its own
 * @param reserved credits that the attempt reserves in each; null: it costs nothing
 */
export async function takeSlots(
  manager: EntityManager,
  scopes: SlotScopes,
  onScheduleAtMs: number | null,
  reserved: string | null,
): Promise<void> {
  await manager.query(
    `UPDATE slots SET in_use = in_use + 1, reserved = reserved + coalesce($4::numeric, 0),
       on_schedule_at = CASE WHEN scope = $2 THEN to_timestamp($3::double precision / 1000) END
     WHERE scope IN ($1, $2)`,
    [...scopeKeys(scopes), onScheduleAtMs, reserved],
  );
}

/** Gives an attempt's slots back, once: the attempt's own flag is the state it moves from. */
export async function releaseSlots(
  manager: EntityManager,
  attemptId: string,
  scopes: SlotScopes,
): Promise<void> {
  const [, held] = await manager.query<[unknown[], number]>(
    `UPDATE attempts SET holds_slot = false WHERE id = $1 AND holds_slot`,
    [attemptId],
  );
  if (held === 0) return;
  await manager.query(
    `UPDATE slots SET in_use = slots.in_use - 1
     FROM (SELECT scope FROM slots WHERE scope IN ($1, $2) ORDER BY scope FOR UPDATE) AS mine
     WHERE slots.scope = mine.scope`,
    scopeKeys(scopes),
  );
}

/** The limit row of a new campaign or environment. */
export async function addSlotScope(manager: EntityManager, scope: string): Promise<void> {
  await manager.query(`INSERT INTO slots (scope) VALUES ($1) ON CONFLICT DO NOTHING`, [scope]);
}

function haveRoom(
  rows: { scope: string; in_use: number }[],
  scopes: SlotScopes,
  limits: SlotLimits,
): boolean {
  const inUse = new Map(rows.map((row) => [row.scope, row.in_use]));
  const [environment, campaign] = scopeKeys(scopes);
  // A missing limit row means nobody counts: no room, rather than no limit.
  return (
    (inUse.get(environment) ?? Infinity) < limits.environment &&
    (inUse.get(campaign) ?? Infinity) < (limits.campaign ?? Infinity)
  );
}

function scopeKeys({ environmentId, campaignId }: SlotScopes): [string, string] {
  return [environmentKey(environmentId), campaignKey(campaignId)];
}
