import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobQueue } from '#jobs/job-queue.js';
import type { FeedStore } from '#store/feed.store.js';
import { dialingSettings } from '../../test/factories.js';
import { Feeder } from './feeder.js';
import type { Leader } from './leader.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A feeder that has nothing to offer, at instants of the database clock. */
function feederAt(...instants: string[]) {
  const wake = vi.fn();
  const feed = { dueCampaigns: () => Promise.resolve({ now: new Date(instants.shift()!), due: [] }) };
  const jobs = { isReachable: () => true, hasBeenEmptied: () => Promise.resolve(false) };
  const feeder = new Feeder(feed as unknown as FeedStore, jobs as unknown as JobQueue, dialingSettings(), {
    wake,
  } as unknown as Leader);
  return { feeder, wake };
}

describe('the feeder', () => {
  it('looks again as a minute is full, when windows open, and not a turn later', async () => {
    const { feeder, wake } = feederAt('2026-11-27T08:59:59.800Z');
    await feeder.run();
    vi.advanceTimersByTime(199);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(3);
    expect(wake).toHaveBeenCalledExactlyOnceWith('feed');
  });

  it('is woken once, however often it looked before', async () => {
    const { feeder, wake } = feederAt('2026-11-27T08:59:59.800Z', '2026-11-27T08:59:59.900Z');
    await feeder.run();
    vi.advanceTimersByTime(100);
    await feeder.run();
    vi.advanceTimersByTime(1_000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('leaves a minute that its next turn comes before to that turn', async () => {
    const { feeder, wake } = feederAt('2026-11-27T08:59:59.500Z');
    await feeder.run();
    vi.advanceTimersByTime(60_000);
    expect(wake).not.toHaveBeenCalled();
  });
});
