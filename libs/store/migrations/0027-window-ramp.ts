import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How long a campaign's starts take to rise to its rate after its hours have opened. */
export class WindowRamp1764002700000 implements MigrationInterface {
  name = 'WindowRamp1764002700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE campaigns ADD COLUMN ramp_seconds integer CHECK (ramp_seconds BETWEEN 0 AND 3600)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE campaigns DROP COLUMN ramp_seconds`);
  }
}
