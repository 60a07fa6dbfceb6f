import type { MigrationInterface, QueryRunner } from 'typeorm';
import { byItself } from './by-itself.js';
import { protect, unprotect } from './row-security.js';

/**
 * An audit log that nobody changes, its owner included, and whose entries are chained: each has a digest of what it says,
 * written with it, and behind the entries come seals, each over a digest and the seal before it.
 */
export class AuditChain1764003800000 implements MigrationInterface {
  name = 'AuditChain1764003800000';

  /** Every stop writes an entry: none may wait until all that are there have been gone through. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    const [{ isBegun }] = (await runner.query(
      `SELECT to_regclass('audit_seals') IS NOT NULL AS "isBegun"`,
    )) as [{ isBegun: boolean }];
    if (!isBegun) await byItself(runner, () => digestNewEntries(runner));
    for (let after: string | null = '0'; after !== null;) after = await digestSome(runner, after);
    await byItself(runner, async () => {
      for (const statement of APPENDED_ONLY) await runner.query(statement);
    });
    await runner.query(`ALTER TABLE audit_log VALIDATE CONSTRAINT audit_log_digested`);
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

/** From then on each entry has its digest, whichever release writes it, and waits for its seal. */
async function digestNewEntries(runner: QueryRunner): Promise<void> {
  for (const statement of [...TABLES, ...TRIGGERS]) await runner.query(statement);
  await protect(runner, 'audit_seals', { dialer: 'SELECT, INSERT', operator: 'SELECT' });
  // Who seals sees digests, and nothing of what was done.
  await runner.query(`GRANT SELECT (id, environment_id, digest) ON audit_log TO ringfence_dialer`);
  await runner.query(
    `GRANT INSERT ON audit_unsealed TO ringfence_api, ringfence_gate, ringfence_dialer, ringfence_operator`,
  );
  await runner.query(`GRANT SELECT, DELETE ON audit_unsealed TO ringfence_dialer`);
  await runner.query(`GRANT SELECT ON audit_unsealed TO ringfence_operator`);
}

const ENTRIES_AT_ONCE = 2_000;

/**
 * Entries of before are sealed as they stand.
 * @returns the last that was looked at; null: there is none after `after`
 */
async function digestSome(runner: QueryRunner, after: string): Promise<string | null> {
  let last: string | null = null;
  await byItself(runner, async () => {
    // The owner sees no rows of it otherwise.
    await runner.query(`ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY`);
    const without = (await runner.query(
      `SELECT id FROM audit_log WHERE id > $1 AND digest IS NULL ORDER BY id LIMIT ${ENTRIES_AT_ONCE}`,
      [after],
    )) as { id: string }[];
    const ids = without.map(({ id }) => id);
    if (ids.length > 0) {
      await runner.query(`UPDATE audit_log SET digest = ${DIGEST('audit_log')} WHERE id = ANY ($1)`, [ids]);
      await runner.query(`INSERT INTO audit_unsealed SELECT unnest($1::bigint[])`, [ids]);
    }
    await runner.query(`ALTER TABLE audit_log FORCE ROW LEVEL SECURITY`);
    last = ids.at(-1) ?? null;
  });
  return last;
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

const appendedOnly = (table: string) => [
  `CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON ${table}
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
  `CREATE OR REPLACE TRIGGER never_emptied BEFORE TRUNCATE ON ${table}
     FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`,
];

const TRIGGERS = [
  `CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
     RAISE EXCEPTION '% is appended to, and never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
   END $$`,
  ...appendedOnly('audit_seals'),
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

/** Once all have their digest. The constraint is validated behind it, while others write. */
const APPENDED_ONLY = [
  `ALTER TABLE audit_log DROP CONSTRAINT IF EXISTS audit_log_digested,
     ADD CONSTRAINT audit_log_digested CHECK (digest IS NOT NULL) NOT VALID`,
  ...appendedOnly('audit_log'),
];
