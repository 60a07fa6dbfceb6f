const WIDTH = 30;

/** Often enough to look alive. */
const EVERY_MS = 100;

/** A bar in one line of standard error, written over and over. Nothing, where nobody watches. */
export class ProgressLine {
  private readonly isWatched = process.stderr.isTTY && !process.argv.includes('--json');
  private shownAt = -Infinity;

  /** @param fraction from 0 to 1; null: nobody can tell */
  show(fraction: number | null, text: string): void {
    const now = performance.now();
    if (!this.isWatched || now - this.shownAt < EVERY_MS) return;
    this.shownAt = now;
    const done = Math.round((fraction ?? 0) * WIDTH);
    const share =
      fraction === null
        ? ''
        : ` ${Math.floor(fraction * 100)
            .toString()
            .padStart(3)} %`;
    process.stderr.write(`\r[${'#'.repeat(done)}${'.'.repeat(WIDTH - done)}]${share}  ${text}\x1b[K`);
  }

  /** Leaves the line to what is printed next. */
  clear(): void {
    if (this.isWatched) process.stderr.write('\r\x1b[K');
  }
}
