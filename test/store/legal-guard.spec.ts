import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import type { Evidence } from '#policy/evidence.js';
import { Call } from '#store/call.entity.js';
import { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS, database } from '#store/database.js';
import type { Environment } from '#store/environment.entity.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { freshDatabase } from '../database.js';
import {
  aCall,
  aCampaign,
  anEnvironment,
  asApi,
  asDialer,
  asOperator,
  dialingSettings,
} from '../factories.js';
import { zoneWhereItIs } from '../zone-where-it-is.js';

const NEW_YORK = '+12125550100';

let source: DataSource;
let claims: ClaimStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
  claims = new ClaimStore(asDialer(source), dialingSettings());
});

afterAll(() => source.destroy());

const reread = ({ id }: Call) => source.manager.findOneByOrFail(Call, { id });

/** A due call to where it is night, in an environment that enforces the law and takes a call's word for the zone. */
async function aCallAtNight(settings: Partial<Environment> = {}, campaignSettings = {}): Promise<Call> {
  const guard = { legalGuard: 'enforce', trustCallTimezone: true, ...settings } as const;
  const environment = await anEnvironment(source, guard);
  const campaign = await aCampaign(source, environment.id, campaignSettings);
  return aCall(source, campaign, { to: NEW_YORK, timezone: zoneWhereItIs(3) });
}

describe('the claim, where the law of the person is closed', () => {
  it('holds the call until it opens, and says by which rule', async () => {
    const call = await aCallAtNight();
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'held', because: 'outside_legal_hours' });
    const held = await reread(call);
    // From some time after three to eight.
    const hoursAhead = (held.readyAt.getTime() - Date.now()) / 3_600_000;
    expect(hoursAhead).toBeGreaterThan(3.9);
    expect(hoursAhead).toBeLessThan(5);
    expect(held).toMatchObject({ reason: 'outside_legal_hours', nextAttemptAt: held.readyAt });
    const rule = (held.evidence as Evidence).rules.at(-1);
    expect(rule).toMatchObject({ rule: 'legal_guard', passed: false, inputs: { zonesFrom: 'call' } });
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'stale' });
  });

  it.each<[string, Environment['legalGuard']]>([
    ['the guard is off', 'off'],
    ['the guard only warns', 'warn'],
    ['no confirmed rule is closed', 'auto'],
  ])('dials all the same where %s', async (_, legalGuard) => {
    const call = await aCallAtNight({ legalGuard });
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'claimed' });
  });

  it('holds for a campaign that enforces more than its environment', async () => {
    const call = await aCallAtNight({ legalGuard: 'warn' }, { legalGuard: 'enforce' });
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'held' });
  });

  it('asks every zone of the number too, where the given one is not trusted', async () => {
    const call = await aCallAtNight({ trustCallTimezone: false });
    await claims.claim(call.id, 1);
    const inputs = (await reread(call)).evidence?.rules.at(-1)?.inputs as { zones: { zone: string }[] };
    expect(inputs.zones.map(({ zone }) => zone)).toContain('America/New_York');
  });

  it('refuses a number of no place for good', async () => {
    const call = await aCallAtNight();
    await source.manager.update(Call, { id: call.id }, { to: '+19995550100', timezone: null });
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'refused', because: 'callee_zone_unknown' });
    expect(await reread(call)).toMatchObject({ status: 'blocked', nextAttemptAt: null });
  });
});

it('a claim lasts no longer than the law, a minute short of it', async () => {
  const environment = await anEnvironment(source, { legalGuard: 'enforce', trustCallTimezone: true });
  const call = await aCall(source, await aCampaign(source, environment.id), {
    to: NEW_YORK,
    timezone: zoneWhereItIs(19),
  });
  const result = await claims.claim(call.id, 1);
  if (result.kind !== 'claimed') throw new Error(`expected a claim, got ${result.kind}`);
  const minutesLeft = (result.attempt.openUntil.getTime() - Date.now()) / 60_000;
  expect(minutesLeft).toBeGreaterThan(58);
  expect(minutesLeft).toBeLessThanOrEqual(119);
  expect(result.attempt.openUntil.toISOString()).toMatch(/:59:00\.000Z$/);
});

describe('calls that the law holds', () => {
  it('are looked at again once the environment’s guard is changed, and others are left alone', async () => {
    const call = await aCallAtNight();
    await claims.claim(call.id, 1);
    const campaign = await source.manager.findOneByOrFail(Campaign, { id: call.campaignId });
    const later = await aCall(source, campaign, { readyAt: new Date('2099-01-01') });
    await new EnvironmentsStore(asApi(source)).change(call.environmentId, 'test', { maxConcurrentCalls: 7 });
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'stale' });
    await new EnvironmentsStore(asApi(source)).change(call.environmentId, 'test', { legalGuard: 'off' });
    expect((await reread(later)).readyAt).toEqual(new Date('2099-01-01'));
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'claimed' });
  });

  it('are looked at again once their campaign’s guard is changed, or an operator trusts what they were given', async () => {
    const call = await aCallAtNight({ legalGuard: 'warn' }, { legalGuard: 'enforce' });
    await claims.claim(call.id, 1);
    const { environmentId, campaignId } = call;
    const change = { legalGuard: null };
    await new CampaignsStore(asApi(source)).change(environmentId, 'test', campaignId, change);
    await new CampaignsStore(asApi(source)).lookAgainAfter(environmentId, campaignId, change);
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'claimed' });

    const other = await aCallAtNight({ trustCallTimezone: false });
    await source.manager.update(
      Call,
      { id: other.id },
      { reason: 'outside_legal_hours', readyAt: new Date('2099-01-01') },
    );
    await new EnvironmentsStore(asOperator(source)).change(other.environmentId, 'cli', {
      trustCallTimezone: true,
    });
    expect((await reread(other)).readyAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
  });
});
