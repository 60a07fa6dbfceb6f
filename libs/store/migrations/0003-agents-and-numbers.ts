import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whole agents (voice, trainings, actions, deletion), phone numbers as caller ids, and the credits balance. */
export class AgentsAndNumbers1763900000003 implements MigrationInterface {
  name = 'AgentsAndNumbers1763900000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE environments DROP COLUMN credit_balance`);
    await runner.query(
      `DROP TABLE phone_number_release_requests, agent_phone_numbers, phone_numbers, agent_actions, agent_trainings`,
    );
    await runner.query(
      `ALTER TABLE agents DROP CONSTRAINT agents_deleted_is_not_published,
         DROP COLUMN voice, DROP COLUMN revision, DROP COLUMN deleted_at`,
    );
  }
}

const STATEMENTS = [
  `ALTER TABLE environments ADD COLUMN credit_balance numeric`,
  `ALTER TABLE agents
     ADD COLUMN voice jsonb,
     ADD COLUMN revision integer NOT NULL DEFAULT 1,
     ADD COLUMN deleted_at timestamptz,
     ADD CONSTRAINT agents_deleted_is_not_published CHECK (deleted_at IS NULL OR current_status = 'draft')`,
  `CREATE TABLE agent_trainings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    agent_id uuid NOT NULL REFERENCES agents,
    node_id text,
    subject text NOT NULL,
    instructions text NOT NULL,
    current_status text NOT NULL DEFAULT 'active' CHECK (current_status IN ('active', 'inactive')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  // What a training is known by: its node, or, without one, its subject.
  `CREATE UNIQUE INDEX agent_trainings_of_node ON agent_trainings (agent_id, node_id) WHERE node_id IS NOT NULL`,
  `CREATE UNIQUE INDEX agent_trainings_of_subject ON agent_trainings (agent_id, subject) WHERE node_id IS NULL`,
  `CREATE TABLE agent_actions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    agent_id uuid NOT NULL REFERENCES agents,
    node_id text NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    type text NOT NULL CHECK (type IN ('webhook', 'transfer', 'hold', 'external')),
    inputs jsonb NOT NULL DEFAULT '[]',
    url text CHECK (type <> 'webhook' OR url IS NOT NULL),
    authorization_url text,
    authorization_scheme text NOT NULL DEFAULT 'none'
      CHECK (authorization_scheme IN ('none', 'bearer', 'basic', 'api_key', 'custom')),
    sealed_authorization_credential text
      CHECK (authorization_scheme <> 'none' OR sealed_authorization_credential IS NULL),
    custom_headers jsonb NOT NULL DEFAULT '[]',
    speak_on_send boolean NOT NULL DEFAULT false,
    speak_on_receive boolean NOT NULL DEFAULT false,
    execution_mode text NOT NULL DEFAULT 'during_call'
      CHECK (execution_mode = 'during_call' OR execution_mode = 'post_call' AND type = 'external'),
    hold_duration_seconds integer CHECK ((type = 'hold') = (hold_duration_seconds IS NOT NULL)),
    transfer_to text CHECK ((type = 'transfer') = (transfer_to IS NOT NULL)),
    current_status text NOT NULL DEFAULT 'active' CHECK (current_status IN ('active', 'inactive')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT agent_actions_of_node UNIQUE (agent_id, node_id)
  )`,
  `CREATE TABLE phone_numbers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    number text NOT NULL,
    type text NOT NULL CHECK (type IN ('voice', 'sms', 'whatsapp', 'mms', 'fax')),
    capabilities text[] NOT NULL
      CHECK (type = ANY (capabilities) AND capabilities <@ ARRAY['voice', 'sms', 'whatsapp', 'mms', 'fax']),
    current_status text NOT NULL DEFAULT 'active'
      CHECK (current_status IN ('active', 'inactive', 'pending', 'suspended')),
    is_sandbox boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT phone_numbers_once UNIQUE (environment_id, number)
  )`,
  `CREATE TABLE agent_phone_numbers (
    environment_id uuid NOT NULL REFERENCES environments,
    agent_id uuid NOT NULL REFERENCES agents,
    phone_number_id uuid NOT NULL REFERENCES phone_numbers,
    PRIMARY KEY (agent_id, phone_number_id)
  )`,
  `CREATE INDEX agent_phone_numbers_of_number ON agent_phone_numbers (phone_number_id)`,
  `CREATE TABLE phone_number_release_requests (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    phone_number_id uuid NOT NULL REFERENCES phone_numbers,
    reason text NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'rejected', 'cancelled')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    resolved_at timestamptz,
    CONSTRAINT release_requests_resolved_has_time CHECK ((status = 'pending') = (resolved_at IS NULL))
  )`,
  `CREATE UNIQUE INDEX release_requests_one_pending ON phone_number_release_requests (phone_number_id)
    WHERE status = 'pending'`,
  `CREATE INDEX release_requests_newest ON phone_number_release_requests (environment_id, created_at DESC, id DESC)`,
];
