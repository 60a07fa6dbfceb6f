import type { QueryRunner } from 'typeorm';

/** The roles that processes take; made once for a whole cluster, and used by every database of it. */
export const ROLES = ['ringfence_api', 'ringfence_gate', 'ringfence_dialer', 'ringfence_operator'] as const;

/** The environment that a transaction has named; null before it has. */
export const NAMED_ENVIRONMENT = `(SELECT nullif(current_setting('ringfence.environment_id', true), '')::uuid)`;

export interface Protection {
  /** Which rows an environment has; by default those with its `environment_id`. */
  own?: string;
  /** Rows that it may read besides, and never write. */
  readable?: string;
  /** What each role may do. An operator may do everything. */
  api?: string;
  gate?: string;
  dialer?: string;
}

/**
 * Puts a table behind row-level security, its owner included: the api's role reads and writes the rows of the
 * environment that its transaction has named, whatever its queries say; the others all rows, by the verbs given.
 */
export async function protect(
  runner: QueryRunner,
  table: string,
  { own = `environment_id = ${NAMED_ENVIRONMENT}`, readable, api, gate, dialer }: Protection,
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
    await run(`GRANT ${verbs} ON ${table} TO ringfence_${role}`);
    await run(
      `CREATE POLICY ${table}_${role} ON ${table} TO ringfence_${role} USING (true) WITH CHECK (true)`,
    );
  }
}

/**
 * Makes the roles, where the cluster does not have them yet, and lets the connecting user take them. Several migrations
 * of one cluster may do so at once.
 */
export async function makeRoles(runner: QueryRunner): Promise<void> {
  for (const role of ROLES) {
    await runner.query(`DO $$
      BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
          BEGIN
            CREATE ROLE ${role} NOLOGIN;
          EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
              RAISE EXCEPTION 'The database user % may not create roles. Let an administrator run: CREATE ROLE ${role} NOLOGIN; GRANT ${role} TO %;',
                current_user, current_user;
          END;
        END IF;
        BEGIN
          EXECUTE 'SET LOCAL ROLE ${role}';
          EXECUTE 'RESET ROLE';
        EXCEPTION WHEN insufficient_privilege THEN
          BEGIN
            EXECUTE format('GRANT ${role} TO %I', current_user);
          EXCEPTION WHEN insufficient_privilege THEN
            RAISE EXCEPTION 'The database user % may not take the role ${role}. Let an administrator run: GRANT ${role} TO %;',
              current_user, current_user;
          END;
        END;
      END $$`);
    await runner.query(`DO $$ BEGIN
      EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${role}', current_schema());
    END $$`);
  }
}
