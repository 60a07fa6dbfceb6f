import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect, unprotect } from './row-security.js';

/** Bulk imports into the Do-Not-Call lists, and registries kept as blocks of bits. */
export class DoNotCallLists1764001300000 implements MigrationInterface {
  name = 'DoNotCallLists1764001300000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    await protect(runner, 'do_not_call_imports', {
      api: 'SELECT, INSERT, UPDATE',
      dialer: 'SELECT, UPDATE',
    });
    await protect(runner, 'do_not_call_import_batches', {
      own: `import_id IN (SELECT id FROM do_not_call_imports)`,
      api: 'SELECT, INSERT, DELETE',
      dialer: 'SELECT, DELETE',
    });
    await protect(runner, 'do_not_call_registry_environments', { api: READ, dialer: READ });
    // An environment sees the registries it is to obey, and of them what is in force.
    await protect(runner, 'do_not_call_registries', {
      own: `scope = 'global' OR id IN (SELECT registry_id FROM do_not_call_registry_environments)`,
      api: READ,
      dialer: READ,
    });
    const inForce = '(SELECT current_version_id FROM do_not_call_registries)';
    await protect(runner, 'do_not_call_registry_versions', {
      own: `id IN ${inForce}`,
      api: READ,
      dialer: 'SELECT, UPDATE, DELETE',
    });
    await protect(runner, 'do_not_call_registry_blocks', {
      own: `version_id IN ${inForce}`,
      api: READ,
      dialer: 'SELECT, DELETE',
    });
    // An addition may lengthen an entry that is there.
    await runner.query(
      `GRANT UPDATE (reason, source, expires_at, import_id) ON do_not_call_entries TO ringfence_dialer`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `REVOKE UPDATE (reason, source, expires_at, import_id) ON do_not_call_entries FROM ringfence_dialer`,
    );
    for (const table of TABLES) await unprotect(runner, table);
    await runner.query(`ALTER TABLE do_not_call_registries DROP CONSTRAINT do_not_call_registries_current`);
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
    await runner.query(`DROP INDEX do_not_call_newest, do_not_call_newest_opt_outs,
      do_not_call_of_campaign`);
    await runner.query(`ALTER TABLE do_not_call_entries DROP COLUMN import_id,
      ALTER COLUMN id SET DEFAULT gen_random_uuid()`);
    await runner.query(`DROP FUNCTION time_ordered_uuid(timestamptz)`);
  }
}

const READ = 'SELECT';

const TABLES = [
  'do_not_call_registry_blocks',
  'do_not_call_registry_versions',
  'do_not_call_registry_environments',
  'do_not_call_registries',
  'do_not_call_import_batches',
  'do_not_call_imports',
];

