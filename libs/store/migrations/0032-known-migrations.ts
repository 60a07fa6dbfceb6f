import type { MigrationInterface, QueryRunner } from 'typeorm';

const READERS = 'ringfence_api, ringfence_dialer, ringfence_operator';

/** A process may see which migrations were applied, and does not begin on a database that lacks one of its own. */
export class KnownMigrations1764003200000 implements MigrationInterface {
  name = 'KnownMigrations1764003200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`GRANT SELECT ON migrations TO ${READERS}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`REVOKE SELECT ON migrations FROM ${READERS}`);
  }
}
