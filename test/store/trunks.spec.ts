import { describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { Attempt } from '#store/attempt.entity.js';
import { AttemptsStore, type RecordedPlacement } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore, type ClaimResult } from '#store/claim.store.js';
import { DIALER_LIMITS } from '#store/database.js';
import type { Trunk } from '#store/dialing-settings.js';
import type { ClaimedAttempt } from '#store/fencing.js';
import { OperatorTrunksStore } from '#store/operator-trunks.store.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { TrunkStarts } from '#store/trunks.js';
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
  trunkOf,
} from '../factories.js';
import { aWaitFor, commit, inTheMiddle } from './held-transaction.js';

const { source, other } = twoConnections(DIALER_LIMITS);

let houses = 0;

/** A house with trunks of its own, their names made unlike those of every other test. */
function aHouse(...trunks: Partial<Trunk>[]) {
  houses += 1;
  const named = trunks.map((trunk, nth) => trunkOf({ ...trunk, name: `t${houses}-${nth}` }));
  const settings = dialingSettings({ trunks: named });
  return {
    settings,
    names: named.map(({ name }) => name),
    claims: new ClaimStore(asDialer(source), settings),
    attempts: new AttemptsStore(asDialer(source), settings),
  };
}

type ATestHouse = ReturnType<typeof aHouse>;

async function someCampaign(overrides: Partial<Campaign> = {}): Promise<Campaign> {
  const { id } = await anEnvironment(source, { maxConcurrentCalls: 1_000 });
  return aCampaign(source, id, overrides);
}

async function claimedOne({ claims }: ATestHouse, call: Call): Promise<ClaimedAttempt> {
  const { attemptCount } = await source.manager.findOneByOrFail(Call, { id: call.id });
  const result = await claims.claim(call.id, attemptCount + 1);
  if (result.kind !== 'claimed') throw new Error(JSON.stringify(result));
  return result;
}

/** Claims a call, lets it pass the fence, and records what its request came to. */
async function sent(house: ATestHouse, call: Call, placement: RecordedPlacement): Promise<Attempt> {
  const claimed = await claimedOne(house, call);
  expect(await house.claims.fence(claimed, [])).toMatchObject({ kind: 'passed' });
  await house.attempts.recordPlacement(claimed.attempt.id, placement);
  return claimed.attempt;
}

/** The same for many new calls, at once. */
async function manySent(
  house: ATestHouse,
  campaign: Campaign,
  count: number,
  placement: (nth: number) => RecordedPlacement,
): Promise<Attempt[]> {
  const calls = await Promise.all(Array.from({ length: count }, () => aCall(source, campaign)));
  const results = await house.claims.claimAll(calls.map(({ id }) => ({ callId: id, attempt: 1 })));
  const claims = results.flatMap((result) => (result.kind === 'claimed' ? [result] : []));
  expect(claims).toHaveLength(count);
  const passed = await house.claims.fenceAll(claims.map((claimed) => ({ claimed, missingPlaceholders: [] })));
  expect(passed.every(({ kind }) => kind === 'passed')).toBe(true);
  await Promise.all(
    claims.map(({ attempt }, nth) => house.attempts.recordPlacement(attempt.id, placement(nth))),
  );
  return claims.map(({ attempt }) => attempt);
}

/** Thirty requests of which nobody can tell what became of them. */
const fails = (house: ATestHouse, campaign: Campaign) => manySent(house, campaign, 30, () => UNKNOWN);

const UNKNOWN: RecordedPlacement = { kind: 'unknown', because: 'status_500' };
const NOT_SENT: RecordedPlacement = { kind: 'not_sent', because: 'ECONNREFUSED' };
const ACCEPTED: RecordedPlacement = { kind: 'accepted', providerCallId: 'p1' };

/** As if a call had been claimed this moment: the fence refuses an old claim too. */
const claimedNow = ({ attempt }: ClaimedAttempt) =>
  source.query(`UPDATE attempts SET claimed_at = clock_timestamp() WHERE id = $1`, [attempt.id]);

