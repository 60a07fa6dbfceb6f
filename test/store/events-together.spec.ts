import { describe, expect, it } from 'vitest';
import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore, type RecordedPlacement } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { ReconcileStore } from '#store/reconcile.store.js';
import { twoConnections } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, dialingSettings } from '../factories.js';

const { source, other } = twoConnections(DIALER_LIMITS);
const claims = new ClaimStore(asDialer(source), dialingSettings());
const attempts = new AttemptsStore(asDialer(source), dialingSettings());
const events = new ProviderEventsStore(asDialer(source));

/** Claims the calls together, and lets them pass the fence. */
async function dialled(calls: Call[], attempt = 1): Promise<Attempt[]> {
  const results = await claims.claimAll(calls.map(({ id }) => ({ callId: id, attempt })));
  const claimed = results.flatMap((result) => (result.kind === 'claimed' ? [result] : []));
  expect(claimed).toHaveLength(calls.length);
  const passed = await claims.fenceAll(claimed.map((one) => ({ claimed: one, missingPlaceholders: [] })));
  expect(passed.every(({ kind }) => kind === 'passed')).toBe(true);
  return claimed.map((one) => one.attempt);
}

function ended(outcome: Outcome | null, talkSeconds = 0): CarrierEvent {
  return {
    ...{ source: 'callback', kind: 'ended', at: new Date('2026-11-28T12:00:00Z'), sequence: 1, outcome },
    ...{ providerCallId: 'p1', answeredAt: null, durationSeconds: talkSeconds, answeredBy: null },
    ...{ converted: false, sipCode: null, q850: null },
  };
}

/** What the carrier tells of attempts, as entries of the inbox. */
async function told(...entries: [Attempt, CarrierEvent][]): Promise<string[]> {
  return events.recordOnce(
    'test',
    entries.map(([{ id }, event]) => ({
      eventKey: `${id} ${event.kind} ${event.sequence}`,
      attemptId: id,
      event,
    })),
  );
}

const rowsOf = async (calls: Call[]) => {
  const rows = await source.manager.findBy(Call, { environmentId: calls[0]!.environmentId });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return calls.map(({ id }) => byId.get(id)!);
};

const limitRow = async (scope: string) =>
  (
    await source.query(
      `SELECT in_use AS "inUse", reserved::float, spent::float, spent_that_day::float AS today FROM slots WHERE scope = $1`,
      [scope],
    )
  )[0];

