import { beforeAll, describe, expect, it } from 'vitest';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import { twoConnections } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, dialingSettings } from '../factories.js';
import { openedThisMinute } from '../opened-this-minute.js';

const { source, other } = twoConnections(DIALER_LIMITS);
let environmentId: string;

beforeAll(async () => {
  environmentId = (await anEnvironment(source)).id;
});

/** Ten calls claimed by two dialers at once. */
async function claimedOfTen(campaign: Campaign, rampSeconds: number) {
  const settings = dialingSettings({ rampSeconds });
  const stores = [source, other].map((each) => new ClaimStore(asDialer(each), settings));
  const calls = await Promise.all(Array.from({ length: 10 }, () => aCall(source, campaign)));
  const results = await Promise.all(calls.map(({ id }, index) => stores[index % 2]!.claim(id, 1)));
  return results.flatMap((result) => (result.kind === 'claimed' ? [result.attempt] : []));
}

/** From the one start that went to the next that may, in seconds. */
async function secondsToNext(campaign: Campaign, rampSeconds: number): Promise<number> {
  const [only, ...more] = await claimedOfTen(campaign, rampSeconds);
  expect(more).toEqual([]);
  const [{ at }] = await source.query<[{ at: Date }]>(
    `SELECT on_schedule_at AS at FROM slots WHERE scope = $1`,
    [`campaign:${campaign.id}`],
  );
  return (at.getTime() - (only?.startAt.getTime() ?? Number.NaN)) / 1000;
}

describe('a claim while hours have just opened', () => {
  it('keeps to a fifth of the campaign’s pace, and to the whole where the ramp is off', async () => {
    const { timezone, ranges: callTimeRanges } = openedThisMinute();
    const newly = { timezone, callTimeRanges, maxCallsPerMinute: 60 };
    const seconds = await secondsToNext(await aCampaign(source, environmentId, newly), 3_600);
    expect(seconds).toBeGreaterThan(4.5);
    expect(seconds).toBeLessThan(5.01);
    const off = await aCampaign(source, environmentId, { ...newly, rampSeconds: 0 });
    expect(await secondsToNext(off, 3_600)).toBeCloseTo(1, 2);
    const inHouse = await aCampaign(source, environmentId, newly);
    expect(await secondsToNext(inHouse, 0)).toBeCloseTo(1, 2);
  });

  it('gives a campaign without a pace of its own one, and takes it away again', async () => {
    const { timezone, ranges: callTimeRanges } = openedThisMinute();
    const settings = dialingSettings({ rampSeconds: 3_600, trunkCallsPerSecond: 1, trunk: 'slow' });
    const claims = new ClaimStore(asDialer(source), settings);
    const rising = await aCampaign(source, environmentId, { timezone, callTimeRanges });
    expect((await claims.claim((await aCall(source, rising)).id, 1)).kind).toBe('claimed');
    const scope = `campaign:${rising.id}`;
    const paced = `SELECT on_schedule_at > clock_timestamp() + interval '4 seconds' AS held FROM slots WHERE scope = $1`;
    expect(await source.query(paced, [scope])).toEqual([{ held: true }]);

    await source.query(`UPDATE campaigns SET ramp_seconds = 0 WHERE id = $1`, [rising.id]);
    await source.query(`UPDATE trunks SET last_start_at = NULL WHERE name = 'slow'`);
    expect((await claims.claim((await aCall(source, rising)).id, 1)).kind).toBe('claimed');
    expect(await source.query(paced, [scope])).toEqual([{ held: null }]);
  });
});
