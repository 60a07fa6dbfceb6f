import type { MigrationInterface, QueryRunner } from 'typeorm';
import {
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

const PROTECTED: Record<string, Protection> = {
  environments: {
    own: `id = ${NAMED_ENVIRONMENT}`,
    // Whose token was shown.
    atGate: `EXISTS (SELECT FROM tokens WHERE tokens.environment_id = environments.id)`,
    api: CHANGE,
    gate: READ,
    dialer: READ,
  },
  tokens: { atGate: `hash = ${SHOWN_TOKEN}`, api: MAKE_AND_CHANGE, gate: CHANGE },
  agents: { api: ALL, dialer: READ },
  agent_trainings: { api: ALL },
  agent_actions: { api: ALL },
  phone_numbers: { api: CHANGE, dialer: READ },
  agent_phone_numbers: { api: ALL, dialer: READ },
  phone_number_release_requests: { api: MAKE_AND_CHANGE },
  campaigns: { api: MAKE_AND_CHANGE, dialer: CHANGE },
  calls: { api: MAKE_AND_CHANGE, dialer: CHANGE },
  attempts: { api: CHANGE, dialer: MAKE_AND_CHANGE },
  // No environment of its own: the callback of a carrier names an attempt, and the reducer looks whose it is.
  provider_events: { gate: MAKE, dialer: CHANGE },
  // The operator's global entries are everybody's to obey, and nobody's to change.
  do_not_call_entries: { readable: 'environment_id IS NULL', api: ALL, dialer: MAKE_AND_CHANGE },
  idempotency_keys: { api: ALL, dialer: 'SELECT, DELETE' },
  // Written, and by no process read again.
  audit_log: { api: 'INSERT' },
  slots: {
    own: `CASE WHEN scope LIKE 'campaign:%'
            THEN EXISTS (SELECT FROM campaigns WHERE campaigns.id = substr(slots.scope, 10)::uuid)
            ELSE scope = 'environment:' || ${NAMED_ENVIRONMENT} END`,
    api: MAKE_AND_CHANGE,
    dialer: CHANGE,
  },
  // UPDATE for the lock that keeps an endpoint while a delivery to it is written.
  webhook_endpoints: { api: ALL, dialer: CHANGE },
  webhook_events: { api: MAKE, dialer: MAKE },
  webhook_deliveries: { api: MAKE, dialer: MAKE_AND_CHANGE },
};

/** Tables that hold nothing of any environment: who leads, the trunk's next start, counts of requests by hashed key. */
const OPEN_TO_ALL_ENVIRONMENTS = [
  `GRANT ${ALL} ON leases TO ringfence_dialer, ringfence_operator`,
  `GRANT ${READ} ON leases TO ringfence_api`,
  `GRANT ${ALL} ON trunks TO ringfence_dialer, ringfence_operator`,
  `GRANT SELECT, DELETE ON rate_counts TO ringfence_dialer, ringfence_operator`,
];
