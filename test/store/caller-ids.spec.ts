import { describe, expect, it } from 'vitest';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import type { Environment } from '#store/environment.entity.js';
import { FeedStore } from '#store/feed.store.js';
import { WhyStore } from '#store/why.store.js';
import { twoConnections } from '../database.js';
import { aCall, aCampaign, anEnvironment, asApi, asDialer, dialingSettings } from '../factories.js';

const { source, other } = twoConnections(DIALER_LIMITS);
const settings = dialingSettings();
const stores = [source, other].map((each) => ({
  claims: new ClaimStore(asDialer(each), settings),
  attempts: new AttemptsStore(asDialer(each), settings),
}));

const POOL = ['+12025550191', '+12025550192', '+12025550193'];

async function campaignsOf(limits: Partial<Environment>, callerIds = POOL, count = 2): Promise<Campaign[]> {
  const { id } = await anEnvironment(source, { maxConcurrentCalls: 1_000, ...limits });
  return Promise.all(Array.from({ length: count }, () => aCampaign(source, id, { callerIds })));
}

/** So many calls, of campaigns that take turns, claimed by two dialers at once. */
async function claimAtOnce(campaigns: Campaign[], count: number, overrides: Partial<Call> = {}) {
  const calls = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      aCall(source, campaigns[index % campaigns.length] as Campaign, overrides),
    ),
  );
  // In goes, as dialers have it: each alone, all would wait for the limit row one after the other, for longer than a statement may.
  const goes = Array.from({ length: Math.ceil(count / IN_A_GO) }, (_, nth) =>
    calls.slice(nth * IN_A_GO, (nth + 1) * IN_A_GO).map(({ id }) => ({ callId: id, attempt: 1 })),
  );
  return (await Promise.all(goes.map((go, index) => stores[index % 2]!.claims.claimAll(go)))).flat();
}

const IN_A_GO = 4;

type Results = Awaited<ReturnType<typeof claimAtOnce>>;

function attemptsOf(results: Results): Attempt[] {
  return results.flatMap((result) => (result.kind === 'claimed' ? [result.attempt] : []));
}

function countsOf(attempts: Attempt[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { from } of attempts) counts[from ?? 'none'] = (counts[from ?? 'none'] ?? 0) + 1;
  return counts;
}

/** Ends an attempt, so that its number is free for another call. */
async function ended(attempt: Attempt): Promise<void> {
  await source.query(
    `UPDATE calls SET status = 'no-answer', outcome = 'no_answer', finished_at = clock_timestamp() WHERE id = $1`,
    [attempt.callId],
  );
  await source.query(
    `UPDATE attempts SET status = 'ended', outcome = 'no_answer', ended_at = clock_timestamp(),
       sending_at = coalesce(sending_at, clock_timestamp()), holds_slot = false
     WHERE id = $1`,
    [attempt.id],
  );
}

