import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { DATA_FOLDER } from '#environment/kept-secret.js';
import { databaseUrlOrExit, type QueueSettings } from '#environment/settings.js';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { ScopedDatabase } from '#store/scoped-database.js';
import { EnvironmentsStore } from '#store/environments.store.js';

/** What a command found: an object for programs, a line for people. */
export interface Result {
  data: Record<string, unknown>;
  line: string;
  /** It was found out, and is bad: the command ends with 1. */
  isBad?: boolean;
}

/** Connects, runs, prints, and ends with 0; a failure is one line on standard error, and 1. */
export async function run(
  work: (
    database: ScopedDatabase,
    connection: { source: DataSource; databaseUrl: string },
  ) => Promise<Result>,
): Promise<void> {
  const databaseUrl = databaseUrlOrExit(() => runningHouse()?.databaseUrl);
  const source = database(databaseUrl, COMMAND_LIMITS);
  try {
    await source.initialize();
    const scoped = new ScopedDatabase(source, 'ringfence_operator');
    const { data, line, isBad = false } = await work(scoped, { source, databaseUrl });
    const json = process.argv.includes('--json');
    process.stdout.write(`${json ? JSON.stringify(data) : line}\n`);
    if (isBad) process.exitCode = 1;
  } catch (error) {
    process.stderr.write(`${failureLine(error)}\n`);
    process.exitCode = 1;
  } finally {
    if (source.isInitialized) await source.destroy();
  }
}

/** Where the house that `npm start` is running in this folder has its queue; nothing where it is not running. */
export function queueOfRunningHouse(): Partial<QueueSettings> {
  const { redisUrl, isRedisCluster, queuePrefix, queueShards } = runningHouse() ?? {};
  return {
    redisUrl: redisUrl ?? undefined,
    isCluster: isRedisCluster,
    prefix: queuePrefix,
    shards: queueShards,
  };
}

interface RunningHouse {
  databaseUrl?: string;
  redisUrl?: string | null;
  isRedisCluster?: boolean;
  queuePrefix?: string;
  queueShards?: number;
}

function runningHouse(): RunningHouse | undefined {
  try {
    return JSON.parse(readFileSync(join(DATA_FOLDER, 'running.json'), 'utf8')) as RunningHouse;
  } catch {
    return undefined;
  }
}

/** @throws Error when no environment has this id or name, or several have the name */
export async function environmentIdOf(database: ScopedDatabase, idOrName: string): Promise<string> {
  const [only, ...others] = await new EnvironmentsStore(database).named(idOrName);
  if (only === undefined) throw new Error('There is no such environment.');
  if (others.length > 0) throw new Error('Several environments have this name: use the id.');
  return only.id;
}

/** PostgreSQL error codes. */
const UNDEFINED_TABLE = '42P01';

function failureLine(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: Error[] };
  if (code === 'ECONNREFUSED') return 'The database cannot be reached.';
  if (code === UNDEFINED_TABLE) return 'The database is not migrated: run npm run migrate.';
  return message || (errors?.[0]?.message ?? String(error));
}
