import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { Attempt } from '#store/attempt.entity.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ClaimStore } from '#store/claim.store.js';
import { CreditsStore } from '#store/credits.store.js';
import { API_LIMITS, COMMAND_LIMITS, database, migrate } from '#store/database.js';
import { ReconcileStore } from '#store/reconcile.store.js';
import { freshDatabase } from '../database.js';
import { aCall, anEnvironment, aNumber, asApi, asDialer, asOperator, dialingSettings } from '../factories.js';
import { anEnd, CampaignLife } from './campaign-life.js';

let source: DataSource;
let credits: CreditsStore;
let claims: ClaimStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
  credits = new CreditsStore(asOperator(source));
  claims = new ClaimStore(asDialer(source), dialingSettings());
});

afterAll(() => source.destroy());

/** A campaign whose calls cost a cent a second and reserve ten seconds. */
async function aPaidLife(balance: number | null, overrides: Partial<Campaign> = {}): Promise<CampaignLife> {
  const life = await CampaignLife.begin(source, overrides);
  const { environmentId } = life.campaign;
  await credits.setRate(environmentId, { perSecond: 0.01, reserveSeconds: 10 });
  await credits.set(environmentId, balance);
  return life;
}

async function expectSound({ id, environmentId }: Campaign): Promise<void> {
  const [sums] = await source.query<[Record<string, unknown>]>(
    `SELECT granted - spent = (SELECT coalesce(sum(amount), 0) FROM credit_entries WHERE environment_id = $1) AS ledger,
       spent = (SELECT coalesce(sum(cost), 0) FROM attempts WHERE environment_id = $1) AS spent,
       spent = -(SELECT coalesce(sum(amount), 0) FROM credit_entries WHERE environment_id = $1 AND kind = 'charge') AS charged,
       reserved = (SELECT coalesce(sum(reserved), 0) FROM attempts WHERE environment_id = $1) AS reserved,
       (SELECT bool_and(cost = rate_per_second * duration_seconds) FROM attempts
        WHERE environment_id = $1 AND status = 'ended' AND cost IS NOT NULL) IS NOT false AS priced,
       NOT EXISTS (SELECT FROM attempts JOIN calls ON calls.id = call_id WHERE attempts.environment_id = $1
         AND is_testing AND (reserved IS NOT NULL OR cost IS NOT NULL)) AS "testsFree",
       NOT EXISTS (SELECT FROM attempts WHERE environment_id = $1 AND reserved IS NOT NULL
         AND status IN ('ended', 'released')) AS settled
     FROM slots WHERE scope = 'environment:' || $1`,
    [environmentId],
  );
  const all = ['ledger', 'spent', 'charged', 'reserved', 'priced', 'testsFree', 'settled'];
  expect(sums).toEqual(Object.fromEntries(all.map((name) => [name, true])));
  const [own] = await source.query<[Record<string, unknown>]>(
    `SELECT reserved = (SELECT coalesce(sum(reserved), 0) FROM attempts WHERE campaign_id = $1) AS reserved,
       spent = (SELECT coalesce(sum(cost), 0) FROM attempts WHERE campaign_id = $1) AS spent
     FROM slots WHERE scope = 'campaign:' || $1`,
    [id],
  );
  expect(own).toEqual({ reserved: true, spent: true });
}

const balanceOf = async ({ environmentId }: Campaign) => {
  const { balance, reserved } = await credits.balance(environmentId);
  return { balance, reserved };
};

async function claimAll(campaign: Campaign, count: number): Promise<string[]> {
  const calls = await Promise.all(Array.from({ length: count }, () => aCall(source, campaign)));
  const results = await Promise.all(calls.map(({ id }) => claims.claim(id, 1)));
  return results.map((result) => (result.kind === 'held' ? result.because : result.kind));
}

const count = (results: string[], kind: string) => results.filter((one) => one === kind).length;

