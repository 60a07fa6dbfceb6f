import { describe, expect, it } from 'vitest';
import type { JobQueue } from '#jobs/job-queue.js';
import { Metrics } from '#metrics/metrics.js';
import type {
  AcceptedRequest,
  AttemptsStore,
  PlacementRecord,
  RecordedPlacement,
} from '#store/attempts.store.js';
import type { ClaimResult, ClaimStore } from '#store/claim.store.js';
import type { Ticket } from '#store/claim-facts.js';
import type { Fenced, FenceResult } from '#store/fencing.js';
import { Carriers } from '#telephony/carriers.js';
import type { OriginateRequest, Placement, TelephonyProvider } from '#telephony/telephony-provider.js';
import { NO_TRACING } from '#tracing/tracing.js';
import { DialCall } from './dial-call.js';

const NOT_AFTER = new Date('2026-11-23T12:00:10Z');
const PASSED: FenceResult[] = [{ kind: 'passed', notAfter: NOT_AFTER }];
const NOW = new Date('2026-11-23T12:00:00Z');

function claimed(payload: Record<string, unknown> = {}): ClaimResult {
  const attempt = { id: 'a1', to: '+12025550100', from: null, trunk: 'test', claimedAt: NOW, startAt: NOW };
  const agent = { id: 'g1', description: 'Call {{name}}.', initialMessage: null, maxCallDurationSeconds: 90 };
  const call = { id: 'c1', payload };
  return { kind: 'claimed', attempt, call, agent, startsInMs: 0 } as unknown as ClaimResult;
}

/** A house of one attempt, which writes down in order what is done to it. */
function dialing(
  claim: ClaimResult,
  fences: FenceResult[],
  placement: Placement | Error,
  { recordsThatFail = 0, isUnwanted = false } = {},
) {
  const steps: string[] = [];
  const told: { request?: OriginateRequest; missing?: string[]; recorded?: RecordedPlacement } = {};
  const record = (recorded: RecordedPlacement): Promise<PlacementRecord> => {
    steps.push('record');
    if (steps.filter((step) => step === 'record').length <= recordsThatFail) {
      return Promise.reject(new Error('Connection terminated unexpectedly'));
    }
    told.recorded = recorded;
    return Promise.resolve({ deliveryIds: ['d1'], isUnwanted });
  };
  const claims = {
    claimAll: (tickets: Ticket[]) => Promise.resolve(tickets.map(() => claim)),
    fenceAll: (fenced: Fenced[]) => {
      steps.push('fence');
      told.missing = fenced.flatMap(({ missingPlaceholders }) => missingPlaceholders);
      const said = steps.filter((step) => step === 'fence').length - 1;
      return Promise.resolve(fenced.map(() => fences[said]!));
    },
  } as unknown as ClaimStore;
  const attempts = {
    releaseClaim: () => Promise.resolve(void steps.push('release')),
    recordPlacement: (_: string, recorded: RecordedPlacement) => record(recorded),
    recordAccepted: async ([accepted]: AcceptedRequest[]) => [
      await record({ kind: 'accepted', providerCallId: accepted!.providerCallId }),
    ],
  } as unknown as AttemptsStore;
  const provider = {
    name: 'test',
    originate: (request: OriginateRequest) => {
      steps.push('originate');
      told.request = request;
      return placement instanceof Error ? Promise.reject(placement) : Promise.resolve(placement);
    },
    hangUp: () => Promise.resolve(void steps.push('hang up')),
  } as unknown as TelephonyProvider;
  const jobs = {
    deliverWebhooks: (ids: string[]) => Promise.resolve(void steps.push(`webhooks ${ids.length}`)),
  } as unknown as JobQueue;
  return {
    dial: new DialCall(claims, attempts, new Carriers([provider]), jobs, new Metrics(), NO_TRACING),
    steps,
    told,
  };
}

const TICKET = { callId: 'c1', attempt: 1 };
const ACCEPTED: Placement = { kind: 'accepted', providerCallId: 'p1' };

