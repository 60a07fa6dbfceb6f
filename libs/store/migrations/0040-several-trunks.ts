import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls go over several trunks: which one an attempt took, which ones a campaign may use, and which of them fail. */
export class SeveralTrunks1764004000000 implements MigrationInterface {
  name = 'SeveralTrunks1764004000000';
  /** One table at a time: held together, a process and it wait for each other. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

const UP = [
  `ALTER TABLE attempts ADD COLUMN IF NOT EXISTS trunk text`,
  `ALTER TABLE campaigns ADD COLUMN IF NOT EXISTS trunks text[] CHECK (cardinality(trunks) > 0)`,
  // As in TrunkHealth.
  `ALTER TABLE trunks
    ADD COLUMN IF NOT EXISTS failed_requests integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS failed_calls integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS failure_sent_at timestamptz,
    ADD COLUMN IF NOT EXISTS rests integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS rests_until timestamptz`,
];

const DOWN = [
  `ALTER TABLE trunks DROP COLUMN failed_requests, DROP COLUMN failed_calls, DROP COLUMN failure_sent_at,
    DROP COLUMN rests, DROP COLUMN rests_until`,
  `ALTER TABLE campaigns DROP COLUMN trunks`,
  `ALTER TABLE attempts DROP COLUMN trunk`,
];
