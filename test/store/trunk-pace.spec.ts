import { beforeAll, describe, expect, it } from 'vitest';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import type { DialingSettings } from '#store/dialing-settings.js';
import type { ClaimedAttempt } from '#store/fencing.js';
import { WhyStore } from '#store/why.store.js';
import { twoConnections } from '../database.js';
import { aCall, aCampaign, anEnvironment, asApi, asDialer, dialingSettings } from '../factories.js';

const { source, other } = twoConnections(DIALER_LIMITS);
let campaign: Campaign;

beforeAll(async () => {
  campaign = await aCampaign(source, (await anEnvironment(source)).id);
});

const AT_LIMIT = { kind: 'refused', outcome: 'carrier_limit', because: 'rate_limited' } as const;
const ACCEPTED = { kind: 'accepted', providerCallId: 'p' } as const;

/** Two dialers on a trunk that nobody has used yet. */
function twoDialers(trunk: string, trunkCallsPerSecond: number) {
  const settings = dialingSettings({ trunk, trunkCallsPerSecond });
  const [one, two] = [source, other].map((each) => ({
    claims: new ClaimStore(asDialer(each), settings),
    attempts: new AttemptsStore(asDialer(each), settings),
  }));
  return { settings, of: (index: number) => (index % 2 ? one : two) as NonNullable<typeof one> };
}

type Dialers = ReturnType<typeof twoDialers>;

/** As many calls as the trunk has starts for, at most `count`, claimed by both; their campaigns take turns. */
async function claimed({ of }: Dialers, count: number, among = [campaign]): Promise<ClaimedAttempt[]> {
  const calls = await Promise.all(
    Array.from({ length: count }, (_, index) => aCall(source, among[index % among.length] as Campaign)),
  );
  const tickets = calls.map(({ id }) => ({ callId: id, attempt: 1 }));
  const goes = [0, 1].map((dialer) =>
    of(dialer).claims.claimAll(tickets.filter((_, index) => index % 2 === dialer)),
  );
  const results = (await Promise.all(goes)).flat();
  return results.flatMap((result) => (result.kind === 'claimed' ? [result] : []));
}

/** As many more, past the fence. */
async function sent(dialers: Dialers, count: number): Promise<ClaimedAttempt[]> {
  const claims = await claimed(dialers, count);
  const fenced = claims.map((claimed) => ({ claimed, missingPlaceholders: [] }));
  const passed = await dialers.of(0).claims.fenceAll(fenced);
  expect(passed.every(({ kind }) => kind === 'passed')).toBe(true);
  return claims;
}

async function shareOf({ trunks: [trunk] }: DialingSettings): Promise<number> {
  const [row] = await source.query<{ rate_share: number }[]>(
    `SELECT rate_share FROM trunks WHERE name = $1`,
    [trunk!.name],
  );
  return row?.rate_share ?? Number.NaN;
}

/** Lets time pass for a trunk. */
async function passes(seconds: number, { trunks: [trunk] }: DialingSettings): Promise<void> {
  await source.query(
    `UPDATE trunks SET last_start_at = last_start_at - $2 * interval '1 second',
       slowed_at = slowed_at - $2 * interval '1 second', resumes_at = resumes_at - $2 * interval '1 second',
       credited_until = credited_until - $2 * interval '1 second'
     WHERE name = $1`,
    [trunk!.name, seconds],
  );
}

