import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the legal guard reads beside the number, and what it holds, to be found when its settings change. */
export class LegalGuardSettings1764001000000 implements MigrationInterface {
  name = 'LegalGuardSettings1764001000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX calls_held_by_law`);
    await runner.query(`ALTER TABLE calls DROP COLUMN timezone`);
    await runner.query(`ALTER TABLE campaigns DROP COLUMN legal_guard`);
    await runner.query(`ALTER TABLE environments DROP COLUMN trust_call_timezone, DROP COLUMN legal_dates`);
  }
}

const STATEMENTS = [
  `ALTER TABLE environments
     ADD COLUMN trust_call_timezone boolean NOT NULL DEFAULT false,
     ADD COLUMN legal_dates text[] NOT NULL DEFAULT '{}'`,
  `ALTER TABLE campaigns
     ADD COLUMN legal_guard text CHECK (legal_guard IN ('off', 'warn', 'auto', 'enforce'))`,
  `ALTER TABLE calls ADD COLUMN timezone text`,
  `CREATE INDEX calls_held_by_law ON calls (environment_id, campaign_id)
     WHERE status = 'waiting' AND reason = 'outside_legal_hours'`,
];
