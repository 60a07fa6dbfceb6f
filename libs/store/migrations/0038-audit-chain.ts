import type { MigrationInterface, QueryRunner } from 'typeorm';
import { protect, unprotect } from './row-security.js';

/**
 * An audit log that nobody changes, its owner included, and whose entries are chained: each has a digest of what it says,
 * written with it, and behind the entries come seals, each over a digest and the seal before it.
 */
export class AuditChain1764003800000 implements MigrationInterface {
  name = 'AuditChain1764003800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
    // The owner sees no rows of it otherwise. What is there is sealed as it stands.
    await runner.query(`ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY`);
    await runner.query(`UPDATE audit_log SET digest = ${DIGEST('audit_log')}`);
    await runner.query(`INSERT INTO audit_unsealed SELECT id FROM audit_log`);
    await runner.query(`ALTER TABLE audit_log FORCE ROW LEVEL SECURITY`);
    for (const statement of TRIGGERS) await runner.query(statement);
    await protect(runner, 'audit_seals', { dialer: 'SELECT, INSERT', operator: 'SELECT' });
    // Who seals sees digests, and nothing of what was done.
    await runner.query(`GRANT SELECT (id, environment_id, digest) ON audit_log TO ringfence_dialer`);
    await runner.query(
      `GRANT INSERT ON audit_unsealed TO ringfence_api, ringfence_gate, ringfence_dialer, ringfence_operator`,
    );
    await runner.query(`GRANT SELECT, DELETE ON audit_unsealed TO ringfence_dialer`);
    await runner.query(`GRANT SELECT ON audit_unsealed TO ringfence_operator`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`REVOKE SELECT (id, environment_id, digest) ON audit_log FROM ringfence_dialer`);
    await unprotect(runner, 'audit_seals');
    await runner.query(`DROP TABLE audit_seals, audit_unsealed`);
    await runner.query(`DROP TRIGGER append_only ON audit_log`);
    await runner.query(`DROP TRIGGER never_emptied ON audit_log`);
    await runner.query(`DROP TRIGGER digest_entry ON audit_log`);
    await runner.query(`DROP TRIGGER await_seal ON audit_log`);
    await runner.query(`DROP FUNCTION refuse_change, digest_audit_entry, await_audit_seal`);
    await runner.query(`ALTER TABLE audit_log DROP COLUMN digest`);
  }
}

const TABLES = [
  `ALTER TABLE audit_log ADD COLUMN digest bytea`,
  // Entries that no seal covers yet. Written and deleted, and otherwise of nobody's concern: to find them among a million
  // that are sealed would take a look at each.
  `CREATE TABLE audit_unsealed (audit_id bigint PRIMARY KEY)`,
  // One chain for each environment, and one, under the id that is all zeros, for what concerns the whole house.
  `CREATE TABLE audit_seals (
     chain uuid NOT NULL,
     position bigint NOT NULL CHECK (position > 0),
     audit_id bigint NOT NULL CONSTRAINT audit_seals_once UNIQUE REFERENCES audit_log,
     hash bytea NOT NULL CHECK (octet_length(hash) = 32),
     sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
     -- Two that seal at once cannot both go on from one seal.
     PRIMARY KEY (chain, position)
   )`,
];

/** As `libs/store/audit-chain.ts` has it, which verifies by its own text and not by what stands in the database. */
const DIGEST = (entry: string) => `sha256(convert_to(jsonb_build_array(${entry}.id,
  to_char(${entry}.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ${entry}.environment_id, ${entry}.actor,
  ${entry}.action, ${entry}.subject_id, ${entry}.detail)::text, 'UTF8'))`;

const TRIGGERS = [
  `ALTER TABLE audit_log ALTER COLUMN digest SET NOT NULL`,
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
     RAISE EXCEPTION '% is appended to, and never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
   END $$`,
  ...['audit_log', 'audit_seals'].flatMap((table) => [
    `CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
    `CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  ]),
  `CREATE FUNCTION digest_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
     NEW.digest := ${DIGEST('NEW')};
     RETURN NEW;
   END $$`,
  `CREATE TRIGGER digest_entry BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION digest_audit_entry()`,
  `CREATE FUNCTION await_audit_seal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
     INSERT INTO audit_unsealed VALUES (NEW.id);
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER await_seal AFTER INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION await_audit_seal()`,
];
