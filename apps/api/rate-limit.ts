import { Injectable } from '@nestjs/common';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { Limiters } from './limiters.js';

const WINDOW_SECONDS = 60;

/** The limiter counts; the limit itself belongs to the environment, and is compared here: a change holds at once. */
const UNLIMITED_POINTS = Number.MAX_SAFE_INTEGER;

export interface RateLimitState {
  limit: number;
  remaining: number;
  /** When the window ends, in epoch seconds. */
  resetsAtSeconds: number;
  /** Null: within the limit. */
  retryAfterSeconds: number | null;
}

/** Requests per minute and token. Those that are refused do not count: a limit that is raised helps at once. */
@Injectable()
export class RateLimit {
  private readonly limiter: RateLimiterAbstract;

  constructor(limiters: Limiters) {
    this.limiter = limiters.make({ name: 'rate', points: UNLIMITED_POINTS, windowSeconds: WINDOW_SECONDS });
  }

  async count(rateKey: string, limitPerMinute: number): Promise<RateLimitState> {
    const { consumedPoints, msBeforeNext } = await this.limiter.consume(rateKey, 1);
    const isRefused = consumedPoints > limitPerMinute;
    if (isRefused) await this.limiter.reward(rateKey, 1);
    const waitSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    return {
      limit: limitPerMinute,
      remaining: Math.max(0, limitPerMinute - consumedPoints),
      resetsAtSeconds: Math.floor(Date.now() / 1000) + waitSeconds,
      retryAfterSeconds: isRefused ? waitSeconds : null,
    };
  }
}
