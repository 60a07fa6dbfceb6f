import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Everything the first call needs, with the constraints that keep its promises. */
export class FirstHouse1763900000000 implements MigrationInterface {
  name = 'FirstHouse1763900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit_log, idempotency_keys, webhook_deliveries, webhook_events, webhook_endpoints, leases, trunks, slots,
      do_not_call_entries, provider_events, attempts, calls, campaigns, agents, tokens, environments`);
  }
}

const TABLES = [
  `CREATE TABLE environments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    legal_guard text NOT NULL DEFAULT 'auto' CHECK (legal_guard IN ('off', 'warn', 'auto', 'enforce')),
    kill_switch boolean NOT NULL DEFAULT false,
    rate_limit_per_minute integer NOT NULL DEFAULT 100 CHECK (rate_limit_per_minute > 0),
    max_concurrent_calls integer NOT NULL DEFAULT 100 CHECK (max_concurrent_calls >= 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE TABLE tokens (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    name text,
    hash text NOT NULL CONSTRAINT tokens_hash UNIQUE,
    last_four text NOT NULL,
    scopes text[] NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE TABLE agents (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    label text NOT NULL,
    name text NOT NULL,
    description text,
    initial_message text,
    language text NOT NULL,
    interrupt_sensitivity text NOT NULL,
    endpointing_sensitivity text NOT NULL,
    ivr_navigation_mode text NOT NULL,
    conversation_speed double precision NOT NULL,
    initial_message_delay double precision NOT NULL,
    ask_if_human_present_on_idle boolean NOT NULL,
    idle_time_seconds integer NOT NULL,
    llm_temperature double precision NOT NULL,
    enable_recording boolean NOT NULL,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    who_speaks_first text NOT NULL CHECK (who_speaks_first IN ('agent', 'user')),
    max_idle_check_count integer,
    max_call_duration_seconds integer NOT NULL DEFAULT 600 CHECK (max_call_duration_seconds > 0),
    say_goodbye_on_max_duration boolean,
    user_inactivity_timeout_seconds integer,
    initial_idle_time_seconds integer,
    initial_max_idle_check_count integer,
    current_status text NOT NULL DEFAULT 'draft' CHECK (current_status IN ('draft', 'published')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE INDEX agents_newest ON agents (environment_id, created_at DESC, id DESC)`,
  `CREATE TABLE campaigns (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    agent_id uuid NOT NULL REFERENCES agents,
    name text NOT NULL,
    description text,
    campaign_type text NOT NULL CHECK (campaign_type IN ('sales', 'follow_up', 'reminder', 'custom')),
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'active', 'paused', 'completed', 'cancelled')),
    pause_reason text,
    stop_confirmed boolean NOT NULL DEFAULT true,
    start_date date NOT NULL,
    end_date date CHECK (end_date > start_date),
    days_of_week integer[] NOT NULL CHECK (cardinality(days_of_week) > 0),
    call_time_ranges jsonb NOT NULL,
    timezone text NOT NULL,
    holidays text[] NOT NULL DEFAULT '{}',
    initial_call_delay integer NOT NULL DEFAULT 0 CHECK (initial_call_delay >= 0),
    max_retries integer NOT NULL DEFAULT 3 CHECK (max_retries BETWEEN 0 AND 10),
    retry_cooldown_hours integer NOT NULL DEFAULT 24 CHECK (retry_cooldown_hours BETWEEN 1 AND 168),
    success_cooldown_hours integer CHECK (success_cooldown_hours BETWEEN 1 AND 168),
    voicemail_cooldown_hours integer CHECK (voicemail_cooldown_hours BETWEEN 1 AND 168),
    no_answer_cooldown_hours integer CHECK (no_answer_cooldown_hours BETWEEN 1 AND 168),
    busy_cooldown_hours integer CHECK (busy_cooldown_hours BETWEEN 1 AND 168),
    failed_cooldown_hours integer CHECK (failed_cooldown_hours BETWEEN 1 AND 168),
    auto_complete boolean NOT NULL DEFAULT false,
    retry_on_no_conversion boolean NOT NULL DEFAULT false,
    enable_post_completion_cooldown boolean NOT NULL DEFAULT false,
    post_completion_cooldown_hours integer NOT NULL DEFAULT 168
      CHECK (post_completion_cooldown_hours BETWEEN 1 AND 168),
    do_not_call_enabled boolean NOT NULL DEFAULT false,
    do_not_call_list_source text NOT NULL DEFAULT 'environment'
      CHECK (do_not_call_list_source IN ('environment', 'global', 'custom')),
    do_not_call_custom_list text[] NOT NULL DEFAULT '{}',
    auto_add_to_dnc_enabled boolean NOT NULL DEFAULT false,
    auto_dnc_trigger_statuses text[] NOT NULL DEFAULT '{}',
    auto_dnc_trigger_errors text[] NOT NULL DEFAULT '{}',
    max_concurrent_calls integer CHECK (max_concurrent_calls > 0),
    priority integer NOT NULL DEFAULT 0,
    caller_ids text[] NOT NULL DEFAULT '{}',
    rules_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE INDEX campaigns_newest ON campaigns (environment_id, created_at DESC, id DESC)`,
  `CREATE TABLE calls (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    agent_id uuid NOT NULL REFERENCES agents,
    to_number text NOT NULL,
    from_number text,
    payload jsonb NOT NULL DEFAULT '{}',
    context jsonb NOT NULL DEFAULT '{}',
    is_testing boolean NOT NULL DEFAULT false,
    allow_duplicates boolean NOT NULL DEFAULT false,
    status text NOT NULL CHECK (status IN ('waiting', 'initiated', 'ringing', 'answered', 'completed', 'voicemail',
      'no-answer', 'busy', 'failed', 'blocked', 'cancelled', 'expired', 'outcome_unknown')),
    outcome text,
    reason text,
    evidence jsonb,
    priority integer NOT NULL DEFAULT 0,
    ready_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_attempt_at timestamptz,
    not_before timestamptz,
    expires_at timestamptz,
    cancel_requested_at timestamptz,
    attempt_count integer NOT NULL DEFAULT 0,
    attempts_spent integer NOT NULL DEFAULT 0,
    give_backs integer NOT NULL DEFAULT 0,
    offers integer NOT NULL DEFAULT 0,
    offered_at timestamptz,
    duration_seconds integer NOT NULL DEFAULT 0,
    converted boolean NOT NULL DEFAULT false,
    missing_placeholders text[] NOT NULL DEFAULT '{}',
    event_sequence integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    CONSTRAINT calls_final_has_finishing_time CHECK (
      (status IN ('completed', 'voicemail', 'no-answer', 'busy', 'failed', 'blocked', 'cancelled', 'expired'))
      = (finished_at IS NOT NULL)),
    CONSTRAINT calls_waiting_is_expected_some_day CHECK (status <> 'waiting' OR next_attempt_at IS NOT NULL)
  ) WITH (fillfactor = 90)`,
  // The duplicate rule, without a prior read: one live call of a campaign to a number.
  `CREATE UNIQUE INDEX calls_one_live_per_number ON calls (campaign_id, to_number)
    WHERE NOT allow_duplicates AND status IN ('waiting', 'initiated', 'ringing', 'answered', 'outcome_unknown')`,
  // The same for those made beside a live call: a plain insert asks here whether one lives.
  `CREATE INDEX calls_live_by_number ON calls (environment_id, to_number)
    WHERE status IN ('waiting', 'initiated', 'ringing', 'answered', 'outcome_unknown')`,
  // What the feeder walks. Status changes only at the claim and at the end, so it churns twice a call.
  `CREATE INDEX calls_due ON calls (campaign_id, priority DESC, ready_at, id) WHERE status = 'waiting'`,
  `CREATE INDEX calls_newest ON calls (environment_id, created_at DESC, id DESC)`,
  `CREATE INDEX calls_of_campaign ON calls (campaign_id, created_at DESC, id DESC)`,
  `CREATE TABLE attempts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    call_id uuid NOT NULL REFERENCES calls,
    environment_id uuid NOT NULL REFERENCES environments,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    to_number text NOT NULL,
    from_number text,
    number integer NOT NULL CHECK (number > 0),
    status text NOT NULL CHECK (status IN ('claimed', 'sending', 'placed', 'ended', 'released', 'unknown')),
    outcome text,
    reason text,
    evidence jsonb NOT NULL,
    rules_version integer NOT NULL,
    claimed_at timestamptz NOT NULL,
    start_at timestamptz NOT NULL,
    open_until timestamptz NOT NULL,
    sending_at timestamptz,
    placed_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    duration_seconds integer NOT NULL DEFAULT 0,
    provider_call_id text,
    sip_code integer,
    q850 integer,
    check_at timestamptz,
    checks integer NOT NULL DEFAULT 0,
    holds_slot boolean NOT NULL DEFAULT true,
    slot_until timestamptz,
    CONSTRAINT attempts_numbered UNIQUE (call_id, number),
    CONSTRAINT attempts_ended_has_outcome_and_time CHECK (
      (status = 'ended') = (outcome IS NOT NULL AND ended_at IS NOT NULL)),
    CONSTRAINT attempts_sent_has_time CHECK (status NOT IN ('sending', 'placed', 'unknown') OR sending_at IS NOT NULL)
  )`,
  // Nobody is in two calls of one environment at once, whatever campaigns and workers do.
  `CREATE UNIQUE INDEX attempts_one_open_per_number ON attempts (environment_id, to_number)
    WHERE status IN ('claimed', 'sending', 'placed')`,
  // What the reconciler walks.
  `CREATE INDEX attempts_to_check ON attempts (check_at) WHERE status IN ('claimed', 'sending', 'placed', 'unknown')`,
  `CREATE INDEX attempts_holding_slots ON attempts (campaign_id) WHERE holds_slot`,
  `CREATE TABLE provider_events (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    provider text NOT NULL,
    event_key text NOT NULL,
    attempt_id uuid NOT NULL,
    event jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    applied_at timestamptz,
    CONSTRAINT provider_events_once UNIQUE (provider, event_key)
  )`,
  `CREATE INDEX provider_events_of_attempt ON provider_events (attempt_id)`,
  `CREATE INDEX provider_events_unapplied ON provider_events (received_at) WHERE applied_at IS NULL`,
  `CREATE TABLE do_not_call_entries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid REFERENCES environments,
    campaign_id uuid REFERENCES campaigns,
    kind text NOT NULL CHECK (kind IN ('opt_out', 'list')),
    to_number text NOT NULL,
    reason text,
    source text,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT do_not_call_once UNIQUE NULLS NOT DISTINCT (to_number, environment_id, campaign_id, kind),
    CONSTRAINT do_not_call_campaign_in_environment CHECK (campaign_id IS NULL OR environment_id IS NOT NULL)
  )`,
  // What was answered to a request under a client's key, in the transaction of that request.
  `CREATE TABLE idempotency_keys (
    environment_id uuid NOT NULL REFERENCES environments,
    route text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    body json, -- not jsonb, which would put the answer's keys into another order
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (environment_id, route, key)
  )`,
  `CREATE INDEX idempotency_keys_oldest ON idempotency_keys (created_at)`,
  `CREATE TABLE audit_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    environment_id uuid REFERENCES environments,
    actor text NOT NULL,
    action text NOT NULL,
    subject_id uuid,
    detail jsonb NOT NULL
  )`,
  // How many attempts are open in each scope (campaign:<id>, environment:<id>). Moved in the transaction that opens
  // or closes the attempt, so a killed worker leaks nothing; the row's lock makes the limit exact.
  `CREATE TABLE slots (
    scope text PRIMARY KEY,
    in_use integer NOT NULL DEFAULT 0 CHECK (in_use >= 0)
  )`,
  // The next free start of each trunk: pacing reserves from here, at most a second ahead.
  `CREATE TABLE trunks (
    name text PRIMARY KEY,
    next_start_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  // Who leads, judged by the database clock.
  `CREATE TABLE leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  `CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    campaign_id uuid REFERENCES campaigns,
    agent_id uuid REFERENCES agents,
    name text NOT NULL,
    webhook_url text NOT NULL,
    events text[] NOT NULL,
    sealed_secret text,
    timeout_seconds integer NOT NULL DEFAULT 30 CHECK (timeout_seconds BETWEEN 5 AND 120),
    max_retries integer NOT NULL DEFAULT 3 CHECK (max_retries BETWEEN 0 AND 10),
    enabled boolean NOT NULL DEFAULT true,
    http_method text NOT NULL DEFAULT 'POST' CHECK (http_method IN ('POST', 'PUT', 'PATCH')),
    include_call_events boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT webhook_endpoints_of_one CHECK ((campaign_id IS NULL) <> (agent_id IS NULL))
  )`,
  `CREATE INDEX webhook_endpoints_of_campaign ON webhook_endpoints (campaign_id)`,
  `CREATE INDEX webhook_endpoints_of_agent ON webhook_endpoints (agent_id)`,
  `CREATE TABLE webhook_events (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    call_id uuid REFERENCES calls,
    type text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    environment_id uuid NOT NULL REFERENCES environments,
    event_id uuid NOT NULL REFERENCES webhook_events,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'retrying', 'success', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz DEFAULT clock_timestamp(),
    http_status integer,
    error text,
    duration_ms integer,
    delivered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT webhook_deliveries_once UNIQUE (event_id, endpoint_id),
    CONSTRAINT webhook_deliveries_owed_is_due CHECK ((status IN ('pending', 'retrying')) = (next_attempt_at IS NOT NULL))
  )`,
  `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL`,
];
