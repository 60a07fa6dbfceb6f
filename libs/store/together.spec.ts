import { describe, expect, it } from 'vitest';
import { Together } from './together.js';

/** Work that is finished by hand, and writes down what each of its goes took. */
function byHand(limits: { most: number; goes: number }) {
  const goes: { items: number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const together = new Together<number, string>(
    (items) =>
      new Promise((resolve, reject) =>
        goes.push({ items, finish: () => resolve(items.map((item) => `done ${item}`)), fail: reject }),
      ),
    limits,
  );
  const taken = () => goes.map(({ items }) => items);
  return { together, goes, taken };
}

/** Lets everything that can go on without the work go on. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('what is done together', () => {
  it('begins at once while nothing is under way, and what comes meanwhile is one go', async () => {
    const { together, goes, taken } = byHand({ most: 10, goes: 1 });
    const first = together.do(1);
    await settled();
    const others = [together.do(2), together.do(3)];
    await settled();
    expect(taken()).toEqual([[1]]);
    goes[0]!.finish();
    await expect(first).resolves.toBe('done 1');
    await settled();
    expect(taken()).toEqual([[1], [2, 3]]);
    goes[1]!.finish();
    await expect(Promise.all(others)).resolves.toEqual(['done 2', 'done 3']);
  });

  it('takes those together that come in one turn, but never more than most, nor more goes than may be', async () => {
    const { together, goes, taken } = byHand({ most: 2, goes: 2 });
    const all = [1, 2, 3, 4, 5].map((item) => together.do(item));
    await settled();
    expect(taken()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    for (const { finish } of goes) finish();
    await settled();
    expect(taken().at(-1)).toEqual([5]);
    goes[2]!.finish();
    await expect(Promise.all(all)).resolves.toHaveLength(5);
  });

  it('does each again by itself when a go fails, and fails those alone that cannot be done', async () => {
    const taken: number[][] = [];
    const together = new Together<number, number>(
      (items) => {
        taken.push(items);
        return items.includes(2) ? Promise.reject(new Error('not 2')) : Promise.resolve(items);
      },
      { most: 10, goes: 1 },
    );
    const results = await Promise.allSettled([1, 2, 3].map((item) => together.do(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: new Error('not 2') });
    expect(taken).toEqual([[1, 2, 3], [1], [2], [3]]);
    await expect(together.do(4)).resolves.toBe(4);
  });

  it('holds up nobody by what is done again by itself', async () => {
    const { together, goes, taken } = byHand({ most: 10, goes: 1 });
    const slow = [together.do(1), together.do(2)];
    await settled();
    goes[0]!.fail(new Error('not together'));
    await settled();
    const next = together.do(3);
    await settled();
    expect(taken()).toEqual([[1, 2], [1], [2], [3]]);
    goes[3]!.finish();
    await expect(next).resolves.toBe('done 3');
    goes[1]!.finish();
    goes[2]!.finish();
    await expect(Promise.all(slow)).resolves.toEqual(['done 1', 'done 2']);
  });
});
