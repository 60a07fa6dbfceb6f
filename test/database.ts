import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { inject } from 'vitest';
import { COMMAND_LIMITS, database, migrate } from '#store/database.js';

/**
 * A migrated schema of its own in the test database, so that tests disturb neither one another nor anybody else.
 * Dropped with the run.
 * @returns its URL
 */
export async function freshDatabase(): Promise<string> {
  const schema = `rf_${inject('runId')}_${randomBytes(4).toString('hex')}`;
  const url = new URL(inject('databaseUrl'));
  const plain = new DataSource({ type: 'postgres', url: url.href });
  await plain.initialize();
  await plain.query(`CREATE SCHEMA ${schema}`);
  await plain.destroy();

  url.searchParams.set('options', `-csearch_path=${schema}`);
  const source = await database(url.href, COMMAND_LIMITS).initialize();
  await migrate(source);
  await source.destroy();
  return url.href;
}