/** As if the rest of a trunk were over. */
const rested = (trunk: string) =>
  source.query(`UPDATE trunks SET rests_until = clock_timestamp() - interval '1 second' WHERE name = $1`, [
    trunk,
  ]);

/** As if a trunk had its whole rate, and the starts that it reserved were long ago. */
const passesLimits = (trunk: string) =>
  source.query(
    `UPDATE trunks SET rate_share = 1, resumes_at = NULL, last_start_at = clock_timestamp() - interval '1 minute'
     WHERE name = $1`,
    [trunk],
  );

/** As if the delay of a call that was given back were over. */
const due = ({ id }: Call) =>
  source.query(`UPDATE calls SET ready_at = clock_timestamp() - interval '1 second' WHERE id = $1`, [id]);

describe('a call of a house with several trunks', () => {
  it('goes over the one with the longest prefix of its number, and its attempt says so', async () => {
    const house = aHouse({}, { prefixes: ['+44'] }, { prefixes: ['+4420'] });
    const campaign = await someCampaign();
    const over = async (to: string) =>
      house.names.indexOf((await claimedOne(house, await aCall(source, campaign, { to }))).attempt.trunk!);
    expect(await over('+442079460001')).toBe(2);
    expect(await over('+441632960001')).toBe(1);
    expect(await over('+12025550101')).toBe(0);
  });

  it('comes from a number that its trunk may show', async () => {
    const house = aHouse({ callerIds: ['+12025550192'], prefixes: ['+1'] }, {});
    const campaign = await someCampaign({ callerIds: ['+12025550191', '+12025550192', '+12025550193'] });
    for (let nth = 0; nth < 6; nth += 1) {
      const { attempt } = await claimedOne(house, await aCall(source, campaign));
      expect([attempt.trunk, attempt.from]).toEqual([house.names[0], '+12025550192']);
    }
  });

  it('goes over the next one once its first has shown all that it may on the day, and then lets others by', async () => {
    const [one, two, three] = ['+12025550194', '+12025550195', '+12025550196'] as const;
    const house = aHouse(
      { prefixes: ['+1'], callerIds: [one] },
      { prefixes: ['+1'], callerIds: [two] },
      { prefixes: ['+44'], callerIds: [three] },
    );
    const { id } = await anEnvironment(source, { maxConcurrentCalls: 9, maxCallsPerCallerIdDay: 1 });
    const campaign = await aCampaign(source, id, { callerIds: [one, two, three] });
    for (const [nth, from] of [one, two].entries()) {
      const { attempt } = await claimedOne(house, await aCall(source, campaign));
      expect([attempt.trunk, attempt.from]).toEqual([house.names[nth], from]);
    }
    const call = await aCall(source, campaign);
    expect(await house.claims.claim(call.id, 1)).toEqual({ kind: 'held', because: 'caller_ids_capped' });
    const { readyAt } = await source.manager.findOneByOrFail(Call, { id: call.id });
    expect(readyAt.getTime()).toBeGreaterThan(call.readyAt.getTime() + 30_000);
    const why = new WhyStore(asApi(source), house.settings);
    expect((await why.call(id, call.id))?.held).toMatchObject({
      ...{ reason: 'caller_ids_capped', rule: 'caller_ids' },
    });
    const abroad = await claimedOne(house, await aCall(source, campaign, { to: '+442079460002' }));
    expect(abroad.attempt.from).toBe(three);
  });

  it('waits where no trunk takes it, says so, and goes over the trunks that its campaign is given', async () => {
    const house = aHouse({ prefixes: ['+49'] }, { prefixes: ['+1'] }, { prefixes: ['+1'] });
    const campaign = await someCampaign();
    const call = await aCall(source, campaign, { to: '+819012345678' });
    expect(await house.claims.claim(call.id, 1)).toEqual({ kind: 'held', because: 'no_trunk' });
    const why = new WhyStore(asApi(source), house.settings);
    expect((await why.call(campaign.environmentId, call.id))?.held).toMatchObject({
      ...{ reason: 'no_trunk', rule: 'trunk', evidence: expect.anything() },
    });

    const trunks = new OperatorTrunksStore(asOperator(source));
    expect(await trunks.route(campaign.id, [house.names[2]!, house.names[0]!])).toEqual({
      environmentId: campaign.environmentId,
    });
    const [american, german] = [
      await aCall(source, campaign),
      await aCall(source, campaign, { to: '+4930123456' }),
    ];
    expect((await claimedOne(house, american)).attempt.trunk).toBe(house.names[2]);
    expect((await claimedOne(house, german)).attempt.trunk).toBe(house.names[0]);
    await trunks.route(campaign.id, ['nowhere']);
    expect((await why.campaign(campaign.environmentId, campaign.id))?.reasons).toContainEqual(
      expect.objectContaining({ reason: 'no_trunk', effect: 'stops' }),
    );
    await trunks.route(campaign.id, [house.names[0]!]);
    const stays = await aCall(source, campaign);
    expect(await house.claims.claim(stays.id, 1)).toEqual({ kind: 'held', because: 'no_trunk' });
    const [entry] = await source.query<[{ action: string; detail: unknown }]>(
      `SELECT action, detail FROM audit_log WHERE subject_id = $1 ORDER BY at DESC LIMIT 1`,
      [campaign.id],
    );
    expect(entry).toEqual({ action: 'campaign.changed', detail: { trunks: [house.names[0]] } });
  });

  it('goes over another one where provably nothing was dialled, and never where that is not known', async () => {
    const house = aHouse({}, {});
    const campaign = await someCampaign();
    const [turnedAway, lost] = [await aCall(source, campaign), await aCall(source, campaign)];
    expect((await sent(house, turnedAway, NOT_SENT)).trunk).toBe(house.names[0]);
    await due(turnedAway);
    expect((await sent(house, turnedAway, ACCEPTED)).trunk).toBe(house.names[1]);
    expect((await sent(house, lost, UNKNOWN)).trunk).toBe(house.names[0]);
    await due(lost);
    expect(await house.claims.claim(lost.id, 2)).toEqual({ kind: 'stale' });
  });
});

