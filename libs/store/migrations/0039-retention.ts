import type { MigrationInterface, QueryRunner } from 'typeorm';
import { indexLargeTable } from './large-table-index.js';

/** How long each environment keeps what is about a person, and what was forgotten of calls when that time was over. */
export class Retention1764003900000 implements MigrationInterface {
  name = 'Retention1764003900000';
  /** One table at a time: held together, a process and it wait for each other. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of COLUMNS) await runner.query(statement);
    for (const [table, name, definition] of INDEXES) await indexLargeTable(runner, table, name, definition);
    await runner.query(`GRANT DELETE ON provider_events TO ringfence_dialer`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const COLUMNS = [
  // Null: for good. How long calls have to be provable is the operator's to know, and what was deleted too soon is gone.
  `ALTER TABLE environments
     ADD COLUMN IF NOT EXISTS call_data_retention_days integer CHECK (call_data_retention_days BETWEEN 1 AND 3650),
     ADD COLUMN IF NOT EXISTS webhook_log_retention_days integer NOT NULL DEFAULT 30
       CHECK (webhook_log_retention_days BETWEEN 1 AND 30),
     ADD COLUMN IF NOT EXISTS import_error_retention_days integer NOT NULL DEFAULT 30
       CHECK (import_error_retention_days BETWEEN 1 AND 30)`,
  // Whatever a query forgets: no call that may still be dialled, or is under way, loses its number. Not validated, which
  // would keep everybody waiting: the column is new.
  `ALTER TABLE calls ADD COLUMN IF NOT EXISTS erased_at timestamptz,
     DROP CONSTRAINT IF EXISTS calls_erased_have_ended,
     DROP CONSTRAINT IF EXISTS calls_without_number_are_erased,
     ADD CONSTRAINT calls_erased_have_ended CHECK (erased_at IS NULL OR finished_at IS NOT NULL) NOT VALID,
     ADD CONSTRAINT calls_without_number_are_erased CHECK (to_number <> 'erased' OR erased_at IS NOT NULL) NOT VALID`,
  // Set where the call is erased and a rule still reads how often its number was dialled: until then, or until it is asked
  // again.
  `ALTER TABLE attempts ADD COLUMN IF NOT EXISTS number_kept_until timestamptz`,
];

const INDEXES = [
  [
    'calls',
    'calls_to_forget',
    '(environment_id, finished_at) WHERE finished_at IS NOT NULL AND erased_at IS NULL',
  ],
  ['attempts', 'attempts_keeping_number', '(number_kept_until) WHERE number_kept_until IS NOT NULL'],
  // By environment, for each has its own time. Those by age alone serve the release before, and may go in the next.
  ['webhook_logs', 'webhook_logs_by_age_in_environment', '(environment_id, created_at)'],
  ['webhook_events', 'webhook_events_by_age_in_environment', '(environment_id, created_at)'],
] as const;

const DOWN = [
  `REVOKE DELETE ON provider_events FROM ringfence_dialer`,
  `DROP INDEX webhook_logs_by_age_in_environment, webhook_events_by_age_in_environment`,
  `ALTER TABLE attempts DROP COLUMN number_kept_until`,
  `ALTER TABLE calls DROP COLUMN erased_at`,
  `ALTER TABLE environments DROP COLUMN call_data_retention_days, DROP COLUMN webhook_log_retention_days,
     DROP COLUMN import_error_retention_days`,
];
