import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { COMMAND_LIMITS, database, migrate } from '#store/database.js';

/** A place on the servers of DATABASE_URL and REDIS_URL that nobody else uses. */
export interface OwnStores {
  /** Of a migrated schema. */
  databaseUrl: string;
  /** Null: there is none, and the queue lives in PostgreSQL. */
  redisUrl: string | null;
  /** The schema's name, and what every key in Redis begins with. */
  prefix: string;
  /** As whoever DATABASE_URL names, outside the schema. */
  administrator: pg.Client;
}

/** Makes a schema for the work, and removes it afterwards, with all keys and schemas that begin with its name. */
export async function withOwnStores(work: (stores: OwnStores) => Promise<void>): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (url === undefined)
    throw new Error('Set DATABASE_URL: the scenario makes a schema there, and drops it.');
  const redisUrl = process.env.REDIS_URL || null;
  const prefix = `bench_${randomBytes(4).toString('hex')}`;
  const administrator = new pg.Client({ connectionString: url });
  await administrator.connect();
  await administrator.query(`CREATE SCHEMA ${prefix}`);
  const own = new URL(url);
  own.searchParams.set('options', `-csearch_path=${prefix}`);
  try {
    const source = await database(own.href, COMMAND_LIMITS).initialize();
    await migrate(source).finally(() => source.destroy());
    await work({ databaseUrl: own.href, redisUrl, prefix, administrator });
  } finally {
    for (const schema of [prefix, `${prefix}_queue`]) {
      await administrator.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    }
    await administrator.end();
    if (redisUrl !== null) await deleteKeys(redisUrl, prefix);
  }
}

async function deleteKeys(redisUrl: string, prefix: string): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    const found = redis.scanStream({ match: `${prefix}*`, count: 1000 }) as AsyncIterable<string[]>;
    for await (const keys of found) if (keys.length > 0) await redis.unlink(...keys);
  } finally {
    redis.disconnect();
  }
}
