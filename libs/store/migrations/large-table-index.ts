import type { QueryRunner } from 'typeorm';

/**
 * Builds an index on a table that may be large without keeping anybody from writing to it. Its migration says
 * `transaction = false`, and may be run again: what an interrupted one left is unusable, and built anew.
 * @param definition what follows the table, as in `(to_number) WHERE …`
 */
export async function indexLargeTable(
  runner: QueryRunner,
  table: string,
  name: string,
  definition: string,
): Promise<void> {
  // By its size: a user who is no superuser sees no rows of it.
  const [{ isEmpty }] = await runner.manager.query<[{ isEmpty: boolean }]>(
    `SELECT pg_relation_size($1::regclass) = 0 AS "isEmpty"`,
    [table],
  );
  if (isEmpty) {
    // Nobody is kept waiting, and it waits for nobody's transaction, as the other way does for all there are.
    return void (await runner.query(`CREATE INDEX IF NOT EXISTS ${name} ON ${table} ${definition}`));
  }
  // It waits for whoever has begun before it, and nobody waits behind it.
  await runner.query(`SET lock_timeout = 0`);
  try {
    await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await runner.query(`CREATE INDEX CONCURRENTLY ${name} ON ${table} ${definition}`);
  } finally {
    await runner.query(`RESET lock_timeout`);
  }
}
