import type { MigrationInterface, QueryRunner } from 'typeorm';
import { indexLargeTable } from './large-table-index.js';

/** Finds the calls that somebody waits for among a campaign's million. */
export class UrgentCalls1764002900000 implements MigrationInterface {
  name = 'UrgentCalls1764002900000';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await indexLargeTable(
      runner,
      'calls',
      'calls_urgent',
      `(campaign_id, priority DESC, ready_at, id) WHERE status = 'waiting' AND (is_direct OR is_testing)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX calls_urgent`);
  }
}
