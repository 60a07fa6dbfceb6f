import { describe, expect, it, vi } from 'vitest';
import { MAX_CLAIM_AGE_SECONDS } from '#policy/deadlines.js';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import { ClaimStore, type ClaimResult } from '#store/claim.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import { FeedStore } from '#store/feed.store.js';
import type { ClaimedAttempt } from '#store/fencing.js';
import { barrier, campaignKey, lockForClaim } from '#store/locks.js';
import { ReconcileStore } from '#store/reconcile.store.js';
import { twoConnections } from '../database.js';
import {
  aCall,
  aCampaign,
  anAgent,
  anEnvironment,
  aNumber,
  asDialer,
  dialingSettings,
} from '../factories.js';

const { source, other } = twoConnections(DIALER_LIMITS);
const claims = new ClaimStore(asDialer(source), dialingSettings());
const rivals = new ClaimStore(asDialer(other), dialingSettings());
const attempts = new AttemptsStore(asDialer(source), dialingSettings());

function claimed(result: ClaimResult): ClaimedAttempt {
  if (result.kind !== 'claimed') throw new Error(`expected a claim, got ${result.kind}`);
  return result;
}

async function slotsInUse(scope: string): Promise<number> {
  const [row] = await source.query<{ in_use: number }[]>(`SELECT in_use FROM slots WHERE scope = $1`, [
    scope,
  ]);
  return row?.in_use ?? Number.NaN;
}