describe('a ticket', () => {
  it('passes the fence before the one request, and records its answer before anything is told', async () => {
    const { dial, steps, told } = dialing(claimed({ name: 'Ana' }), PASSED, ACCEPTED);
    expect(await dial.run(TICKET)).toEqual({ result: 'accepted', attemptId: 'a1' });
    expect(steps).toEqual(['fence', 'originate', 'record', 'webhooks 1']);
    expect(told.request).toMatchObject({
      attemptId: 'a1',
      notAfter: NOT_AFTER,
      maxDurationSeconds: 90,
      agent: { description: 'Call Ana.', initialMessage: null },
    });
    expect(told.recorded).toEqual(ACCEPTED);
  });

  it('records a definite no again when the store loses it, and still asks the carrier once', async () => {
    const refused: Placement = {
      kind: 'refused',
      outcome: 'invalid_number',
      because: 'invalid_number',
      retryAfterSeconds: null,
    };
    const { dial, steps, told } = dialing(claimed({ name: 'Ana' }), PASSED, refused, {
      recordsThatFail: 1,
    });
    expect(await dial.run(TICKET)).toMatchObject({ result: 'refused: invalid_number' });
    expect(steps).toEqual(['fence', 'originate', 'record', 'record', 'webhooks 1']);
    expect(told.recorded).toEqual(refused);
  });

  it('records what a carrier took and keeps waiting with its word that it is too much', async () => {
    const queued: Placement = { ...ACCEPTED, slowDown: { retryAfterSeconds: null } };
    const { dial, told } = dialing(claimed({ name: 'Ana' }), PASSED, queued);
    await dial.run(TICKET);
    expect(told.recorded).toEqual(queued);
  });

  it.each<[string, Placement]>([
    ['took', ACCEPTED],
    ['may have taken', { kind: 'unknown', because: 'timeout' }],
  ])('hangs up what the carrier %s when the call was cancelled meanwhile', async (_, placement) => {
    const { dial, steps } = dialing(claimed({ name: 'Ana' }), PASSED, placement, { isUnwanted: true });
    await dial.run(TICKET);
    expect(steps).toEqual(['fence', 'originate', 'record', 'hang up', 'webhooks 1']);
  });

  it('sends nothing when the fence refuses, and gives the claim back', async () => {
    const { dial, steps } = dialing(claimed(), [{ kind: 'refused' }], ACCEPTED);
    expect(await dial.run(TICKET)).toMatchObject({ result: 'fence_refused' });
    expect(steps).toEqual(['fence', 'release']);
  });

  it('asks the fence again when it comes early, and sends nothing before it passes', async () => {
    const early: FenceResult = { kind: 'early', passesInMs: 1.5 };
    const { dial, steps } = dialing(claimed(), [early, early, ...PASSED], ACCEPTED);
    expect(await dial.run(TICKET)).toMatchObject({ result: 'accepted' });
    expect(steps).toEqual(['fence', 'fence', 'fence', 'originate', 'record', 'webhooks 1']);
  });

  it('gives the claim back when the fence refuses after it was early', async () => {
    const early: FenceResult = { kind: 'early', passesInMs: 1 };
    const { dial, steps } = dialing(claimed(), [early, { kind: 'refused' }], ACCEPTED);
    expect(await dial.run(TICKET)).toMatchObject({ result: 'fence_refused' });
    expect(steps).toEqual(['fence', 'fence', 'release']);
  });

  it('names to the fence the placeholders that stay empty', async () => {
    const { dial, told } = dialing(claimed(), PASSED, ACCEPTED);
    await dial.run(TICKET);
    expect(told.missing).toEqual(['name']);
  });

  it.each<[ClaimResult, string, string[]]>([
    [{ kind: 'held', because: 'kill_switch' }, 'held: kill_switch', []],
    [{ kind: 'stale' }, 'stale', []],
    [{ kind: 'no_room' }, 'no_room', []],
    [
      { kind: 'refused', because: 'do_not_call', deliveryIds: ['d1', 'd2'] },
      'refused: do_not_call',
      ['webhooks 2'],
    ],
  ])('that claims %j dials nothing', async (claim, result, expected) => {
    const { dial, steps } = dialing(claim, PASSED, ACCEPTED);
    expect(await dial.run(TICKET)).toEqual({ result });
    expect(steps).toEqual(expected);
  });

  it('that the rules cannot judge dials nothing, and fails with what they failed with', async () => {
    const { dial, steps } = dialing(
      { kind: 'undecided', error: new RangeError('no such zone') },
      PASSED,
      ACCEPTED,
    );
    await expect(dial.run(TICKET)).rejects.toThrow('no such zone');
    expect(steps).toEqual([]);
  });

  it('is never sent a second time, whatever the first came to', async () => {
    for (const placement of [
      { kind: 'unknown', because: 'timeout' } as const,
      new Error('the socket broke'),
    ]) {
      const { dial, steps } = dialing(claimed(), PASSED, placement);
      await dial.run(TICKET).catch(() => undefined);
      expect(steps.filter((step) => step === 'originate')).toHaveLength(1);
      expect(steps).not.toContain('release');
    }
  });
});
