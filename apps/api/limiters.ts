import { Inject, Injectable } from '@nestjs/common';
import type { Cluster, Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  RLWrapperTimeouts,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import { Settings } from '#environment/settings.js';
import { REDIS } from '#jobs/jobs.module.js';
import { RateCounts } from '#store/rate-counts.js';

/** A store that has not counted by then is away: the request is not kept waiting for it. */
const COUNT_DEADLINE_MS = 150;

export interface LimiterOptions {
  /** Part of the keys: counts of one name are one count for all api processes. */
  name: string;
  points: number;
  windowSeconds: number;
}

/**
 * Counters for all api processes together: in Redis, and where there is none in PostgreSQL. While the store is away, or
 * does not answer, each process counts for itself: never a refusal, and never a wait, for want of a counter.
 */
@Injectable()
export class Limiters {
  constructor(
    @Inject(REDIS) private readonly redis: Redis | Cluster | null,
    private readonly counts: RateCounts,
    private readonly settings: Settings,
  ) {}

  make({ name, points, windowSeconds }: LimiterOptions): RateLimiterAbstract {
    const options = { points, duration: windowSeconds, keyPrefix: `${this.settings.QUEUE_PREFIX}:${name}` };
    const limiter =
      this.redis === null
        ? new RateLimiterPostgres({
            ...options,
            storeClient: this.counts.pool(),
            tableName: this.counts.table,
            tableCreated: true,
            clearExpiredByTimeout: false,
          })
        : new RateLimiterRedis({ ...options, storeClient: this.redis, useRedisPackage: false });
    return new RLWrapperTimeouts({
      limiter,
      timeoutMs: COUNT_DEADLINE_MS,
      insuranceLimiter: new RateLimiterMemory(options),
    });
  }
}
