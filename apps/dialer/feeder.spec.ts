import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FIRST_OFFER_BOUND } from '#policy/offer-bound.js';
import { WELL } from '#policy/trunk-health.js';
import { FRESH_TRUNK } from '#policy/trunk-pace.js';
import type { JobQueue } from '#jobs/job-queue.js';
import type { Trunk } from '#store/dialing-settings.js';
import type { FeedStore, OnOffer } from '#store/feed.store.js';
import { dialingSettings } from '../../test/factories.js';
import { Feeder } from './feeder.js';
import type { Leader } from './leader.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A feeder that has nothing to offer, at instants of the database clock. */
function feederAt(...instants: string[]) {
  const wake = vi.fn();
  const feed = {
    noteLag: () => Promise.resolve(),
    onOffer: () => Promise.resolve([]),
    dueCampaigns: () => Promise.resolve({ now: new Date(instants.shift()!), due: [] }),
  };
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

const NOW_MS = Date.UTC(2026, 10, 27, 8, 59);

/** A feeder of one campaign with so many slots free, of its own and of its environment. */
function feederWith({ own, environment }: { own: number; environment: number }, isHeard = true) {
  const shares: number[] = [];
  const lags: number[] = [];
  let waiting = 0;
  let onOffer: OnOffer[] = [];
  const campaign = {
    id: 'c1',
    environmentId: 'e1',
    priority: 0,
    maxConcurrentCalls: null,
    maxCallsPerMinute: null,
    trunks: null,
    timezone: 'UTC',
    startDate: '2020-01-01',
    endDate: null,
    daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
    callTimeRanges: [{ start: '00:00', end: '24:00' }],
    holidays: [],
  };
  const due = {
    campaign,
    free: own,
    onScheduleAtMs: null,
    callerIds: null,
    hasUrgent: false,
    environmentFree: environment,
    environmentLimit: environment,
    environmentWeight: 1,
  };
  const feed = {
    noteLag: (seconds: number) => Promise.resolve(void lags.push(seconds)),
    onOffer: (ids: string[]) => Promise.resolve(onOffer.filter(({ callId }) => ids.includes(callId))),
    dueCampaigns: () => Promise.resolve({ now: new Date(NOW_MS), due: [due] }),
    trunks: ([trunk]: Trunk[]) =>
      Promise.resolve(new Map(isHeard ? [[trunk, { pace: FRESH_TRUNK, health: WELL, nowMs: NOW_MS }]] : [])),
    offer: (asked: Map<string, number>) => {
      const share = asked.get('c1') ?? 0;
      shares.push(share);
      const ids = Array.from({ length: share }, (_, nth) => `${shares.length} ${nth}`);
      onOffer.push(...ids.map((callId) => ({ callId, campaignId: 'c1', environmentId: 'e1' })));
      return Promise.resolve(ids.map((callId) => ({ callId, attempt: 1, offer: 1 })));
    },
  };
  const jobs = {
    isReachable: () => true,
    hasBeenEmptied: () => Promise.resolve(false),
    waitingDials: () => Promise.resolve(waiting),
    offerDials: () => Promise.resolve(true),
  };
  const feeder = new Feeder(
    feed as unknown as FeedStore,
    jobs as unknown as JobQueue,
    dialingSettings(),
    {} as unknown as Leader,
  );
  return {
    feeder,
    lags,
    shares: () => shares.filter((share) => share > 0),
    take: (count: number) => (onOffer = onOffer.slice(count)),
    wait: (count: number) => (waiting = count),
  };
}

describe('what is on offer', () => {
  it.each([
    { own: 5, environment: 1_000 },
    { own: 1_000, environment: 5 },
  ])(
    'takes room that is free still (%o), so that no more is offered than there will be room for',
    async (room) => {
      const { feeder, shares, take } = feederWith(room);
      await feeder.run();
      await feeder.run();
      take(3);
      await feeder.run();
      expect(shares()).toEqual([5, 3]);
    },
  );

  it('is nothing while nobody hears the carrier', async () => {
    const { feeder, shares } = feederWith({ own: 5, environment: 5 }, false);
    await feeder.run();
    expect(shares()).toEqual([]);
  });

  it('is no more than the dialers take in a while, however much the trunk could start', async () => {
    const { feeder, shares, take, wait } = feederWith({ own: 9_000, environment: 9_000 });
    wait(FIRST_OFFER_BOUND.mostWaiting - 10);
    await feeder.run();
    expect(shares()).toEqual([10]);
    wait(FIRST_OFFER_BOUND.mostWaiting);
    take(10);
    await feeder.run();
    expect(shares()).toEqual([10]);
  });
});

describe('what holds calls up', () => {
  it('is nothing while the dialers take what is offered, and while no slot is free', async () => {
    const { feeder, lags, take } = feederWith({ own: 5, environment: 5 });
    for (let look = 0; look < 8; look += 1) {
      await feeder.run();
      take(5);
      vi.advanceTimersByTime(1_000);
    }
    expect(lags).toEqual(Array(8).fill(0));
  });

  it('are the dialers, for as long as nobody takes what is offered', async () => {
    const { feeder, lags } = feederWith({ own: 5, environment: 5 });
    for (let look = 0; look < 4; look += 1) {
      await feeder.run();
      vi.advanceTimersByTime(1_000);
    }
    expect(lags).toEqual([0, 1, 2, 3]);
  });

  it('are the dialers too where more could go than they take, and is told no more than once a second', async () => {
    const { feeder, lags, wait } = feederWith({ own: 9_000, environment: 9_000 });
    wait(FIRST_OFFER_BOUND.mostWaiting);
    for (let look = 0; look < 9; look += 1) {
      await feeder.run();
      vi.advanceTimersByTime(250);
    }
    expect(lags).toEqual([0, 1, 2]);
  });
});
