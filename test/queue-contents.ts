import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';

/** Everything that a queue keeps, as text: in Redis under a prefix, or in the PostgreSQL schema of that name. */
export async function queueContents(
  redisUrl: string | null,
  databaseUrl: string,
  prefix: string,
): Promise<string> {
  return redisUrl === null
    ? contentsOfSchema(databaseUrl, `${prefix}_queue`)
    : contentsUnder(redisUrl, prefix);
}

async function contentsOfSchema(databaseUrl: string, schema: string): Promise<string> {
  const source = await new DataSource({ type: 'postgres', url: databaseUrl }).initialize();
  const tables = await source.query<{ name: string }[]>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1`,
    [schema],
  );
  const rows = await Promise.all(tables.map(({ name }) => source.query(`SELECT * FROM ${name}`)));
  await source.destroy();
  return JSON.stringify(rows);
}

async function contentsUnder(redisUrl: string, prefix: string): Promise<string> {
  const redis = new Redis(redisUrl);
  const dumps = [];
  for (const key of await redis.keys(`${prefix}:*`)) {
    const kind = await redis.type(key);
    if (kind === 'hash') dumps.push(await redis.hgetall(key));
    else if (kind === 'list') dumps.push(await redis.lrange(key, 0, -1));
    else if (kind === 'zset') dumps.push(await redis.zrange(key, '0', '-1'));
    else if (kind === 'set') dumps.push(await redis.smembers(key));
    else if (kind === 'stream') dumps.push(await redis.xrange(key, '-', '+'));
    else dumps.push(await redis.get(key));
  }
  redis.disconnect();
  return JSON.stringify(dumps);
}
