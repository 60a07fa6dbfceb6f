/** How a `Together` works. */
export interface TogetherLimits {
  /** Most items of one go. */
  most: number;
  /** Goes that may be under way at once. */
  goes: number;
}

interface Waiting<In, Out> {
  item: In;
  resolve: (result: Out) => void;
  reject: (error: unknown) => void;
}

/**
 * Does with many, in one transaction, what is asked for one by one: what comes while all goes are under way waits, and the
 * next go takes all of it. Nothing waits while a go is free, so one alone is as fast as it would be without.
 *
 * A go that fails is taken apart: each of its items is done again by itself, so that one that cannot be done fails nobody
 * else. So the work must bear to be done again, where its transaction committed and the word of it was lost.
 */
export class Together<In, Out> {
  private waiting: Waiting<In, Out>[] = [];
  private underWay = 0;

  /** @param work answers each item in its place */
  constructor(
    private readonly work: (items: In[]) => Promise<Out[]>,
    private readonly limits: TogetherLimits,
  ) {}

  /** @throws whatever the work throws for this item alone */
  do(item: In): Promise<Out> {
    return new Promise<Out>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      // Not at once: those that come in the same turn go together.
      queueMicrotask(() => this.go());
    });
  }

  private go(): void {
    while (this.waiting.length > 0 && this.underWay < this.limits.goes) {
      const taken = this.waiting.splice(0, this.limits.most);
      this.underWay += 1;
      // What is done again by itself takes nobody's place: one that waits for long would hold up all that come after it.
      void this.done(taken, (failed) => failed.forEach((one) => void this.done([one]))).finally(() => {
        this.underWay -= 1;
        this.go();
      });
    }
  }

  private async done(
    taken: Waiting<In, Out>[],
    takeApart?: (failed: Waiting<In, Out>[]) => void,
  ): Promise<void> {
    try {
      const results = await this.work(taken.map(({ item }) => item));
      for (const [place, { resolve }] of taken.entries()) resolve(results[place] as Out);
    } catch (error) {
      if (taken.length > 1 && takeApart !== undefined) takeApart(taken);
      else for (const { reject } of taken) reject(error);
    }
  }
}
