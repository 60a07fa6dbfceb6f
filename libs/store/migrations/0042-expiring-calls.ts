import type { MigrationInterface, QueryRunner } from 'typeorm';
import { indexLargeTable } from './large-table-index.js';

/** Waiting calls that are past their own deadline are found without going through all that wait. */
export class ExpiringCalls1764004200000 implements MigrationInterface {
  name = 'ExpiringCalls1764004200000';
  /** An index that is built beside others' writes is built in no transaction. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await indexLargeTable(
      runner,
      'calls',
      'calls_expiring',
      `(expires_at) WHERE status = 'waiting' AND expires_at IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX calls_expiring`);
  }
}
