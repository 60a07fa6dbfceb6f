import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far a provider's limits have slowed a trunk, and until when it asked for a pause. */
export class TrunkPace1764002200000 implements MigrationInterface {
  name = 'TrunkPace1764002200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  // The interval to the next start depends on the share of then, so the latest start is kept, and not the next.
  `ALTER TABLE trunks RENAME COLUMN next_start_at TO last_start_at`,
  `ALTER TABLE trunks ALTER COLUMN last_start_at DROP NOT NULL, ALTER COLUMN last_start_at DROP DEFAULT`,
  `ALTER TABLE trunks
     ADD COLUMN rate_share double precision NOT NULL DEFAULT 1 CHECK (rate_share > 0 AND rate_share <= 1),
     ADD COLUMN slowed_at timestamptz,
     ADD COLUMN credited_until timestamptz,
     ADD COLUMN resumes_at timestamptz`,
];

const DOWN = [
  `ALTER TABLE trunks DROP COLUMN rate_share, DROP COLUMN slowed_at, DROP COLUMN credited_until, DROP COLUMN resumes_at`,
  `UPDATE trunks SET last_start_at = clock_timestamp() WHERE last_start_at IS NULL`,
  `ALTER TABLE trunks ALTER COLUMN last_start_at SET DEFAULT clock_timestamp(), ALTER COLUMN last_start_at SET NOT NULL`,
  `ALTER TABLE trunks RENAME COLUMN last_start_at TO next_start_at`,
];
