import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether an attempt's end is known only of a call like its own: the phone may yet be answered. */
export class SurmisedEnds1764003000000 implements MigrationInterface {
  name = 'SurmisedEnds1764003000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE attempts ADD COLUMN end_surmised boolean NOT NULL DEFAULT false`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE attempts DROP COLUMN end_surmised`);
  }
}
