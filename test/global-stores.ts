import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { removeFolder } from '../apps/start/postgres-place.js';
import { processMark } from '../apps/start/process-mark.js';
import { Processes } from '../apps/start/processes.js';
import { startStores, type Stores } from '../apps/start/stores.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real PostgreSQL. Tests make schemas of their own in it, named `rf_<runId>…`. */
    databaseUrl: string;
    /** A real Redis, for keys that begin with `rf_<runId>`. Null: the queue lives in PostgreSQL. */
    redisUrl: string | null;
    /** This run among others on the same stores: eight of 0-9 and a-f. */
    runId: string;
  }
}

const DATA_FOLDER = '.ringfence';
const PREFIX = 'test-';
const RECORD_FILE = 'processes.json';

/**
 * Stores for one run of the tests: those of DATABASE_URL and REDIS_URL, or embedded ones that are thrown away.
 * RINGFENCE_NO_REDIS=1 puts the queue into PostgreSQL.
 * @returns removes whatever this run has made
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeLeftBehind();
  const folder = join(DATA_FOLDER, `${PREFIX}${process.pid}`);
  const processes = new Processes(join(folder, RECORD_FILE));
  const isRedisWanted = process.env.RINGFENCE_NO_REDIS !== '1';
  let forgetOnServers = () => Promise.resolve();
  const tearDown = async () => {
    await forgetOnServers();
    await processes.stopAll();
    await remove(folder);
  };
  // Vitest tears down after Ctrl-C; at a SIGTERM it would just end.
  process.once('SIGTERM', () => void tearDown().finally(() => process.exit(143)));
  try {
    const asked = process.env;
    const stores = await startStores({ folder, processes, asked, isRedisWanted, isThrowaway: true });
    const runId = randomBytes(4).toString('hex');
    project.provide('databaseUrl', stores.databaseUrl);
    project.provide('redisUrl', stores.redisUrl);
    project.provide('runId', runId);
    if (asked.DATABASE_URL) forgetOnServers = () => forget(stores, `rf_${runId}`);
    return tearDown;
  } catch (error) {
    await tearDown();
    throw error;
  }
}

/** What runs that were killed have left. */
async function removeLeftBehind(): Promise<void> {
  if (!existsSync(DATA_FOLDER)) return;
  const left = readdirSync(DATA_FOLDER).filter(
    (name) => name.startsWith(PREFIX) && processMark(Number(name.slice(PREFIX.length))) === null,
  );
  for (const name of left) {
    await Processes.stopLeftBehind(join(DATA_FOLDER, name, RECORD_FILE));
    await remove(join(DATA_FOLDER, name));
  }
}

/** What this run has made on servers that stay. */
async function forget({ databaseUrl, redisUrl }: Stores, prefix: string): Promise<void> {
  await dropSchemas(databaseUrl, prefix);
  if (redisUrl !== null) await deleteKeys(redisUrl, prefix);
}

async function remove(folder: string): Promise<void> {
  // It may be a link to elsewhere.
  await removeFolder(join(folder, 'postgres'));
  await removeFolder(folder);
}

/** One by one: in a single transaction, many schemas need more locks than the server has. */
async function dropSchemas(databaseUrl: string, prefix: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      'SELECT nspname AS name FROM pg_namespace WHERE starts_with(nspname, $1)',
      [prefix],
    );
    for (const { name } of rows)
      await client.query(`DROP SCHEMA IF EXISTS ${client.escapeIdentifier(name)} CASCADE`);
  } finally {
    await client.end();
  }
}

async function deleteKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<
      string[]
    >) {
      if (keys.length > 0) await redis.unlink(...keys);
    }
  } finally {
    redis.disconnect();
  }
}
