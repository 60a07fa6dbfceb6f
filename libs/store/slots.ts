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

/** What a claim takes of the limit rows of its scopes. */
export interface TakenSlot {
  scopes: SlotScopes;
  /** Of the campaign's start after this one; null: it has no pace of its own. */
  onScheduleAtMs: number | null;
  /** Credits that the attempt reserves in each scope; null: it costs nothing. */
  reserved: string | null;
}

/**
 * The limit rows of some claims, locked: what they say holds until the transaction ends, but for what is taken here.
 * `write` is to be called before the transaction ends, and before anybody reads the rows in it.
 */
export class LockedSlots {
  private readonly rows: Map<string, SlotRow>;
  private taken: TakenSlot[] = [];

  private constructor(
    private readonly manager: EntityManager,
    rows: SlotRow[],
  ) {
    this.rows = new Map(rows.map((row) => [row.scope, row]));
  }

  /** Locks them in key order, as everybody does. */
  static async lock(manager: EntityManager, scopes: SlotScopes[]): Promise<LockedSlots> {
    const rows = await manager.query<SlotRow[]>(
      `SELECT scope, in_use, ${ON_SCHEDULE_AT_MS} FROM slots WHERE scope = ANY ($1) ORDER BY scope FOR UPDATE`,
      [[...new Set(scopes.flatMap(scopeKeys))]],
    );
    return new LockedSlots(manager, rows);
  }

  haveRoom(scopes: SlotScopes, limits: SlotLimits): boolean {
    const [environment, campaign] = scopeKeys(scopes).map((key) => this.rows.get(key)?.in_use ?? Infinity);
    // A missing limit row means nobody counts: no room, rather than no limit.
    return environment! < limits.environment && campaign! < (limits.campaign ?? Infinity);
  }

  /** From when on the campaign's next start is on schedule, see `CampaignPace`; null: it has no pace, or has not begun. */
  onScheduleAtMs({ campaignId }: SlotScopes): number | null {
    return this.rows.get(campaignKey(campaignId))?.onScheduleAtMs ?? null;
  }

  /** Takes a slot in each scope. Ask `haveRoom` first. */
  take(slot: TakenSlot): void {
    for (const key of scopeKeys(slot.scopes)) {
      const row = this.rows.get(key);
      if (row !== undefined) row.in_use += 1;
    }
    const ofCampaign = this.rows.get(campaignKey(slot.scopes.campaignId));
    if (ofCampaign !== undefined) ofCampaign.onScheduleAtMs = slot.onScheduleAtMs;
    this.taken.push(slot);
  }

  /** Writes what was taken since the last time. */
  async write(): Promise<void> {
    if (this.taken.length === 0) return;
    const taken = this.taken.flatMap(({ scopes, reserved }) =>
      scopeKeys(scopes).map((scope) => ({ scope, reserved })),
    );
    const paced = new Map(
      this.taken.map(({ scopes }) => [campaignKey(scopes.campaignId), this.onScheduleAtMs(scopes)]),
    );
    this.taken = [];
    await this.manager.query(
      `UPDATE slots SET in_use = in_use + taken.attempts, reserved = slots.reserved + taken.reserved,
         on_schedule_at = to_timestamp(paced.at / 1000)
       FROM (SELECT scope, count(*) AS attempts, coalesce(sum(amount), 0) AS reserved
             FROM unnest($1::text[], $2::numeric[]) AS each (scope, amount) GROUP BY scope) AS taken
         LEFT JOIN unnest($3::text[], $4::double precision[]) AS paced (scope, at) ON paced.scope = taken.scope
       WHERE slots.scope = taken.scope`,
      [
        taken.map(({ scope }) => scope),
        taken.map(({ reserved }) => reserved),
        [...paced.keys()],
        [...paced.values()],
      ],
    );
  }
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

/** The limit row of a new campaign or environment. */
export async function addSlotScope(manager: EntityManager, scope: string): Promise<void> {
  await manager.query(`INSERT INTO slots (scope) VALUES ($1) ON CONFLICT DO NOTHING`, [scope]);
}

function scopeKeys({ environmentId, campaignId }: SlotScopes): [string, string] {
  return [environmentKey(environmentId), campaignKey(campaignId)];
}
