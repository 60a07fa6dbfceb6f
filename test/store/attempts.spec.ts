import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { deadlines } from '#policy/deadlines.js';
import type { Outcome } from '#policy/outcomes.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS, database } from '#store/database.js';
import { OperatorCallsStore } from '#store/operator-calls.store.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { ReconcileStore } from '#store/reconcile.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, asOperator, dialingSettings } from '../factories.js';

let source: DataSource;
let claims: ClaimStore;
let attempts: AttemptsStore;
let events: ProviderEventsStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
  claims = new ClaimStore(asDialer(source), dialingSettings());
  attempts = new AttemptsStore(asDialer(source), dialingSettings());
  events = new ProviderEventsStore(asDialer(source));
});

afterAll(() => source.destroy());

// What one test's carrier says of its limits is not to hold the next.
beforeEach(() => source.query(`DELETE FROM trunks`));

/** A call whose attempt has passed the fence. */
async function aSendingAttempt(
  overrides: Partial<Campaign> = {},
): Promise<{ callId: string; attemptId: string }> {
  const campaign = await aCampaign(source, (await anEnvironment(source)).id, overrides);
  const call = await aCall(source, campaign);
  return { callId: call.id, attemptId: await dial(call.id, 1) };
}

async function dial(callId: string, number: number): Promise<string> {
  const claim = await claims.claim(callId, number);
  if (claim.kind !== 'claimed') throw new Error(`expected a claim, got ${claim.kind}`);
  if ((await claims.fence(claim, [])).kind !== 'passed') throw new Error('the fence refused');
  return claim.attempt.id;
}

function carrierEvent(
  sequence: number,
  kind: CarrierEvent['kind'],
  outcome: Outcome | null = null,
): CarrierEvent {
  return {
    source: 'callback',
    kind,
    at: new Date(Date.UTC(2026, 10, 23, 12, 0, sequence)),
    sequence,
    providerCallId: 'p1',
    answeredAt: null,
    outcome,
    durationSeconds: kind === 'ended' && outcome === 'answered' ? 30 : null,
    answeredBy: null,
    converted: false,
    sipCode: null,
    q850: null,
  };
}

async function tell(attemptId: string, ...told: CarrierEvent[]): Promise<void> {
  for (const event of told) {
    await events.recordOnce('test', [
      { eventKey: `${attemptId}-${event.source}-${event.sequence}`, attemptId, event },
    ]);
    await attempts.applyEvents([attemptId]);
  }
}

const call = (id: string) => source.manager.findOneByOrFail(Call, { id });
const attempt = (id: string) => source.manager.findOneByOrFail(Attempt, { id });

async function slotsOf(callId: string): Promise<number[]> {
  const { campaignId, environmentId } = await call(callId);
  const rows = await source.query<{ in_use: number }[]>(`SELECT in_use FROM slots WHERE scope IN ($1, $2)`, [
    `campaign:${campaignId}`,
    `environment:${environmentId}`,
  ]);
  return rows.map((row) => row.in_use);
}

const CONVERSATION = [
  carrierEvent(1, 'initiated'),
  carrierEvent(2, 'ringing'),
  carrierEvent(3, 'answered'),
  carrierEvent(4, 'ended', 'answered'),
];

