import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where an agent runs, for carriers that connect answered calls to it. */
export class AgentPlaces1764002600000 implements MigrationInterface {
  name = 'AgentPlaces1764002600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE agents ADD COLUMN connect_to text CHECK (length(connect_to) BETWEEN 1 AND 500)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE agents DROP COLUMN connect_to`);
  }
}
