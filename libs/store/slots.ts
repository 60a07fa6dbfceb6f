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
 */
export async function hasFreeSlot(
  manager: EntityManager,
  scopes: SlotScopes,
  limits: SlotLimits,
): Promise<boolean> {
  const rows = await manager.query<{ scope: string; in_use: number }[]>(
    `SELECT scope, in_use FROM slots WHERE scope IN ($1, $2) ORDER BY scope FOR UPDATE`,
    scopeKeys(scopes),
  );
  return haveRoom(rows, scopes, limits);
}

/** Whether there seems to be room, without locking: a hint for offering, not a right to dial. */
export async function seemsToHaveRoom(
  manager: EntityManager,
  scopes: SlotScopes,
  limits: SlotLimits,
): Promise<boolean> {
  const rows = await manager.query<{ scope: string; in_use: number }[]>(
    `SELECT scope, in_use FROM slots WHERE scope IN ($1, $2)`,
    scopeKeys(scopes),
  );
  return haveRoom(rows, scopes, limits);
}

/** Takes a slot in each scope. Ask hasFreeSlot first, in the same transaction. */
export async function takeSlots(manager: EntityManager, scopes: SlotScopes): Promise<void> {
  await manager.query(`UPDATE slots SET in_use = in_use + 1 WHERE scope IN ($1, $2)`, scopeKeys(scopes));
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
