import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a token's requests are counted under: the same for all that one is rotated into. */
export class RateKeys1764001200000 implements MigrationInterface {
  name = 'RateKeys1764001200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE tokens ADD COLUMN rate_key uuid NOT NULL DEFAULT gen_random_uuid()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE tokens DROP COLUMN rate_key`);
  }
}
