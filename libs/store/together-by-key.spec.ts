import { describe, expect, it } from 'vitest';
import { SharedReads, TogetherByKey } from './together-by-key.js';

/** Lets everything that can go on without the work go on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Answers that are given by hand, in the order they were asked for. */
function answers<T>() {
  const given: ((answer: T) => void)[] = [];
  return { given, ask: () => new Promise<T>((resolve) => given.push(resolve)) };
}

describe('what is done together under a key', () => {
  it('is held up by nothing under another key', async () => {
    const { given, ask } = answers<string[]>();
    const together = new TogetherByKey<string, string>(
      (items) => (items.includes('stuck') ? ask() : Promise.resolve(items)),
      { most: 10, goes: 1 },
    );
    const stuck = together.do('a', 'stuck');
    const behind = together.do('a', 'behind');
    await expect(together.do('b', 'free')).resolves.toBe('free');
    given[0]!(['stuck', 'behind']);
    await expect(Promise.all([stuck, behind])).resolves.toEqual(['stuck', 'behind']);
  });
});

describe('a reading that many ask for', () => {
  it('is made once for all who ask before it begins, and again for those who ask after', async () => {
    const { given, ask } = answers<string>();
    const reads = new SharedReads<string>();
    const [early, also] = [reads.of('key', ask), reads.of('key', ask)];
    await settled();
    const late = reads.of('key', ask);
    await settled();
    expect(given).toHaveLength(1);
    given[0]!('before');
    await expect(Promise.all([early, also])).resolves.toEqual(['before', 'before']);
    await settled();
    given[1]!('after');
    await expect(late).resolves.toBe('after');
  });

  it('that fails does so once for all of them, and is made anew for the next', async () => {
    let readings = 0;
    const reads = new SharedReads<number>();
    const failing = () => {
      readings += 1;
      return Promise.reject(new Error('away'));
    };
    const asked = [reads.of('key', failing), reads.of('key', failing)];
    for (const one of asked) await expect(one).rejects.toThrow('away');
    expect(readings).toBe(1);
    await expect(reads.of('key', () => Promise.resolve(1))).resolves.toBe(1);
  });
});