describe('the ledger', () => {
  it('adds up to what was granted, charged and reserved after whatever is done', async () => {
    let charged = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.noBias(
          fc.array(fc.tuple(fc.nat(CampaignLife.STEPS.length), fc.nat(1000)), {
            minLength: 20,
            maxLength: 40,
          }),
        ),
        async (steps) => {
          const life = await aPaidLife(5, { maxRetries: 1, retryOnNoConversion: true });
          for (const [nth, [step, chance]] of steps.entries()) {
            const name = CampaignLife.STEPS[step];
            if (name === undefined) await credits.add(life.campaign.environmentId, (chance % 5) - 2.5);
            else await life.take(name, chance);
            if (nth % 3 === 0) await expectSound(life.campaign);
          }
          await life.close();
          await expectSound(life.campaign);
          expect(await new ReconcileStore(asDialer(source), dialingSettings()).recountSlots()).toEqual([]);
          const entries = await credits.entries(life.campaign.environmentId, 100);
          charged += entries.filter(({ kind }) => kind === 'charge').length;
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
    expect(charged).toBeGreaterThan(0);
  });

  it('lets no more be dialled than there is to pay for, with forty calls raced, and gives back what was not talked', async () => {
    // Five reservations of ten cents, and a cent less than a sixth.
    const paid = await aPaidLife(0.59);
    const results = await claimAll(paid.campaign, 40);
    expect([count(results, 'claimed'), count(results, 'no_credits')]).toEqual([5, 35]);
    expect(await balanceOf(paid.campaign)).toEqual({ balance: 0.09, reserved: 0.5 });
    const attempts = await source.manager.findBy(Attempt, { campaignId: paid.campaign.id });
    await source.query(
      `UPDATE attempts SET status = 'placed', sending_at = claimed_at, slot_until = claimed_at WHERE campaign_id = $1`,
      [paid.campaign.id],
    );
    // Each told twice at once, and none talks as long as was reserved.
    const ends = attempts.flatMap((attempt, nth) =>
      [attempt, attempt].map((one) => paid.tell(one, anEnd('answered', nth))),
    );
    await Promise.all(ends);
    await expectSound(paid.campaign);
    // 0 + 1 + 2 + 3 + 4 seconds.
    expect(await balanceOf(paid.campaign)).toEqual({ balance: 0.49, reserved: 0 });
    expect(await claimAll(paid.campaign, 1)).toEqual(['claimed']);
  });

  it('goes below nothing only by what was talked beyond the reservation', async () => {
    const life = await aPaidLife(0.1);
    await life.tell(await life.dialled(), anEnd('answered', 15));
    expect(await balanceOf(life.campaign)).toEqual({ balance: -0.05, reserved: 0 });
    expect(await claimAll(life.campaign, 1)).toEqual(['no_credits']);
    await credits.add(life.campaign.environmentId, 0.15);
    const held = await source.manager.findOneByOrFail(Call, {
      campaignId: life.campaign.id,
      status: 'waiting',
    });
    // A payment brings held calls back at once.
    expect(held.reason).toBeNull();
    expect((await claims.claim(held.id, 1)).kind).toBe('claimed');
  });

  it('keeps the reservation of an attempt of unknown fate beyond its slot, until its fate is known', async () => {
    const life = await aPaidLife(1);
    const [lost, found] = [await life.dialled(), await life.dialled()];
    await life.park(lost);
    await life.park(found);
    expect(await balanceOf(life.campaign)).toEqual({ balance: 0.8, reserved: 0.2 });
    await life.tell(found, anEnd('answered', 8));
    await life.tell(found, anEnd('answered', 9));
    await life.tell(lost, anEnd('no_answer', 0));
    expect(await balanceOf(life.campaign)).toEqual({ balance: 0.92, reserved: 0 });
    await expectSound(life.campaign);
  });

  it('charges at the rate of the claim, whatever it is by the end, and an unlimited environment too', async () => {
    const life = await aPaidLife(null);
    const { environmentId } = life.campaign;
    const attempt = await life.dialled();
    await credits.setRate(environmentId, { perSecond: 1, reserveSeconds: null });
    await life.tell(attempt, anEnd('answered', 8));
    expect(await credits.entries(environmentId, 10)).toMatchObject([
      { kind: 'charge', amount: -0.08, seconds: 8, attemptId: attempt.id, campaignId: life.campaign.id },
    ]);
    expect(await balanceOf(life.campaign)).toEqual({ balance: null, reserved: 0 });
    // From here on it may spend ten, whatever it has spent before.
    await credits.set(environmentId, 10);
    expect((await credits.balance(environmentId)).balance).toBe(10);
    await expectSound(life.campaign);
  });

  it('has test calls free, and refuses a direct call that nothing pays for', async () => {
    const life = await aPaidLife(0.05);
    await life.dialled(true);
    const { environmentId, agentId } = life.campaign;
    const intake = new CallIntakeStore(asApi(source), dialingSettings());
    const direct = (isTesting: boolean) =>
      intake.acceptDirect(
        {
          environmentId,
          agentId,
          to: aNumber(),
          timezone: null,
          payload: {},
          context: {},
          isTesting,
          delaySeconds: 0,
        },
        null,
        () => null,
      );
    expect((await direct(false)).kind).toBe('no_credits');
    expect((await direct(true)).kind).toBe('accepted');
    await credits.add(environmentId, 0.05);
    expect((await direct(false)).kind).toBe('accepted');
    expect(await balanceOf(life.campaign)).toEqual({ balance: 0.1, reserved: 0 });
  });

  it('begins with the balance of before, and hands it back on the way down', async () => {
    const own = await database(await freshDatabase(), COMMAND_LIMITS).initialize();
    try {
      const store = new CreditsStore(asOperator(own));
      const [limited, unlimited] = [await anEnvironment(own), await anEnvironment(own)];
      await store.set(limited.id, 12.5);
      const isThere = async () =>
        (await own.query<unknown[]>(`SELECT FROM migrations WHERE name LIKE 'CreditLedger%'`)).length > 0;
      while (await isThere()) await own.undoLastMigration();
      const before = await own.query(
        `SELECT id, credit_balance FROM environments WHERE credit_balance IS NOT NULL`,
      );
      expect(before).toEqual([{ id: limited.id, credit_balance: '12.500000' }]);
      await migrate(own);
      expect((await store.balance(limited.id)).balance).toBe(12.5);
      expect((await store.balance(unlimited.id)).balance).toBeNull();
      expect(await store.entries(limited.id, 10)).toMatchObject([{ amount: 12.5, actor: 'migration' }]);
    } finally {
      await own.destroy();
    }
  });
});

describe('a campaign’s budget', () => {
  it.each([
    ['totalBudget', 'campaign_budget_spent'],
    ['dailyBudget', 'campaign_daily_budget_spent'],
  ] as const)(
    'holds its calls at %s, and no more than that is spent by calls raced',
    async (budget, because) => {
      const life = await aPaidLife(null, { [budget]: 0.3 });
      const results = await claimAll(life.campaign, 20);
      expect([count(results, 'claimed'), count(results, because)]).toEqual([3, 17]);
      const campaigns = new CampaignsStore(asApi(source));
      const { environmentId, id } = life.campaign;
      const change = { [budget]: 0.4 };
      await campaigns.change(environmentId, 'test', id, change);
      await campaigns.lookAgainAfter(environmentId, id, change);
      const waiting = await source.manager.findBy(Call, { campaignId: id, status: 'waiting' });
      expect(new Set(waiting.map(({ reason }) => reason))).toEqual(new Set([null]));
      const again = await Promise.all(waiting.map((call) => claims.claim(call.id, 1)));
      expect(again.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
    },
  );

  it('of a day that is spent holds until its midnight, and is whole again on the next day', async () => {
    const life = await aPaidLife(null, { dailyBudget: 0.15, timezone: 'Asia/Kathmandu' });
    const { campaign } = life;
    await life.tell(await life.dialled(), anEnd('answered', 9));
    const call = await aCall(source, campaign);
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'held', because: 'campaign_daily_budget_spent' });
    const { readyAt } = await source.manager.findOneByOrFail(Call, { id: call.id });
    const midnight = new Intl.DateTimeFormat('en-GB', { timeZone: campaign.timezone, timeStyle: 'short' });
    expect(midnight.format(readyAt)).toBe('00:00');
    await source.query(`UPDATE slots SET spent_on = spent_on - 1 WHERE scope = 'campaign:' || $1`, [
      campaign.id,
    ]);
    expect(await claimAll(campaign, 1)).toEqual(['claimed']);
  });
});