describe('a trunk whose carrier fails', () => {
  it('rests: its calls go over the next one, and what was claimed for it does not pass the fence', async () => {
    const house = aHouse({}, {});
    const campaign = await someCampaign();
    const claimed = await claimedOne(house, await aCall(source, campaign));
    await fails(house, campaign);
    await claimedNow(claimed);
    expect(await house.claims.fence(claimed, [])).toEqual({ kind: 'refused' });
    expect((await claimedOne(house, await aCall(source, campaign))).attempt.trunk).toBe(house.names[1]);
    await rested(house.names[0]!);
    await claimedNow(claimed);
    expect(await house.claims.fence(claimed, [])).toMatchObject({ kind: 'passed' });
    expect((await claimedOne(house, await aCall(source, campaign))).attempt.trunk).toBe(house.names[0]);
  });

  it('keeps its calls waiting where there is no other, says until when, and goes on when an operator wakes it', async () => {
    const house = aHouse({});
    const campaign = await someCampaign();
    await fails(house, campaign);
    const call = await aCall(source, campaign);
    expect(await house.claims.claim(call.id, 1)).toEqual({ kind: 'held', because: 'trunk_resting' });
    const { readyAt } = await source.manager.findOneByOrFail(Call, { id: call.id });
    const trunks = new OperatorTrunksStore(asOperator(source));
    const ours = async () => (await trunks.list()).find(({ name }) => name === house.names[0]);
    expect((await ours())?.restsUntil).toEqual(readyAt);
    const why = new WhyStore(asApi(source), house.settings);
    expect((await why.campaign(campaign.environmentId, campaign.id))?.reasons).toContainEqual(
      expect.objectContaining({ reason: 'trunk_resting', effect: 'stops', until: readyAt }),
    );
    expect(await trunks.wake(house.names[0]!)).toBe(true);
    expect(await trunks.wake(house.names[0]!)).toBe(false);
    expect(await ours()).toMatchObject({ restsUntil: null, failedRequests: 0 });
    await due(call);
    expect((await house.claims.claim(call.id, 1)).kind).toBe('claimed');
  });

  it('does not rest for failures that good answers come between, nor for the limits of its carrier', async () => {
    const house = aHouse({});
    const campaign = await someCampaign();
    const limited: RecordedPlacement = {
      ...{ kind: 'refused', outcome: 'carrier_limit', because: 'rate_limited', retryAfterSeconds: null },
    };
    await manySent(house, campaign, 29, () => UNKNOWN);
    await manySent(house, campaign, 1, () => ACCEPTED);
    await manySent(house, campaign, 29, () => UNKNOWN);
    await manySent(house, campaign, 3, () => limited);
    await passesLimits(house.names[0]!);
    expect((await claimedOne(house, await aCall(source, campaign))).attempt.trunk).toBe(house.names[0]);
  });

  it('does not rest for one failure that is recorded again and again', async () => {
    const house = aHouse({});
    const campaign = await someCampaign();
    for (const placement of [UNKNOWN, NOT_SENT]) {
      const attempts = await manySent(house, campaign, 14, () => placement);
      for (const { id } of attempts.slice(0, 5)) await house.attempts.recordPlacement(id, placement);
    }
    expect((await house.claims.claim((await aCall(source, campaign)).id, 1)).kind).toBe('claimed');
  });

  it('does not rest while people are reached over it, as soon as their phones ring', async () => {
    const house = aHouse({});
    const campaign = await someCampaign();
    const sentNow = (count: number, from: string) =>
      manySent(house, campaign, count, (nth) => ({ ...ACCEPTED, providerCallId: `${from}${nth}` }));
    const fail = async (attempts: Attempt[], from: string) => {
      for (const [nth, attempt] of attempts.entries())
        await told(house.names[0]!, attempt, 'carrier_failure', `${from}${nth}`);
      await house.attempts.applyEvents(attempts.map(({ id }) => id));
    };
    await fail(await sentNow(29, 'a'), 'a');
    const [rings] = await sentNow(1, 'b');
    await told(house.names[0]!, rings!, 'ringing', 'b0');
    await house.attempts.applyEvents([rings!.id]);
    await fail(await sentNow(29, 'c'), 'c');
    expect((await house.claims.claim((await aCall(source, campaign)).id, 1)).kind).toBe('claimed');
  });

  it('is well again when it turns out that nothing but its answers was lost', async () => {
    const house = aHouse({});
    const campaign = await someCampaign();
    const [attempt] = await fails(house, campaign);
    await told(house.names[0]!, attempt!, 'busy');
    await house.attempts.applyEvents([attempt!.id]);
    expect((await house.claims.claim((await aCall(source, campaign)).id, 1)).kind).toBe('claimed');
  });

  it('rests where it takes calls and sets none up', async () => {
    const house = aHouse({});
    const campaign = await someCampaign();
    const taken = await manySent(house, campaign, 30, (nth) => ({ ...ACCEPTED, providerCallId: `p${nth}` }));
    for (const [nth, attempt] of taken.entries())
      await told(house.names[0]!, attempt, 'carrier_failure', `p${nth}`);
    await house.attempts.applyEvents(taken.map(({ id }) => id));
    const call = await aCall(source, campaign);
    expect(await house.claims.claim(call.id, 1)).toEqual({ kind: 'held', because: 'trunk_resting' });
  });
});

