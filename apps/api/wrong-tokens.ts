import { Injectable } from '@nestjs/common';
import ipaddr from 'ipaddr.js';
import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { Limiters } from './limiters.js';

/** Wrong tokens that one address may try in a minute, at all api processes together. */
const MAX_WRONG_PER_MINUTE = 30;

const WINDOW_SECONDS = 60;

/** Addresses and tokens remembered; the oldest are forgotten first. */
const MOST_REMEMBERED = 10_000;

/**
 * Keeps whoever guesses tokens from asking the database on and on. Behind one address others may sit: a token that was
 * good at this process in the last minute is still asked about, and works.
 */
@Injectable()
export class WrongTokens {
  private readonly limiter: RateLimiterAbstract;
  /** Network → until when it is refused, in epoch milliseconds. */
  private readonly refusedUntil = new Map<string, number>();
  /** Hash of a token → when it was last good. */
  private readonly goodAt = new Map<string, number>();

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
    remember(this.goodAt, tokenHash, Date.now());
  }

  async noteWrong(address: string): Promise<void> {
    try {
      await this.limiter.consume(networkOf(address), 1);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      remember(this.refusedUntil, networkOf(address), Date.now() + refused.msBeforeNext);
    }
  }
}

/** Who has one IPv6 address has 2⁶⁴ of them: they are counted as the one network that providers hand out. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString();
}

function remember(kept: Map<string, number>, key: string, value: number): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size <= MOST_REMEMBERED) return;
  const [oldest] = kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
}
