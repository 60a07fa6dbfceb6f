import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the calls that somebody waits for among a campaign's million. */
export class UrgentCalls1764002900000 implements MigrationInterface {
  name = 'UrgentCalls1764002900000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX calls_urgent ON calls (campaign_id, priority DESC, ready_at, id)
       WHERE status = 'waiting' AND (is_direct OR is_testing)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX calls_urgent`);
  }
}
