import type { EntityManager } from 'typeorm';
import { localDate } from '#policy/calling-window.js';
import type { Spending } from '#policy/spending.js';
import type { Agent } from './agent.entity.js';
import type { Campaign } from './campaign.entity.js';
import { campaignKey, environmentKey } from './locks.js';
import type { SlotScopes } from './slots.js';

/** What an attempt is to cost: exact amounts, as text, for no arithmetic happens outside the database. */
export interface Reservation {
  ratePerSecond: string;
  amount: string;
}

export interface SpendingFacts {
  /** What the environment may still spend, reservations taken off; null: unlimited. */
  creditBalance: number | null;
  spending: Spending;
  /** Null: a second costs nothing. */
  reservation: Reservation | null;
}

/** Whose dial is to be paid for. */
export interface Spender {
  campaign: Campaign;
  agent: Pick<Agent, 'maxCallDurationSeconds'>;
}

/** See `spendingFactsOf`. */
export async function spendingFacts(
  manager: EntityManager,
  spender: Spender,
  now: Date,
): Promise<SpendingFacts> {
  const [facts] = await spendingFactsOf(manager, [spender], now);
  if (facts === undefined) throw new Error(`The environment of campaign ${spender.campaign.id} is gone`);
  return facts;
}

/**
 * What a dial of each would reserve, and what there is to spend, in the order asked. Exact while the limit rows of their
 * scopes are locked. The longest that the agent may talk is reserved, or the environment's `reserve_seconds` if that is less.
 */
export async function spendingFactsOf(
  manager: EntityManager,
  spenders: Spender[],
  now: Date,
): Promise<SpendingFacts[]> {
  const rows = await manager.query<SpendingRow[]>(
    `SELECT environments.rate_per_second::text AS "ratePerSecond",
       (environments.rate_per_second * least(environments.reserve_seconds, asked.seconds))::text AS needed,
       CASE WHEN environments.is_credit_limited THEN whole.granted - whole.spent - whole.reserved END AS balance,
       own.spent, own.reserved, CASE WHEN own.spent_on >= asked.today THEN own.spent_that_day ELSE 0 END AS "spentToday"
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::date[]) WITH ORDINALITY
         AS asked (environment_id, whole, own, seconds, today, nth)
       JOIN environments ON environments.id = asked.environment_id
       LEFT JOIN slots AS whole ON whole.scope = asked.whole
       LEFT JOIN slots AS own ON own.scope = asked.own
     ORDER BY asked.nth`,
    [
      spenders.map(({ campaign }) => campaign.environmentId),
      spenders.map(({ campaign }) => environmentKey(campaign.environmentId)),
      spenders.map(({ campaign }) => campaignKey(campaign.id)),
      spenders.map(({ agent }) => agent.maxCallDurationSeconds),
      spenders.map(({ campaign }) => localDate(campaign.timezone, now)),
    ],
  );
  return rows.map((row, place) => factsOf(row, spenders[place]!.campaign));
}

function factsOf(row: SpendingRow, { totalBudget, dailyBudget }: Campaign): SpendingFacts {
  const { ratePerSecond, needed } = row;
  return {
    creditBalance: row.balance === null ? null : Number(row.balance),
    spending: {
      needed: Number(needed),
      totalBudget: totalBudget ?? null,
      dailyBudget: dailyBudget ?? null,
      spent: Number(row.spent ?? 0),
      spentToday: Number(row.spentToday),
      reserved: Number(row.reserved ?? 0),
    },
    reservation: Number(needed) === 0 ? null : { ratePerSecond, amount: needed },
  };
}

interface SpendingRow {
  ratePerSecond: string;
  needed: string;
  balance: string | null;
  spent: string | null;
  reserved: string | null;
  spentToday: string;
}

/**
 * Settles an attempt's reservation, once: the attempt's own is the state it moves from. What it cost is charged, the rest
 * is free again. The call's row is locked by the caller.
 * @param talkSeconds what is charged for; null: it was never dialled, and costs nothing
 * @param now on the day of which, in the campaign's zone, it is charged
 */
export async function settle(
  manager: EntityManager,
  attemptId: string,
  scopes: SlotScopes,
  talkSeconds: number | null,
  now: Date,
): Promise<void> {
  const [[settled]] = await manager.query<[{ reserved: string; cost: string; timezone: string }[], number]>(
    `UPDATE attempts SET reserved = NULL, cost = attempts.rate_per_second * $2::integer
     FROM (SELECT attempts.id, attempts.reserved, campaigns.timezone FROM attempts
             JOIN campaigns ON campaigns.id = attempts.campaign_id
           WHERE attempts.id = $1 AND attempts.reserved IS NOT NULL) AS before
     WHERE attempts.id = before.id AND attempts.reserved IS NOT NULL
     RETURNING before.reserved::text, attempts.cost::text, before.timezone`,
    [attemptId, talkSeconds ?? 0],
  );
  if (settled === undefined) return;
  const [environment, campaign] = [environmentKey(scopes.environmentId), campaignKey(scopes.campaignId)];
  await manager.query(
    `UPDATE slots SET reserved = slots.reserved - $3::numeric, spent = slots.spent + $4::numeric,
       spent_on = greatest(slots.spent_on, $5::date),
       spent_that_day = CASE WHEN slots.spent_on >= $5::date THEN slots.spent_that_day ELSE 0 END + $4::numeric
     FROM (SELECT scope FROM slots WHERE scope IN ($1, $2) ORDER BY scope FOR UPDATE) AS mine
     WHERE slots.scope = mine.scope`,
    [environment, campaign, settled.reserved, settled.cost, localDate(settled.timezone, now)],
  );
  if (Number(settled.cost) === 0) return;
  await manager.query(
    `INSERT INTO credit_entries (environment_id, kind, amount, campaign_id, attempt_id, seconds)
     VALUES ($1, 'charge', -$2::numeric, $3, $4, $5)`,
    [scopes.environmentId, settled.cost, scopes.campaignId, attemptId, talkSeconds],
  );
}
