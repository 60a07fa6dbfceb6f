import { describe, expect, it } from 'vitest';
import type { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import type { DialingSettings } from '#store/dialing-settings.js';
import { FeedStore } from '#store/feed.store.js';
import { WhyStore } from '#store/why.store.js';
import { twoConnections } from '../database.js';
import { aCall, aCampaign, anEnvironment, asApi, asDialer, dialingSettings } from '../factories.js';

const { source, other } = twoConnections(DIALER_LIMITS);

const DIRECT = { isDirect: true };
const TEST = { isTesting: true };

/** So many calls of campaigns that take turns, claimed by two dialers at once; what each came to. */
async function claimAtOnce(
  settings: DialingSettings,
  campaigns: Campaign[],
  count: number,
  overrides: Partial<Call> = {},
): Promise<string[]> {
  const stores = [source, other].map((each) => new ClaimStore(asDialer(each), settings));
  const calls = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      aCall(source, campaigns[index % campaigns.length] as Campaign, overrides),
    ),
  );
  const results = await Promise.all(calls.map(({ id }, index) => stores[index % 2]!.claim(id, 1)));
  return results.map(({ kind }) => kind).toSorted();
}

async function campaignsOf(maxConcurrentCalls: number, own: Partial<Campaign> = {}): Promise<Campaign[]> {
  const { id } = await anEnvironment(source, { maxConcurrentCalls });
  return Promise.all([aCampaign(source, id, own), aCampaign(source, id)]);
}

const times = (count: number, kind: string) => Array.from({ length: count }, () => kind);

describe('a full house', () => {
  it('has slots left for direct and test calls, whatever races, and none beyond its limit', async () => {
    const settings = dialingSettings({ reservedShare: 0.2 });
    const campaigns = await campaignsOf(10);
    const [campaign] = campaigns as [Campaign];
    expect(await claimAtOnce(settings, campaigns, 20)).toEqual([
      ...times(8, 'claimed'),
      ...times(12, 'no_room'),
    ]);
    expect(await claimAtOnce(settings, campaigns, 1, DIRECT)).toEqual(['claimed']);

    const why = await new WhyStore(asApi(source), settings).campaign(campaign.environmentId, campaign.id);
    expect(why?.reasons).toContainEqual(
      expect.objectContaining({
        reason: 'environment_slots_in_use',
        sentence:
          'All 8 calls at once of the environment that are not kept for direct and test calls are under way.',
      }),
    );
    expect(await claimAtOnce(settings, campaigns, 5, TEST)).toEqual(['claimed', ...times(4, 'no_room')]);
  });

  it('has slots left in a campaign that is full, for its test calls', async () => {
    const settings = dialingSettings({ reservedShare: 0.1 });
    const [full] = (await campaignsOf(100, { maxConcurrentCalls: 3 })) as [Campaign];
    expect(await claimAtOnce(settings, [full], 5)).toEqual([...times(2, 'claimed'), ...times(3, 'no_room')]);
    expect(await claimAtOnce(settings, [full], 2, TEST)).toEqual(['claimed', 'no_room']);
  });

  it('keeps nothing back where the share is nought', async () => {
    const campaigns = await campaignsOf(4);
    expect(await claimAtOnce(dialingSettings(), campaigns, 5)).toEqual([...times(4, 'claimed'), 'no_room']);
  });
});

describe('a trunk whose starts are taken', () => {
  it('has starts left for direct and test calls within the second', async () => {
    const settings = dialingSettings({ trunk: 'kept', trunkCallsPerSecond: 4, reservedShare: 0.5 });
    const campaigns = await campaignsOf(1_000);
    expect(await claimAtOnce(settings, campaigns, 12)).toContain('no_room');
    expect(await claimAtOnce(settings, campaigns, 1, DIRECT)).toEqual(['claimed']);
    expect(await claimAtOnce(settings, campaigns, 1, TEST)).toEqual(['claimed']);
  });
});

describe('the feed', () => {
  it('finds the calls that somebody waits for behind a backlog, and offers only those where it is asked to', async () => {
    const [campaign, idle] = (await campaignsOf(100)) as [Campaign, Campaign];
    const feed = new FeedStore(asDialer(source));
    const backlog = { priority: 50 };
    await Promise.all([1, 2, 3, 4].map(() => aCall(source, campaign, backlog)));
    await aCall(source, idle);
    const urgentOnes = await Promise.all([aCall(source, campaign, TEST), aCall(source, campaign, DIRECT)]);
    const hasUrgent = async () => {
      const { due } = await feed.dueCampaigns();
      return [campaign, idle].map(({ id }) => due.find((one) => one.campaign.id === id)?.hasUrgent);
    };
    expect(await hasUrgent()).toEqual([true, false]);
    const offered = await feed.offer(new Map([[campaign.id, 3]]), 'urgent');
    expect(offered.map(({ callId }) => callId).toSorted()).toEqual(urgentOnes.map(({ id }) => id).toSorted());
    expect(await hasUrgent()).toEqual([false, false]);
    expect(await feed.offer(new Map([[campaign.id, 10]]))).toHaveLength(4);
  });
});
