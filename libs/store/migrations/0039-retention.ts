import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long each environment keeps what is about a person, and what was forgotten of calls when that time was over. */
export class Retention1764003900000 implements MigrationInterface {
  name = 'Retention1764003900000';

  async up(runner: QueryRunner): Promise<void> {
    // A column waits for whoever uses its table, and everybody else behind it: rather not migrated now than all held up.
    await runner.query(`SET LOCAL lock_timeout = '3s'`);
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  // Null: for good. How long calls have to be provable is the operator's to know, and what was deleted too soon is gone.
  `ALTER TABLE environments
     ADD COLUMN call_data_retention_days integer CHECK (call_data_retention_days BETWEEN 1 AND 3650),
     ADD COLUMN webhook_log_retention_days integer NOT NULL DEFAULT 30
       CHECK (webhook_log_retention_days BETWEEN 1 AND 30),
     ADD COLUMN import_error_retention_days integer NOT NULL DEFAULT 30
       CHECK (import_error_retention_days BETWEEN 1 AND 30)`,
  // Whatever a query forgets: no call that may still be dialled, or is under way, loses its number. Not validated, which
  // would keep everybody waiting: the column is new.
  `ALTER TABLE calls ADD COLUMN erased_at timestamptz,
     ADD CONSTRAINT calls_erased_have_ended CHECK (erased_at IS NULL OR finished_at IS NOT NULL) NOT VALID,
     ADD CONSTRAINT calls_without_number_are_erased CHECK (to_number <> 'erased' OR erased_at IS NOT NULL) NOT VALID`,
  `CREATE INDEX calls_to_forget ON calls (environment_id, finished_at) WHERE finished_at IS NOT NULL AND erased_at IS NULL`,
  // Set where the call is erased and a rule still reads how often its number was dialled: until then, or until it is asked
  // again.
  `ALTER TABLE attempts ADD COLUMN number_kept_until timestamptz`,
  `CREATE INDEX attempts_keeping_number ON attempts (number_kept_until) WHERE number_kept_until IS NOT NULL`,
  // By environment, for each has its own time.
  `DROP INDEX webhook_logs_by_age, webhook_events_by_age`,
  `CREATE INDEX webhook_logs_by_age ON webhook_logs (environment_id, created_at)`,
  `CREATE INDEX webhook_events_by_age ON webhook_events (environment_id, created_at)`,
  `GRANT DELETE ON provider_events TO ringfence_dialer`,
];

const DOWN = [
  `REVOKE DELETE ON provider_events FROM ringfence_dialer`,
  `DROP INDEX webhook_logs_by_age, webhook_events_by_age`,
  `CREATE INDEX webhook_logs_by_age ON webhook_logs (created_at)`,
  `CREATE INDEX webhook_events_by_age ON webhook_events (created_at)`,
  `ALTER TABLE attempts DROP COLUMN number_kept_until`,
  `ALTER TABLE calls DROP COLUMN erased_at`,
  `ALTER TABLE environments DROP COLUMN call_data_retention_days, DROP COLUMN webhook_log_retention_days,
     DROP COLUMN import_error_retention_days`,
];
