import { describe, expect, it } from 'vitest';
import type { JobQueue } from '#jobs/job-queue.js';
import type { AttemptsStore } from '#store/attempts.store.js';
import type { ProviderEventsStore } from '#store/provider-events.store.js';
import type { ReconcileStore, SilentAttempt } from '#store/reconcile.store.js';
import type { LookUp, TelephonyProvider } from '#telephony/telephony-provider.js';
import { Carriers } from '#telephony/carriers.js';
import type { ApplyEvents } from './apply-events.js';
import type { Capabilities } from '#telephony/telephony-provider.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { NO_TRACE, type CallTrace, type Tracing } from '#tracing/tracing.js';
import { Reconciler } from './reconciler.js';

const RINGING = { kind: 'ringing', sequence: 2, providerCallId: 'p1' };
const SENT = {
  callId: 'c1',
  to: '+12025550100',
  from: null,
  providerCallId: null,
  trunk: null,
  sentAt: new Date('2026-11-23T12:00:00Z'),
};

/** Steps of a call, written down with what is told of them. */
function noted(callId: string, traced: unknown[]): CallTrace['step'] {
  return async (name, work, told) => {
    const result = await work(NO_TRACE);
    traced.push([callId, name, told(result)]);
    return result;
  };
}

/** A reconciler over one silent attempt, which writes down what is done about it. */
function reconciling(
  silent: SilentAttempt,
  answer: LookUp,
  {
    isNews = true,
    apply,
    quality = 'exact',
    isAnothers = false,
  }: {
    isNews?: boolean;
    apply?: () => void;
    quality?: Capabilities['lookUp'];
    isAnothers?: boolean;
  } = {},
) {
  const steps: string[] = [];
  const kept: CarrierEvent[] = [];
  const traced: unknown[] = [];
  const done = (step: string) => () => Promise.resolve(void steps.push(step));
  const reconciler = new Reconciler(
    {
      silent: () => Promise.resolve([silent]),
      heardNothing: (_: string, because: string | null, isForgotten: boolean) =>
        done(`heard nothing: ${because}${isForgotten ? ', and it would be there' : ''}`)(),
      releaseOverdueSlots: done('release overdue slots'),
      isAnothers: () => Promise.resolve(isAnothers),
    } as unknown as ReconcileStore,
    { releaseClaim: done('release') } as unknown as AttemptsStore,
    {
      recordOnce: (_: string, [entry]: [{ event: CarrierEvent }]) => {
        kept.push(entry.event);
        return Promise.resolve(isNews ? ['e1'] : []);
      },
    } as unknown as ProviderEventsStore,
    { ofAttempt: apply ?? done('apply') } as unknown as ApplyEvents,
    new Carriers([
      {
        name: 'test',
        capabilities: { lookUp: quality },
        lookUp: () => {
          steps.push('look up');
          return Promise.resolve(answer);
        },
      } as unknown as TelephonyProvider,
    ]),
    { deliverWebhooks: () => Promise.resolve(true) } as unknown as JobQueue,
    { of: (callId: string) => ({ step: noted(callId, traced) }) } as unknown as Tracing,
  );
  return { reconciler, steps, kept, traced };
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
      const { reconciler, steps } = reconciling({ ...SENT, id: 'a1', status }, answer, { isNews });
      await reconciler.run();
      expect(steps).toEqual([...expected, 'release overdue slots']);
    },
  );

  it.each<[LookUp, string | null]>([
    [FOUND, null],
    [{ kind: 'cannot_tell', because: 'timeout' }, 'timeout'],
  ])('shows in the call’s trace whom it asked, and that the answer was %j', async (answer, reason) => {
    const { reconciler, traced } = reconciling({ ...SENT, id: 'a1', status: 'placed' }, answer);
    await reconciler.run();
    const told = {
      'ringfence.attempt.id': 'a1',
      'ringfence.attempt.state': 'placed',
      'ringfence.trunk': 'test',
      'ringfence.look_up.answer': answer.kind,
      'ringfence.reason': reason,
    };
    expect(traced).toEqual([['c1', 'look up', told]]);
  });

  it('puts off an attempt that cannot be looked after, and goes on with the rest', async () => {
    const { reconciler, steps } = reconciling({ ...SENT, id: 'a1', status: 'sending' }, FOUND, {
      apply: () => {
        throw new Error('broken');
      },
    });
    await reconciler.run();
    expect(steps).toEqual(['look up', 'heard nothing: null', 'release overdue slots']);
  });
});

describe('a carrier that is asked by numbers and time', () => {
  const silent: SilentAttempt = { ...SENT, id: 'a1', status: 'sending' };

  it('tells only what is surmised while its own id of the call is not known', async () => {
    const { reconciler, kept } = reconciling(silent, FOUND, { quality: 'heuristic' });
    await reconciler.run();
    expect(kept).toEqual([{ ...RINGING, isSurmised: true }]);
  });

  it('tells of exactly that call once its id is known', async () => {
    const { reconciler, kept } = reconciling({ ...silent, providerCallId: 'p1' }, FOUND, {
      quality: 'heuristic',
    });
    await reconciler.run();
    expect(kept).toEqual([RINGING]);
  });

  it('tells nothing by a call that may be another attempt’s', async () => {
    const { reconciler, kept, steps } = reconciling(silent, FOUND, {
      quality: 'heuristic',
      isAnothers: true,
    });
    await reconciler.run();
    expect(kept).toEqual([]);
    expect(steps).toContain('heard nothing: look_up: may_be_another');
  });

  it.each<Capabilities['lookUp']>(['exact', 'while_alive', 'heuristic', 'none'])(
    'gives nothing back when it finds nothing, whatever its quality (%s)',
    async (quality) => {
      const { reconciler, steps } = reconciling(silent, { kind: 'not_found' }, { quality });
      await reconciler.run();
      expect(steps).not.toContain('release');
      expect(steps.some((step) => step.startsWith('heard nothing'))).toBe(true);
    },
  );
});

describe('a carrier that knows calls while they last', () => {
  const silent: SilentAttempt = { ...SENT, id: 'a1', status: 'placed' };

  it('is believed by our reference', async () => {
    const { reconciler, kept } = reconciling(silent, FOUND, { quality: 'while_alive' });
    await reconciler.run();
    expect(kept).toEqual([RINGING]);
  });

  it('has forgotten a call that it does not find', async () => {
    const { reconciler, steps } = reconciling(silent, { kind: 'not_found' }, { quality: 'while_alive' });
    await reconciler.run();
    expect(steps).toContain('heard nothing: not_found, and it would be there');
  });
});

describe('a carrier that cannot be asked', () => {
  it('is not asked', async () => {
    const { reconciler, steps } = reconciling({ ...SENT, id: 'a1', status: 'sending' }, FOUND, {
      quality: 'none',
    });
    await reconciler.run();
    expect(steps).toEqual(['heard nothing: look_up: not_offered', 'release overdue slots']);
  });
});
