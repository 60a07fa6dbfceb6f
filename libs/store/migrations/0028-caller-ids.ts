import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byItself } from './by-itself.js';
import { protect, unprotect } from './row-security.js';

/** What an environment's caller ids may do in a second and on a day, and what each did. */
export class CallerIds1764002800000 implements MigrationInterface {
  name = 'CallerIds1764002800000';

  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LIMITS);
    await byItself(runner, async () => {
      const [{ isThere }] = await runner.manager.query<[{ isThere: boolean }]>(
        `SELECT to_regclass('caller_id_uses') IS NOT NULL AS "isThere"`,
      );
      if (isThere) return;
      await runner.query(USES);
      await protect(runner, 'caller_id_uses', { api: 'SELECT', dialer: 'SELECT, INSERT, UPDATE' });
    });
    // The day that an attempt counts on for its caller id; null: on none, or it was given back.
    await runner.query(`ALTER TABLE attempts ADD COLUMN IF NOT EXISTS caller_id_day date`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await unprotect(runner, 'caller_id_uses');
    for (const statement of DOWN) await runner.query(statement);
  }
}

const LIMITS = `ALTER TABLE environments
  ADD COLUMN IF NOT EXISTS max_calls_per_caller_id_second integer CHECK (max_calls_per_caller_id_second BETWEEN 1 AND 100),
  ADD COLUMN IF NOT EXISTS max_calls_per_caller_id_day integer CHECK (max_calls_per_caller_id_day BETWEEN 1 AND 1000000),
  ADD COLUMN IF NOT EXISTS caller_id_timezone text NOT NULL DEFAULT 'UTC'`;

/** By number, and not by the row of phone_numbers: a campaign may name numbers that no row knows. */
const USES = `CREATE TABLE caller_id_uses (
  environment_id uuid NOT NULL REFERENCES environments,
  number text NOT NULL,
  recent_starts_ms double precision[] NOT NULL,
  day date NOT NULL,
  starts_of_day integer NOT NULL CHECK (starts_of_day >= 0),
  PRIMARY KEY (environment_id, number)
) WITH (fillfactor = 70)`;

const DOWN = [
  `ALTER TABLE attempts DROP COLUMN caller_id_day`,
  `DROP TABLE caller_id_uses`,
  `ALTER TABLE environments DROP COLUMN max_calls_per_caller_id_second, DROP COLUMN max_calls_per_caller_id_day,
     DROP COLUMN caller_id_timezone`,
];
