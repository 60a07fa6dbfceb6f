import { Injectable } from '@nestjs/common';
import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { networkOf } from '#environment/client-network.js';
import { Limiters } from './limiters.js';
import { RecentlySeen } from './recently-seen.js';

/** Wrong tokens that one address may try in a minute, at all api processes together. */
const MAX_WRONG_PER_MINUTE = 30;

const WINDOW_SECONDS = 60;

/**
 * Keeps whoever guesses tokens from asking the database on and on. Behind one address others may sit: a token that was
 * good at this process in the last minute is still asked about, and works.
 */
@Injectable()
export class WrongTokens {
  private readonly limiter: RateLimiterAbstract;
  /** Network → until when it is refused, in epoch milliseconds. */
  private readonly refusedUntil = new RecentlySeen<number>();
  /** Hash of a token → when it was last good. */
  private readonly goodAt = new RecentlySeen<number>();

  constructor(limiters: Limiters) {
    this.limiter = limiters.make({
      name: 'wrong-tokens',
      points: MAX_WRONG_PER_MINUTE,
      windowSeconds: WINDOW_SECONDS,
    });
  }

  /** How long the address has to wait before a token is looked at, in seconds; null: not at all. */
  waitSeconds(address: string, tokenHash: string | null): number | null {
    const waitMs = (this.refusedUntil.get(networkOf(address)) ?? 0) - Date.now();
    if (waitMs <= 0) return null;
    const lastGoodMs = tokenHash === null ? 0 : (this.goodAt.get(tokenHash) ?? 0);
    return Date.now() - lastGoodMs < WINDOW_SECONDS * 1000 ? null : Math.ceil(waitMs / 1000);
  }

  noteGood(tokenHash: string): void {
    this.goodAt.set(tokenHash, Date.now());
  }

  async noteWrong(address: string): Promise<void> {
    try {
      await this.limiter.consume(networkOf(address), 1);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      this.refusedUntil.set(networkOf(address), Date.now() + refused.msBeforeNext);
    }
  }
}