describe('events of an attempt', () => {
  it.each([
    ['in order', [0, 1, 2, 3]],
    ['backwards', [3, 2, 1, 0]],
    ['the end first', [3, 0, 1, 2]],
    ['each of them twice', [0, 0, 2, 1, 3, 1, 3, 2]],
  ])('end in the same rows told %s', async (_, order) => {
    const { callId, attemptId } = await aSendingAttempt();
    await tell(attemptId, ...order.map((index) => CONVERSATION[index] as CarrierEvent));
    expect(await call(callId)).toMatchObject({
      status: 'completed',
      outcome: 'answered',
      attemptsSpent: 1,
      durationSeconds: 30,
    });
    expect(await attempt(attemptId)).toMatchObject({
      status: 'ended',
      providerCallId: 'p1',
      holdsSlot: false,
    });
    expect(await slotsOf(callId)).toEqual([0, 0]);
  });

  it('adopt an attempt whose answer never came, and the late answer changes nothing', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await tell(attemptId, carrierEvent(1, 'initiated'), carrierEvent(2, 'ringing'));
    expect(await attempt(attemptId)).toMatchObject({ status: 'placed' });
    expect(await call(callId)).toMatchObject({ status: 'ringing' });
    await attempts.recordPlacement(attemptId, { kind: 'accepted', providerCallId: 'p1' });
    expect(await call(callId)).toMatchObject({ status: 'ringing' });
  });

  it('park a call whose end says nothing of how, for late proof or an operator, and hold no slot', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await tell(attemptId, carrierEvent(1, 'initiated'), carrierEvent(2, 'ended'));
    expect(await attempt(attemptId)).toMatchObject({ status: 'unknown', holdsSlot: false });
    expect(await call(callId)).toMatchObject({ status: 'outcome_unknown', reason: 'end_without_outcome' });
    expect(await slotsOf(callId)).toEqual([0, 0]);
    const operators = new OperatorCallsStore(asOperator(source), dialingSettings());
    expect((await operators.unknown(null, 1_000)).map((parked) => parked.callId)).toContain(callId);
    const who = { environmentId: null, actor: 'test' };
    expect(await operators.resolve(who, callId, 'busy', null)).not.toBeNull();
    expect(await call(callId)).toMatchObject({ outcome: 'busy', attemptsSpent: 1 });
  });

  it('tell that what was placed is unwanted when its call was cancelled meanwhile', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await source.query(`UPDATE calls SET cancel_requested_at = clock_timestamp() WHERE id = $1`, [callId]);
    const placed = { kind: 'accepted', providerCallId: 'p1' } as const;
    const unclear = { kind: 'unknown', because: 'timeout' } as const;
    expect(await attempts.recordPlacement(attemptId, unclear)).toMatchObject({ isUnwanted: true });
    expect(await attempts.recordPlacement(attemptId, placed)).toMatchObject({ isUnwanted: true });
  });

  it('do not finish a call over a gap until the carrier was asked', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await tell(attemptId, carrierEvent(1, 'initiated'), carrierEvent(4, 'ended', 'answered'));
    expect((await call(callId)).status).toBe('initiated');
    await tell(attemptId, { ...carrierEvent(4, 'ended', 'answered'), source: 'lookup' });
    expect(await call(callId)).toMatchObject({ status: 'completed' });
  });

  it('tell of an answer that only a look-up knew, once, whatever comes after it', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    const answeredAt = new Date('2026-11-23T12:00:02Z');
    await tell(attemptId, { ...carrierEvent(4, 'ended', 'answered'), source: 'lookup', answeredAt });
    expect(await attempt(attemptId)).toMatchObject({ status: 'ended', answeredAt });
    expect(await call(callId)).toMatchObject({ status: 'completed' });
  });

  it('of a fault of ours pause the campaign and leave the contact its tries', async () => {
    const { callId, attemptId } = await aSendingAttempt({ maxRetries: 0 });
    const fault = { ...carrierEvent(2, 'ended', 'our_fault'), sipCode: 403 };
    await tell(attemptId, carrierEvent(1, 'initiated'), fault);
    const { campaignId, ...waiting } = await call(callId);
    expect(waiting).toMatchObject({ status: 'waiting', attemptsSpent: 0, giveBacks: 1 });
    const [campaign] = await source.query<unknown[]>(
      `SELECT status, pause_reason FROM campaigns WHERE id = $1`,
      [campaignId],
    );
    expect(campaign).toEqual({ status: 'paused', pause_reason: 'our_fault: sip_403' });
  });

  it('of an attempt that nobody made are put away', async () => {
    const attemptId = randomUUID();
    await tell(attemptId, carrierEvent(1, 'initiated'));
    expect(await events.unapplied(-1_000, 1_000)).not.toContain(attemptId);
  });

  it('applied by four workers at once end the call and its slots once', async () => {
    const { callId, attemptId } = await aSendingAttempt({ maxRetries: 1 });
    await events.recordOnce(
      'test',
      [carrierEvent(1, 'initiated'), carrierEvent(2, 'ended', 'busy')].map((event) => ({
        eventKey: `${attemptId}-${event.sequence}`,
        attemptId,
        event,
      })),
    );
    await Promise.all([1, 2, 3, 4].map(() => attempts.applyEvents([attemptId])));
    expect(await call(callId)).toMatchObject({ status: 'waiting', outcome: 'busy', attemptsSpent: 1 });
    expect(await slotsOf(callId)).toEqual([0, 0]);
  });
});

