import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Slots of parked attempts are found by when they end, not among all that is open. */
export class ParkedSlots1764002300000 implements MigrationInterface {
  name = 'ParkedSlots1764002300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX attempts_parked_with_slot ON attempts (slot_until) WHERE holds_slot AND status = 'unknown'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX attempts_parked_with_slot`);
  }
}
