/** Between two warnings. */
const WARN_EVERY_MS = 60_000;

/** Says that spans are lost, however many and however often, at most once a minute. */
export class LostSpans {
  private lost = 0;
  private notBeforeMs = -Infinity;

  /** @param clock milliseconds that never go back */
  constructor(
    private readonly warn: (line: { spansLost: number; because: string }) => void,
    private readonly clock: () => number,
  ) {}

  add(count: number, because: string): void {
    this.lost += count;
    const nowMs = this.clock();
    if (nowMs < this.notBeforeMs) return;
    this.warn({ spansLost: this.lost, because });
    this.lost = 0;
    this.notBeforeMs = nowMs + WARN_EVERY_MS;
  }
}
