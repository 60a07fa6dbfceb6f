import type { MigrationInterface, QueryRunner } from 'typeorm';
import { allow, protect, unprotect } from './row-security.js';

/**
 * Who is logged in at the admin ports, and how often somebody tried: the same for all processes of a house, and after each of
 * them has been restarted.
 */
export class AdminLogins1764003600000 implements MigrationInterface {
  name = 'AdminLogins1764003600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
    for (const table of ['admin_sessions', 'admin_tries']) {
      await protect(runner, table, { dialer: 'SELECT, DELETE' });
      await allow(runner, table, 'ringfence_gate', 'SELECT, INSERT, UPDATE, DELETE');
    }
    // What is done at the admin port concerns no environment, and the gate writes down nothing else.
    await allow(
      runner,
      'audit_log',
      'ringfence_gate',
      'INSERT',
      `environment_id IS NULL AND action LIKE 'admin.%'`,
    );
    // Where the log is chained already, by a migration that is later and came before.
    await runner.query(
      `DO $$ BEGIN
         IF to_regclass('audit_unsealed') IS NOT NULL THEN GRANT INSERT ON audit_unsealed TO ringfence_gate; END IF;
       END $$`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP POLICY ringfence_gate ON audit_log`);
    await runner.query(`REVOKE INSERT ON audit_log FROM ringfence_gate`);
    for (const table of ['admin_sessions', 'admin_tries']) await unprotect(runner, table);
    await runner.query(`DROP TABLE admin_sessions, admin_tries`);
  }
}

const TABLES = [
  `CREATE TABLE admin_sessions (
     id_hash text PRIMARY KEY,
     name text NOT NULL,
     made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     used_at timestamptz NOT NULL DEFAULT clock_timestamp()
   )`,
  // Tries at a login by somebody, or from somewhere, until the instant at which they are counted anew.
  `CREATE TABLE admin_tries (
     key text PRIMARY KEY,
     tries integer NOT NULL CHECK (tries >= 0),
     ends_at timestamptz NOT NULL,
     locked_at timestamptz
   )`,
];
