import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect, unprotect } from './row-security.js';

/**
 * Counters of campaigns, exact and without a row that every call would write. Triggers are the one place that counts: a
 * write that changes what is counted appends to `stat_deltas` in its own transaction, whoever makes it.
 */
export class CampaignStats1764002000000 implements MigrationInterface {
  name = 'CampaignStats1764002000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES_UP) await runner.query(statement);
    // The owner sees no rows of these otherwise. The lock also keeps writers out until everything is counted.
    for (const table of COUNTED) await runner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
    for (const statement of BACKFILL) await runner.query(statement);
    for (const table of COUNTED) await runner.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    for (const statement of TRIGGERS) await runner.query(statement);
    await protect(runner, 'stat_deltas', { api: 'SELECT, INSERT, DELETE', dialer: 'SELECT, INSERT, DELETE' });
    const folded = { api: 'SELECT, DELETE', dialer: 'SELECT, INSERT, UPDATE' };
    await protect(runner, 'stat_quarters', folded);
    await protect(runner, 'stat_totals', folded);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER count_calls_made ON calls`);
    await runner.query(`DROP TRIGGER count_call_moved ON calls`);
    await runner.query(`DROP TRIGGER count_attempt_made ON attempts`);
    await runner.query(`DROP TRIGGER count_attempt_moved ON attempts`);
    await runner.query(
      `DROP FUNCTION count_calls_made, count_call_moved, count_attempt_made, count_attempt_moved`,
    );
    for (const table of TABLES) await unprotect(runner, table);
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const COUNTED = ['campaigns', 'calls', 'attempts'];
const TABLES = ['stat_deltas', 'stat_quarters', 'stat_totals'];

const COUNTER = `environment_id uuid NOT NULL, campaign_id uuid NOT NULL, is_testing boolean NOT NULL`;

const TABLES_UP = [
  // What changed and is not folded yet. Appended to by everybody, updated by nobody: without keys to other tables, so
  // that a call's end waits for nothing here.
  `CREATE TABLE stat_deltas (${COUNTER}, quarter timestamptz NOT NULL, figure text NOT NULL, amount bigint NOT NULL)
     WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)`,
  `CREATE INDEX stat_deltas_of_campaign ON stat_deltas (campaign_id)`,
  // By quarters of an hour in UTC: every offset that zones have had in this century is a multiple of one, so the days and
  // hours of any zone are sums of them.
  `CREATE TABLE stat_quarters (${COUNTER}, quarter timestamptz NOT NULL, figure text NOT NULL, amount bigint NOT NULL,
     PRIMARY KEY (campaign_id, quarter, is_testing, figure)) WITH (fillfactor = 90)`,
  // Of a campaign's whole life, for lists.
  `CREATE TABLE stat_totals (${COUNTER}, figure text NOT NULL, amount bigint NOT NULL,
     PRIMARY KEY (campaign_id, is_testing, figure)) WITH (fillfactor = 90)`,
];

/**
 * What a call counts for: when it was taken in, and when it became final. A new figure goes here, in a new migration that
 * replaces the functions and counts what is there.
 */
const OF_CALL = (call: string) => `(VALUES
  ('calls', ${call}.created_at, 1),
  ('calls:' || ${call}.status, ${call}.finished_at, 1),
  (CASE WHEN ${call}.status = 'completed' THEN 'seconds:completed' END, ${call}.finished_at, ${call}.duration_seconds))`;

/**
 * What an attempt counts for, at the time it was dialled: its outcome and its talk, once it has them. A late proof moves
 * it from one outcome to another within the same quarter.
 */
const OF_ATTEMPT = (attempt: string) => `(VALUES
  (CASE ${attempt}.status WHEN 'ended' THEN 'attempts:' || ${attempt}.outcome WHEN 'unknown' THEN 'attempts:unknown' END,
    coalesce(${attempt}.sending_at, ${attempt}.claimed_at), 1),
  (CASE WHEN ${attempt}.status = 'ended' THEN 'seconds:talk' END,
    coalesce(${attempt}.sending_at, ${attempt}.claimed_at), ${attempt}.duration_seconds))`;

const QUARTER = `date_bin('15 minutes', counted.at, 'epoch')`;
const IS_COUNTED = `counted.figure IS NOT NULL AND counted.at IS NOT NULL AND counted.amount <> 0`;

const APPEND = `INSERT INTO stat_deltas (environment_id, campaign_id, is_testing, quarter, figure, amount)`;

/** One row's change, as what it counts for now less what it counted for. */
const APPEND_CHANGE = (of: (row: string) => string, isTesting: string) => `
  ${APPEND}
  SELECT NEW.environment_id, NEW.campaign_id, ${isTesting}, ${QUARTER}, counted.figure, sum(counted.amount)
  FROM (SELECT * FROM ${of('NEW')} AS now (figure, at, amount)
        UNION ALL SELECT figure, at, -amount FROM ${of('OLD')} AS before (figure, at, amount)) AS counted
  WHERE ${IS_COUNTED} GROUP BY 4, 5 HAVING sum(counted.amount) <> 0;`;

const TESTING_OF_ATTEMPT = `(SELECT calls.is_testing FROM calls WHERE calls.id = NEW.call_id)`;

function trigger(name: string, body: string): string {
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NULL; END $$`;
}

