import type { QueryRunner } from 'typeorm';

/** The roles that processes take; made once for a whole cluster, and used by every database of it. */
export const ROLES = [
  'ringfence_api',
  'ringfence_gate',
  'ringfence_dialer',
  'ringfence_operator',
  'ringfence_metrics',
  'ringfence_console',
] as const;

/** The environment that a transaction has named; null before it has. */
export const NAMED_ENVIRONMENT = `(SELECT nullif(current_setting('ringfence.environment_id', true), '')::uuid)`;

/** The hash of the token that a transaction at the gate was shown; null elsewhere. */
export const SHOWN_TOKEN = `(SELECT current_setting('ringfence.token_hash', true))`;

export interface Protection {
  /** Which rows an environment has; by default those with its `environment_id`. */
  own?: string;
  /** Verbs of each role, as GRANT takes them: `SELECT, UPDATE (status)`. For the api, on an environment's own rows. */
  api?: string;
  dialer?: string;
  operator?: string;
}

/**
 * Puts a table behind row-level security, its owner included; whoever is not named sees nothing. The api can neither
 * read nor leave behind a row that is not its environment's own, nor one whose foreign keys lead to another
 * environment's row: the dialer would follow them. From then on a migration whose user is no superuser sees no rows of
 * the table either: one that moves rows does so between NO FORCE and FORCE ROW LEVEL SECURITY.
 */
export async function protect(
  runner: QueryRunner,
  table: string,
  { own = OWN, api, dialer, operator = 'SELECT, INSERT, UPDATE, DELETE' }: Protection,
): Promise<void> {
  await runner.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`);
  if (api !== undefined) {
    const written = [own, ...(await referencesStayInside(runner, table))].join(' AND ');
    await allow(runner, table, 'ringfence_api', api, own, written);
  }
  if (dialer !== undefined) await allow(runner, table, 'ringfence_dialer', dialer);
  await allow(runner, table, 'ringfence_operator', operator);
}

/**
 * Grants a role verbs on some rows of a table, and on no others.
 * @param rows a condition; by default all rows. Members of a role have its policies too, but are not it: a connection
 *   that has taken no role sees nothing.
 * @param written what a row must be once it is written, if more than that
 */
export async function allow(
  runner: QueryRunner,
  table: string,
  role: (typeof ROLES)[number],
  verbs: string,
  rows = allRowsOf(role),
  written = rows,
): Promise<void> {
  await runner.query(`GRANT ${verbs} ON ${table} TO ${role}`);
  await runner.query(`CREATE POLICY ${role} ON ${table} TO ${role} USING (${rows}) WITH CHECK (${written})`);
}

/**
 * A condition: whoever asks is the role, and has all rows. `current_user = …` alone, which a policy asks of each row, the planner
 * takes to be true of one row in two hundred; that something is not null, of nearly all.
 */
export function allRowsOf(role: string): string {
  return `nullif(current_user = '${role}', false) IS NOT NULL`;
}

const OWN = `environment_id = ${NAMED_ENVIRONMENT}`;

/** A condition for each key to a row that has an environment: under the api's own policies, others are not there. */
async function referencesStayInside(runner: QueryRunner, table: string): Promise<string[]> {
  const keys = await runner.manager.query<{ column: string; parent: string; key: string }[]>(
    `SELECT quote_ident(own.attname) AS "column", fk.confrelid::regclass::text AS parent, quote_ident(other.attname) AS key
     FROM pg_constraint AS fk
       JOIN pg_attribute AS own ON own.attrelid = fk.conrelid AND own.attnum = fk.conkey[1]
       JOIN pg_attribute AS other ON other.attrelid = fk.confrelid AND other.attnum = fk.confkey[1]
     WHERE fk.contype = 'f' AND fk.conrelid = $1::regclass AND fk.confrelid <> fk.conrelid
       AND cardinality(fk.conkey) = 1 AND EXISTS (
         SELECT FROM pg_attribute WHERE attrelid = fk.confrelid AND attname = 'environment_id' AND NOT attisdropped)
     ORDER BY own.attnum`,
    [table],
  );
  return keys.map(
    ({ column, parent, key }) =>
      `(${column} IS NULL OR EXISTS (SELECT FROM ${parent} AS parent WHERE parent.${key} = ${table}.${column}))`,
  );
}

/** Undoes what `protect` and `allow` did to a table. The roles stay: other databases of the cluster may use them. */
export async function unprotect(runner: QueryRunner, table: string): Promise<void> {
  const policies = await runner.manager.query<{ name: string }[]>(
    `SELECT polname AS name FROM pg_policy WHERE polrelid = $1::regclass`,
    [table],
  );
  for (const { name } of policies) await runner.query(`DROP POLICY ${name} ON ${table}`);
  await runner.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY`);
  await runner.query(`REVOKE ALL ON ${table} FROM ${ROLES.join(', ')}`);
}

/**
 * Sees to it that the roles are there and that the connected user can act as each. They belong to the whole cluster:
 * another database of it may have made them, or be making them now.
 * @throws Error that says what an administrator has to run, where this user may not do it
 */
export async function ensureRoles(runner: QueryRunner): Promise<void> {
  const roles: readonly string[] = ROLES;
  for (const role of roles) await runner.query(ENSURE_ROLE.replaceAll('$role', role));
  const [{ user, known, closed }] = await runner.manager.query<
    [{ user: string; known: string[] | null; closed: string[] | null }]
  >(
    `SELECT current_user AS user, array_agg(rolname::text) AS known,
            array_agg(rolname::text) FILTER (WHERE NOT ${CAN_ACT_AS}) AS closed
     FROM pg_roles WHERE rolname = ANY ($1)`,
    [roles],
  );
  const missing = roles.filter((role) => !known?.includes(role));
  if (missing.length === 0 && closed === null) {
    await runner.query(`DO $$ BEGIN
      EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${roles.join(', ')}', current_schema());
    END $$`);
    return;
  }
  const statements = [
    ...missing.map((role) => `CREATE ROLE ${role} NOLOGIN;`),
    `GRANT ${roles.join(', ')} TO "${user}";`,
  ];
  throw new Error(
    `The database user ${user} may not make the roles of Ringfence, or not act as them. Let an administrator run
  ${statements.join('\n  ')}
and migrate again.`,
  );
}

/** PostgreSQL 16 tells the right to act as a role from being its member. Of a row of pg_roles. */
const CAN_ACT_AS = `pg_has_role(current_user, pg_roles.oid,
  CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)`;

/**
 * A user who is not allowed to goes on here, and is told by the caller. Where it can be said, the connecting user does
 * not inherit: before it acts as a role it has that role's rows in no query.
 */
const ENSURE_ROLE = `DO $do$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '$role') THEN
    BEGIN
      CREATE ROLE $role NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
    END;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = '$role' AND NOT ${CAN_ACT_AS}) THEN
    BEGIN
      IF current_setting('server_version_num')::integer >= 160000 THEN
        EXECUTE 'GRANT $role TO CURRENT_USER WITH INHERIT FALSE, SET TRUE';
      ELSE
        GRANT $role TO CURRENT_USER;
      END IF;
    EXCEPTION WHEN unique_violation OR insufficient_privilege THEN NULL;
    END;
  END IF;
END
$do$`;