const STATEMENTS = [
  // RFC 9562, version 7: a long import fills the index of ids from one end, and newest first is the order of ids.
  `CREATE FUNCTION time_ordered_uuid(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
     SELECT encode(overlay(uuid_send(gen_random_uuid())
       PLACING substring(int8send(((date_part('epoch', at) * 1000)::bigint << 8) | x'70'::bigint) FROM 2)
       FROM 1 FOR 7), 'hex')::uuid
   $$`,
  // Entries of before keep their ids, which evidence and audit name; among themselves they are listed in no order.
  `ALTER TABLE do_not_call_entries ALTER COLUMN id SET DEFAULT time_ordered_uuid(clock_timestamp()),
     -- The import that added it. No foreign key: ten million rows would each look the same row up.
     ADD COLUMN import_id uuid`,
  `CREATE INDEX do_not_call_newest ON do_not_call_entries (environment_id, id)`,
  `CREATE INDEX do_not_call_newest_opt_outs ON do_not_call_entries (environment_id, id) WHERE kind = 'opt_out'`,
  `CREATE INDEX do_not_call_of_campaign ON do_not_call_entries (campaign_id, id) WHERE campaign_id IS NOT NULL`,
  `CREATE TABLE do_not_call_imports (
    id uuid PRIMARY KEY DEFAULT time_ordered_uuid(clock_timestamp()),
    environment_id uuid REFERENCES environments,
    campaign_id uuid REFERENCES campaigns,
    kind text NOT NULL CHECK (kind IN ('opt_out', 'list')),
    reason text,
    source text,
    expires_at timestamptz,
    actor text NOT NULL,
    status text NOT NULL DEFAULT 'reading'
      CHECK (status IN ('reading', 'listing', 'confirming', 'withdrawing', 'completed', 'failed')),
    failure text,
    rows_read bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    rejects jsonb NOT NULL DEFAULT '[]',
    batches integer NOT NULL DEFAULT 0,
    batches_listed integer NOT NULL DEFAULT 0,
    batches_withdrawn integer NOT NULL DEFAULT 0,
    added bigint NOT NULL DEFAULT 0,
    already_listed bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    stopped bigint NOT NULL DEFAULT 0,
    in_flight integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    completed_at timestamptz,
    CONSTRAINT do_not_call_imports_end CHECK ((status IN ('completed', 'failed')) = (completed_at IS NOT NULL)),
    CONSTRAINT do_not_call_imports_say_why CHECK ((status = 'failed') = (failure IS NOT NULL)),
    CONSTRAINT do_not_call_imports_campaign_in_environment CHECK (campaign_id IS NULL OR environment_id IS NOT NULL)
  )`,
  `CREATE INDEX do_not_call_imports_newest ON do_not_call_imports (environment_id, id)`,
  `CREATE INDEX do_not_call_imports_open ON do_not_call_imports (status) WHERE status NOT IN ('completed', 'failed')`,
  // A file's numbers between being read and being listed: ten thousand a row, so that a thousand rows are deleted at its
  // end and not ten million.
  `CREATE TABLE do_not_call_import_batches (
    import_id uuid NOT NULL REFERENCES do_not_call_imports ON DELETE CASCADE,
    batch integer NOT NULL,
    numbers text[] NOT NULL,
    reasons text[],
    sources text[],
    expiries timestamptz[],
    PRIMARY KEY (import_id, batch)
  )`,
  `CREATE TABLE do_not_call_registries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CONSTRAINT do_not_call_registries_name UNIQUE,
    scope text NOT NULL CHECK (scope IN ('environment', 'global')),
    max_age_days integer CHECK (max_age_days > 0),
    current_version_id uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE TABLE do_not_call_registry_environments (
    registry_id uuid NOT NULL REFERENCES do_not_call_registries ON DELETE CASCADE,
    environment_id uuid NOT NULL REFERENCES environments,
    PRIMARY KEY (environment_id, registry_id)
  )`,
  `CREATE TABLE do_not_call_registry_versions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- Null: the registry was dropped, and this is to be forgotten.
    registry_id uuid REFERENCES do_not_call_registries ON DELETE SET NULL,
    snapshot_date date NOT NULL,
    state text NOT NULL DEFAULT 'importing' CHECK (state IN ('importing', 'current', 'dropped')),
    numbers bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    sha256 text,
    imported_at timestamptz,
    -- Moved while it is imported: one that stands still was given up.
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT do_not_call_registry_versions_known CHECK (state <> 'current' OR sha256 IS NOT NULL AND imported_at IS NOT NULL)
  )`,
  `CREATE UNIQUE INDEX do_not_call_registry_versions_one_current ON do_not_call_registry_versions (registry_id)
     WHERE state = 'current'`,
  `ALTER TABLE do_not_call_registries ADD CONSTRAINT do_not_call_registries_current
     FOREIGN KEY (current_version_id) REFERENCES do_not_call_registry_versions`,
  // Ten thousand numbers a row: the number divided by 10,000, and a bit for each remainder.
  `CREATE TABLE do_not_call_registry_blocks (
    version_id uuid NOT NULL REFERENCES do_not_call_registry_versions,
    block bigint NOT NULL,
    n integer NOT NULL CHECK (n > 0),
    bits bytea NOT NULL CHECK (octet_length(bits) = 1250),
    PRIMARY KEY (version_id, block)
  )`,
  // Neither compressed nor moved elsewhere: a bit is read where the row is.
  `ALTER TABLE do_not_call_registry_blocks ALTER COLUMN bits SET STORAGE PLAIN`,
];
