import { createPostgresBackend, setDefaultBackendFactory, type QueueOptions } from 'bullmq';
import { Redis } from 'ioredis';

export interface QueueAccess {
  /** REDIS_URL; undefined: the queue lives in PostgreSQL. */
  redisUrl: string | undefined;
  databaseUrl: string;
  /** QUEUE_PREFIX */
  prefix: string;
}

/** Longest pause between attempts to reach Redis again: after an outage, dialling resumes within seconds. */
const MAX_RECONNECT_PAUSE_MS = 2_000;

function reconnectPauseMs(attempt: number): number {
  return Math.min(100 * attempt, MAX_RECONNECT_PAUSE_MS);
}

/** BullMQ's options for this house's queues, on Redis or on PostgreSQL. */
export function queueOptions(access: QueueAccess): QueueOptions {
  if (access.redisUrl !== undefined) {
    return {
      connection: { url: access.redisUrl, retryStrategy: reconnectPauseMs, maxRetriesPerRequest: null },
      prefix: access.prefix,
      streams: { events: { maxLen: 1_000 } },
    };
  }
  setDefaultBackendFactory(createPostgresBackend);
  const connection = {
    connectionString: withoutSearchPath(access.databaseUrl),
    schema: `${access.prefix}_queue`,
    migrate: true,
    max: 4,
    connectionTimeoutMillis: 3_000,
  };
  // BullMQ types the option for Redis; its PostgreSQL backend reads these.
  return { connection };
}

/** BullMQ sets the search path to its own schema, and one in the URL would win over it. */
function withoutSearchPath(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.searchParams.delete('options');
  return url.href;
}

/** A client of our own, which never queues a command while Redis is away. Null where there is no Redis. */
export function redisPulse(access: QueueAccess): Redis | null {
  if (access.redisUrl === undefined) return null;
  const redis = new Redis(access.redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: reconnectPauseMs,
  });
  // Being away is a state that callers ask for, not an event to crash on.
  redis.on('error', () => undefined);
  return redis;
}
