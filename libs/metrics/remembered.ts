export interface RememberedLimits {
  /** A reading, or the want of one, is told again for so long. */
  freshMs: number;
  /** Longest wait for a reading. */
  deadlineMs: number;
}

/**
 * A reading that many ask for: one is under way at most, and what it came to is told again for a while. One that fails, or is
 * not there in time, is null, and is not begun again at once either.
 */
export class Remembered<Value> {
  private last: { value: Value | null; atMs: number } | null = null;
  private reading: Promise<Value | null> | null = null;

  /** @param clock milliseconds that never go back */
  constructor(
    private readonly read: () => Promise<Value>,
    private readonly limits: RememberedLimits,
    private readonly clock: () => number,
  ) {}

  async get(): Promise<Value | null> {
    if (this.last !== null && this.clock() - this.last.atMs < this.limits.freshMs) return this.last.value;
    this.reading ??= this.begin();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, this.limits.deadlineMs, null);
    });
    const inTime = await Promise.race([this.reading, late]);
    clearTimeout(timer);
    // Whoever asks while it is still under way is told at once that there is none.
    if (this.reading !== null) this.last = { value: null, atMs: this.clock() };
    return inTime;
  }

  private async begin(): Promise<Value | null> {
    const value = await this.read().catch(() => null);
    this.last = { value, atMs: this.clock() };
    this.reading = null;
    return value;
  }
}
