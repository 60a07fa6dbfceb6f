import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
  allow,
  ensureRoles,
  NAMED_ENVIRONMENT,
  protect,
  ROLES,
  SHOWN_TOKEN,
  unprotect,
  type Protection,
} from './row-security.js';

/** A role for each process, and row-level security behind every query that names an environment. */
export class RowSecurity1764000600000 implements MigrationInterface {
  name = 'RowSecurity1764000600000';

  async up(runner: QueryRunner): Promise<void> {
    await ensureRoles(runner);
    for (const [table, protection] of Object.entries(PROTECTED)) await protect(runner, table, protection);
    // The operator's entries for everybody are everybody's to obey, and nobody's to change.
    await runner.query(
      `CREATE POLICY of_all ON do_not_call_entries FOR SELECT TO ringfence_api USING (environment_id IS NULL)`,
    );
    // The gate sees the one token that was shown: a look-up without its condition lets nobody else in.
    await allow(runner, 'tokens', 'ringfence_gate', 'SELECT, UPDATE (last_used_at)', `hash = ${SHOWN_TOKEN}`);
    await allow(
      runner,
      'environments',
      'ringfence_gate',
      READ,
      `EXISTS (SELECT FROM tokens WHERE tokens.environment_id = environments.id)`,
    );
    // A callback names an attempt and no environment. It is put into the inbox, and sees nothing that was there.
    await allow(
      runner,
      'provider_events',
      'ringfence_gate',
      'SELECT (id, provider, event_key), INSERT',
      `received_at >= transaction_timestamp()`,
    );
    for (const grant of OPEN_TO_ALL_ENVIRONMENTS) await runner.query(grant);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of Object.keys(PROTECTED)) await unprotect(runner, table);
    await runner.query(`REVOKE ALL ON leases, trunks, rate_counts FROM ${ROLES.join(', ')}`);
  }
}

const READ = 'SELECT';
const CHANGE = 'SELECT, UPDATE';
const MAKE = 'SELECT, INSERT';
const MAKE_AND_CHANGE = 'SELECT, INSERT, UPDATE';
const ALL = 'SELECT, INSERT, UPDATE, DELETE';

/** To lock rows in any mode, a role must be allowed to update a column of them. */
const READ_AND_LOCK = 'SELECT, UPDATE (updated_at)';

const PROTECTED: Record<string, Protection> = {
  environments: { own: `id = ${NAMED_ENVIRONMENT}`, api: CHANGE, dialer: READ },
  tokens: { api: MAKE_AND_CHANGE },
  agents: { api: MAKE_AND_CHANGE, dialer: READ },
  agent_trainings: { api: ALL },
  agent_actions: { api: ALL },
  phone_numbers: { api: CHANGE, dialer: READ },
  agent_phone_numbers: { api: ALL, dialer: READ },
  phone_number_release_requests: { api: MAKE_AND_CHANGE },
  campaigns: { api: MAKE_AND_CHANGE, dialer: CHANGE },
  calls: { api: MAKE_AND_CHANGE, dialer: CHANGE },
  attempts: { api: CHANGE, dialer: MAKE_AND_CHANGE },
  // No environment of its own: the callback of a carrier names an attempt, and the reducer looks whose it is.
  provider_events: { dialer: 'SELECT, UPDATE (applied_at)' },
  do_not_call_entries: { api: ALL, dialer: MAKE },
  // Answers are forgotten by their age, without being read.
  idempotency_keys: { api: ALL, dialer: 'SELECT (ctid, created_at), DELETE' },
  // Written once: nobody changes an entry, or takes it away.
  audit_log: { api: 'INSERT', operator: MAKE },
  slots: {
    own: `CASE WHEN scope LIKE 'campaign:%'
            THEN EXISTS (SELECT FROM campaigns WHERE campaigns.id = substr(slots.scope, 10)::uuid)
            ELSE scope = 'environment:' || ${NAMED_ENVIRONMENT} END`,
    api: MAKE_AND_CHANGE,
    dialer: CHANGE,
  },
  webhook_endpoints: { api: ALL, dialer: READ_AND_LOCK },
  webhook_events: { api: MAKE, dialer: MAKE },
  webhook_deliveries: { api: MAKE, dialer: MAKE_AND_CHANGE },
};

/** Tables that hold nothing of any environment: who leads, the trunk's next start, counts of requests by hashed key. */
const OPEN_TO_ALL_ENVIRONMENTS = [
  `GRANT ${ALL} ON leases TO ringfence_dialer, ringfence_operator`,
  `GRANT SELECT (expires_at) ON leases TO ringfence_api`,
  `GRANT ${ALL} ON trunks TO ringfence_dialer, ringfence_operator`,
  `GRANT SELECT, DELETE ON rate_counts TO ringfence_dialer, ringfence_operator`,
];