describe('the calls of a day of a caller id', () => {
  it('are never more than its cap, with thirty calls of two campaigns raced by two dialers, and none is missing', async () => {
    const campaigns = await campaignsOf({ maxCallsPerCallerIdDay: 7 });
    const results = await claimAtOnce(campaigns, 30);
    expect(countsOf(attemptsOf(results))).toEqual(Object.fromEntries(POOL.map((number) => [number, 7])));
    const rest = results.filter(({ kind }) => kind !== 'claimed');
    expect(rest).toHaveLength(9);
    for (const result of rest) expect(result).toEqual({ kind: 'held', because: 'caller_ids_capped' });
  });

  it('hold what is left as it is due: nothing of it is offered until the cap is raised, and why says so', async () => {
    const [campaign] = (await campaignsOf(
      { maxCallsPerCallerIdDay: 1, callerIdTimezone: 'Europe/Berlin' },
      POOL.slice(0, 1),
    )) as [Campaign];
    const [first, second] = [await aCall(source, campaign), await aCall(source, campaign)];
    expect((await stores[0]!.claims.claim(first.id, 1)).kind).toBe('claimed');
    expect(await stores[1]!.claims.claim(second.id, 1)).toMatchObject({ kind: 'held' });
    const held = await source.manager.findOneByOrFail(Call, { id: second.id });
    expect(held).toMatchObject({ status: 'waiting', readyAt: second.readyAt, reason: 'caller_ids_capped' });
    expect(held.nextAttemptAt?.getTime()).toBeGreaterThan(Date.now());

    const why = new WhyStore(asApi(source), settings);
    const { environmentId } = campaign;
    const reasons = (await why.campaign(environmentId, campaign.id))?.reasons ?? [];
    expect(reasons.map(({ reason, effect }) => [reason, effect])).toContainEqual([
      'caller_ids_capped',
      'stops',
    ]);
    expect((await why.call(environmentId, second.id))?.held).toMatchObject({
      reason: 'caller_ids_capped',
      rule: 'caller_ids',
      nextAt: held.nextAttemptAt,
    });

    await source.query(`UPDATE environments SET max_calls_per_caller_id_day = 2 WHERE id = $1`, [
      environmentId,
    ]);
    expect((await stores[0]!.claims.claim(second.id, 1)).kind).toBe('claimed');
  });

  it('are counted no more once they are given back, and once each, whoever gives them back', async () => {
    const [campaign] = (await campaignsOf({ maxCallsPerCallerIdDay: 2 }, POOL.slice(0, 1))) as [Campaign];
    const [refused, late] = attemptsOf(await claimAtOnce([campaign], 2)) as [Attempt, Attempt];
    expect(attemptsOf(await claimAtOnce([campaign], 1))).toHaveLength(0);
    await source.query(
      `UPDATE attempts SET status = 'sending', sending_at = clock_timestamp() WHERE id = $1`,
      [refused.id],
    );
    const limit = { kind: 'refused', outcome: 'carrier_limit', because: 'x', retryAfterSeconds: 0 } as const;
    await Promise.all(
      stores.flatMap(({ attempts }) => [
        attempts.recordPlacement(refused.id, limit),
        attempts.releaseClaim(late.id, 'fence_refused'),
      ]),
    );
    const use = `SELECT starts_of_day FROM caller_id_uses WHERE environment_id = $1`;
    expect(await source.query(use, [campaign.environmentId])).toEqual([{ starts_of_day: 0 }]);
    expect(attemptsOf(await claimAtOnce([campaign], 3))).toHaveLength(2);
  });

  it('are a new day’s after midnight of the zone', async () => {
    const [campaign] = (await campaignsOf({ maxCallsPerCallerIdDay: 1 }, POOL.slice(0, 1))) as [Campaign];
    expect(attemptsOf(await claimAtOnce([campaign], 2))).toHaveLength(1);
    const day = `UPDATE caller_id_uses SET day = day - 1 WHERE environment_id = $1`;
    await source.query(day, [campaign.environmentId]);
    expect(attemptsOf(await claimAtOnce([campaign], 2))).toHaveLength(1);
  });

  it('of one environment are not another’s', async () => {
    const [ours] = (await campaignsOf({ maxCallsPerCallerIdDay: 1 }, POOL.slice(0, 1))) as [Campaign];
    const [theirs] = (await campaignsOf({ maxCallsPerCallerIdDay: 1 }, POOL.slice(0, 1))) as [Campaign];
    expect(attemptsOf(await claimAtOnce([ours, theirs], 4))).toHaveLength(2);
  });
});

