import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, inject } from 'vitest';
import { COMMAND_LIMITS, database, migrate, type DatabaseLimits } from '#store/database.js';

/**
 * A migrated schema of its own in the test database, so that tests disturb neither one another nor anybody else.
 * Dropped with the run.
 * @returns its URL
 */
export async function freshDatabase(schema = aName()): Promise<string> {
  const url = await freshSchema('CURRENT_USER', schema);
  const source = await database(url, COMMAND_LIMITS).initialize();
  await migrate(source);
  await source.destroy();
  return url;
}

/** The same, empty. It may belong to another user than the one who connects. */
export async function freshSchema(owner = 'CURRENT_USER', schema = aName()): Promise<string> {
  const plain = await new DataSource({ type: 'postgres', url: inject('databaseUrl') }).initialize();
  await plain.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${owner}`);
  await plain.destroy();
  return urlOf(schema);
}

/** A fresh database that two processes are connected to: there from before the first test of the file to after its last. */
export function twoConnections(
  limits: DatabaseLimits,
  limitsOfOther = limits,
): { url: string; source: DataSource; other: DataSource } {
  const schema = aName();
  const url = urlOf(schema);
  const source = database(url, limits);
  const other = database(url, limitsOfOther);
  beforeAll(async () => {
    await freshDatabase(schema);
    await source.initialize();
    await other.initialize();
  });
  afterAll(async () => {
    await source.destroy();
    await other.destroy();
  });
  return { url, source, other };
}

/**
 * Empties tables, and whatever hangs on them.
 * @param tables with commas between them
 */
export async function emptyTables(source: DataSource, tables: string): Promise<void> {
  await source.transaction(async (manager) => {
    // Without triggers: the audit log, which hangs on environments, would not have it.
    await manager.query(`SET LOCAL session_replication_role = replica`);
    await manager.query(`TRUNCATE ${tables} CASCADE`);
  });
}

/** A name for something on the server that this run makes, and nobody else. */
export function aName(): string {
  return `rf_${inject('runId')}_${randomBytes(4).toString('hex')}`;
}

function urlOf(schema: string): string {
  const url = new URL(inject('databaseUrl'));
  url.searchParams.set('options', `-csearch_path=${schema}`);
  return url.href;
}
