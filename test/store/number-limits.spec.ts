import { describe, expect, it } from 'vitest';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ClaimStore } from '#store/claim.store.js';
import { CreditsStore } from '#store/credits.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import type { Environment } from '#store/environment.entity.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { lockForClaim } from '#store/locks.js';
import { historiesByNumber } from '#store/reading.js';
import { WhyStore } from '#store/why.store.js';
import { twoConnections } from '../database.js';
import {
  aCall,
  aCampaign,
  anEnvironment,
  aNumber,
  asApi,
  asDialer,
  asOperator,
  dialingSettings,
} from '../factories.js';

const HOUR_MS = 3_600_000;

const { source, other } = twoConnections(DIALER_LIMITS);
const claims = new ClaimStore(asDialer(source), dialingSettings());
const rivals = new ClaimStore(asDialer(other), dialingSettings());

const reread = ({ id }: Call) => source.manager.findOneByOrFail(Call, { id });
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

/** A request to a number that left some time ago, of a call that ended. */
async function aRequest(campaign: Campaign, to: string, sentAt: Date, overrides: Partial<Attempt> = {}) {
  const call = await aCall(source, campaign, {
    to,
    status: 'busy',
    finishedAt: sentAt,
    allowDuplicates: true,
  });
  await source.manager.save(
    source.manager.create(Attempt, {
      callId: call.id,
      environmentId: campaign.environmentId,
      campaignId: campaign.id,
      to,
      number: 1,
      status: 'ended',
      outcome: 'busy',
      evidence: { policyVersion: '', zoneData: '', decidedAt: '', rules: [] },
      rulesVersion: 1,
      claimedAt: sentAt,
      startAt: sentAt,
      openUntil: sentAt,
      sendingAt: sentAt,
      endedAt: sentAt,
      durationSeconds: 0,
      checks: 0,
      holdsSlot: false,
      ...overrides,
    }),
  );
}

async function somebodyWaitsForADial(): Promise<boolean> {
  const [{ waits }] = await source.query<[{ waits: boolean }]>(
    `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted) AS waits`,
  );
  return waits;
}

async function environmentWith(limits: Partial<Environment>) {
  const environment = await anEnvironment(source, limits);
  return { environment, campaign: await aCampaign(source, environment.id) };
}

describe('what was done to numbers', () => {
  it('is read of those alone that somebody has called: a file’s others are planned together', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    const [called, uncalled] = [aNumber(), aNumber()];
    await aRequest(campaign, called, hoursAgo(1));
    const asking = { environmentId: campaign.environmentId, campaignId: campaign.id };
    const histories = await asDialer(source).everywhere((manager) =>
      historiesByNumber(manager, asking, [called, uncalled], 3600),
    );
    expect([...histories.keys()]).toEqual([called]);
  });
});

