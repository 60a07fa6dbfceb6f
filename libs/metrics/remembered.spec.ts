import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Remembered } from './remembered.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A reading that is answered by hand, and a clock that the timers move. */
function asking() {
  const pending: { resolve: (value: number) => void; reject: (error: Error) => void }[] = [];
  const read = vi.fn(() => new Promise<number>((resolve, reject) => void pending.push({ resolve, reject })));
  const remembered = new Remembered(read, { freshMs: 3_000, deadlineMs: 1_500 }, () => performance.now());
  return { read, remembered, pending };
}

describe('a reading that many ask for', () => {
  it('is made once for all who ask in the meantime, and again when it is old', async () => {
    const { read, remembered, pending } = asking();
    const asked = [remembered.get(), remembered.get()];
    pending[0]!.resolve(1);
    expect(await Promise.all(asked)).toEqual([1, 1]);
    vi.advanceTimersByTime(2_999);
    expect(await remembered.get()).toBe(1);
    expect(read).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1);
    const again = remembered.get();
    pending[1]!.resolve(2);
    expect(await again).toBe(2);
  });

  it('is none where it fails, and is not tried again at once', async () => {
    const { read, remembered, pending } = asking();
    const asked = remembered.get();
    pending[0]!.reject(new Error('away'));
    expect(await asked).toBeNull();
    expect(await remembered.get()).toBeNull();
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is waited for no longer than its deadline, by the next one not at all, and never made twice at once', async () => {
    const { read, remembered, pending } = asking();
    const asked = remembered.get();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await asked).toBeNull();
    expect(await remembered.get()).toBeNull();
    vi.advanceTimersByTime(3_000);
    const still = remembered.get();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await still).toBeNull();
    expect(read).toHaveBeenCalledTimes(1);
    pending[0]!.resolve(7);
    await vi.advanceTimersByTimeAsync(0);
    expect(await remembered.get()).toBe(7);
  });
});
