import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect, unprotect } from './row-security.js';

/** How webhooks authorise themselves, what they are told instead of the whole event, and a log of every try. */
export class WebhookLogs1764000800000 implements MigrationInterface {
  name = 'WebhookLogs1764000800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    await protect(runner, 'webhook_logs', {
      api: 'SELECT, INSERT',
      dialer: 'SELECT, INSERT, UPDATE, DELETE',
    });
    await runner.query(`GRANT UPDATE (status, next_attempt_at) ON webhook_deliveries TO ringfence_api`);
    await runner.query(`GRANT DELETE ON webhook_deliveries, webhook_events TO ringfence_dialer`);
    await runner.query(`GRANT UPDATE (failing_since) ON webhook_endpoints TO ringfence_dialer`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`REVOKE UPDATE (status, next_attempt_at) ON webhook_deliveries FROM ringfence_api`);
    await runner.query(`REVOKE DELETE ON webhook_deliveries, webhook_events FROM ringfence_dialer`);
    await unprotect(runner, 'webhook_logs');
    await runner.query(`DROP TABLE webhook_logs`);
    await runner.query(`DROP INDEX webhook_deliveries_of_endpoint, webhook_events_by_age`);
    await runner.query(`ALTER TABLE webhook_deliveries DROP COLUMN body,
      ADD COLUMN http_status integer, ADD COLUMN error text, ADD COLUMN duration_ms integer, ADD COLUMN delivered_at timestamptz`);
    await runner.query(`ALTER TABLE webhook_endpoints DROP COLUMN authorization_scheme,
      DROP COLUMN sealed_authorization_credential, DROP COLUMN custom_headers, DROP COLUMN payload_templates,
      DROP COLUMN failing_since, DROP COLUMN deleted_at`);
  }
}

const STATEMENTS = [
  `ALTER TABLE webhook_endpoints
     ADD COLUMN authorization_scheme text NOT NULL DEFAULT 'none'
       CHECK (authorization_scheme IN ('none', 'bearer', 'basic', 'api_key', 'custom')),
     ADD COLUMN sealed_authorization_credential text,
     ADD COLUMN custom_headers jsonb NOT NULL DEFAULT '[]',
     ADD COLUMN payload_templates jsonb NOT NULL DEFAULT '{}',
     ADD COLUMN failing_since timestamptz,
     ADD COLUMN deleted_at timestamptz,
     ADD CONSTRAINT webhook_endpoints_credential_has_scheme
       CHECK (authorization_scheme <> 'none' OR sealed_authorization_credential IS NULL),
     ADD CONSTRAINT webhook_endpoints_deleted_is_disabled CHECK (deleted_at IS NULL OR NOT enabled)`,
  // What each try came to stands in its log; the delivery keeps what is owed, and when.
  `ALTER TABLE webhook_deliveries ADD COLUMN body text,
     DROP COLUMN http_status, DROP COLUMN error, DROP COLUMN duration_ms, DROP COLUMN delivered_at`,
  `CREATE TABLE webhook_logs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints,
    delivery_id uuid REFERENCES webhook_deliveries ON DELETE CASCADE,
    event text NOT NULL,
    attempt integer NOT NULL CHECK (attempt > 0),
    status text NOT NULL CHECK (status IN ('pending', 'success', 'failed', 'retrying')),
    test_body text,
    http_status integer,
    response_body text,
    response_headers jsonb,
    error text,
    duration_ms integer,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT webhook_logs_one_a_try UNIQUE (delivery_id, attempt),
    CONSTRAINT webhook_logs_know_their_body CHECK ((delivery_id IS NULL) = (test_body IS NOT NULL))
  )`,
  `CREATE INDEX webhook_logs_of_endpoint ON webhook_logs (endpoint_id, created_at DESC, id DESC)`,
  `CREATE INDEX webhook_logs_by_age ON webhook_logs (created_at)`,
  `CREATE INDEX webhook_events_by_age ON webhook_events (created_at)`,
  `CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_id) WHERE next_attempt_at IS NOT NULL`,
];