describe('the caps of a number', () => {
  it('count the requests of every campaign of its environment, and of no other', async () => {
    const { environment, campaign } = await environmentWith({ maxAttemptsPerNumberDay: 2 });
    const elsewhere = await environmentWith({});
    const to = aNumber();
    await aRequest(await aCampaign(source, environment.id), to, hoursAgo(3));
    await aRequest(elsewhere.campaign, to, hoursAgo(2));
    const first = await aCall(source, campaign, { to });
    expect(await claims.claim(first.id, 1)).toMatchObject({ kind: 'claimed' });

    const another = await environmentWith({ maxAttemptsPerNumberDay: 2 });
    await aRequest(another.campaign, to, hoursAgo(3));
    await aRequest(await aCampaign(source, another.environment.id), to, hoursAgo(30));
    await aRequest(await aCampaign(source, another.environment.id), to, hoursAgo(1));
    const held = await aCall(source, another.campaign, { to });
    expect(await claims.claim(held.id, 1)).toEqual({ kind: 'held', because: 'number_cap_reached' });
    const row = await reread(held);
    expect((row.readyAt.getTime() - hoursAgo(3).getTime()) / HOUR_MS).toBeCloseTo(24, 2);
    expect(row).toMatchObject({
      status: 'waiting',
      reason: 'number_cap_reached',
      nextAttemptAt: row.readyAt,
    });
    expect(row.evidence?.rules.at(-1)).toMatchObject({
      rule: 'number_caps',
      passed: false,
      inputs: { caps: [{ cap: 'day', calls: 2, used: 2 }] },
    });
  });

  it('do not count what was given back, nor a claim that never left', async () => {
    const { campaign } = await environmentWith({ maxAttemptsPerNumberDay: 1 });
    const to = aNumber();
    await aRequest(campaign, to, hoursAgo(1), { status: 'released', outcome: null });
    await aRequest(campaign, to, hoursAgo(1), { status: 'released', outcome: null, sendingAt: null });
    const call = await aCall(source, campaign, { to });
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'claimed' });
  });

  it('count no request that is being made: its number is waited for, and counted when the answer is known', async () => {
    const { environment, campaign } = await environmentWith({ maxAttemptsPerNumberWeek: 1 });
    const to = aNumber();
    const first = await claims.claim((await aCall(source, campaign, { to })).id, 1);
    if (first.kind !== 'claimed') throw new Error(first.kind);
    await claims.fence(first, []);
    // Its campaign ends today, long before a week is over: judged now, the call would be blocked for good.
    const endDate = new Date().toISOString().slice(0, 10);
    const ending = await aCampaign(source, environment.id, { endDate });
    const call = await aCall(source, ending, { to });
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'held', because: 'number_in_another_call' });
    const attempts = new AttemptsStore(asDialer(source), dialingSettings());
    await attempts.recordPlacement(first.attempt.id, { kind: 'not_sent', because: 'ECONNREFUSED' });
    await source.query(`UPDATE calls SET ready_at = clock_timestamp() WHERE id = $1`, [call.id]);
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'claimed' });
  });

  it('are kept to the last when campaigns race for a number, whoever asks, and however often', async () => {
    const { environment } = await environmentWith({ maxAttemptsPerNumberDay: 3 });
    const to = aNumber();
    const calls = await Promise.all(
      Array.from({ length: 6 }, async () => aCall(source, await aCampaign(source, environment.id), { to })),
    );
    const attempts = new AttemptsStore(asDialer(source), dialingSettings());
    for (let round = 0; round < 6; round += 1) {
      const rows = await Promise.all(calls.map(reread));
      const results = await Promise.all(
        rows
          .filter(({ status }) => status === 'waiting')
          .map(({ id, attemptCount }, i) => (i % 2 ? claims : rivals).claim(id, attemptCount + 1)),
      );
      const won = results.filter((result) => result.kind === 'claimed');
      expect(won.length).toBeLessThanOrEqual(1);
      for (const result of won) {
        expect(await claims.fence(result, [])).toMatchObject({ kind: 'passed' });
        const busy = { kind: 'refused', outcome: 'busy', because: 'busy', retryAfterSeconds: null } as const;
        await attempts.recordPlacement(result.attempt.id, busy);
      }
      // What a busy number held is due again; what a cap holds is not.
      await source.query(
        `UPDATE calls SET ready_at = clock_timestamp(), reason = NULL
         WHERE to_number = $1 AND status = 'waiting' AND reason = 'number_in_another_call'`,
        [to],
      );
    }
    expect(await source.manager.countBy(Attempt, { to, status: 'ended' })).toBe(3);
    const left = (await Promise.all(calls.map(reread))).filter(({ status }) => status === 'waiting');
    expect(left.map(({ reason }) => reason)).toEqual(Array(3).fill('number_cap_reached'));
  });

  it('let their calls go at once when they are raised, and only those', async () => {
    const { environment, campaign } = await environmentWith({ minAttemptGapMinutes: 600 });
    const to = aNumber();
    await aRequest(campaign, to, hoursAgo(1));
    const call = await aCall(source, campaign, { to });
    const retry = await aCall(source, campaign, { reason: 'busy', readyAt: hoursAgo(-5) });
    await claims.claim(call.id, 1);
    expect((await reread(call)).readyAt.getTime()).toBeGreaterThan(Date.now());
    const environments = new EnvironmentsStore(asApi(source));
    await environments.change(environment.id, 'test', { minAttemptGapMinutes: null });
    expect(await reread(call)).toMatchObject({ reason: null, heldSince: null });
    expect((await reread(retry)).readyAt.getTime()).toBeGreaterThan(Date.now());
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'claimed' });
  });

  it('let go of what a claim was holding by the old ones while they were raised', async () => {
    const { environment, campaign } = await environmentWith({ maxAttemptsPerNumberWeek: 1 });
    const to = aNumber();
    await aRequest(campaign, to, hoursAgo(1));
    const call = await aCall(source, campaign, { to });
    // A claim that has read the old limit, and not yet written what follows from it.
    const claim = source.createQueryRunner();
    await claim.startTransaction();
    await lockForClaim(claim.manager, call);
    await claim.query(`SELECT FROM calls WHERE id = $1 FOR UPDATE`, [call.id]);
    let isRaised = false;
    const raised = new EnvironmentsStore(asApi(other))
      .change(environment.id, 'test', { maxAttemptsPerNumberWeek: null })
      .then(() => (isRaised = true));
    while (!isRaised && !(await somebodyWaitsForADial())) continue;
    await claim.query(
      `UPDATE calls SET ready_at = clock_timestamp() + interval '7 days', reason = 'number_cap_reached' WHERE id = $1`,
      [call.id],
    );
    await claim.commitTransaction();
    await claim.release();
    await raised;
    expect(await reread(call)).toMatchObject({ reason: null });
  });

  it('move a new call to when it may go, and say so in its answer and its evidence', async () => {
    const { campaign } = await environmentWith({ maxAttemptsPerNumberWeek: 1 });
    const to = aNumber();
    await aRequest(campaign, to, hoursAgo(24));
    const intake = new CallIntakeStore(asApi(source), dialingSettings());
    const { environmentId, id: campaignId } = campaign;
    const result = await intake.accept(
      {
        ...{ environmentId, campaignId, to, timezone: null, payload: {}, context: {}, isTesting: false },
        ...{ allowDuplicates: false, notBefore: null, delaySeconds: 0, expiresAt: null, priority: 0 },
      },
      null,
      () => null,
    );
    if (result.kind !== 'accepted') throw new Error(result.kind);
    expect(result.dueNow).toBe(false);
    const { call } = result;
    expect(call).toMatchObject({
      status: 'waiting',
      reason: 'number_cap_reached',
      readyAt: call.nextAttemptAt,
    });
    expect((call.readyAt.getTime() - Date.now()) / HOUR_MS).toBeCloseTo(144, 1);
    expect(call.evidence?.rules.find(({ rule }) => rule === 'number_caps')).toMatchObject({ passed: false });

    const { held } =
      (await new WhyStore(asApi(source), dialingSettings()).call(environmentId, call.id)) ?? {};
    expect(held).toMatchObject({
      reason: 'number_cap_reached',
      rule: 'number_caps',
      since: call.heldSince,
      nextAt: call.readyAt,
    });
  });
});

