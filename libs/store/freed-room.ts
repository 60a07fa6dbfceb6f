import type { EntityManager } from 'typeorm';
import { localDate } from '#policy/calling-window.js';
import { returnCallerIds } from './caller-ids.js';
import type { Trunk } from './dialing-settings.js';
import { campaignKey, environmentKey } from './locks.js';
import { noteOfTrunks, type SaidOfTrunk } from './trunks.js';

/**
 * What attempts held that are over: their slots, the credits they kept from others, their part of a caller id's day. It is
 * given back at the end of the transaction that ends them, for all of them at once: the limit rows are everybody's, and every
 * claim waits for them from then on until the commit. Each is given back once: the attempt's own columns are the state it moves
 * from, and its call's row is locked.
 *
 * What was heard of trunks is written behind it, for the locks have one order: limit rows, trunks, caller ids.
 */
export class FreedRoom {
  private readonly freed = new Map<string, { isSettled: boolean; talkSeconds: number }>();
  private readonly undialled: string[] = [];
  private readonly heardOf = new Map<string, { trunk: Trunk; said: SaidOfTrunk[] }>();

  /** Its slot alone: the call is over, and what it comes to is not known. */
  slotOf({ id }: { id: string }): void {
    if (!this.freed.has(id)) this.freed.set(id, { isSettled: false, talkSeconds: 0 });
  }

  /** All that a dialled one held. @param talkSeconds what is charged for */
  allOf({ id }: { id: string }, talkSeconds: number): void {
    this.freed.set(id, { isSettled: true, talkSeconds });
  }

  /** All of one of which provably nothing was dialled: it costs nothing, and counts on no caller id. */
  undialledOf({ id }: { id: string }): void {
    this.allOf({ id }, 0);
    this.undialled.push(id);
  }

  /** What a request, or its call, says of its trunk. @param trunk undefined: it is set up no more */
  heard(trunk: Trunk | undefined, ...said: SaidOfTrunk[]): void {
    if (trunk === undefined || said.length === 0) return;
    const before = this.heardOf.get(trunk.name)?.said ?? [];
    this.heardOf.set(trunk.name, { trunk, said: [...before, ...said] });
  }

  /** @param now on the day of which, in each campaign's zone, it is charged */
  async write(manager: EntityManager, now: Date): Promise<void> {
    if (this.freed.size > 0) await giveBack(manager, [...this.freed], now);
    await noteOfTrunks(manager, [...this.heardOf.values()]);
    if (this.undialled.length > 0) await returnCallerIds(manager, this.undialled);
  }
}

type Freed = [id: string, { isSettled: boolean; talkSeconds: number }];

async function giveBack(manager: EntityManager, freed: Freed[], now: Date): Promise<void> {
  const [rows] = await manager.query<[FreedRow[], number]>(
    `UPDATE attempts SET holds_slot = false,
         reserved = CASE WHEN before.is_settled THEN NULL ELSE attempts.reserved END,
         cost = CASE WHEN before.is_settled AND before.reserved IS NOT NULL
                     THEN attempts.rate_per_second * before.seconds ELSE attempts.cost END
       FROM (SELECT attempts.id, attempts.holds_slot, attempts.reserved, campaigns.timezone, over.is_settled, over.seconds
             FROM unnest($1::uuid[], $2::boolean[], $3::integer[]) AS over (id, is_settled, seconds)
               JOIN attempts ON attempts.id = over.id JOIN campaigns ON campaigns.id = attempts.campaign_id
             FOR UPDATE OF attempts) AS before
       WHERE attempts.id = before.id
         AND (attempts.holds_slot OR before.is_settled AND attempts.reserved IS NOT NULL)
       RETURNING attempts.id, attempts.environment_id AS "environmentId", attempts.campaign_id AS "campaignId",
         before.holds_slot AS "heldSlot", before.seconds, before.timezone,
         CASE WHEN before.is_settled THEN before.reserved END::text AS reserved,
         CASE WHEN before.is_settled AND before.reserved IS NOT NULL THEN attempts.cost END::text AS cost`,
    [
      freed.map(([id]) => id),
      freed.map(([, { isSettled }]) => isSettled),
      freed.map(([, { talkSeconds }]) => talkSeconds),
    ],
  );
  await giveBackToLimits(manager, rows, now);
  await charge(
    manager,
    rows.filter(({ cost }) => Number(cost ?? 0) !== 0),
  );
}

interface FreedRow {
  id: string;
  environmentId: string;
  campaignId: string;
  heldSlot: boolean;
  seconds: number;
  timezone: string;
  /** Amounts are text, as exact as the database has them; null: nothing is settled. */
  reserved: string | null;
  cost: string | null;
}

/** The limit rows are locked in key order, as everybody does. */
async function giveBackToLimits(manager: EntityManager, rows: FreedRow[], now: Date): Promise<void> {
  if (rows.length === 0) return;
  const parts = rows.flatMap(({ environmentId, campaignId, ...row }) =>
    [environmentKey(environmentId), campaignKey(campaignId)].map((scope) => ({ scope, ...row })),
  );
  await manager.query(
    `UPDATE slots SET in_use = slots.in_use - freed.slots, reserved = slots.reserved - freed.reserved,
       spent = slots.spent + freed.cost, spent_on = greatest(slots.spent_on, freed.day),
       spent_that_day = CASE WHEN freed.day IS NULL OR slots.spent_on >= freed.day THEN slots.spent_that_day ELSE 0 END
         + freed.cost
     FROM (SELECT slots.scope, part.slots, part.reserved, part.cost, part.day
           FROM (SELECT scope, count(*) FILTER (WHERE held)::integer AS slots, coalesce(sum(reserved), 0) AS reserved,
                   coalesce(sum(cost), 0) AS cost, max(day) AS day
                 FROM unnest($1::text[], $2::boolean[], $3::numeric[], $4::numeric[], $5::date[])
                   AS part (scope, held, reserved, cost, day) GROUP BY scope) AS part
             JOIN slots ON slots.scope = part.scope ORDER BY slots.scope FOR UPDATE OF slots) AS freed
     WHERE slots.scope = freed.scope`,
    [
      parts.map(({ scope }) => scope),
      parts.map(({ heldSlot }) => heldSlot),
      parts.map(({ reserved }) => reserved),
      parts.map(({ cost }) => cost),
      parts.map(({ cost, timezone }) => (cost === null ? null : localDate(timezone, now))),
    ],
  );
}

async function charge(manager: EntityManager, rows: FreedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await manager.query(
    `INSERT INTO credit_entries (environment_id, kind, amount, campaign_id, attempt_id, seconds)
     SELECT environment_id, 'charge', -cost, campaign_id, attempt_id, seconds
     FROM unnest($1::uuid[], $2::numeric[], $3::uuid[], $4::uuid[], $5::integer[])
       AS charged (environment_id, cost, campaign_id, attempt_id, seconds)`,
    [
      rows.map(({ environmentId }) => environmentId),
      rows.map(({ cost }) => cost),
      rows.map(({ campaignId }) => campaignId),
      rows.map(({ id }) => id),
      rows.map(({ seconds }) => seconds),
    ],
  );
}