describe('the calls of a second of a caller id', () => {
  it('are never more than its limit in any rolling one, raced by two dialers, while others are passed to', async () => {
    const campaigns = await campaignsOf({ maxCallsPerCallerIdSecond: 3 });
    const results = await claimAtOnce(campaigns, 36);
    const attempts = attemptsOf(results);
    const places = new Set(results.map(({ kind }) => kind));
    expect([...places].filter((kind) => kind !== 'claimed' && kind !== 'no_room')).toEqual([]);
    for (const number of POOL) {
      const starts = attempts.flatMap(({ from, startAt }) => (from === number ? [startAt.getTime()] : []));
      starts.sort((a, b) => a - b);
      expect(starts.length).toBeGreaterThanOrEqual(3);
      starts.forEach((atMs, index) => {
        const over = starts[index + 3];
        if (over !== undefined) expect(over - atMs).toBeGreaterThanOrEqual(999);
      });
    }
  });

  it('spend no start of the trunk where there is none', async () => {
    const slow = new ClaimStore(
      asDialer(source),
      dialingSettings({ trunk: 'spared', trunkCallsPerSecond: 2 }),
    );
    const [campaign] = (await campaignsOf({ maxCallsPerCallerIdSecond: 1 }, POOL.slice(0, 1))) as [Campaign];
    const calls = await Promise.all([1, 2, 3].map(() => aCall(source, campaign)));
    const kinds: string[] = [];
    for (const { id } of calls) kinds.push((await slow.claim(id, 1)).kind);
    expect(kinds[0]).toBe('claimed');
    const free = await aCampaign(source, (await anEnvironment(source)).id);
    const next = await slow.claim((await aCall(source, free)).id, 1);
    const [attempt] = attemptsOf([next]);
    const first = await source.manager.findOneByOrFail(Attempt, { callId: calls[0]!.id });
    // Half a second on, at the trunk's own pace, or later where this took longer.
    expect((attempt?.startAt.getTime() ?? 0) - first.startAt.getTime()).toBeLessThan(
      Math.max(510, (attempt?.claimedAt.getTime() ?? 0) - first.startAt.getTime() + 510),
    );
    expect(kinds.slice(1)).toContain('no_room');
  });
});

describe('what a person is called from', () => {
  it('is the same in every campaign, whatever joins the pool, until it leaves or has made its calls', async () => {
    const [one, two] = (await campaignsOf({ maxCallsPerCallerIdDay: 100 }, POOL.slice(0, 2))) as [
      Campaign,
      Campaign,
    ];
    const [first] = attemptsOf(await claimAtOnce([one], 1)) as [Attempt];
    const { to, from } = first;
    await ended(first);
    const calledFrom = async (campaign: Campaign) => {
      const [attempt] = attemptsOf(await claimAtOnce([campaign], 1, { to })) as [Attempt];
      await ended(attempt);
      return attempt.from;
    };
    const grown = [...POOL, ...Array.from({ length: 40 }, (_, place) => `+120255502${10 + place}`)];
    await source.query(`UPDATE campaigns SET caller_ids = $2 WHERE id = $1`, [two.id, grown]);
    expect(await calledFrom(two)).toBe(from);

    const capped = `UPDATE caller_id_uses SET starts_of_day = 100 WHERE environment_id = $1 AND number = $2`;
    await source.query(capped, [one.environmentId, from]);
    const substitute = await calledFrom(two);
    expect(grown.filter((number) => number !== from)).toContain(substitute);

    await source.query(`UPDATE campaigns SET caller_ids = $2 WHERE id = $1`, [
      two.id,
      grown.filter((number) => number !== substitute),
    ]);
    await source.query(capped.replace('100', '0'), [one.environmentId, from]);
    expect(await calledFrom(two)).toBe(from);
  });
});

describe('the feed', () => {
  it('is told what a campaign may call from, where something limits it', async () => {
    const [limited] = (await campaignsOf({ maxCallsPerCallerIdDay: 1 })) as [Campaign];
    const [free] = (await campaignsOf({})) as [Campaign];
    await Promise.all([aCall(source, limited), aCall(source, limited), aCall(source, free)]);
    await claimAtOnce([limited], 1);
    const { due } = await new FeedStore(asDialer(source)).dueCampaigns();
    const factsOf = ({ id }: Campaign) => due.find(({ campaign }) => campaign.id === id)?.callerIds;
    expect(factsOf(free)).toBeNull();
    expect(factsOf(limited)?.pool).toEqual(POOL);
    expect([...(factsOf(limited)?.uses.values() ?? [])].map(({ startsOfDay }) => startsOfDay)).toEqual([1]);
  });
});
