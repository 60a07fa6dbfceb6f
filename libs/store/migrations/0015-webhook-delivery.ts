import type { MigrationInterface, QueryRunner } from 'typeorm';
import { allow } from './row-security.js';

/**
 * Webhooks told by turns: what each endpoint has in hand, how it is, its secret of before, and what a replay needs to
 * know; and of each attempt, who took it.
 */
export class WebhookDelivery1764001500000 implements MigrationInterface {
  name = 'WebhookDelivery1764001500000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    // A user who is no superuser sees no rows of the table otherwise.
    await runner.query(`ALTER TABLE attempts NO FORCE ROW LEVEL SECURITY`);
    await runner.query(
      `UPDATE attempts SET answered_by = 'somebody'
       WHERE answered_at IS NOT NULL AND status IN ('placed', 'unknown')`,
    );
    await runner.query(`ALTER TABLE attempts FORCE ROW LEVEL SECURITY`);
    await runner.query(`GRANT UPDATE (${KEPT_BY_DIALER}) ON webhook_endpoints TO ringfence_dialer`);
    await runner.query(`GRANT UPDATE (tries_before) ON webhook_deliveries TO ringfence_api`);
    // An endpoint that is switched off by its failures is noted down by the dialer, who reads nothing of the log.
    await allow(runner, 'audit_log', 'ringfence_dialer', 'INSERT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP POLICY ringfence_dialer ON audit_log`);
    await runner.query(`REVOKE INSERT ON audit_log FROM ringfence_dialer`);
    for (const statement of UNDONE) await runner.query(statement);
  }
}

/** How an endpoint is, and a secret whose time is over. */
const KEPT_BY_DIALER = `enabled, disabled_because, failing_since, consecutive_failures, paused_until, pauses,
  previous_sealed_secret, previous_secret_until`;

const STATEMENTS = [
  `ALTER TABLE campaigns ADD COLUMN event_sequence integer NOT NULL DEFAULT 0`,
  `ALTER TABLE attempts ADD COLUMN answered_by text CHECK (answered_by IN ('somebody', 'human', 'machine'))`,
  `ALTER TABLE webhook_endpoints
     ADD COLUMN max_concurrent_deliveries integer NOT NULL DEFAULT 10
       CHECK (max_concurrent_deliveries BETWEEN 1 AND 50),
     ADD COLUMN previous_sealed_secret text,
     ADD COLUMN previous_secret_until timestamptz,
     ADD COLUMN consecutive_failures integer NOT NULL DEFAULT 0,
     ADD COLUMN paused_until timestamptz,
     ADD COLUMN pauses integer NOT NULL DEFAULT 0,
     ADD COLUMN disabled_because text CHECK (disabled_because IN ('gone', 'failing')),
     ADD CONSTRAINT webhook_endpoints_previous_secret_ends
       CHECK ((previous_sealed_secret IS NULL) = (previous_secret_until IS NULL)),
     ADD CONSTRAINT webhook_endpoints_disabled_has_ended CHECK (disabled_because IS NULL OR NOT enabled)`,
  `ALTER TABLE webhook_events ADD COLUMN agent_id uuid`,
  `CREATE INDEX webhook_events_of_campaign ON webhook_events (campaign_id, created_at)`,
  `CREATE INDEX webhook_events_of_agent ON webhook_events (agent_id, created_at)`,
  // What is in hand until when, apart from what is owed when: the one is counted, the other is taken in order.
  `ALTER TABLE webhook_deliveries
     ADD COLUMN in_hand_until timestamptz,
     ADD COLUMN tries_before integer NOT NULL DEFAULT 0`,
  `DROP INDEX webhook_deliveries_due, webhook_deliveries_of_endpoint`,
  `CREATE INDEX webhook_deliveries_owed ON webhook_deliveries (endpoint_id, next_attempt_at)
     WHERE next_attempt_at IS NOT NULL`,
  `CREATE INDEX webhook_deliveries_in_hand ON webhook_deliveries (endpoint_id, in_hand_until)
     WHERE in_hand_until IS NOT NULL`,
  `CREATE INDEX webhook_deliveries_given_up ON webhook_deliveries (endpoint_id, created_at) WHERE status = 'failed'`,
];

const UNDONE = [
  `REVOKE UPDATE (tries_before) ON webhook_deliveries FROM ringfence_api`,
  `REVOKE UPDATE (${KEPT_BY_DIALER}) ON webhook_endpoints FROM ringfence_dialer`,
  `GRANT UPDATE (failing_since) ON webhook_endpoints TO ringfence_dialer`,
  `DROP INDEX webhook_deliveries_owed, webhook_deliveries_in_hand, webhook_deliveries_given_up`,
  `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL`,
  `CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id) WHERE next_attempt_at IS NOT NULL`,
  `ALTER TABLE webhook_deliveries DROP COLUMN in_hand_until, DROP COLUMN tries_before`,
  `DROP INDEX webhook_events_of_campaign, webhook_events_of_agent`,
  `ALTER TABLE webhook_events DROP COLUMN agent_id`,
  `ALTER TABLE webhook_endpoints DROP COLUMN max_concurrent_deliveries, DROP COLUMN previous_sealed_secret,
     DROP COLUMN previous_secret_until, DROP COLUMN consecutive_failures, DROP COLUMN paused_until, DROP COLUMN pauses,
     DROP COLUMN disabled_because`,
  `ALTER TABLE attempts DROP COLUMN answered_by`,
  `ALTER TABLE campaigns DROP COLUMN event_sequence`,
];
