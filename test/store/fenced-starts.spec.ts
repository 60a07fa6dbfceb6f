import { beforeAll, expect, it } from 'vitest';
import { Attempt } from '#store/attempt.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import type { DialingSettings } from '#store/dialing-settings.js';
import type { ClaimedAttempt } from '#store/fencing.js';
import { twoConnections } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, dialingSettings, trunkOf } from '../factories.js';

const { source, other } = twoConnections(DIALER_LIMITS);
let campaigns: Campaign[];

beforeAll(async () => {
  // Of two environments, that have no row in common but the trunk's.
  const environments = await Promise.all([anEnvironment(source), anEnvironment(source)]);
  campaigns = await Promise.all(environments.map(({ id }) => aCampaign(source, id)));
});

/** Trunks that reserve more starts than may pass: only the fence counts. */
const fencedAt = (most: number, withinMs: number, ...names: string[]) =>
  dialingSettings({
    trunks: names.map((name) => trunkOf({ name, callsPerSecond: 200, fence: { most, withinMs } })),
  });

const dialersOf = (settings: DialingSettings) =>
  [source, other].map((each) => new ClaimStore(asDialer(each), settings)) as [ClaimStore, ClaimStore];

async function claimed(claims: ClaimStore, count: number, campaign: Campaign): Promise<ClaimedAttempt[]> {
  const calls = await Promise.all(Array.from({ length: count }, () => aCall(source, campaign)));
  const results = await claims.claimAll(calls.map(({ id }) => ({ callId: id, attempt: 1 })));
  return results.map((result) => {
    if (result.kind !== 'claimed') throw new Error(result.kind);
    return result;
  });
}

const asking = (claims: ClaimedAttempt[]) => claims.map((one) => ({ claimed: one, missingPlaceholders: [] }));

it('passes no more over a trunk than it may start in the time, whatever two dialers fence at once', async () => {
  const [one, two] = dialersOf(fencedAt(7, 60_000, 'raced'));
  const mine = await claimed(one, 12, campaigns[0]!);
  const theirs = await claimed(two, 12, campaigns[1]!);
  const results = await Promise.all([
    one.fenceAll(asking(mine.slice(0, 6))),
    two.fenceAll(asking(theirs.slice(0, 3))),
    ...mine.slice(6).map((claim) => one.fenceAll(asking([claim]))),
    ...theirs.slice(3).map((claim) => two.fenceAll(asking([claim]))),
  ]);
  const kinds = results.flat().map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'passed')).toHaveLength(7);
  // By the time that one of them would pass, its claim is too old: it is offered again.
  expect(kinds.filter((kind) => kind === 'refused')).toHaveLength(17);
  const [{ sending }] = await source.query<[{ sending: number }]>(
    `SELECT count(*)::integer AS sending FROM attempts WHERE trunk = 'raced' AND status = 'sending'`,
  );
  expect(sending).toBe(7);
});

it('tells what comes early when it passes, leaves it claimed, and lets it pass by then', async () => {
  const [claims] = dialersOf(fencedAt(2, 1_000, 'early'));
  const three = await claimed(claims, 3, campaigns[0]!);
  const results = await claims.fenceAll(asking(three.toReversed()));
  // The first reserved goes first, in whatever order they are asked for.
  expect(results.map(({ kind }) => kind)).toEqual(['early', 'passed', 'passed']);
  expect(results[0]).toEqual({ kind: 'early', passesInMs: 1_000 });
  const late = three[2]!;
  const rowOfLate = () => source.manager.findOneByOrFail(Attempt, { id: late.attempt.id });
  expect(await rowOfLate()).toMatchObject({ status: 'claimed', sendingAt: null });
  expect(await claims.fence(late, [])).toMatchObject({ kind: 'early' });

  await source.query(
    `UPDATE fenced_starts SET passed = jsonb_set(passed, '{atMs,0}', to_jsonb(0)) WHERE trunk = 'early'`,
  );
  expect(await claims.fence(late, [])).toMatchObject({ kind: 'passed' });
  expect((await rowOfLate()).status).toBe('sending');
});

it('writes of an attempt the instant at which it was counted', async () => {
  const [claims] = dialersOf(fencedAt(9, 1_000, 'written'));
  const four = await claimed(claims, 4, campaigns[0]!);
  await claims.fenceAll(asking(four));
  const [{ same }] = await source.query<[{ same: number }]>(
    `SELECT count(*)::integer AS same FROM attempts JOIN fenced_starts USING (trunk)
     WHERE trunk = 'written' AND abs(extract(epoch FROM sending_at)::double precision * 1000 - (passed #>> '{atMs,0}')::double precision) < 0.002`,
  );
  expect(same).toBe(4);
});

it('counts each trunk by itself', async () => {
  const settings = fencedAt(1, 1_000, 'first', 'second');
  const [claims] = dialersOf(settings);
  const [first, second] = await claimed(claims, 2, campaigns[0]!);
  const moved = { ...second!, attempt: { ...second!.attempt, trunk: 'second' } };
  const results = await claims.fenceAll(asking([first!, moved]));
  expect(results.map(({ kind }) => kind)).toEqual(['passed', 'passed']);
});
