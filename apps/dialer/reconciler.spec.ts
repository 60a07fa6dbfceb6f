import { describe, expect, it } from 'vitest';
import type { JobQueue } from '#jobs/job-queue.js';
import type { AttemptsStore } from '#store/attempts.store.js';
import type { ProviderEventsStore } from '#store/provider-events.store.js';
import type { ReconcileStore, SilentAttempt } from '#store/reconcile.store.js';
import type { LookUp, TelephonyProvider } from '#telephony/telephony-provider.js';
import type { ApplyEvents } from './apply-events.js';
import { Reconciler } from './reconciler.js';

const RINGING = { kind: 'ringing', sequence: 2 };

/** A reconciler over one silent attempt, which writes down what is done about it. */
function reconciling(silent: SilentAttempt, answer: LookUp, isNews = true, apply?: () => void) {
  const steps: string[] = [];
  const done = (step: string) => () => Promise.resolve(void steps.push(step));
  const reconciler = new Reconciler(
    {
      silent: () => Promise.resolve([silent]),
      heardNothing: (_: string, because: string | null) => done(`heard nothing: ${because}`)(),
      releaseOverdueSlots: done('release overdue slots'),
    } as unknown as ReconcileStore,
    { releaseClaim: done('release') } as unknown as AttemptsStore,
    { recordOnce: () => Promise.resolve(isNews ? ['e1'] : []) } as unknown as ProviderEventsStore,
    { ofAttempt: apply ?? done('apply') } as unknown as ApplyEvents,
    {
      name: 'test',
      lookUp: () => {
        steps.push('look up');
        return Promise.resolve(answer);
      },
    } as unknown as TelephonyProvider,
    { deliverWebhooks: () => Promise.resolve(true) } as unknown as JobQueue,
  );
  return { reconciler, steps };
}

const FOUND = { kind: 'found', event: RINGING } as unknown as LookUp;

describe('the reconciler', () => {
  it.each<[SilentAttempt['status'], LookUp, boolean, string[]]>([
    ['claimed', { kind: 'not_found' }, true, ['release']],
    ['sending', FOUND, true, ['look up', 'apply']],
    ['placed', FOUND, false, ['look up', 'apply', 'heard nothing: null']],
    ['sending', { kind: 'not_found' }, true, ['look up', 'heard nothing: not_found']],
    [
      'placed',
      { kind: 'cannot_tell', because: 'timeout' },
      true,
      ['look up', 'heard nothing: look_up: timeout'],
    ],
    ['unknown', FOUND, true, ['look up', 'apply']],
  ])(
    'with an attempt that is %s and an answer %j (news: %s) does %j',
    async (status, answer, isNews, expected) => {
      const { reconciler, steps } = reconciling({ id: 'a1', status }, answer, isNews);
      await reconciler.run();
      expect(steps).toEqual([...expected, 'release overdue slots']);
    },
  );

  it('puts off an attempt that cannot be looked after, and goes on with the rest', async () => {
    const { reconciler, steps } = reconciling({ id: 'a1', status: 'sending' }, FOUND, true, () => {
      throw new Error('broken');
    });
    await reconciler.run();
    expect(steps).toEqual(['look up', 'heard nothing: null', 'release overdue slots']);
  });
});
