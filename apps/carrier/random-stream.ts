import { createHash } from 'node:crypto';

/**
 * Chance that can be replayed: the same key always gives the same numbers. Every call draws from streams of
 * its own, so calls that run at the same time cannot change each other's outcomes.
 */
export class RandomStream {
  private readonly key: string;
  private block = Buffer.alloc(0);
  private blocksMade = 0;
  private position = 0;

  constructor(...key: (string | number)[]) {
    this.key = JSON.stringify(key);
  }

  /** A number in [0, 1). */
  next(): number {
    if (this.position >= this.block.length) {
      this.block = createHash('sha256').update(`${this.key}#${this.blocksMade++}`).digest();
      this.position = 0;
    }
    const value = this.block.readUInt32BE(this.position) / 2 ** 32;
    this.position += 4;
    return value;
  }

  /** True with the given probability. Always draws once, so that later draws do not depend on the probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A log-normal number with the given median; sigma is the spread of its logarithm. */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.next()));
  }

  /** A new array with the same items in drawn order (Fisher-Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    const drawn: T[] = [];
    while (left.length > 0) drawn.push(...left.splice(Math.floor(this.next() * left.length), 1));
    return drawn;
  }
}
