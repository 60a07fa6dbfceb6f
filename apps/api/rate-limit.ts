import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { Settings } from '#environment/settings.js';
import { REDIS } from '#jobs/jobs.module.js';

const WINDOW_SECONDS = 60;

/** The limiter counts; the limit itself belongs to the environment, and is compared here. */
const UNLIMITED_POINTS = Number.MAX_SAFE_INTEGER;

export interface RateLimitState {
  limit: number;
  remaining: number;
  /** When the window ends, in epoch seconds. */
  resetsAtSeconds: number;
  /** Null: within the limit. */
  retryAfterSeconds: number | null;
}

/**
 * Requests per minute and token, counted in Redis for all api processes together. While Redis is away, and where there
 * is none, each process counts for itself: never a refusal for want of a counter.
 */
@Injectable()
export class RateLimit {
  private readonly limiter: RateLimiterAbstract;

  constructor(@Inject(REDIS) redis: Redis | null, settings: Settings) {
    const options = {
      points: UNLIMITED_POINTS,
      duration: WINDOW_SECONDS,
      keyPrefix: `${settings.QUEUE_PREFIX}:rate`,
    };
    const memory = new RateLimiterMemory(options);
    this.limiter =
      redis === null
        ? memory
        : new RateLimiterRedis({
            ...options,
            storeClient: redis,
            useRedisPackage: false,
            insuranceLimiter: memory,
          });
  }

  async count(tokenId: string, limitPerMinute: number): Promise<RateLimitState> {
    const { consumedPoints, msBeforeNext } = await this.limiter.consume(tokenId, 1);
    const waitSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    return {
      limit: limitPerMinute,
      remaining: Math.max(0, limitPerMinute - consumedPoints),
      resetsAtSeconds: Math.floor(Date.now() / 1000) + waitSeconds,
      retryAfterSeconds: consumedPoints > limitPerMinute ? waitSeconds : null,
    };
  }
}