describe('what a carrier tells', () => {
  it('is believed of attempts over its own trunk alone', async () => {
    const house = aHouse({}, {});
    const attempt = await sent(house, await aCall(source, await someCampaign()), ACCEPTED);
    await told(house.names[1]!, attempt, 'busy');
    await house.attempts.applyEvents([attempt.id]);
    const now = () => source.manager.findOneByOrFail(Attempt, { id: attempt.id });
    expect(await now()).toMatchObject({ status: 'placed', outcome: null });
    await told(house.names[0]!, attempt, 'no_answer');
    await house.attempts.applyEvents([attempt.id]);
    expect(await now()).toMatchObject({ status: 'ended', outcome: 'no_answer' });
  });
});

describe('dialers that claim over several trunks at once', () => {
  it('never wait for each other in a circle, and keep the pace of each', async () => {
    const house = aHouse({ prefixes: ['+1'], callsPerSecond: 20 }, { prefixes: ['+44'], callsPerSecond: 5 });
    const there = new ClaimStore(asDialer(other), house.settings);
    const results: ClaimResult[] = [];
    for (let round = 0; round < 15; round += 1) {
      // Of environments of their own, so that nothing but the trunks makes them take turns; and in the other order.
      const goes = await Promise.all(
        [0, 1].map(async (nth) => {
          const campaign = await someCampaign();
          const numbers = [aNumber(), `+44207946${1000 + 2 * round + nth}`];
          const calls = await Promise.all(
            (nth === 0 ? numbers : numbers.reverse()).map((to) => aCall(source, campaign, { to })),
          );
          return calls.map(({ id }) => ({ callId: id, attempt: 1 }));
        }),
      );
      results.push(
        ...(await Promise.all([house.claims.claimAll(goes[0]!), there.claimAll(goes[1]!)])).flat(),
      );
    }
    for (const [nth, most] of [21, 6].entries()) {
      const starts = results
        .flatMap((result) =>
          result.kind === 'claimed' && result.attempt.trunk === house.names[nth] ? [result] : [],
        )
        .map(({ attempt }) => attempt.startAt.getTime())
        .sort((a, b) => a - b);
      expect(starts.length, house.names[nth]).toBeGreaterThan(most / 3);
      const inOneSecond = starts.map((at) => starts.filter((one) => one >= at && one < at + 1_000).length);
      expect(Math.max(...inOneSecond), house.names[nth]).toBeLessThanOrEqual(most);
    }
  });
});

