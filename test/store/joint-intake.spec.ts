import { beforeAll, describe, expect, it } from 'vitest';
import type { QueryRunner } from 'typeorm';
import { Call } from '#store/call.entity.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { API_LIMITS, database } from '#store/database.js';
import { FeedStore } from '#store/feed.store.js';
import { LeasesStore } from '#store/leases.store.js';
import { campaignKey } from '#store/locks.js';
import type { IntakeResult, NewCall } from '#store/new-calls.js';
import { isStoreAway } from '#store/store-away.js';
import { BreakableProxy } from '../breakable-proxy.js';
import { twoConnections } from '../database.js';
import { aCall, aCampaign, anEnvironment, aNumber, asApi, asDialer, dialingSettings } from '../factories.js';
import { aWaitFor, commit, inTheMiddle } from './held-transaction.js';

const { url, source, other: others } = twoConnections(API_LIMITS);
const intake = new CallIntakeStore(asApi(source), dialingSettings());

beforeAll(async () => {
  await led();
});

/** Lets a dialer lead for longer than the tests take. */
const led = () => new LeasesStore(asDialer(others)).hold('dialer', 'test', 3_600);

async function anyCampaign(overrides: Partial<Campaign> = {}): Promise<Campaign> {
  const { id } = await anEnvironment(others);
  return aCampaign(others, id, overrides);
}

function newCall({ environmentId, id: campaignId }: Campaign, overrides: Partial<NewCall> = {}): NewCall {
  return {
    ...{
      environmentId,
      campaignId,
      to: aNumber(),
      timezone: null,
      payload: {},
      context: {},
      isTesting: false,
    },
    ...{ allowDuplicates: false, notBefore: null, delaySeconds: 0, expiresAt: null, priority: 0 },
    ...overrides,
  };
}

/** Asks for all at once, so that they are taken in together. */
function acceptAll(calls: NewCall[], by = intake): Promise<PromiseSettledResult<IntakeResult>[]> {
  return Promise.allSettled(calls.map((call) => by.accept(call, null, () => null)));
}

/** What became of each, in a word. */
function words(results: PromiseSettledResult<IntakeResult>[]): string[] {
  return results.map((result) => (result.status === 'fulfilled' ? result.value.kind : 'failed'));
}

/** Holds a campaign's lock, so that whatever is asked for meanwhile waits and is gathered. */
async function holding(campaignId: string): Promise<QueryRunner> {
  const runner = await inTheMiddle(others);
  await runner.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [campaignKey(campaignId)]);
  return runner;
}

