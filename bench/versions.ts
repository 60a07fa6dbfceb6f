import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import pg from 'pg';

/** A server of the scenario's that cannot be asked. Its message is for whoever started the scenario. */
export class DoesNotAnswer extends Error {}

/**
 * The version of what a scenario uses: `postgres`, `redis`, or an npm package.
 * @throws DoesNotAnswer
 */
export async function versionOf(name: string): Promise<string> {
  if (name === 'postgres') return postgresVersion(process.env.DATABASE_URL);
  if (name === 'redis') return redisVersion(process.env.REDIS_URL);
  const description = readFileSync(`node_modules/${name}/package.json`, 'utf8');
  return (JSON.parse(description) as { version: string }).version;
}

async function postgresVersion(url: string | undefined): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]!.server_version;
  } catch (error) {
    throw new DoesNotAnswer(`PostgreSQL at DATABASE_URL does not answer: ${reasonOf(error)}`);
  } finally {
    await client.end();
  }
}

async function redisVersion(url: string | undefined): Promise<string> {
  const redis = new Redis(url ?? '', { lazyConnect: true, maxRetriesPerRequest: 0 });
  let reason: unknown;
  redis.on('error', (error) => (reason = error));
  try {
    await redis.connect();
    return /^redis_version:(.*)$/m.exec(await redis.info('server'))?.[1]?.trim() ?? 'unknown';
  } catch (error) {
    throw new DoesNotAnswer(`Redis at REDIS_URL does not answer: ${reasonOf(reason ?? error)}`);
  } finally {
    redis.disconnect();
  }
}

/** A refused connection to a name of several addresses has a code and no words. */
function reasonOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string };
  return message || (code ?? 'no reason given');
}