describe('the cooldowns of a number', () => {
  it('follow a conversation in any campaign, and nothing else', async () => {
    const { environment, campaign } = await environmentWith({ successCooldownHours: 10 });
    const [talked, rang] = [aNumber(), aNumber()];
    const before = await aCampaign(source, environment.id);
    await aRequest(before, talked, hoursAgo(2), { outcome: 'answered', endedAt: hoursAgo(1) });
    await aRequest(before, rang, hoursAgo(2));
    const cooling = await aCall(source, campaign, { to: talked });
    expect(await claims.claim(cooling.id, 1)).toEqual({ kind: 'held', because: 'number_cooling_down' });
    expect(((await reread(cooling)).readyAt.getTime() - hoursAgo(1).getTime()) / HOUR_MS).toBeCloseTo(10, 2);
    const free = await aCall(source, campaign, { to: rang });
    expect(await claims.claim(free.id, 1)).toMatchObject({ kind: 'claimed' });
  });

  it('believe no carrier’s clock about an end that is still to come', async () => {
    const { campaign } = await environmentWith({ successCooldownHours: 1 });
    const to = aNumber();
    await aRequest(campaign, to, hoursAgo(2), { outcome: 'answered', endedAt: hoursAgo(-1_000) });
    const call = await aCall(source, campaign, { to });
    await claims.claim(call.id, 1);
    expect((await reread(call)).readyAt.getTime()).toBeLessThanOrEqual(hoursAgo(-1).getTime());
  });

  it('follow a completed campaign that asks for one, for the numbers it dialled, until that is switched off', async () => {
    const { environment, campaign } = await environmentWith({});
    const asking = await aCampaign(source, environment.id, {
      enablePostCompletionCooldown: true,
      postCompletionCooldownHours: 100,
    });
    const [dialled, waited] = [aNumber(), aNumber()];
    await aRequest(asking, dialled, hoursAgo(3));
    await aCall(source, asking, { to: waited });
    const campaigns = new CampaignsStore(asApi(source));

    const early = await aCall(source, campaign, { to: dialled });
    expect(await claims.claim(early.id, 1)).toMatchObject({ kind: 'claimed' });
    await new AttemptsStore(asDialer(source), dialingSettings()).releaseClaim(
      (await source.manager.findOneByOrFail(Attempt, { callId: early.id })).id,
      'test',
    );
    await campaigns.changeStatus(environment.id, 'test', asking.id, 'completed');
    expect(await claims.claim(early.id, 2)).toEqual({ kind: 'held', because: 'number_cooling_down' });
    expect(((await reread(early)).readyAt.getTime() - Date.now()) / HOUR_MS).toBeCloseTo(100, 1);
    const other = await aCall(source, campaign, { to: waited });
    expect(await claims.claim(other.id, 1)).toMatchObject({ kind: 'claimed' });

    const outside = await aCampaign(source, environment.id, { kind: 'direct' });
    const direct = await aCall(source, outside, { to: dialled, isDirect: true });
    const won = await claims.claim(direct.id, 1);
    expect(won).toMatchObject({ kind: 'claimed' });
    if (won.kind === 'claimed')
      await new AttemptsStore(asDialer(source), dialingSettings()).releaseClaim(won.attempt.id, 'test');

    const change = { enablePostCompletionCooldown: false };
    await campaigns.change(environment.id, 'test', asking.id, change);
    await campaigns.lookAgainAfter(environment.id, asking.id, change);
    expect(await claims.claim(early.id, 2)).toMatchObject({ kind: 'claimed' });
  });
});

