import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import pg from 'pg';

/** The version of what a scenario uses: `postgres`, `redis`, or an npm package. */
export async function versionOf(name: string): Promise<string> {
  if (name === 'postgres') return postgresVersion(process.env.DATABASE_URL);
  if (name === 'redis') return redisVersion(process.env.REDIS_URL);
  const description = readFileSync(`node_modules/${name}/package.json`, 'utf8');
  return (JSON.parse(description) as { version: string }).version;
}

async function postgresVersion(url: string | undefined): Promise<string> {
  if (url === undefined) return 'not asked: DATABASE_URL is not set';
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]!.server_version;
  } finally {
    await client.end();
  }
}

async function redisVersion(url: string | undefined): Promise<string> {
  if (url === undefined) return 'not asked: REDIS_URL is not set';
  const redis = new Redis(url);
  try {
    return /^redis_version:(.*)$/m.exec(await redis.info('server'))?.[1]?.trim() ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}
