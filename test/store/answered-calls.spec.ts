import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnsweredCallsStore } from '#store/answered-calls.store.js';
import { Attempt } from '#store/attempt.entity.js';
import { Call } from '#store/call.entity.js';
import { API_LIMITS, database } from '#store/database.js';
import { ReconcileStore } from '#store/reconcile.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asApi, asDialer, dialingSettings } from '../factories.js';

let source: DataSource;
let answered: AnsweredCallsStore;
let reconcile: ReconcileStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
  answered = new AnsweredCallsStore(asApi(source));
  reconcile = new ReconcileStore(asDialer(source), dialingSettings());
});

afterAll(() => source.destroy());

/** An attempt whose request has left. */
async function aSentAttempt(overrides: Partial<Attempt> = {}): Promise<Attempt> {
  const { id: environmentId } = await anEnvironment(source);
  const call = await aCall(source, await aCampaign(source, environmentId), {
    status: 'initiated',
    attemptCount: 1,
    ...(overrides.to === undefined ? {} : { to: overrides.to }),
  });
  const now = new Date('2026-11-28T12:00:00Z');
  const attempt = source.manager.create(Attempt, {
    ...{ callId: call.id, environmentId, campaignId: call.campaignId, to: call.to, from: null, number: 1 },
    ...{ status: 'sending', evidence: { policyVersion: '1', zoneData: '1', decidedAt: now, rules: [] } },
    ...{ rulesVersion: 1, claimedAt: now, startAt: now, openUntil: now, sendingAt: now, slotUntil: now },
    ...{ durationSeconds: 0, checkAt: now, checks: 0, holdsSlot: false, providerCallId: null },
    ...overrides,
  } as Attempt);
  return source.manager.save(attempt);
}

const idOf = async ({ id }: Attempt) =>
  (await source.manager.findOneByOrFail(Attempt, { id })).providerCallId;

const at = (attemptId: string, providerCallId: string, trunk = 'test') => ({
  trunk,
  attemptId,
  providerCallId,
});

describe('the last gate', () => {
  it('lets one of two calls of an attempt through that are answered at once, and keeps to it', async () => {
    const attempt = await aSentAttempt();
    const ids = Array.from({ length: 8 }, () => randomUUID());
    const admitted = await Promise.all(
      ids.map((id) => answered.admit(attempt.environmentId, at(attempt.id, id))),
    );
    const [first, ...others] = ids.filter((_, place) => admitted[place] !== null);
    expect(others).toEqual([]);
    expect(await idOf(attempt)).toBe(first);
    const again = await answered.admit(attempt.environmentId, at(attempt.id, first ?? ''));
    expect(again).toMatchObject({ callId: attempt.callId, from: null });
    expect(again?.agent.id).toBeDefined();
  });

  it('lets no call through that comes over another trunk than the attempt went over', async () => {
    const attempt = await aSentAttempt({ trunk: 'test' });
    expect(await answered.admit(attempt.environmentId, at(attempt.id, 'p1', 'another'))).toBeNull();
    expect(await answered.admit(attempt.environmentId, at(attempt.id, 'p1'))).not.toBeNull();
  });

  it('lets the call through that the carrier has already named, and no other', async () => {
    const attempt = await aSentAttempt({ status: 'placed', placedAt: new Date(), providerCallId: 'p1' });
    expect(await answered.admit(attempt.environmentId, at(attempt.id, 'p2'))).toBeNull();
    expect(await answered.admit(attempt.environmentId, at(attempt.id, 'p1'))).not.toBeNull();
  });

  it.each<[string, (attempt: Attempt) => Promise<unknown>]>([
    [
      'that is over',
      ({ id }) =>
        source.manager.update(Attempt, { id }, { status: 'ended', outcome: 'busy', endedAt: new Date() }),
    ],
    [
      'that was given back',
      ({ id }) => source.manager.update(Attempt, { id }, { status: 'released', endedAt: new Date() }),
    ],
    [
      'of a call that was cancelled',
      ({ callId }) => source.manager.update(Call, { id: callId }, { cancelRequestedAt: new Date() }),
    ],
  ])('lets no call of an attempt through %s', async (_, over) => {
    const attempt = await aSentAttempt();
    await over(attempt);
    expect(await answered.admit(attempt.environmentId, at(attempt.id, 'p1'))).toBeNull();
    expect(await idOf(attempt)).toBeNull();
  });

  it('lets the call through whose end was told only of a call like it, once', async () => {
    const attempt = await aSentAttempt();
    const over = { status: 'ended', outcome: 'no_answer', endedAt: new Date(), endSurmised: true } as const;
    await source.manager.update(Attempt, { id: attempt.id }, over);
    expect(await answered.admit(attempt.environmentId, at(attempt.id, 'p1'))).not.toBeNull();
    expect(await answered.admit(attempt.environmentId, at(attempt.id, 'p2'))).toBeNull();
    expect(await source.manager.findOneByOrFail(Attempt, { id: attempt.id })).toMatchObject({
      ...{ status: 'ended', outcome: 'no_answer', providerCallId: 'p1' },
    });
  });

  it('is the same for the dialer, whatever the environment', async () => {
    const forDialer = new AnsweredCallsStore(asDialer(source));
    const attempt = await aSentAttempt();
    expect(await forDialer.admitAnywhere(at(attempt.id, attempt.id))).toMatchObject({
      callId: attempt.callId,
      attemptId: attempt.id,
      maxDurationSeconds: 600,
    });
    expect(await forDialer.admitAnywhere(at(attempt.id, 'another'))).toBeNull();
    expect(await forDialer.admitAnywhere(at(randomUUID(), 'p1')), 'another house’s').toBe('nobodys');
  });

  it('knows no attempt of another environment', async () => {
    const [attempt, other] = [await aSentAttempt(), await anEnvironment(source)];
    expect(await answered.admit(other.id, at(attempt.id, 'p1'))).toBeNull();
    expect(await answered.admit(attempt.environmentId, at(randomUUID(), 'p1'))).toBeNull();
  });
});

describe('a call that was found by its likeness', () => {
  const silentOf = ({ id, callId, to }: Attempt) => ({
    ...{
      id,
      callId,
      to,
      status: 'sending' as const,
      from: null,
      trunk: null,
      providerCallId: null,
      sentAt: new Date(),
    },
  });

  it('may be the attempt’s own where nobody else has called the number', async () => {
    expect(await reconcile.isAnothers(silentOf(await aSentAttempt()), 'p1')).toBe(false);
  });

  it.each<[string, Partial<Attempt>, boolean]>([
    ['has its id', { status: 'placed', placedAt: new Date(), providerCallId: 'p1' }, true],
    ['has another id', { status: 'placed', placedAt: new Date(), providerCallId: 'p2' }, false],
    ['has no id yet', {}, true],
    ['never had one, and is over', { status: 'ended', outcome: 'busy', endedAt: new Date() }, false],
  ])('is looked for among all environments: one to the same number that %s', async (_, other, taken) => {
    const attempt = await aSentAttempt();
    await aSentAttempt({ ...other, to: attempt.to });
    expect(await reconcile.isAnothers(silentOf(attempt), 'p1')).toBe(taken);
  });
});
