import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A campaign's own pace, kept beside its slots, and how much an environment weighs among others. */
export class PaceAndWeight1764001900000 implements MigrationInterface {
  name = 'PaceAndWeight1764001900000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE campaigns ADD COLUMN max_calls_per_minute integer CHECK (max_calls_per_minute BETWEEN 1 AND 60000)`,
    );
    await runner.query(`ALTER TABLE slots ADD COLUMN on_schedule_at timestamptz`);
    await runner.query(
      `ALTER TABLE environments ADD COLUMN weight double precision NOT NULL DEFAULT 1
         CHECK (weight BETWEEN 0.01 AND 100)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE environments DROP COLUMN weight`);
    await runner.query(`ALTER TABLE slots DROP COLUMN on_schedule_at`);
    await runner.query(`ALTER TABLE campaigns DROP COLUMN max_calls_per_minute`);
  }
}
