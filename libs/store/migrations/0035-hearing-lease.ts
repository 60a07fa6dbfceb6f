import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The api tells whether a dialer leads from whether one hears the carrier: by the names of the leases. */
export class HearingLease1764003500000 implements MigrationInterface {
  name = 'HearingLease1764003500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`GRANT SELECT (name) ON leases TO ringfence_api`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`REVOKE SELECT (name) ON leases FROM ringfence_api`);
  }
}