describe('a provider at its limit', () => {
  it('halves the trunk once for a burst of ten, told to two dialers at once, and every try is given back', async () => {
    const dialers = twoDialers('burst', 1_000);
    const burst = await sent(dialers, 10);
    expect(burst).toHaveLength(10);
    await Promise.all(
      burst.map(({ attempt }, index) =>
        dialers.of(index).attempts.recordPlacement(attempt.id, { ...AT_LIMIT, retryAfterSeconds: null }),
      ),
    );
    expect(await shareOf(dialers.settings)).toBe(0.5);
    for (const { call } of burst) {
      const given = await source.manager.findOneByOrFail(Call, { id: call.id });
      expect(given).toMatchObject({ status: 'waiting', attemptsSpent: 0, giveBacks: 1 });
    }
  });

  it('spaces the next starts of both dialers by the slower rate', async () => {
    const dialers = twoDialers('spaced', 16);
    const [first] = await sent(dialers, 1);
    await dialers
      .of(0)
      .attempts.recordPlacement(first?.attempt.id ?? '', { ...AT_LIMIT, retryAfterSeconds: null });
    // Of environments that have no row in common but the trunk's.
    const strangers = await Promise.all(
      Array.from({ length: 30 }, async () => aCampaign(source, (await anEnvironment(source)).id)),
    );
    const starts = (await claimed(dialers, 30, strangers)).map(({ attempt }) => attempt.startAt.getTime());
    starts.sort((a, b) => a - b);
    // Eight in the second that may be reserved, while it moves on.
    expect(starts.length).toBeGreaterThanOrEqual(8);
    expect(starts.length).toBeLessThan(20);
    starts.slice(1).forEach((at, index) => expect(at - (starts[index] ?? 0)).toBeGreaterThanOrEqual(124));
  });

  it('is given its pause: no claim and no fence before it is over, and the campaign says why', async () => {
    const dialers = twoDialers('paused', 100);
    const [refused, waiting] = await claimed(dialers, 2);
    if (refused === undefined || waiting === undefined) throw new Error('two claims were expected');
    const { claims, attempts } = dialers.of(0);
    await claims.fence(refused, []);
    await attempts.recordPlacement(refused.attempt.id, { ...AT_LIMIT, retryAfterSeconds: 60 });

    expect(await claims.fence(waiting, [])).toEqual({ kind: 'refused' });
    expect(await claimed(dialers, 3)).toHaveLength(0);
    const why = await new WhyStore(asApi(source), dialers.settings).campaign(
      campaign.environmentId,
      campaign.id,
    );
    const said = why?.reasons.find(({ reason }) => reason === 'trunk_slowed');
    expect(said).toMatchObject({ effect: 'stops', sentence: expect.stringContaining('50 starts a second') });
    expect((said?.until?.getTime() ?? 0) - Date.now()).toBeGreaterThan(50_000);

    await passes(60, dialers.settings);
    expect(await claimed(dialers, 3)).toHaveLength(3);
  });

  it('slows the trunk too by a 503 that leaves open what became of its call, which is looked up', async () => {
    const dialers = twoDialers('open', 100);
    const [one] = await sent(dialers, 1);
    const { attempt, call } = one as ClaimedAttempt;
    const slowDown = { retryAfterSeconds: null };
    await dialers.of(0).attempts.recordPlacement(attempt.id, { kind: 'unknown', because: 'x', slowDown });
    expect(await shareOf(dialers.settings)).toBe(0.5);
    expect((await source.manager.findOneByOrFail(Call, { id: call.id })).status).toBe('initiated');
  });
});

describe('a provider that takes calls again', () => {
  it('brings the trunk back by the time that passed, counted once however many dialers are told', async () => {
    const dialers = twoDialers('recovering', 1_000);
    const [first] = await sent(dialers, 1);
    await dialers
      .of(0)
      .attempts.recordPlacement(first?.attempt.id ?? '', { ...AT_LIMIT, retryAfterSeconds: null });
    await passes(1, dialers.settings);
    const accepted = await sent(dialers, 10);
    const before = performance.now();
    await Promise.all(
      accepted.map(({ attempt }, index) => dialers.of(index).attempts.recordPlacement(attempt.id, ACCEPTED)),
    );
    const seconds = 1 + (performance.now() - before) / 1_000;
    const share = await shareOf(dialers.settings);
    expect(share).toBeGreaterThanOrEqual(0.5 + 1 / 30);
    expect(share).toBeLessThanOrEqual(0.5 + seconds / 30);
  });

  it('brings it back whole, and no further', async () => {
    const dialers = twoDialers('whole', 1_000);
    const [first] = await sent(dialers, 1);
    await dialers
      .of(0)
      .attempts.recordPlacement(first?.attempt.id ?? '', { ...AT_LIMIT, retryAfterSeconds: null });
    for (let second = 0; second < 16; second += 1) {
      await passes(1, dialers.settings);
      const [next] = await sent(dialers, 1);
      await dialers.of(second).attempts.recordPlacement(next?.attempt.id ?? '', ACCEPTED);
    }
    expect(await shareOf(dialers.settings)).toBe(1);
  });
});
