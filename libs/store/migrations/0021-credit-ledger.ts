import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect, unprotect } from './row-security.js';

/**
 * What calls cost: rates, reservations of dials, charges in a ledger, budgets of campaigns. The sums stand on the limit rows
 * that a dial locks and writes anyway, so that money makes no further row hot.
 */
export class CreditLedger1764002100000 implements MigrationInterface {
  name = 'CreditLedger1764002100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
    await protect(runner, 'credit_entries', {
      api: 'SELECT, INSERT',
      dialer: 'INSERT',
      operator: 'SELECT, INSERT',
    });
    // The balances of before, as the first entries of their ledgers.
    for (const table of MOVED) await runner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
    for (const statement of MOVE) await runner.query(statement);
    for (const table of MOVED) await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    await runner.query(`ALTER TABLE environments DROP COLUMN credit_balance`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE environments ADD COLUMN credit_balance numeric`);
    for (const table of MOVED) await runner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
    await runner.query(
      `UPDATE environments SET credit_balance = slots.granted - slots.spent FROM slots
       WHERE slots.scope = 'environment:' || environments.id AND environments.is_credit_limited`,
    );
    for (const table of MOVED) await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    await unprotect(runner, 'credit_entries');
    for (const statement of DOWN) await runner.query(statement);
  }
}

const MOVED = ['environments', 'slots', 'credit_entries'];

const AMOUNT = 'numeric(20, 6)';

const held = (reasons: string[]) => `CREATE INDEX calls_held_by_rule ON calls (environment_id, campaign_id)
  WHERE status = 'waiting' AND reason IN (${reasons.map((reason) => `'${reason}'`).join(', ')})`;

const HELD_BEFORE = [
  ...['no_credits', 'outside_legal_hours', 'number_cap_reached', 'number_cooling_down'],
  'do_not_call_registry_out_of_date',
];

const UP = [
  `ALTER TABLE environments
     ADD COLUMN is_credit_limited boolean NOT NULL DEFAULT false,
     ADD COLUMN rate_per_second ${AMOUNT} NOT NULL DEFAULT 0 CHECK (rate_per_second >= 0),
     ADD COLUMN reserve_seconds integer CHECK (reserve_seconds BETWEEN 1 AND 86400)`,
  `ALTER TABLE campaigns
     ADD COLUMN total_budget double precision CHECK (total_budget >= 0),
     ADD COLUMN daily_budget double precision CHECK (daily_budget >= 0)`,
  `ALTER TABLE slots
     ADD COLUMN granted ${AMOUNT} NOT NULL DEFAULT 0,
     ADD COLUMN spent ${AMOUNT} NOT NULL DEFAULT 0,
     ADD COLUMN reserved ${AMOUNT} NOT NULL DEFAULT 0 CHECK (reserved >= 0),
     ADD COLUMN spent_on date,
     ADD COLUMN spent_that_day ${AMOUNT} NOT NULL DEFAULT 0`,
  // What a second of the attempt costs, what it reserves as long as its cost is unknown, and its cost.
  `ALTER TABLE attempts
     ADD COLUMN rate_per_second ${AMOUNT}, ADD COLUMN reserved ${AMOUNT} CHECK (reserved > 0), ADD COLUMN cost ${AMOUNT}`,
  `CREATE INDEX attempts_reserving ON attempts (environment_id) WHERE reserved IS NOT NULL`,
  // Appended to, and never changed: what was granted, and what was charged for whom.
  `CREATE TABLE credit_entries (
     id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     environment_id uuid NOT NULL REFERENCES environments,
     at timestamptz NOT NULL DEFAULT clock_timestamp(),
     kind text NOT NULL CHECK (kind IN ('grant', 'charge')),
     amount ${AMOUNT} NOT NULL CHECK (amount <> 0 AND (kind = 'grant' OR amount < 0)),
     actor text,
     campaign_id uuid,
     attempt_id uuid,
     seconds integer,
     CONSTRAINT credit_entries_say_whose CHECK (
       CASE kind WHEN 'grant' THEN actor IS NOT NULL AND attempt_id IS NULL
                 ELSE actor IS NULL AND num_nulls(campaign_id, attempt_id, seconds) = 0 END)
   )`,
  `CREATE INDEX credit_entries_newest ON credit_entries (environment_id, id DESC)`,
  // Nothing is charged twice, whatever is told twice.
  `CREATE UNIQUE INDEX credit_entries_once ON credit_entries (attempt_id)`,
  `DROP INDEX calls_held_by_rule`,
  held([...HELD_BEFORE, 'campaign_budget_spent', 'campaign_daily_budget_spent']),
];

const MOVE = [
  `UPDATE environments SET is_credit_limited = true WHERE credit_balance IS NOT NULL`,
  `UPDATE slots SET granted = environments.credit_balance FROM environments
   WHERE slots.scope = 'environment:' || environments.id AND environments.credit_balance IS NOT NULL`,
  `INSERT INTO credit_entries (environment_id, kind, amount, actor)
   SELECT id, 'grant', credit_balance, 'migration' FROM environments WHERE credit_balance <> 0`,
];

const DOWN = [
  `DROP INDEX calls_held_by_rule`,
  held(HELD_BEFORE),
  `DROP TABLE credit_entries`,
  `DROP INDEX attempts_reserving`,
  `ALTER TABLE attempts DROP COLUMN rate_per_second, DROP COLUMN reserved, DROP COLUMN cost`,
  `ALTER TABLE slots DROP COLUMN granted, DROP COLUMN spent, DROP COLUMN reserved, DROP COLUMN spent_on,
     DROP COLUMN spent_that_day`,
  `ALTER TABLE campaigns DROP COLUMN total_budget, DROP COLUMN daily_budget`,
  `ALTER TABLE environments DROP COLUMN is_credit_limited, DROP COLUMN rate_per_second, DROP COLUMN reserve_seconds`,
];
