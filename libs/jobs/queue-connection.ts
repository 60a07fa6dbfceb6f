import { createPostgresBackend, setDefaultBackendFactory, type QueueOptions } from 'bullmq';
import { Cluster, Redis, type ClusterOptions } from 'ioredis';
import { NEXT_ADDRESS, type Settings } from '#environment/settings.js';
import { ending } from './ending-cluster.js';
import { shardPrefixes, type QueueKeys } from './shard-places.js';

export interface QueueAccess extends QueueKeys {
  /** REDIS_URL; undefined: the queue lives in PostgreSQL. */
  redisUrl: string | undefined;
  databaseUrl: string;
}

/** Where the processes have their queues. */
export function queueAccess(settings: Settings): QueueAccess {
  return {
    redisUrl: settings.REDIS_URL,
    isCluster: settings.REDIS_CLUSTER,
    databaseUrl: settings.DATABASE_URL,
    prefix: settings.QUEUE_PREFIX,
    shards: settings.QUEUE_SHARDS,
  };
}

/** Longest pause between attempts to reach Redis again: after an outage, dialling resumes within seconds. */
const MAX_RECONNECT_PAUSE_MS = 2_000;

/** A master that has owed an answer for so long has vanished. Longer than a worker waits for a ticket. */
const SILENT_MASTER_MS = 15_000;

/** A server that owes an answer for as long is away, though its connections stand: a machine that froze, or a way that is gone. */
const SILENT_MS = 3_000;

function reconnectPauseMs(attempt: number): number {
  return Math.min(100 * attempt, MAX_RECONNECT_PAUSE_MS);
}

/** How a process reaches its queues. A cluster is reached over connections that all queues of the process share. */
export class QueueConnection {
  /** BullMQ's options for the queues and workers of each shard. */
  readonly shards: [QueueOptions, ...QueueOptions[]];
  private readonly cluster: Cluster | null;

  constructor(access: QueueAccess) {
    const { redisUrl, isCluster } = access;
    this.cluster = redisUrl !== undefined && isCluster ? sharedCluster(redisUrl) : null;
    const [first = access.prefix, ...others] = shardPrefixes(access);
    const optionsOf = (prefix: string): QueueOptions => {
      if (redisUrl === undefined) return inPostgres(access);
      const own = { url: redisUrl, retryStrategy: reconnectPauseMs, maxRetriesPerRequest: null };
      return { connection: this.cluster ?? own, prefix, streams: { events: { maxLen: 1_000 } } };
    };
    this.shards = [optionsOf(first), ...others.map(optionsOf)];
  }

  /** Lets go of what BullMQ does not close: a connection that it was given. */
  disconnect(): void {
    this.cluster?.disconnect();
  }
}

/** BullMQ's options for queues in PostgreSQL. */
function inPostgres({ databaseUrl, prefix }: QueueAccess): QueueOptions {
  setDefaultBackendFactory(createPostgresBackend);
  const connection = {
    connectionString: withoutSearchPath(databaseUrl),
    schema: `${prefix}_queue`,
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

/** Commands for a master that is away are tried again for a second or two, and then fail: those for others go on. */
function sharedCluster(redisUrl: string): Cluster {
  const cluster = clusterAt(redisUrl, {
    redisOptions: { maxRetriesPerRequest: null, socketTimeout: SILENT_MASTER_MS },
  });
  // BullMQ reports it on each queue.
  cluster.on('error', () => undefined);
  return cluster;
}

/**
 * A client of our own, which never queues a command while Redis is away, and knows of every master of a cluster whether it
 * can be reached. Null where there is no Redis.
 */
export function redisPulse({ redisUrl, isCluster }: QueueAccess): Redis | Cluster | null {
  if (redisUrl === undefined) return null;
  const redis = isCluster ? clusterPulse(redisUrl) : singlePulse(redisUrl);
  // Being away is a state that callers ask for, not an event to crash on.
  redis.on('error', () => undefined);
  return redis;
}

function singlePulse(redisUrl: string): Redis {
  return new Redis(redisUrl, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: reconnectPauseMs,
    socketTimeout: SILENT_MS,
  });
}

function clusterPulse(redisUrl: string): Cluster {
  const cluster = clusterAt(redisUrl, {
    enableOfflineQueue: false,
    slotsRefreshInterval: MAX_RECONNECT_PAUSE_MS,
    redisOptions: { maxRetriesPerRequest: 1, socketTimeout: SILENT_MS },
  });
  // A master is connected to with the first command for it otherwise, and until then nobody knows whether it is there. One
  // that went away comes back here each time the slots are read.
  cluster.on('+node', (node: Redis) => void node.connect().catch(() => undefined));
  return cluster;
}

/** Whoever answers of the nodes at these addresses names all others, which take the same login. */
function clusterAt(redisUrl: string, options: ClusterOptions): Cluster {
  const urls = redisUrl.split(NEXT_ADDRESS).map((address) => new URL(address));
  const { username, password, protocol } = urls[0] ?? new URL(redisUrl);
  const isEncrypted = protocol === 'rediss:';
  const nodes = urls.map(({ hostname, port }) => ({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
  }));
  const cluster = new Cluster(nodes, {
    ...options,
    // Certificates name hosts, and not their addresses.
    ...(isEncrypted && { dnsLookup: (host, found) => found(null, host) }),
    redisOptions: {
      ...options.redisOptions,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(isEncrypted && { tls: {} }),
    },
  });
  return ending(cluster, reconnectPauseMs);
}