describe('events of many attempts, applied together', () => {
  it('end each as its own tell, and give back and charge what all of them held', async () => {
    const { id } = await anEnvironment(source);
    await source.query(`UPDATE environments SET rate_per_second = 0.5, reserve_seconds = 100 WHERE id = $1`, [
      id,
    ]);
    const [first, second] = [await aCampaign(source, id, { maxRetries: 1 }), await aCampaign(source, id)];
    const calls = await Promise.all(
      [first, first, second, second, second].map((campaign) => aCall(source, campaign)),
    );
    const [answered, busy, alsoAnswered, unclear, quiet] = await dialled(calls);
    expect(await limitRow(`environment:${id}`)).toEqual({ inUse: 5, reserved: 250, spent: 0, today: 0 });
    const entries = await told(
      [answered!, ended('answered', 30)],
      [busy!, ended('busy')],
      [alsoAnswered!, ended('answered', 8)],
      [unclear!, ended(null)],
      [quiet!, { ...ended(null), kind: 'ringing' }],
    );
    const applied = await attempts.applyEntries(entries);
    const toldOf = new Map(applied.told.map((one) => [one.callId, one]));
    expect(calls.map(({ id: callId }) => toldOf.get(callId))).toMatchObject([
      { attemptId: answered!.id, number: 1, events: ['ended'], phase: 'ended', outcome: 'answered' },
      { attemptId: busy!.id, events: ['ended'], outcome: 'busy' },
      { attemptId: alsoAnswered!.id, events: ['ended'], outcome: 'answered' },
      { attemptId: unclear!.id, events: ['ended'], phase: 'ended' },
      { attemptId: quiet!.id, events: ['ringing'], phase: 'ringing', outcome: null },
    ]);
    expect((await rowsOf(calls)).map(({ status, outcome }) => [status, outcome])).toEqual([
      ['completed', 'answered'],
      ['waiting', 'busy'],
      ['completed', 'answered'],
      ['outcome_unknown', 'unknown'],
      ['ringing', null],
    ]);
    // Its slot is free, for the call is over; what it cost is not known.
    expect(await limitRow(`environment:${id}`)).toEqual({ inUse: 1, reserved: 100, spent: 19, today: 19 });
    expect(await limitRow(`campaign:${first.id}`)).toEqual({ inUse: 0, reserved: 0, spent: 15, today: 15 });
    expect(await limitRow(`campaign:${second.id}`)).toEqual({ inUse: 1, reserved: 100, spent: 4, today: 4 });
    const charges = await source.query(
      `SELECT attempt_id AS id, amount::float, seconds FROM credit_entries WHERE environment_id = $1 ORDER BY seconds`,
      [id],
    );
    expect(charges).toEqual([
      { id: alsoAnswered!.id, amount: -4, seconds: 8 },
      { id: answered!.id, amount: -15, seconds: 30 },
    ]);
    expect(await new ReconcileStore(asDialer(source), dialingSettings()).recountSlots()).toEqual([]);

    expect((await attempts.applyEntries(entries)).told).toEqual([]);
    expect((await attempts.applyEvents([answered!.id, busy!.id])).told).toEqual([]);
    expect(await limitRow(`environment:${id}`)).toEqual({ inUse: 1, reserved: 100, spent: 19, today: 19 });
  });

  it('of two attempts of one call see each other: the later end withdraws what the earlier one planned', async () => {
    const { id } = await anEnvironment(source);
    const call = await aCall(source, await aCampaign(source, id, { maxRetries: 3 }));
    const [first] = await dialled([call]);
    await attempts.applyEntries(await told([first!, ended('busy')]));
    await source.query(`UPDATE calls SET ready_at = now() - interval '1 second' WHERE id = $1`, [call.id]);
    const [second] = await dialled([call], 2);
    const converted: CarrierEvent = {
      ...ended('answered', 5),
      kind: 'answered',
      sequence: 7,
      converted: true,
    };
    await attempts.applyEntries(await told([first!, converted], [second!, ended('no_answer')]));
    expect(await rowsOf([call])).toMatchObject([{ status: 'completed', converted: true, attemptsSpent: 2 }]);
  });

  it('and what is given back at the provider’s limit, or unsent, lock what claims lock in one order with them', async () => {
    const { id } = await anEnvironment(source, { maxCallsPerCallerIdDay: 10_000 });
    const campaigns = await Promise.all(
      [1, 2, 3].map(() => aCampaign(source, id, { callerIds: ['+12025550111', '+12025550112'] })),
    );
    const some = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, nth) => aCall(source, campaigns[nth % campaigns.length]!)),
      );
    const limited: RecordedPlacement = {
      kind: 'refused',
      outcome: 'carrier_limit',
      because: '429',
      retryAfterSeconds: null,
    };
    const elsewhere = new AttemptsStore(asDialer(other), dialingSettings());
    const claimed = async (calls: Call[]) => {
      const results = await claims.claimAll(calls.map((call) => ({ callId: call.id, attempt: 1 })));
      return results.flatMap((result) => (result.kind === 'claimed' ? [result.attempt] : []));
    };
    let [unsent, sent] = [await claimed(await some(12)), await dialled(await some(12))];
    for (let round = 0; round < 6; round += 1) {
      const next = await some(12);
      const [taken] = await Promise.all([
        claimed(next),
        ...unsent.map((attempt) => attempts.releaseClaim(attempt.id, 'test')),
        ...sent.map((attempt) => elsewhere.recordPlacement(attempt.id, limited)),
      ]);
      // The provider's word holds the trunk back; the next round is to find it free.
      await source.query(`DELETE FROM trunks`);
      [unsent, sent] = [taken, await dialled(await some(12))];
    }
    expect(await new ReconcileStore(asDialer(source), dialingSettings()).recountSlots()).toEqual([]);
  });

  it('and claims of the same campaigns do not wait for each other in a circle', async () => {
    const { id } = await anEnvironment(source);
    const campaigns = await Promise.all([1, 2, 3, 4].map(() => aCampaign(source, id)));
    const some = (count: number) =>
      Promise.all(
        Array.from({ length: count }, (_, nth) => aCall(source, campaigns[nth % campaigns.length]!)),
      );
    const elsewhere = new AttemptsStore(asDialer(other), dialingSettings());
    let open = await dialled(await some(24));
    for (let round = 0; round < 6; round += 1) {
      const entries = await told(
        ...open.map((attempt): [Attempt, CarrierEvent] => [attempt, ended('answered', 1)]),
      );
      const next = await some(24);
      const [taken] = await Promise.all([
        dialled(next),
        attempts.applyEntries(entries.slice(0, 16)),
        elsewhere.applyEntries(entries.slice(8).reverse()),
      ]);
      open = taken;
    }
    expect(await limitRow(`environment:${id}`)).toMatchObject({ inUse: 24 });
    expect(await new ReconcileStore(asDialer(source), dialingSettings()).recountSlots()).toEqual([]);
  });
});
