import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect, unprotect } from './row-security.js';

/** Files of contacts on their way into a campaign, and what was wrong with their rows. */
export class ContactImports1764001800000 implements MigrationInterface {
  name = 'ContactImports1764001800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
    await protect(runner, 'contact_imports', { api: 'SELECT, INSERT, UPDATE', dialer: 'SELECT, UPDATE' });
    const own = `import_id IN (SELECT id FROM contact_imports)`;
    await protect(runner, 'contact_import_batches', {
      own,
      api: 'SELECT, INSERT, DELETE',
      dialer: 'SELECT, DELETE',
    });
    await protect(runner, 'contact_import_errors', {
      own,
      api: 'SELECT, INSERT',
      dialer: 'SELECT, INSERT, DELETE',
    });
    // Whoever carries an import on makes its calls, and holds their agent in being meanwhile.
    await runner.query(`GRANT INSERT ON calls TO ringfence_dialer`);
    await runner.query(`GRANT UPDATE (updated_at) ON agents TO ringfence_dialer`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`REVOKE UPDATE (updated_at) ON agents FROM ringfence_dialer`);
    await runner.query(`REVOKE INSERT ON calls FROM ringfence_dialer`);
    for (const table of TABLES) await unprotect(runner, table);
    await runner.query(`DROP TABLE ${TABLES.join(', ')}`);
  }
}

const TABLES = ['contact_import_errors', 'contact_import_batches', 'contact_imports'];

const STATEMENTS = [
  `CREATE TABLE contact_imports (
    id uuid PRIMARY KEY DEFAULT time_ordered_uuid(clock_timestamp()),
    environment_id uuid NOT NULL REFERENCES environments,
    campaign_id uuid NOT NULL REFERENCES campaigns,
    actor text NOT NULL,
    filename text,
    -- The client's, and what tells the file and its query from another one under the same key.
    idempotency_key text,
    fingerprint text,
    status text NOT NULL DEFAULT 'uploading'
      CHECK (status IN ('uploading', 'processing', 'processed', 'failed', 'cancelled', 'undoing', 'undone')),
    failure text,
    rows_read bigint NOT NULL DEFAULT 0,
    batches integer NOT NULL DEFAULT 0,
    batches_taken integer NOT NULL DEFAULT 0,
    accepted bigint NOT NULL DEFAULT 0,
    blocked bigint NOT NULL DEFAULT 0,
    duplicates bigint NOT NULL DEFAULT 0,
    rejected bigint NOT NULL DEFAULT 0,
    -- The last row whose call was looked at, while it is undone.
    undone_through bigint NOT NULL DEFAULT 0,
    withdrawn bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    completed_at timestamptz,
    CONSTRAINT contact_imports_end CHECK ((status IN ('uploading', 'processing', 'undoing')) = (completed_at IS NULL)),
    CONSTRAINT contact_imports_say_why CHECK ((status = 'failed') = (failure IS NOT NULL))
  )`,
  `CREATE INDEX contact_imports_newest ON contact_imports (campaign_id, id)`,
  `CREATE INDEX contact_imports_open ON contact_imports (status) WHERE completed_at IS NULL`,
  `CREATE UNIQUE INDEX contact_imports_one_per_key ON contact_imports (campaign_id, idempotency_key)
     WHERE idempotency_key IS NOT NULL AND status <> 'failed'`,
  // The ids of an import's calls begin as its own does: no two imports may begin alike.
  `CREATE UNIQUE INDEX contact_imports_call_ids ON contact_imports (left(id::text, 24))`,
  // Rows between being read and becoming calls, some thousands in one: what was a batch is deleted as one.
  `CREATE TABLE contact_import_batches (
    import_id uuid NOT NULL REFERENCES contact_imports ON DELETE CASCADE,
    batch integer NOT NULL,
    rows integer[] NOT NULL,
    numbers text[] NOT NULL,
    timezones text[],
    payloads text[],
    contexts text[],
    testing boolean[],
    duplicable boolean[],
    not_befores timestamptz[],
    expiries timestamptz[],
    priorities integer[],
    PRIMARY KEY (import_id, batch)
  )`,
  // Read once and thrown away: to pack it would take longer than to write it.
  `ALTER TABLE contact_import_batches ALTER COLUMN payloads SET STORAGE EXTERNAL, ALTER COLUMN contexts SET STORAGE EXTERNAL,
     ALTER COLUMN numbers SET STORAGE EXTERNAL, ALTER COLUMN rows SET STORAGE EXTERNAL`,
  `CREATE TABLE contact_import_errors (
    id bigint GENERATED ALWAYS AS IDENTITY,
    import_id uuid NOT NULL REFERENCES contact_imports ON DELETE CASCADE,
    errors jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (import_id, id)
  )`,
  `CREATE INDEX contact_import_errors_by_age ON contact_import_errors (created_at)`,
];