describe('the claim', () => {
  it('is won by one of two workers, however often they race for one call', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    for (let round = 0; round < 20; round += 1) {
      const call = await aCall(source, campaign);
      const results = await Promise.all(
        [claims, rivals, claims, rivals].map((store) => store.claim(call.id, 1)),
      );
      expect(results.map(({ kind }) => kind).sort()).toEqual(['claimed', 'stale', 'stale', 'stale']);
      expect(await source.manager.countBy(Attempt, { callId: call.id })).toBe(1);
    }
  });

  it('never opens a second call to one number, whichever campaigns ask', async () => {
    const environment = await anEnvironment(source);
    const to = aNumber();
    const calls = await Promise.all(
      [1, 2, 3].map(async () => aCall(source, await aCampaign(source, environment.id), { to })),
    );
    const results = await Promise.all(
      calls.map(({ id }, index) => (index % 2 ? claims : rivals).claim(id, 1)),
    );
    expect(results.map(({ kind }) => kind).sort()).toEqual(['claimed', 'held', 'held']);
  });

  it('never exceeds the slots of a campaign, with forty calls raced by two workers', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id, { maxConcurrentCalls: 3 });
    const calls = await Promise.all(Array.from({ length: 40 }, () => aCall(source, campaign)));
    const results = await Promise.all(
      calls.map(({ id }, index) => (index % 2 ? claims : rivals).claim(id, 1)),
    );
    const won = results.filter(({ kind }) => kind === 'claimed');
    expect(won).toHaveLength(3);
    expect(results.filter(({ kind }) => kind === 'no_room')).toHaveLength(37);
    expect(await slotsInUse(`campaign:${campaign.id}`)).toBe(3);

    await attempts.releaseClaim(claimed(won[0] as ClaimResult).attempt.id, 'test');
    expect(await slotsInUse(`campaign:${campaign.id}`)).toBe(2);
  });

  it('never starts more in a minute than the campaign says, with forty calls raced by two workers', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id, { maxCallsPerMinute: 150 });
    const unpaced = await aCampaign(source, campaign.environmentId);
    const calls = await Promise.all(Array.from({ length: 40 }, () => aCall(source, campaign)));
    const before = Date.now();
    const results = await Promise.all(
      calls.map(({ id }, index) => (index % 2 ? claims : rivals).claim(id, 1)),
    );
    const seconds = (Date.now() - before) / 1000;
    const won = results.filter(({ kind }) => kind === 'claimed');
    expect(won.length).toBeGreaterThanOrEqual(3);
    expect(won.length).toBeLessThanOrEqual(3 + Math.ceil(seconds * (148 / 60)));
    expect(results.filter(({ kind }) => kind === 'no_room')).toHaveLength(40 - won.length);
    expect((await claims.claim((await aCall(source, unpaced)).id, 1)).kind).toBe('claimed');
  });

  it('reserves starts no closer than the trunk allows, and none more than a second ahead', async () => {
    const paced = new ClaimStore(
      asDialer(source),
      dialingSettings({ trunk: 'paced', trunkCallsPerSecond: 4 }),
    );
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    const calls = await Promise.all(Array.from({ length: 12 }, () => aCall(source, campaign)));
    const results: ClaimResult[] = [];
    for (const { id } of calls) results.push(await paced.claim(id, 1));
    const starts = results.flatMap((result) =>
      result.kind === 'claimed' ? [result.attempt.startAt.getTime()] : [],
    );
    expect(starts.length).toBeGreaterThanOrEqual(4);
    expect(starts.length).toBeLessThan(12);
    for (const [index, start] of starts.slice(1).entries()) {
      expect(start - (starts[index] ?? 0)).toBeGreaterThanOrEqual(249);
    }
    expect(results.every(({ kind }) => kind === 'claimed' || kind === 'no_room')).toBe(true);
    for (const result of results) {
      if (result.kind !== 'claimed') continue;
      const { startAt, claimedAt } = result.attempt;
      // What deciding took is not waited for again.
      expect(result.startsInMs).toBeLessThan(Math.max(1, startAt.getTime() - claimedAt.getTime()));
      expect(result.startsInMs).toBeGreaterThanOrEqual(0);
    }
  });

  it('blocks a number that opted out, tells webhooks in the same transaction, and dials nothing', async () => {
    const environment = await anEnvironment(source);
    const campaign = await aCampaign(source, environment.id);
    const call = await aCall(source, campaign);
    await source.query(
      `INSERT INTO do_not_call_entries (environment_id, kind, to_number) VALUES ($1, 'opt_out', $2)`,
      [environment.id, call.to],
    );
    await source.query(
      `INSERT INTO webhook_endpoints (environment_id, campaign_id, name, webhook_url, events)
       VALUES ($1, $2, 'test', 'https://example.com', '{campaign_call.blocked}')`,
      [environment.id, campaign.id],
    );
    const result = await claims.claim(call.id, 1);
    expect(result).toMatchObject({
      kind: 'refused',
      because: 'do_not_call',
      deliveryIds: [expect.any(String)],
    });
    const row = await source.manager.findOneByOrFail(Call, { id: call.id });
    expect(row).toMatchObject({ status: 'blocked', reason: 'do_not_call', nextAttemptAt: null });
    expect(row.finishedAt).toBeInstanceOf(Date);
    expect(await source.manager.countBy(Attempt, { callId: call.id })).toBe(0);
  });

  it('lets the campaign’s agent of today dial, as the feed judges it, not the one of the call’s intake', async () => {
    const { id: environmentId } = await anEnvironment(source);
    const campaign = await aCampaign(source, environmentId);
    const { id } = await aCall(source, campaign);
    const successor = await anAgent(source, environmentId);
    await source.query(`UPDATE campaigns SET agent_id = $2 WHERE id = $1`, [campaign.id, successor.id]);
    await source.query(`UPDATE agents SET current_status = 'draft' WHERE id = $1`, [campaign.agentId]);
    const { due } = await new FeedStore(asDialer(source)).dueCampaigns();
    expect(due.map((one) => one.campaign.id)).toContain(campaign.id);
    expect(await claims.claim(id, 1)).toMatchObject({ kind: 'claimed', agent: { id: successor.id } });
    expect((await source.manager.findOneByOrFail(Call, { id })).agentId).toBe(successor.id);
  });

  it('leaves an early, a late and an old ticket without effect', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    const early = await aCall(source, campaign, { readyAt: new Date('2099-01-01') });
    expect(await claims.claim(early.id, 1)).toEqual({ kind: 'stale' });
    const call = await aCall(source, campaign, { attemptCount: 1 });
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'stale' });
    expect((await claims.claim(call.id, 2)).kind).toBe('claimed');
    expect(await claims.claim(call.id, 2)).toEqual({ kind: 'stale' });
  });
});

