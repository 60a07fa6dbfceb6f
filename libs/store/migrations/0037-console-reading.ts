import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byItself } from './by-itself.js';
import { allow, ensureRoles } from './row-security.js';

/** A role for who looks on: campaigns and their counters in all environments, no number, no payload and no secret. */
export class ConsoleReading1764003700000 implements MigrationInterface {
  name = 'ConsoleReading1764003700000';
  /** A policy waits for whoever uses its table: one table at a time, and what was done may be done again. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await ensureRoles(runner);
    for (const [table, columns] of Object.entries(SHOWN)) {
      await byItself(runner, async () => {
        await runner.query(`DROP POLICY IF EXISTS ringfence_console ON ${table}`);
        await allow(runner, table, 'ringfence_console', `SELECT (${columns})`);
      });
    }
    await runner.query(`GRANT SELECT ON leases, trunks TO ringfence_console`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(SHOWN)) {
      await runner.query(`DROP POLICY ringfence_console ON ${table}`);
      await runner.query(`REVOKE ALL ON ${table} FROM ringfence_console`);
    }
    await runner.query(`REVOKE ALL ON leases, trunks FROM ringfence_console`);
  }
}

const COUNTERS = 'campaign_id, is_testing, figure, amount';

/** Columns that may be seen of each table. */
const SHOWN: Record<string, string> = {
  environments: 'id, name, kill_switch, max_concurrent_calls',
  campaigns: `id, environment_id, name, kind, deleted_at, status, start_date, end_date, days_of_week, call_time_ranges, timezone,
    holidays, max_retries, updated_at`,
  calls: 'id, environment_id, campaign_id, status, reason, is_testing',
  attempts: 'id, call_id, campaign_id, status, sending_at',
  slots: 'scope, in_use',
  stat_deltas: `${COUNTERS}, quarter`,
  stat_quarters: `${COUNTERS}, quarter`,
  stat_totals: COUNTERS,
};
