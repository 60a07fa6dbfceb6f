/** Timers that can be stopped all at once, so that nothing fires in a process that is closing. */
export class Timers {
  private readonly waiting = new Set<NodeJS.Timeout>();
  private stopped = false;

  /** Acts once after so many real milliseconds. After stop() it never acts. */
  after(delayMs: number, act: () => void): NodeJS.Timeout | undefined {
    if (this.stopped) return undefined;
    const timer = setTimeout(() => {
      this.waiting.delete(timer);
      act();
    }, delayMs);
    this.waiting.add(timer);
    return timer;
  }

  /** Resolves after so many real milliseconds; never, if the timers are stopped before. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  cancel(timer: NodeJS.Timeout | undefined): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    this.waiting.delete(timer);
  }

  stop(): void {
    this.stopped = true;
    for (const timer of this.waiting) clearTimeout(timer);
    this.waiting.clear();
  }
}
