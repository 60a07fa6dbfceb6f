import { Injectable } from '@nestjs/common';
import type { RateLimiterAbstract } from 'rate-limiter-flexible';
import { TogetherByKey } from '#store/together-by-key.js';
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

interface Counted {
  rateKey: string;
  limitPerMinute: number;
}

/** Requests per minute and token. Those that are refused do not count: a limit that is raised helps at once. */
@Injectable()
export class RateLimit {
  private readonly limiter: RateLimiterAbstract;
  private readonly counting = new TogetherByKey<Counted, RateLimitState>(
    (requests) => this.countAll(requests),
    { most: 1_000, goes: 1 },
  );

  constructor(limiters: Limiters) {
    this.limiter = limiters.make({ name: 'rate', points: UNLIMITED_POINTS, windowSeconds: WINDOW_SECONDS });
  }

  /** Requests that come together are counted together, each as the one that it is among them. */
  async count(rateKey: string, limitPerMinute: number): Promise<RateLimitState> {
    return this.counting.do(rateKey, { rateKey, limitPerMinute });
  }

  private async countAll(requests: Counted[]): Promise<RateLimitState[]> {
    const [first] = requests;
    if (first === undefined) return [];
    const { consumedPoints, msBeforeNext } = await this.limiter.consume(first.rateKey, requests.length);
    const before = consumedPoints - requests.length;
    const waitSeconds = Math.max(1, Math.ceil(msBeforeNext / 1000));
    const resetsAtSeconds = Math.floor(Date.now() / 1000) + waitSeconds;
    const states = requests.map(({ limitPerMinute: limit }, place) => {
      const nth = before + place + 1;
      return {
        limit,
        remaining: Math.max(0, limit - nth),
        resetsAtSeconds,
        retryAfterSeconds: nth > limit ? waitSeconds : null,
      };
    });
    const refused = states.filter(({ retryAfterSeconds }) => retryAfterSeconds !== null).length;
    if (refused > 0) await this.limiter.reward(first.rateKey, refused);
    return states;
  }
}