describe('the fence', () => {
  async function aClaim(campaignOverrides = {}): Promise<ClaimedAttempt> {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id, campaignOverrides);
    return claimed(await claims.claim((await aCall(source, campaign)).id, 1));
  }

  it('is passed once, by one of two workers', async () => {
    const claim = await aClaim();
    const passed = await Promise.all([claims.fence(claim, []), rivals.fence(claim, [])]);
    expect(passed.filter(({ kind }) => kind === 'passed')).toHaveLength(1);
  });

  it.each<[string, (claim: ClaimedAttempt) => Promise<unknown>]>([
    [
      'the claim is too old',
      ({ attempt }) =>
        source.query(`UPDATE attempts SET claimed_at = claimed_at - $2 * interval '1 second' WHERE id = $1`, [
          attempt.id,
          MAX_CLAIM_AGE_SECONDS,
        ]),
    ],
    [
      'the window has closed',
      ({ attempt }) =>
        source.query(`UPDATE attempts SET open_until = clock_timestamp() WHERE id = $1`, [attempt.id]),
    ],
    [
      'the campaign was paused',
      ({ attempt }) =>
        source.query(`UPDATE campaigns SET status = 'paused' WHERE id = $1`, [attempt.campaignId]),
    ],
    [
      'the rules changed',
      ({ attempt }) =>
        source.query(`UPDATE campaigns SET rules_version = rules_version + 1 WHERE id = $1`, [
          attempt.campaignId,
        ]),
    ],
    [
      'the kill switch is on',
      ({ attempt }) =>
        source.query(`UPDATE environments SET kill_switch = true WHERE id = $1`, [attempt.environmentId]),
    ],
    [
      'the number opted out',
      ({ attempt }) =>
        source.query(
          `INSERT INTO do_not_call_entries (environment_id, kind, to_number) VALUES ($1, 'opt_out', $2)`,
          [attempt.environmentId, attempt.to],
        ),
    ],
    ['the claim was taken back', ({ attempt }) => attempts.releaseClaim(attempt.id, 'claim_too_old')],
  ])('refuses when %s, and the call waits again with its try', async (_, change) => {
    const claim = await aClaim();
    await change(claim);
    expect(await claims.fence(claim, [])).toEqual({ kind: 'refused' });
    await attempts.releaseClaim(claim.attempt.id, 'fence_refused');
    const call = await source.manager.findOneByOrFail(Call, { id: claim.call.id });
    expect(call).toMatchObject({ status: 'waiting', attemptsSpent: 0, giveBacks: 0 });
    expect(await slotsInUse(`campaign:${call.campaignId}`)).toBe(0);
  });

  it('cannot be undone by a reconciler that comes late', async () => {
    const claim = await aClaim();
    expect(await claims.fence(claim, [])).toMatchObject({ kind: 'passed' });
    await attempts.releaseClaim(claim.attempt.id, 'claim_too_old');
    const attempt = await source.manager.findOneByOrFail(Attempt, { id: claim.attempt.id });
    expect(attempt.status).toBe('sending');
  });

  it('wins over a reconciler that takes the claim back while the fence is committing', async () => {
    const claim = await aClaim();
    const fencing = other.createQueryRunner();
    await fencing.startTransaction();
    await fencing.query(
      `UPDATE attempts SET status = 'sending', sending_at = clock_timestamp() WHERE id = $1 AND status = 'claimed'`,
      [claim.attempt.id],
    );
    const released = attempts.releaseClaim(claim.attempt.id, 'claim_too_old');
    await vi.waitFor(async () => {
      const [{ waiting }] = await source.query<[{ waiting: boolean }]>(
        `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted) AS waiting`,
      );
      expect(waiting).toBe(true);
    });
    await fencing.commitTransaction();
    await fencing.release();
    await released;
    const attempt = await source.manager.findOneByOrFail(Attempt, { id: claim.attempt.id });
    const call = await source.manager.findOneByOrFail(Call, { id: claim.call.id });
    expect([attempt.status, call.status]).toEqual(['sending', 'initiated']);
  });

  it('keeps the placeholders that the payload left empty', async () => {
    const claim = await aClaim();
    await claims.fence(claim, ['name']);
    const call = await source.manager.findOneByOrFail(Call, { id: claim.call.id });
    expect(call.missingPlaceholders).toEqual(['name']);
  });
});

describe('a stop', () => {
  it('waits for a claim that is deciding, and nothing is claimed once it has answered', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    const call = await aCall(source, campaign);
    const order: string[] = [];
    let release = () => {};
    const deciding = new Promise<void>((resolve) => (release = resolve));
    const locked = new Promise<void>((resolve, reject) => {
      other
        .transaction(async (manager) => {
          await lockForClaim(manager, call);
          resolve();
          await deciding;
          order.push('claim decided');
        })
        .catch(reject);
    });
    await locked;
    await source.query(`UPDATE campaigns SET status = 'paused' WHERE id = $1`, [campaign.id]);
    const stopped = source
      .transaction((manager) => barrier(manager, [campaignKey(campaign.id)]))
      .then(() => order.push('stop answered'));
    await vi.waitFor(async () => {
      const [{ waiting }] = await source.query<[{ waiting: boolean }]>(
        `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted) AS waiting`,
      );
      expect(waiting || order.length > 0).toBe(true);
    });
    release();
    await stopped;
    expect(order).toEqual(['claim decided', 'stop answered']);
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'held', because: 'campaign_not_active' });
  });
});

describe('the limit rows', () => {
  it('are set right again when they have drifted from the open attempts', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    claimed(await claims.claim((await aCall(source, campaign)).id, 1));
    await source.query(`UPDATE slots SET in_use = 7 WHERE scope = $1`, [`campaign:${campaign.id}`]);
    const drifted = await new ReconcileStore(asDialer(source), dialingSettings()).recountSlots();
    expect(drifted).toEqual([`campaign:${campaign.id}`]);
    expect(await slotsInUse(`campaign:${campaign.id}`)).toBe(1);
  });
});
