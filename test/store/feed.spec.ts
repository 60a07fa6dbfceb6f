import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { REOFFER_SECONDS } from '#policy/deadlines.js';
import type { Call } from '#store/call.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS, database } from '#store/database.js';
import { FeedStore } from '#store/feed.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, dialingSettings } from '../factories.js';

let source: DataSource;
let feed: FeedStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
  feed = new FeedStore(asDialer(source));
});

afterAll(() => source.destroy());

/** Campaigns with so many calls each, those of higher priority first. */
async function campaignsWith(...counts: number[]) {
  const { id } = await anEnvironment(source);
  return Promise.all(
    counts.map(async (count) => {
      const campaign = await aCampaign(source, id);
      const calls: Call[] = [];
      for (let nth = 0; nth < count; nth += 1) {
        calls.push(await aCall(source, campaign, { priority: count - nth }));
      }
      return { id: campaign.id, callIds: calls.map((call) => call.id) };
    }),
  );
}

describe('an offer', () => {
  it('takes of each campaign its share and what is first there, turn by turn in the order of the shares', async () => {
    const [one, two, three] = await campaignsWith(4, 2, 3);
    const offers = await feed.offer(
      new Map([
        [two!.id, 5],
        [one!.id, 3],
      ]),
    );
    expect(offers.map(({ callId }) => callId)).toEqual([
      two!.callIds[0],
      one!.callIds[0],
      two!.callIds[1],
      one!.callIds[1],
      one!.callIds[2],
    ]);
    expect(new Set(offers.map(({ attempt, offer }) => `${attempt} ${offer}`))).toEqual(new Set(['1 1']));
    const rest = await feed.offer(
      new Map([
        [one!.id, 9],
        [two!.id, 9],
        [three!.id, 1],
      ]),
    );
    expect(rest.map(({ callId }) => callId)).toEqual([one!.callIds[3], three!.callIds[0]]);
  });

  it('of two at once gives no call to both', async () => {
    const campaigns = await campaignsWith(20, 20);
    const shares = new Map(campaigns.map(({ id }) => [id, 15]));
    const offers = (await Promise.all([feed.offer(shares), feed.offer(shares)])).flat();
    expect(offers.length).toBeGreaterThanOrEqual(30);
    expect(new Set(offers.map(({ callId }) => callId)).size).toBe(offers.length);
  });

  it('stands until the call is claimed, handed back, or to be offered again', async () => {
    const [{ id, callIds }] = (await campaignsWith(5)) as [{ id: string; callIds: string[] }];
    await feed.offer(new Map([[id, 4]]));
    await new ClaimStore(asDialer(source), dialingSettings()).claim(callIds[0]!, 1);
    await source.query(`UPDATE calls SET offered_at = NULL WHERE id = $1`, [callIds[1]]);
    await source.query(`UPDATE calls SET offered_at = offered_at - $2 * interval '1 second' WHERE id = $1`, [
      callIds[2],
      REOFFER_SECONDS,
    ]);
    expect((await feed.onOffer(callIds)).map(({ callId }) => callId)).toEqual([callIds[3]]);
    expect(await feed.onOffer([])).toEqual([]);
  });
});
