import type { EntityManager } from 'typeorm';
import { localDate } from '#policy/calling-window.js';
import type { Spending } from '#policy/spending.js';
import type { Agent } from './agent.entity.js';
import type { Campaign } from './campaign.entity.js';
import { campaignKey, environmentKey } from './locks.js';

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
