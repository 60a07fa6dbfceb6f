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
  const url = await freshSchema();
  const source = await database(url, COMMAND_LIMITS).initialize();
  await migrate(source);
  await source.destroy();
  return url;
}

/** The same, empty. It may belong to another user than the one who connects. */
export async function freshSchema(owner = 'CURRENT_USER'): Promise<string> {
  const schema = aName();
  const url = new URL(inject('databaseUrl'));
  const plain = await new DataSource({ type: 'postgres', url: url.href }).initialize();
  await plain.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${owner}`);
  await plain.destroy();
  url.searchParams.set('options', `-csearch_path=${schema}`);
  return url.href;
}

/** A name for something on the server that this run makes, and nobody else. */
export function aName(): string {
  return `rf_${inject('runId')}_${randomBytes(4).toString('hex')}`;
}
