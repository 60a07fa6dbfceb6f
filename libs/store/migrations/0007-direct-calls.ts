import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Calls outside campaigns, campaigns that are deleted and yet remembered, and conversions by hand. */
export class DirectCalls1764000700000 implements MigrationInterface {
  name = 'DirectCalls1764000700000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE calls DROP COLUMN is_direct`);
    await runner.query(`DROP INDEX campaigns_one_direct_per_agent`);
    await runner.query(`ALTER TABLE campaigns DROP COLUMN kind, DROP COLUMN deleted_at`);
  }
}

const STATEMENTS = [
  `ALTER TABLE campaigns
     ADD COLUMN kind text NOT NULL DEFAULT 'campaign' CHECK (kind IN ('campaign', 'direct')),
     ADD COLUMN deleted_at timestamptz,
     ADD CONSTRAINT campaigns_deleted_is_closed CHECK (deleted_at IS NULL OR status IN ('completed', 'cancelled'))`,
  // An agent's direct calls hang on one row, whoever makes the first of them at the same moment.
  `CREATE UNIQUE INDEX campaigns_one_direct_per_agent ON campaigns (agent_id) WHERE kind = 'direct'`,
  `ALTER TABLE calls ADD COLUMN is_direct boolean NOT NULL DEFAULT false`,
];
