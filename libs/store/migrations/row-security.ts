import type { QueryRunner } from 'typeorm';

/** The roles that processes take; made once for a whole cluster, and used by every database of it. */
export const ROLES = ['ringfence_api', 'ringfence_gate', 'ringfence_dialer', 'ringfence_operator'] as const;

/** The environment that a transaction has named; null before it has. */
export const NAMED_ENVIRONMENT = `(SELECT nullif(current_setting('ringfence.environment_id', true), '')::uuid)`;

/** The hash of the token that a transaction at the gate was shown; null elsewhere. */
export const SHOWN_TOKEN = `(SELECT current_setting('ringfence.token_hash', true))`;

export interface Protection {
  /** Which rows an environment has; by default those with its `environment_id`. */
  own?: string;
  /** Rows that it may read besides, and never write. */
  readable?: string;
  /** What each role may do. An operator may do everything. */
  api?: string;
  gate?: string;
  /** The rows that are the gate's; by default all. */
  atGate?: string;
  dialer?: string;
}

/**
 * Puts a table behind row-level security, its owner included. From then on a migration whose user is no superuser sees
 * no rows of it either: one that moves rows does so between NO FORCE and FORCE ROW LEVEL SECURITY. The api's role reads
 * and writes the rows of the environment that its transaction has named, whatever its queries say; the dialer's and the
 * operator's all rows, by the verbs given.
 */
export async function protect(
  runner: QueryRunner,
  table: string,
  { own = `environment_id = ${NAMED_ENVIRONMENT}`, readable, api, gate, atGate = 'true', dialer }: Protection,
): Promise<void> {
  const run = (statement: string) => runner.query(statement);
  await run(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`);
  await run(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
  if (api !== undefined) {
    await run(`GRANT ${api} ON ${table} TO ringfence_api`);
    await run(`CREATE POLICY ${table}_api ON ${table} TO ringfence_api USING (${own}) WITH CHECK (${own})`);
  }
  if (readable !== undefined) {
    await run(`CREATE POLICY ${table}_readable ON ${table} FOR SELECT TO ringfence_api USING (${readable})`);
  }
  for (const [role, verbs] of Object.entries({ gate, dialer, operator: 'SELECT, INSERT, UPDATE, DELETE' })) {
    if (verbs === undefined) continue;
    const rows = role === 'gate' ? atGate : 'true';
    await run(`GRANT ${verbs} ON ${table} TO ringfence_${role}`);
    await run(
      `CREATE POLICY ${table}_${role} ON ${table} TO ringfence_${role} USING (${rows}) WITH CHECK (${rows})`,
    );
  }
}

/** Undoes what `protect` did to a table. The roles stay: other databases of the cluster may use them. */
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