describe('a start over several trunks', () => {
  it('is not reserved in the past, however long the last of them was waited for', async () => {
    const [one, two] = aHouse({ callsPerSecond: 100 }, {}).settings.trunks as [Trunk, Trunk];
    const reserve = (from: DataSource, before: (starts: TrunkStarts) => Promise<void>) =>
      from.transaction(async (manager) => {
        const starts = new TrunkStarts(manager);
        await before(starts);
        const startAt = await starts.reserve(one, () => true);
        await starts.write();
        return startAt!;
      });
    for (const trunk of [one, two]) await reserve(source, (starts) => starts.lock([trunk]));
    await passesLimits(one.name);
    const held = await inTheMiddle(source);
    await held.query(`SELECT FROM trunks WHERE name = $1 FOR UPDATE`, [two.name]);
    const startAt = reserve(other, (starts) => starts.lock([one, two]));
    await aWaitFor(source, held);
    const [{ now }] = (await held.query(`SELECT clock_timestamp() AS now`)) as [{ now: Date }];
    await commit(held);
    expect((await startAt).getTime()).toBeGreaterThanOrEqual(now.getTime());
  });
});

async function told(
  trunk: string,
  { id }: Attempt,
  what: 'ringing' | 'busy' | 'no_answer' | 'carrier_failure',
  providerCallId = 'p1',
): Promise<void> {
  const said =
    what === 'ringing'
      ? ({ kind: what, outcome: null } as const)
      : ({ kind: 'ended', outcome: what } as const);
  const event: CarrierEvent = {
    ...{ source: 'callback', at: new Date(), sequence: 1, providerCallId, ...said },
    ...{
      answeredAt: null,
      durationSeconds: 0,
      answeredBy: null,
      converted: false,
      sipCode: null,
      q850: null,
    },
  };
  const events = new ProviderEventsStore(asDialer(source));
  await events.recordOnce(trunk, [{ eventKey: `${id} ${what}`, attemptId: id, event }]);
}