describe('a retry', () => {
  it('waits for its cooldown, and is a new attempt under a new id', async () => {
    const { callId, attemptId } = await aSendingAttempt({ maxRetries: 1, busyCooldownHours: 2 });
    await tell(attemptId, carrierEvent(1, 'initiated'), carrierEvent(2, 'ended', 'busy'));
    const waiting = await call(callId);
    expect(waiting).toMatchObject({ status: 'waiting', reason: 'busy' });
    const hours = (waiting.readyAt.getTime() - waiting.updatedAt.getTime()) / 3_600_000;
    expect(hours).toBeGreaterThanOrEqual(2);
    expect(hours).toBeLessThanOrEqual(2.21);
    expect(await claims.claim(callId, 2)).toEqual({ kind: 'stale' });

    await source.query(`UPDATE calls SET ready_at = clock_timestamp() WHERE id = $1`, [callId]);
    const second = await dial(callId, 2);
    expect(second).not.toBe(attemptId);
    await tell(second, carrierEvent(1, 'initiated'), carrierEvent(2, 'ended', 'busy'));
    expect(await call(callId)).toMatchObject({ status: 'busy', reason: 'retries_used', attemptsSpent: 2 });
  });

  it('is withdrawn by a conversion that is told late', async () => {
    const { callId, attemptId } = await aSendingAttempt({ maxRetries: 3, retryOnNoConversion: true });
    await tell(attemptId, ...CONVERSATION);
    expect((await call(callId)).status).toBe('waiting');
    await tell(attemptId, { ...carrierEvent(5, 'ended', 'answered'), converted: true });
    expect(await call(callId)).toMatchObject({ status: 'completed', converted: true });
  });

  it('of another outcome is withdrawn by it too, and what it reached counts', async () => {
    const { callId, attemptId } = await aSendingAttempt({
      maxRetries: 3,
      retryOnNoConversion: true,
      autoAddToDncEnabled: true,
      autoDncTriggerStatuses: ['completed'],
    });
    await tell(attemptId, ...CONVERSATION);
    await source.query(`UPDATE calls SET ready_at = clock_timestamp() WHERE id = $1`, [callId]);
    const second = await dial(callId, 2);
    await tell(second, carrierEvent(1, 'initiated'), carrierEvent(2, 'ended', 'busy'));
    expect(await call(callId)).toMatchObject({ status: 'waiting', outcome: 'busy' });
    await tell(attemptId, { ...carrierEvent(5, 'ended', 'answered'), converted: true });
    const settled = await call(callId);
    expect(settled).toMatchObject({ status: 'completed', outcome: 'answered', reason: 'settled' });
    const [listed] = await source.query<unknown[]>(
      `SELECT kind, source FROM do_not_call_entries WHERE to_number = $1`,
      [settled.to],
    );
    expect(listed).toEqual({ kind: 'list', source: 'automatic' });
  });

  it('revives an entry that has expired, or was to, and leaves one that stands for good as it is', async () => {
    const triggers = { autoAddToDncEnabled: true, autoDncTriggerErrors: ['invalid_number'] };
    const listed = async (expiresAt: Date | null) => {
      const { callId, attemptId } = await aSendingAttempt(triggers);
      const { to, environmentId } = await call(callId);
      await source.query(
        `INSERT INTO do_not_call_entries (environment_id, kind, to_number, source, expires_at)
         VALUES ($1, 'list', $2, 'crm', $3)`,
        [environmentId, to, expiresAt],
      );
      await tell(attemptId, carrierEvent(1, 'initiated'), carrierEvent(2, 'ended', 'invalid_number'));
      return source.query<object[]>(
        `SELECT reason, source, expires_at AS until FROM do_not_call_entries WHERE to_number = $1`,
        [to],
      );
    };
    const revived = { reason: 'invalid_number', source: 'automatic', until: null };
    expect(await listed(new Date('2020-01-01'))).toEqual([revived]);
    expect(await listed(new Date('2099-01-01'))).toEqual([revived]);
    expect(await listed(null)).toEqual([{ reason: null, source: 'crm', until: null }]);
  });

  it('lists a number that is gone as disconnected, and one that was never there not', async () => {
    const triggers = { autoAddToDncEnabled: true, autoDncTriggerErrors: ['disconnected'] };
    const reasonAfter = async (sipCode: number) => {
      const { callId, attemptId } = await aSendingAttempt(triggers);
      await tell(attemptId, carrierEvent(1, 'initiated'), {
        ...carrierEvent(2, 'ended', 'invalid_number'),
        sipCode,
      });
      const [entry] = await source.query<{ reason: string }[]>(
        `SELECT reason FROM do_not_call_entries WHERE to_number = $1`,
        [(await call(callId)).to],
      );
      return entry?.reason;
    };
    expect([await reasonAfter(410), await reasonAfter(404)]).toEqual(['disconnected', undefined]);
  });

  it('in flight when a late conversion is told ends as the conversation it followed', async () => {
    const { callId, attemptId } = await aSendingAttempt({ maxRetries: 3, retryOnNoConversion: true });
    await tell(attemptId, ...CONVERSATION);
    await source.query(`UPDATE calls SET ready_at = clock_timestamp() WHERE id = $1`, [callId]);
    const second = await dial(callId, 2);
    await tell(attemptId, { ...carrierEvent(5, 'ended', 'answered'), converted: true });
    await tell(second, carrierEvent(1, 'initiated'), carrierEvent(2, 'ended', 'busy'));
    expect(await call(callId)).toMatchObject({
      status: 'completed',
      outcome: 'answered',
      reason: 'settled',
      durationSeconds: 30,
    });
  });

  it('is not planned for a campaign that was cancelled meanwhile', async () => {
    const { callId, attemptId } = await aSendingAttempt({ maxRetries: 3 });
    await source.query(`UPDATE campaigns SET status = 'cancelled' WHERE id = $1`, [
      (await call(callId)).campaignId,
    ]);
    await tell(attemptId, carrierEvent(1, 'initiated'), carrierEvent(2, 'ended', 'busy'));
    expect(await call(callId)).toMatchObject({ status: 'busy', reason: 'campaign_closed' });
  });
});

