import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { FeedStore } from '#store/feed.store.js';
import { LEADING, LeasesStore } from '#store/leases.store.js';
import { OperatorCallsStore } from '#store/operator-calls.store.js';
import { ReconcileStore } from '#store/reconcile.store.js';
import { RESTORED, RestoredStore } from '#store/restored.store.js';
import { freshDatabase } from '../database.js';
import {
  aCall,
  aCampaign,
  aNumber,
  anEnvironment,
  asDialer,
  asOperator,
  dialingSettings,
} from '../factories.js';

let source: DataSource;
let campaign: Campaign;
let claims: ClaimStore;
let restored: RestoredStore;

/** Later than anything that the tests dial. */
const NOW = new Date('2100-01-01T00:00:00Z');

beforeAll(async () => {
  source = await database(await freshDatabase(), COMMAND_LIMITS).initialize();
  campaign = await aCampaign(source, (await anEnvironment(source)).id);
  claims = new ClaimStore(asDialer(source), dialingSettings());
  restored = new RestoredStore(asOperator(source));
});

afterAll(() => source.destroy());

function callNow({ id }: Call): Promise<Call> {
  return source.manager.findOneByOrFail(Call, { id });
}

describe('a database that was restored', () => {
  it('parks the waiting calls whose numbers the carrier rang since, and leaves the others', async () => {
    const [rung, notRung] = [await aCall(source, campaign), await aCall(source, campaign)];
    expect(await restored.quarantine(NOW, [rung.to, aNumber()])).toEqual({
      kind: 'done',
      asked: 0,
      barred: 0,
      parked: 1,
    });
    expect(await callNow(rung)).toMatchObject({
      status: 'outcome_unknown',
      reason: RESTORED,
      attemptsSpent: 1,
    });
    expect(await callNow(notRung)).toMatchObject({ status: 'waiting', attemptCount: 0 });
    expect(await claims.claim(rung.id, 1)).toMatchObject({ kind: 'stale' });

    // Nobody's slot, and nothing that the carrier could be asked about.
    const attempt = await source.manager.findOneByOrFail(Attempt, { callId: rung.id });
    expect(attempt).toMatchObject({ number: 1, status: 'unknown', holdsSlot: false, checkAt: null });
    const [{ held }] = await source.query(`SELECT sum(in_use)::integer AS held FROM slots`);
    expect(held).toBe(0);
  });

  it('lets somebody who found out say so, as of any unknown', async () => {
    const call = await aCall(source, campaign);
    await restored.quarantine(NOW, [call.to]);
    const operator = new OperatorCallsStore(asOperator(source), dialingSettings());
    expect((await operator.unknown(null, 10)).map(({ callId }) => callId)).toContain(call.id);
    const who = { environmentId: null, actor: 'cli' };
    expect(await operator.resolve(who, call.id, 'answered', null)).not.toBeNull();
    expect(await callNow(call)).toMatchObject({ status: 'completed', outcome: 'answered' });
  });

  it('has the carrier asked about a claim of the backup, whose fence may have passed since', async () => {
    const call = await aCall(source, campaign);
    const claim = await claims.claim(call.id, 1);
    if (claim.kind !== 'claimed') throw new Error(`expected a claim, got ${claim.kind}`);
    const attempts = new AttemptsStore(asDialer(source), dialingSettings());
    expect(await restored.quarantine(NOW, [])).toEqual({ kind: 'done', asked: 1, barred: 0, parked: 0 });
    // What takes stale claims back leaves it alone.
    await attempts.releaseClaim(claim.attempt.id, 'claim_too_old');
    expect(await callNow(call)).toMatchObject({ status: 'initiated' });
    const silent = await new ReconcileStore(asDialer(source), dialingSettings()).silent(10);
    expect(silent).toMatchObject([{ id: claim.attempt.id, status: 'sending' }]);
  });

  it('tries no call again that was under way, and whose number was rung since, whatever its try came to', async () => {
    const attempts = new AttemptsStore(asDialer(source), dialingSettings());
    const again = await aCampaign(source, campaign.environmentId, { maxRetries: 2 });
    const [rung, notRung] = [await aCall(source, again), await aCall(source, again)];
    const sent = async ({ id }: Call) => {
      const claim = await claims.claim(id, 1);
      if (claim.kind !== 'claimed' || (await claims.fence(claim, [])).kind !== 'passed')
        throw new Error('expected a dial');
      return claim.attempt.id;
    };
    const [ofRung, ofNotRung] = [await sent(rung), await sent(notRung)];
    expect(await restored.quarantine(NOW, [rung.to])).toMatchObject({ barred: 1, parked: 0 });
    const busy = { kind: 'refused', outcome: 'busy', because: 'busy', retryAfterSeconds: null } as const;
    for (const attemptId of [ofRung, ofNotRung]) await attempts.recordPlacement(attemptId, busy);
    expect(await callNow(rung)).toMatchObject({ status: 'busy', outcome: 'busy' });
    expect(await callNow(notRung)).toMatchObject({ status: 'waiting', attemptsSpent: 1 });
  });

  it('parks every waiting call where nobody can tell, once, however many there are', async () => {
    const { id: callId } = await aCall(source, campaign);
    await source.query(
      `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, allow_duplicates, status, next_attempt_at)
       SELECT environment_id, campaign_id, agent_id, to_number, true, 'waiting', next_attempt_at
       FROM calls CROSS JOIN generate_series(1, 1202) WHERE id = $1`,
      [callId],
    );
    const waiting = () => source.manager.countBy(Call, { status: 'waiting' });
    const before = await waiting();
    expect(before).toBeGreaterThanOrEqual(1_203);
    expect(await restored.quarantine(NOW, null)).toMatchObject({ kind: 'done', parked: before });
    expect(await waiting()).toBe(0);
    expect(await restored.quarantine(NOW, null)).toEqual({ kind: 'done', asked: 0, barred: 0, parked: 0 });
    const feed = new FeedStore(asDialer(source));
    expect(await feed.rebuild('cli', 0)).toBe(0);
  });

  it('touches nothing while a dialer leads', async () => {
    const call = await aCall(source, campaign);
    const leases = new LeasesStore(asDialer(source));
    await leases.hold(LEADING, 'dialer', 60);
    expect(await restored.quarantine(NOW, null)).toEqual({ kind: 'dialling' });
    await leases.release(LEADING, 'dialer');
    expect(await callNow(call)).toMatchObject({ status: 'waiting' });
  });

  it('touches nothing where it has dialled since: it is another database, or another backup', async () => {
    const call = await aCall(source, campaign);
    const lately = await aCall(source, campaign);
    const claim = await claims.claim(lately.id, 1);
    if (claim.kind !== 'claimed' || (await claims.fence(claim, [])).kind !== 'passed')
      throw new Error('expected a dial');
    const long = new Date('2026-01-01T00:00:00Z');
    expect(await restored.quarantine(long, null)).toMatchObject({ kind: 'newer' });
    expect(await callNow(call)).toMatchObject({ status: 'waiting' });
  });
});
