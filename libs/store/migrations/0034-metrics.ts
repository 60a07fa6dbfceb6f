import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byItself } from './by-itself.js';
import { allow, ensureRoles } from './row-security.js';

/**
 * What metrics are read from, so that a scrape walks no table: counters of the whole house, why calls ended undialled, and how
 * dialling is getting on; and a role that counts and sees nobody.
 */
export class Metrics1764003400000 implements MigrationInterface {
  name = 'Metrics1764003400000';

  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await ensureRoles(runner);
    for (const statement of TABLES) await runner.query(statement);
    await byItself(runner, async () => {
      // The owner sees no rows of it otherwise.
      await runner.query(`ALTER TABLE stat_totals NO FORCE ROW LEVEL SECURITY`);
      await runner.query(
        `INSERT INTO house_totals (figure, amount) SELECT figure, sum(amount) FROM stat_totals GROUP BY figure
         ON CONFLICT (figure) DO UPDATE SET amount = excluded.amount`,
      );
      await runner.query(`ALTER TABLE stat_totals FORCE ROW LEVEL SECURITY`);
    });
    for (const statement of triggersThatCount(WITH_REASONS)) await runner.query(statement);
    await runner.query(`GRANT SELECT, INSERT, UPDATE ON house_totals, dispatch TO ringfence_dialer`);
    await runner.query(`GRANT SELECT ON house_totals, dispatch, leases, trunks TO ringfence_metrics`);
    for (const [table, columns] of Object.entries(COUNTED)) {
      await byItself(runner, async () => {
        await runner.query(`DROP POLICY IF EXISTS ringfence_metrics ON ${table}`);
        await allow(runner, table, 'ringfence_metrics', `SELECT (${columns})`);
      });
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(COUNTED)) {
      await runner.query(`DROP POLICY ringfence_metrics ON ${table}`);
      await runner.query(`REVOKE ALL ON ${table} FROM ringfence_metrics`);
    }
    await runner.query(`REVOKE ALL ON leases, trunks FROM ringfence_metrics`);
    for (const statement of triggersThatCount(WITHOUT_REASONS)) await runner.query(statement);
    for (const table of ['stat_deltas', 'stat_quarters', 'stat_totals']) {
      await runner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
      await runner.query(`DELETE FROM ${table} WHERE figure LIKE 'refused:%'`);
      await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    }
    await runner.query(`DROP TABLE house_totals, dispatch`);
  }
}

const TABLES = [
  // Of all campaigns that there ever were: none of it goes when one is deleted, so that it never falls. Nobody's rows.
  `CREATE TABLE IF NOT EXISTS house_totals (figure text PRIMARY KEY, amount bigint NOT NULL) WITH (fillfactor = 50)`,
  // What whoever feeds the queue saw last: for how long calls have been kept waiting by nothing but the dialers.
  `CREATE TABLE IF NOT EXISTS dispatch (
     name text PRIMARY KEY,
     looked_at timestamptz NOT NULL,
     lag_seconds double precision NOT NULL CHECK (lag_seconds >= 0)
   ) WITH (fillfactor = 50)`,
];

/** What can be counted without seeing whom it is about: no number, no payload, no name. */
const COUNTED: Record<string, string> = {
  environments: 'id, kill_switch, max_concurrent_calls',
  agents: 'id, current_status',
  campaigns: `id, environment_id, agent_id, status, max_concurrent_calls, start_date, end_date, days_of_week, call_time_ranges,
    timezone, holidays`,
  calls: 'id, campaign_id, status, priority, ready_at',
  attempts: 'id, call_id, status, claimed_at, sending_at, placed_at',
  provider_events: 'received_at, applied_at',
  slots: 'scope, in_use',
  webhook_endpoints: 'id, enabled, paused_until',
  webhook_deliveries: 'endpoint_id, next_attempt_at',
};

/** As migration 0020 has it. */
const WITHOUT_REASONS = (call: string) => `(VALUES
  ('calls', ${call}.created_at, 1),
  ('calls:' || ${call}.status, ${call}.finished_at, 1),
  (CASE WHEN ${call}.status = 'completed' THEN 'seconds:completed' END, ${call}.finished_at, ${call}.duration_seconds))`;

/** And beside it, of a call that ended undialled, why. */
const WITH_REASONS = (call: string) => `(VALUES
  ('calls', ${call}.created_at, 1),
  ('calls:' || ${call}.status, ${call}.finished_at, 1),
  (CASE WHEN ${call}.status IN ('blocked', 'cancelled', 'expired') THEN 'refused:' || coalesce(${call}.reason, 'none') END,
    ${call}.finished_at, 1),
  (CASE WHEN ${call}.status = 'completed' THEN 'seconds:completed' END, ${call}.finished_at, ${call}.duration_seconds))`;

const QUARTER = `date_bin('15 minutes', counted.at, 'epoch')`;
const IS_COUNTED = `counted.figure IS NOT NULL AND counted.at IS NOT NULL AND counted.amount <> 0`;
const APPEND = `INSERT INTO stat_deltas (environment_id, campaign_id, is_testing, quarter, figure, amount)`;

/** The functions of the triggers that migration 0020 put on `calls`. */
function triggersThatCount(ofCall: (row: string) => string): string[] {
  return [
    `CREATE OR REPLACE FUNCTION count_calls_made() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       ${APPEND}
       SELECT made.environment_id, made.campaign_id, made.is_testing, ${QUARTER}, counted.figure, sum(counted.amount)
       FROM made CROSS JOIN LATERAL ${ofCall('made')} AS counted (figure, at, amount)
       WHERE ${IS_COUNTED} GROUP BY 1, 2, 3, 4, 5;
       RETURN NULL; END $$`,
    `CREATE OR REPLACE FUNCTION count_call_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       ${APPEND}
       SELECT NEW.environment_id, NEW.campaign_id, NEW.is_testing, ${QUARTER}, counted.figure, sum(counted.amount)
       FROM (SELECT * FROM ${ofCall('NEW')} AS now (figure, at, amount)
             UNION ALL SELECT figure, at, -amount FROM ${ofCall('OLD')} AS before (figure, at, amount)) AS counted
       WHERE ${IS_COUNTED} GROUP BY 4, 5 HAVING sum(counted.amount) <> 0;
       RETURN NULL; END $$`,
  ];
}
