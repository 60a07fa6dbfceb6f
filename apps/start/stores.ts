import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import { startEmbeddedRedis } from './embedded-redis.js';
import { removeFolder } from './postgres-place.js';
import type { Processes } from './processes.js';

export interface Stores {
  databaseUrl: string;
  /** Null: the queue lives in PostgreSQL. */
  redisUrl: string | null;
  /** For people. */
  description: string;
}

/**
 * The stores that DATABASE_URL and REDIS_URL name, else embedded ones in the given folder. A database of the user's own
 * goes with a Redis of the user's own, or none.
 */
export async function startStores(options: {
  folder: string;
  processes: Processes;
  asked: NodeJS.ProcessEnv;
  isRedisWanted: boolean;
  isThrowaway?: boolean;
}): Promise<Stores> {
  const { folder, processes, asked, isRedisWanted } = options;
  let databaseUrl = asked.DATABASE_URL || null;
  let database = 'PostgreSQL at DATABASE_URL';
  if (databaseUrl === null) {
    const { isThrowaway = false } = options;
    const postgres = await startEmbeddedPostgres({
      dataFolder: join(folder, 'postgres'),
      processes,
      isThrowaway,
    });
    databaseUrl = postgres.url;
    database = `PostgreSQL ${postgres.majorVersion} (embedded)`;
  }
  if (!isRedisWanted) return { databaseUrl, redisUrl: null, description: `${database}, the queue in it` };
  if (asked.REDIS_URL) {
    return { databaseUrl, redisUrl: asked.REDIS_URL, description: `${database}, Redis at REDIS_URL` };
  }
  const redis = asked.DATABASE_URL
    ? null
    : await startEmbeddedRedis({ dataFolder: join(folder, 'redis'), processes });
  if (redis === null) return { databaseUrl, redisUrl: null, description: `${database}, the queue in it` };
  return { databaseUrl, redisUrl: redis.url, description: `${database}, ${redis.program}` };
}

/** Forgets what embedded stores kept in this folder, and what was seeded in them. */
export async function removeStores(folder: string): Promise<void> {
  await removeFolder(join(folder, 'postgres'));
  for (const name of ['redis', 'logs', 'demo.json', 'carrier-ledger.ndjson']) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