describe('an environment without credits', () => {
  it('holds its calls, test calls apart, until it is given some', async () => {
    const { environment, campaign } = await environmentWith({});
    const credits = new CreditsStore(asOperator(source));
    await credits.set(environment.id, 0);
    const [paid, test] = [await aCall(source, campaign), await aCall(source, campaign, { isTesting: true })];
    expect(await claims.claim(paid.id, 1)).toEqual({ kind: 'held', because: 'no_credits' });
    expect(await claims.claim(test.id, 1)).toMatchObject({ kind: 'claimed' });
    const why = await new WhyStore(asApi(source), dialingSettings()).campaign(environment.id, campaign.id);
    expect(why?.reasons).toContainEqual(expect.objectContaining({ reason: 'no_credits', effect: 'stops' }));
    await credits.set(environment.id, 1);
    expect(await claims.claim(paid.id, 1)).toMatchObject({ kind: 'claimed' });
  });
});

describe('a retry', () => {
  it('is planned with what all campaigns did to the number, and keeps what it reckoned with', async () => {
    const { environment } = await environmentWith({ maxAttemptsPerNumberDay: 2 });
    const campaign = await aCampaign(source, environment.id, { maxRetries: 2, busyCooldownHours: 1 });
    const to = aNumber();
    await aRequest(await aCampaign(source, environment.id), to, hoursAgo(4));
    const call = await aCall(source, campaign, { to });
    const won = await claims.claim(call.id, 1);
    if (won.kind !== 'claimed') throw new Error(won.kind);
    await claims.fence(won, []);
    await new AttemptsStore(asDialer(source), dialingSettings()).recordPlacement(won.attempt.id, {
      kind: 'refused',
      outcome: 'busy',
      because: 'busy',
      retryAfterSeconds: null,
    });
    const waiting = await reread(call);
    expect(waiting).toMatchObject({ status: 'waiting', reason: 'busy' });
    // Ready when its own cooldown is over; expected when the first of the two requests is a day old.
    expect((waiting.readyAt.getTime() - Date.now()) / HOUR_MS).toBeCloseTo(1, 0);
    expect(((waiting.nextAttemptAt?.getTime() ?? 0) - Date.now()) / HOUR_MS).toBeCloseTo(20, 1);
    expect(waiting.evidence?.rules).toEqual([
      expect.objectContaining({
        rule: 'retry',
        passed: true,
        inputs: expect.objectContaining({
          outcome: 'busy',
          cooldownHours: 1,
          attemptsSpent: 1,
          maxRetries: 2,
        }),
      }),
    ]);
  });
});