describe('calls that are taken in together', () => {
  it('are each a row of its own, as it was asked for, in one transaction', async () => {
    const campaign = await anyCampaign();
    const asked = Array.from({ length: 30 }, (_, nth) =>
      newCall(campaign, { payload: { nth }, context: { "it's": `"${nth}"` }, priority: nth }),
    );
    const results = await acceptAll(asked);
    expect(words(results)).toEqual(asked.map(() => 'accepted'));
    for (const [nth, result] of results.entries()) {
      if (result.status === 'rejected' || result.value.kind !== 'accepted') continue;
      const { id } = result.value.call;
      const { to, payload, context, priority } = asked[nth]!;
      const expected = { id, to, payload, context, priority, status: 'waiting', offers: 1 };
      expect(await others.manager.findOneByOrFail(Call, { id })).toMatchObject(expected);
    }
    const [{ transactions }] = await others.query<[{ transactions: number }]>(
      `SELECT count(DISTINCT xmin::text)::integer AS transactions FROM calls WHERE campaign_id = $1`,
      [campaign.id],
    );
    expect(transactions).toBe(1);
  });

  it('to one number are one call, and the others hear of it', async () => {
    const campaign = await anyCampaign();
    const to = aNumber();
    const results = await acceptAll([
      newCall(campaign),
      ...Array.from({ length: 4 }, () => newCall(campaign, { to })),
      newCall(campaign, { to, allowDuplicates: true }),
    ]);
    expect(words(results)).toEqual([
      'accepted',
      'accepted',
      'duplicate',
      'duplicate',
      'duplicate',
      'accepted',
    ]);
    for (const result of results.slice(2, 5)) {
      expect(result).toMatchObject({ value: { existing: { to, campaignId: campaign.id } } });
    }
    expect(await others.manager.countBy(Call, { campaignId: campaign.id, to })).toBe(2);
  });

  it('are found by one that was there before, and the rest of them is taken in', async () => {
    const campaign = await anyCampaign();
    const { id, to } = await aCall(others, campaign);
    const results = await acceptAll([newCall(campaign), newCall(campaign, { to }), newCall(campaign)]);
    expect(words(results)).toEqual(['accepted', 'duplicate', 'accepted']);
    expect(results[1]).toMatchObject({ value: { existing: { id } } });
  });

  it('are not failed by one among them that cannot be stored', async () => {
    const campaign = await anyCampaign();
    const results = await acceptAll([
      newCall(campaign),
      newCall(campaign, { payload: { text: 'a\0b' } }),
      newCall(campaign),
      newCall(campaign, { priority: 2 ** 40 }),
    ]);
    expect(words(results)).toEqual(['accepted', 'failed', 'accepted', 'failed']);
    expect(await others.manager.countBy(Call, { campaignId: campaign.id })).toBe(2);
  });

  it('get no more tickets than there are free slots', async () => {
    const campaign = await anyCampaign({ maxConcurrentCalls: 3 });
    const results = await acceptAll(Array.from({ length: 10 }, () => newCall(campaign)));
    const offered = results.filter(
      (result) => result.status === 'fulfilled' && result.value.kind === 'accepted' && result.value.dueNow,
    );
    expect(offered).toHaveLength(3);
    const [{ offers }] = await others.query<[{ offers: number }]>(
      `SELECT sum(offers)::integer AS offers FROM calls WHERE campaign_id = $1`,
      [campaign.id],
    );
    expect(offers).toBe(3);
  });

  it('get no ticket while no dialer leads: nobody would take it, and the feeder of the next one finds the calls', async () => {
    const campaign = await anyCampaign();
    await others.query(`UPDATE leases SET expires_at = clock_timestamp()`);
    const results = await acceptAll([newCall(campaign), newCall(campaign)]);
    await led();
    expect(results).toMatchObject(
      Array.from({ length: 2 }, () => ({ value: { kind: 'accepted', dueNow: false } })),
    );
    const { due } = await new FeedStore(asDialer(others)).dueCampaigns();
    expect(due.map((one) => one.campaign.id)).toContain(campaign.id);
  });

  it('see every change of their campaign and of its environment that was made before', async () => {
    const campaign = await anyCampaign();
    const { environmentId, id } = campaign;
    const next = () => intake.accept(newCall(campaign), null, () => null);
    expect(await next()).toMatchObject({ kind: 'accepted', dueNow: true, campaign: { name: 'test' } });
    await others.query(`UPDATE campaigns SET name = 'renamed' WHERE id = $1`, [id]);
    expect(await next()).toMatchObject({ kind: 'accepted', dueNow: true, campaign: { name: 'renamed' } });
    await others.query(`UPDATE environments SET max_concurrent_calls = 0 WHERE id = $1`, [environmentId]);
    expect(await next()).toMatchObject({ kind: 'accepted', dueNow: false });
    await others.query(`UPDATE campaigns SET status = 'cancelled' WHERE id = $1`, [id]);
    expect(await next()).toEqual({ kind: 'not_active', status: 'cancelled' });
  });

  it('are all turned away when a pause came first, and none slips in behind one that was confirmed', async () => {
    const campaign = await anyCampaign();
    const pausing = await holding(campaign.id);
    const waiting = acceptAll(Array.from({ length: 5 }, () => newCall(campaign)));
    await aWaitFor(others, pausing);
    const behind = acceptAll(Array.from({ length: 5 }, () => newCall(campaign)));
    await pausing.query(`UPDATE campaigns SET status = 'paused' WHERE id = $1`, [campaign.id]);
    await commit(pausing);
    expect(words(await waiting)).toEqual(Array(5).fill('not_active'));
    expect(words(await behind)).toEqual(Array(5).fill('not_active'));
    expect(await others.manager.countBy(Call, { campaignId: campaign.id })).toBe(0);
  });

  it('are all counted by a pause that is confirmed, however they race, or turned away', async () => {
    const campaigns = new CampaignsStore(asApi(others));
    for (let round = 0; round < 10; round += 1) {
      const campaign = await anyCampaign();
      const { environmentId, id } = campaign;
      const asking = Array.from({ length: 5 }, () => acceptAll([newCall(campaign), newCall(campaign)]));
      await campaigns.changeStatus(environmentId, 'test', id, 'paused');
      const later = acceptAll([newCall(campaign), newCall(campaign)]);
      const { stopped } = await campaigns.confirmStop(environmentId, id);
      const became = (await Promise.all([...asking, later])).flatMap(words);
      expect(became.filter((word) => word === 'accepted')).toHaveLength(stopped);
      expect(await others.manager.countBy(Call, { campaignId: id })).toBe(stopped);
    }
  });

  it('of one campaign do not wait for those of another', async () => {
    const [held, free] = [await anyCampaign(), await anyCampaign()];
    const holder = await holding(held.id);
    const waiting = acceptAll([newCall(held)]);
    await aWaitFor(others, holder);
    expect(words(await acceptAll([newCall(free), newCall(free)]))).toEqual(['accepted', 'accepted']);
    await commit(holder);
    expect(words(await waiting)).toEqual(['accepted']);
  });

  it('by several processes, in any order, are one call for each number', async () => {
    const campaign = await anyCampaign();
    const numbers = Array.from({ length: 20 }, () => aNumber());
    const another = new CallIntakeStore(asApi(others), dialingSettings());
    for (let round = 0; round < 5; round += 1) {
      const forth = numbers.map((to) => newCall(campaign, { to }));
      const results = await Promise.all([acceptAll(forth), acceptAll(forth.toReversed(), another)]);
      const all = results.flatMap(words).sort();
      expect(all).toEqual([...Array<string>(20).fill('accepted'), ...Array<string>(20).fill('duplicate')]);
      await others.query(`DELETE FROM calls WHERE campaign_id = $1`, [campaign.id]);
    }
  });

  it('all fail, once, where the database goes away in the middle of them, and are taken in when it is back', async () => {
    const { hostname, port } = new URL(url);
    const proxy = new BreakableProxy({ host: hostname, port: Number(port) });
    await proxy.mend();
    const far = await database(proxy.through(url), API_LIMITS).initialize();
    try {
      const by = new CallIntakeStore(asApi(far), dialingSettings());
      const campaign = await anyCampaign();
      expect(words(await acceptAll([newCall(campaign)], by))).toEqual(['accepted']);
      const holder = await holding(campaign.id);
      const asked = [newCall(campaign), newCall(campaign), newCall(campaign)];
      const asking = acceptAll(asked, by);
      await aWaitFor(others, holder);
      await proxy.cut();
      const results = await asking;
      expect(words(results)).toEqual(['failed', 'failed', 'failed']);
      expect(results.map((result) => isStoreAway((result as PromiseRejectedResult).reason))).toEqual([
        true,
        true,
        true,
      ]);
      await commit(holder);
      expect(words(await acceptAll(asked, by))).toEqual(['failed', 'failed', 'failed']);
      await proxy.mend();
      expect(words(await acceptAll(asked, by))).toEqual(['accepted', 'accepted', 'accepted']);
      expect(await others.manager.countBy(Call, { campaignId: campaign.id })).toBe(4);
    } finally {
      await far.destroy();
      await proxy.cut();
    }
  });

  it('go on being taken in when a migration adds a column, by processes that do not know it', async () => {
    const campaign = await anyCampaign();
    const asked = [newCall(campaign), newCall(campaign)];
    expect(words(await acceptAll([...asked, asked[0]!]))).toEqual(['accepted', 'accepted', 'duplicate']);
    await others.query(`ALTER TABLE calls ADD COLUMN of_tomorrow text`);
    const next = newCall(campaign);
    expect(words(await acceptAll([next, newCall(campaign), next]))).toEqual([
      'accepted',
      'accepted',
      'duplicate',
    ]);
  });
});
