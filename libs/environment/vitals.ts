/**
 * Work that has shown no sign of life for as long stands still. Longer than anything may rightly take: statements, requests to
 * carriers and webhooks all have time limits of their own, far below.
 */
export const STILL_AFTER_SECONDS = 60;

/** Work that comes, is done, and goes. */
export interface InHand {
  /** Does it, and counts it as in hand meanwhile. */
  during: <T>(work: () => Promise<T>) => Promise<T>;
}

interface Sign {
  withinSeconds: number;
  /** Since when the next sign is owed, in milliseconds; null: none is. */
  owedSinceMs: () => number | null;
}

/**
 * Whether a process lives, told by the work that it does and not by a flag that it sets: a loop that hangs sets no flag. What
 * fails has been done: a store that is away keeps nothing from living, and a restart would not bring it back.
 */
export class Vitals {
  private readonly signs = new Map<string, Sign>();

  /** @param clock milliseconds that never go back */
  constructor(private readonly clock: () => number) {}

  /**
   * Work that comes round for as long as the process works.
   * @param everySeconds how long it rests at most between two turns
   * @returns to be called at every turn, and within a long one whenever it has got on
   */
  loop(name: string, everySeconds: number): () => void {
    let lastMs = this.clock();
    this.signs.set(name, {
      withinSeconds: everySeconds + STILL_AFTER_SECONDS,
      owedSinceMs: () => lastMs,
    });
    return () => void (lastMs = this.clock());
  }

  /** Work of which each piece is to be done in time, whatever becomes of it. */
  inHand(name: string): InHand {
    const begun = new Set<{ atMs: number }>();
    this.signs.set(name, {
      withinSeconds: STILL_AFTER_SECONDS,
      // They are kept in the order in which they began.
      owedSinceMs: () => begun.values().next().value?.atMs ?? null,
    });
    return {
      during: async (work) => {
        const one = { atMs: this.clock() };
        begun.add(one);
        try {
          return await work();
        } finally {
          begun.delete(one);
        }
      },
    };
  }

  /** What stands still, by its name, and for how long, in words; empty: the process lives. */
  still(): Record<string, string> {
    const nowMs = this.clock();
    const still: Record<string, string> = {};
    for (const [name, { withinSeconds, owedSinceMs }] of this.signs) {
      const seconds = (nowMs - (owedSinceMs() ?? nowMs)) / 1000;
      if (seconds > withinSeconds) still[name] = `no sign for ${Math.round(seconds)} s`;
    }
    return still;
  }
}
