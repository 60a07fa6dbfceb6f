import type { MigrationInterface, QueryRunner } from 'typeorm';
import { indexLargeTable } from './large-table-index.js';

/** Slots of parked attempts are found by when they end, not among all that is open. */
export class ParkedSlots1764002300000 implements MigrationInterface {
  name = 'ParkedSlots1764002300000';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await indexLargeTable(
      runner,
      'attempts',
      'attempts_parked_with_slot',
      `(slot_until) WHERE holds_slot AND status = 'unknown'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX attempts_parked_with_slot`);
  }
}