describe('the answer to a request', () => {
  it('gives the try back when the carrier is at its limit, later and under a new id', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    const limit = {
      kind: 'refused',
      outcome: 'carrier_limit',
      because: 'status_429',
      retryAfterSeconds: 30,
    } as const;
    await attempts.recordPlacement(attemptId, limit);
    expect(await attempt(attemptId)).toMatchObject({ status: 'released', outcome: null });
    const waiting = await call(callId);
    expect(waiting).toMatchObject({ status: 'waiting', attemptsSpent: 0, giveBacks: 1 });
    expect(waiting.readyAt.getTime() - waiting.updatedAt.getTime()).toBe(30_000);
    expect(await slotsOf(callId)).toEqual([0, 0]);
  });

  it('pauses the campaign, and not the contact, for a fault of ours', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    const fault = {
      kind: 'refused',
      outcome: 'our_fault',
      because: 'status_403',
      retryAfterSeconds: null,
    } as const;
    await attempts.recordPlacement(attemptId, fault);
    const { status, campaignId } = await call(callId);
    expect(status).toBe('waiting');
    const [campaign] = await source.query<unknown[]>(
      `SELECT status, pause_reason FROM campaigns WHERE id = $1`,
      [campaignId],
    );
    expect(campaign).toEqual({ status: 'paused', pause_reason: 'our_fault: status_403' });
  });

  it('fails a number that does not exist, for good', async () => {
    const { callId, attemptId } = await aSendingAttempt({ maxRetries: 5 });
    const refusal = {
      kind: 'refused',
      outcome: 'invalid_number',
      because: 'invalid_number',
      retryAfterSeconds: null,
    } as const;
    await attempts.recordPlacement(attemptId, refusal);
    expect(await call(callId)).toMatchObject({
      status: 'failed',
      outcome: 'invalid_number',
      reason: 'permanent',
    });
  });
});

