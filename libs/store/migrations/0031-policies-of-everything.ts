import type { MigrationInterface, QueryRunner } from 'typeorm';
import { allRowsOf } from './row-security.js';

/** Roles whose policies give them all rows. */
const UNBOUND = ['ringfence_dialer', 'ringfence_operator'];

/**
 * Policies that give all rows say so in a way that the planner takes for all rows. The old one it took for one row of two
 * hundred: it walked whole tables, or joined them row by row, where it expected to find next to nothing.
 */
export class PoliciesOfEverything1764003100000 implements MigrationInterface {
  name = 'PoliciesOfEverything1764003100000';
  /** A policy waits for whoever uses its table, and they may wait for each other: one table at a time, and none for long. */
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await changePolicies(runner, allRowsOf);
  }

  async down(runner: QueryRunner): Promise<void> {
    await changePolicies(runner, (role) => `current_user = '${role}'`);
  }
}

async function changePolicies(runner: QueryRunner, rowsOf: (role: string) => string): Promise<void> {
  for (const role of UNBOUND) {
    const tables = await runner.manager.query<{ name: string }[]>(
      `SELECT polrelid::regclass::text AS name FROM pg_policy JOIN pg_class ON pg_class.oid = polrelid
       WHERE polname = $1 AND relnamespace = current_schema()::regnamespace`,
      [role],
    );
    for (const { name } of tables)
      await withoutWaiting(
        runner,
        `ALTER POLICY ${role} ON ${name} USING (${rowsOf(role)}) WITH CHECK (${rowsOf(role)})`,
      );
  }
}

/** Does it between what others do: whoever comes meanwhile waits behind it, and so it waits no longer than they can. */
async function withoutWaiting(runner: QueryRunner, statement: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await runner.query(`SET lock_timeout = '500ms'`);
      return void (await runner.query(statement));
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || tries === MOST_TRIES) throw error;
    } finally {
      await runner.query(`RESET lock_timeout`);
    }
  }
}

const LOCK_NOT_AVAILABLE = '55P03';

const MOST_TRIES = 60;
