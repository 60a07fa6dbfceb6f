import { Together, type TogetherLimits } from './together.js';

/** A `Together` for each key, for as long as somebody waits under it: whatever holds one key up holds up no other. */
export class TogetherByKey<In, Out> {
  private readonly gathering = new Map<string, { together: Together<In, Out>; waiting: number }>();

  /** @param work as for `Together`; all of its items came under one key */
  constructor(
    private readonly work: (items: In[]) => Promise<Out[]>,
    private readonly limits: TogetherLimits,
  ) {}

  async do(key: string, item: In): Promise<Out> {
    const kept = this.gathering.get(key) ?? { together: new Together(this.work, this.limits), waiting: 0 };
    this.gathering.set(key, kept);
    kept.waiting += 1;
    try {
      return await kept.together.do(item);
    } finally {
      kept.waiting -= 1;
      if (kept.waiting === 0) this.gathering.delete(key);
    }
  }
}

/** Of one question, as many askers as come. */
const ONE_READ = { most: Number.MAX_SAFE_INTEGER, goes: 1 };

/**
 * What many ask at once is read once for all of them. Nothing is kept: whoever asks while it is being read is answered by
 * the next reading, which begins after they asked. So nobody is told what was true only before.
 */
export class SharedReads<T> {
  private readonly reads = new TogetherByKey<() => Promise<T>, PromiseSettledResult<T>>(async (asked) => {
    const [first] = asked;
    if (first === undefined) return [];
    // Settled: what failed once is not asked again for each of them.
    const [read] = await Promise.allSettled([first()]);
    return asked.map(() => read);
  }, ONE_READ);

  /** @param read must mean the same under the same key */
  async of(key: string, read: () => Promise<T>): Promise<T> {
    const settled = await this.reads.do(key, read);
    if (settled.status === 'rejected') throw settled.reason;
    return settled.value;
  }
}