describe('a callback about an attempt that was given back', () => {
  it('an hour late, changes neither it nor the attempt that followed', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await attempts.recordPlacement(attemptId, { kind: 'not_sent', because: 'ECONNREFUSED' });
    await source.query(`UPDATE calls SET ready_at = clock_timestamp() WHERE id = $1`, [callId]);
    const second = await dial(callId, 2);
    await tell(attemptId, ...CONVERSATION);
    expect(await attempt(attemptId)).toMatchObject({ status: 'released', outcome: null });
    expect(await attempt(second)).toMatchObject({ status: 'sending' });
    expect(await call(callId)).toMatchObject({ status: 'initiated' });
  });
});

describe('an answer that contradicts what the carrier has already told', () => {
  it('does not take back an attempt that is known to be ringing', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await tell(attemptId, carrierEvent(1, 'initiated'), carrierEvent(2, 'ringing'));
    await attempts.recordPlacement(attemptId, { kind: 'not_sent', because: 'ECONNREFUSED' });
    expect(await attempt(attemptId)).toMatchObject({ status: 'placed', holdsSlot: true });
    expect(await call(callId)).toMatchObject({ status: 'ringing', giveBacks: 0 });
  });
});

describe('an attempt nobody speaks of', () => {
  /** Moves an attempt's past back, as if that much time had gone by. */
  async function age(attemptId: string, seconds: number): Promise<void> {
    await source.query(
      `UPDATE attempts SET sending_at = sending_at - $2 * interval '1 second', slot_until = slot_until - $2 * interval '1 second'
       WHERE id = $1`,
      [attemptId, seconds],
    );
  }

  it('is parked as unknown after the horizon, keeps its slot, and is never claimed again by itself', async () => {
    const { callId, attemptId } = await aSendingAttempt({ maxRetries: 5 });
    const reconcile = new ReconcileStore(asDialer(source), dialingSettings({ deadlines: deadlines(20) }));
    await reconcile.heardNothing(attemptId, 'not_found');
    expect((await attempt(attemptId)).status).toBe('sending');
    await age(attemptId, 20);
    await reconcile.heardNothing(attemptId, 'not_found');
    expect(await call(callId)).toMatchObject({
      status: 'outcome_unknown',
      attemptsSpent: 1,
      finishedAt: null,
    });
    expect(await slotsOf(callId)).toEqual([1, 1]);
    expect(await claims.claim(callId, 2)).toEqual({ kind: 'stale' });

    await age(attemptId, 630);
    await reconcile.releaseOverdueSlots(100);
    expect(await slotsOf(callId)).toEqual([0, 0]);

    await tell(attemptId, ...CONVERSATION);
    expect(await slotsOf(callId), 'slots are given back once').toEqual([0, 0]);
  });

  it('is parked soon where the carrier has forgotten it, for then it has ended, and nobody heard how', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    const reconcile = new ReconcileStore(asDialer(source), dialingSettings());
    await tell(attemptId, { ...carrierEvent(1, 'ringing'), sequence: null });
    await reconcile.heardNothing(attemptId, 'not_found', true);
    expect((await attempt(attemptId)).status, 'its end may be on its way').toBe('placed');
    await reconcile.heardNothing(attemptId, 'not_found', true);
    expect(await call(callId)).toMatchObject({ status: 'outcome_unknown', reason: 'not_found' });
    expect(await slotsOf(callId)).toEqual([1, 1]);
  });

  it('is not parked sooner for that before the carrier had it: a request may be under way', async () => {
    const { attemptId } = await aSendingAttempt();
    const reconcile = new ReconcileStore(asDialer(source), dialingSettings());
    for (let look = 0; look < 3; look += 1) await reconcile.heardNothing(attemptId, 'not_found', true);
    expect((await attempt(attemptId)).status).toBe('sending');
  });

  it('is moved from unknown to its true outcome by late proof, counting one try', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await age(attemptId, 1000);
    await new ReconcileStore(asDialer(source), dialingSettings()).heardNothing(attemptId, 'not_found');
    expect((await call(callId)).status).toBe('outcome_unknown');
    await tell(attemptId, ...CONVERSATION);
    expect(await call(callId)).toMatchObject({ status: 'completed', attemptsSpent: 1 });
    expect(await slotsOf(callId)).toEqual([0, 0]);
  });

  it('is asked about ever less often while look-ups tell what was known, and soon again after news', async () => {
    const { attemptId } = await aSendingAttempt();
    const reconcile = new ReconcileStore(asDialer(source), dialingSettings());
    const secondsToNext = async () => {
      const [{ seconds }] = await source.query(
        `SELECT round(extract(epoch FROM check_at - clock_timestamp()))::integer AS seconds FROM attempts WHERE id = $1`,
        [attemptId],
      );
      return seconds as number;
    };
    const waits: number[] = [];
    await tell(attemptId, carrierEvent(1, 'ringing'));
    for (let look = 0; look < 4; look += 1) {
      await attempts.applyEvents([attemptId]);
      await reconcile.heardNothing(attemptId, null);
      waits.push(await secondsToNext());
    }
    await tell(attemptId, carrierEvent(2, 'answered'));
    waits.push(await secondsToNext());
    expect(waits).toEqual([15, 30, 60, 120, 15]);
  });

  it('is asked about again at once when its end is told over a gap', async () => {
    const { attemptId } = await aSendingAttempt();
    await age(attemptId, 1000);
    const reconcile = new ReconcileStore(asDialer(source), dialingSettings());
    await reconcile.heardNothing(attemptId, 'not_found');
    await source.query(`UPDATE attempts SET check_at = NULL WHERE id = $1`, [attemptId]);
    await tell(attemptId, carrierEvent(4, 'ended', 'answered'));
    const { status, checkAt } = await attempt(attemptId);
    expect([status, checkAt]).toEqual(['unknown', expect.any(Date)]);
  });

  it('takes the end it was told over a gap when the carrier cannot be asked until the last', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await tell(attemptId, carrierEvent(4, 'ended', 'answered'));
    const reconcile = new ReconcileStore(asDialer(source), dialingSettings());
    await reconcile.heardNothing(attemptId, 'look_up: timeout');
    expect((await attempt(attemptId)).status).toBe('placed');
    await age(attemptId, 100_000);
    await reconcile.heardNothing(attemptId, 'look_up: timeout');
    expect(await call(callId)).toMatchObject({ status: 'completed', outcome: 'answered' });
  });

  it('keeps its number to itself while it may still be ringing', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await age(attemptId, 600);
    await new ReconcileStore(asDialer(source), dialingSettings()).heardNothing(attemptId, 'not_found');
    const { to, environmentId } = await call(callId);
    const elsewhere = await aCall(source, await aCampaign(source, environmentId), { to });
    expect(await claims.claim(elsewhere.id, 1)).toEqual({ kind: 'held', because: 'number_in_another_call' });
  });

  it('blocks a second call to its number in that campaign while it is unknown', async () => {
    const { callId, attemptId } = await aSendingAttempt();
    await age(attemptId, 1000);
    await new ReconcileStore(asDialer(source), dialingSettings()).heardNothing(attemptId, 'not_found');
    const { to, campaignId } = await call(callId);
    const campaign = await source.manager.findOneByOrFail('Campaign', { id: campaignId });
    await expect(aCall(source, campaign as Campaign, { to })).rejects.toThrow(/calls_one_live_per_number/);
  });
});
