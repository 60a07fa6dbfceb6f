import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What passed the fence lately over each trunk: counted there too, and not only as starts are reserved. */
export class FencedStarts1764004100000 implements MigrationInterface {
  name = 'FencedStarts1764004100000';

  async up(runner: QueryRunner): Promise<void> {
    // Not in the row of the trunk: claims hold that one until they have committed, and no fence is to wait for a claim.
    await runner.query(
      `CREATE TABLE fenced_starts (
         trunk text PRIMARY KEY,
         passed jsonb NOT NULL DEFAULT '{"atMs": [], "starts": []}'
       ) WITH (fillfactor = 50)`,
    );
    await runner.query(`GRANT SELECT, INSERT, UPDATE ON fenced_starts TO ringfence_dialer`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE fenced_starts`);
  }
}