/**
 * A row is made once for a whole statement, since files of contacts bring thousands; it moves row by row, for only that
 * way can a condition keep the many moves that count for nothing from costing anything.
 */
const TRIGGERS = [
  trigger(
    'count_calls_made',
    `${APPEND}
     SELECT made.environment_id, made.campaign_id, made.is_testing, ${QUARTER}, counted.figure, sum(counted.amount)
     FROM made CROSS JOIN LATERAL ${OF_CALL('made')} AS counted (figure, at, amount)
     WHERE ${IS_COUNTED} GROUP BY 1, 2, 3, 4, 5;`,
  ),
  `CREATE TRIGGER count_calls_made AFTER INSERT ON calls REFERENCING NEW TABLE AS made
     FOR EACH STATEMENT EXECUTE FUNCTION count_calls_made()`,
  trigger('count_call_moved', APPEND_CHANGE(OF_CALL, 'NEW.is_testing')),
  `CREATE TRIGGER count_call_moved AFTER UPDATE ON calls FOR EACH ROW
     WHEN ((OLD.finished_at IS NOT NULL OR NEW.finished_at IS NOT NULL)
       AND (OLD.finished_at, OLD.status, OLD.duration_seconds)
         IS DISTINCT FROM (NEW.finished_at, NEW.status, NEW.duration_seconds))
     EXECUTE FUNCTION count_call_moved()`,
  trigger(
    'count_attempt_made',
    `${APPEND}
     SELECT NEW.environment_id, NEW.campaign_id, ${TESTING_OF_ATTEMPT}, ${QUARTER}, counted.figure, counted.amount
     FROM ${OF_ATTEMPT('NEW')} AS counted (figure, at, amount) WHERE ${IS_COUNTED};`,
  ),
  `CREATE TRIGGER count_attempt_made AFTER INSERT ON attempts FOR EACH ROW
     WHEN (NEW.status IN ('ended', 'unknown')) EXECUTE FUNCTION count_attempt_made()`,
  trigger('count_attempt_moved', APPEND_CHANGE(OF_ATTEMPT, TESTING_OF_ATTEMPT)),
  `CREATE TRIGGER count_attempt_moved AFTER UPDATE ON attempts FOR EACH ROW
     WHEN ((OLD.status IN ('ended', 'unknown') OR NEW.status IN ('ended', 'unknown'))
       AND (OLD.status, OLD.outcome, OLD.duration_seconds, OLD.sending_at)
         IS DISTINCT FROM (NEW.status, NEW.outcome, NEW.duration_seconds, NEW.sending_at))
     EXECUTE FUNCTION count_attempt_moved()`,
];

const COUNTED_ALREADY = `SELECT counted.environment_id, counted.campaign_id, counted.is_testing, ${QUARTER}, counted.figure,
    sum(counted.amount)
  FROM (SELECT calls.environment_id, calls.campaign_id, calls.is_testing, of_call.*
          FROM calls CROSS JOIN LATERAL ${OF_CALL('calls')} AS of_call (figure, at, amount)
        UNION ALL SELECT calls.environment_id, calls.campaign_id, calls.is_testing, of_attempt.*
          FROM attempts JOIN calls ON calls.id = attempts.call_id
            CROSS JOIN LATERAL ${OF_ATTEMPT('attempts')} AS of_attempt (figure, at, amount)) AS counted
    JOIN campaigns ON campaigns.id = counted.campaign_id
  WHERE campaigns.deleted_at IS NULL AND ${IS_COUNTED} GROUP BY 1, 2, 3, 4, 5`;

const BACKFILL = [
  `INSERT INTO stat_quarters (environment_id, campaign_id, is_testing, quarter, figure, amount) ${COUNTED_ALREADY}`,
  `INSERT INTO stat_totals (environment_id, campaign_id, is_testing, figure, amount)
   SELECT environment_id, campaign_id, is_testing, figure, sum(amount) FROM stat_quarters GROUP BY 1, 2, 3, 4`,
];
