import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tokens that another one has taken the place of, and counters for a house without Redis. */
export class TokenRotation1764000500000 implements MigrationInterface {
  name = 'TokenRotation1764000500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE tokens ADD COLUMN replaced_by uuid REFERENCES tokens`);
    // Those that could do everything can still do everything.
    await runner.query(
      `UPDATE tokens SET scopes = array_append(scopes, 'tokens')
       WHERE scopes @> ARRAY['calls', 'campaigns', 'agents', 'webhooks', 'do_not_call', 'environment']`,
    );
    await runner.query(`CREATE INDEX tokens_newest ON tokens (environment_id, created_at DESC, id DESC)`);
    // The shape that rate-limiter-flexible counts in; nothing is lost that a minute does not bring back.
    await runner.query(
      `CREATE UNLOGGED TABLE rate_counts (
        key varchar(255) PRIMARY KEY,
        points integer NOT NULL DEFAULT 0,
        expire bigint
      )`,
    );
    await runner.query(`CREATE INDEX rate_counts_oldest ON rate_counts (expire)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE rate_counts`);
    await runner.query(`DROP INDEX tokens_newest`);
    await runner.query(`UPDATE tokens SET scopes = array_remove(scopes, 'tokens')`);
    await runner.query(`ALTER TABLE tokens DROP COLUMN replaced_by`);
  }
}
