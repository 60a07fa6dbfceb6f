import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REGISTRY_PAUSE_MS } from '#policy/do-not-call.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ClaimStore } from '#store/claim.store.js';
import { COMMAND_LIMITS, DIALER_LIMITS } from '#store/database.js';
import { DoNotCallScrubStore } from '#store/do-not-call-scrub.store.js';
import { RegistriesStore, type Registry } from '#store/registries.store.js';
import { RegistryBlocks } from '#store/registry-blocks.js';
import { RegistryVersionsStore, SnapshotRefused } from '#store/registry-versions.store.js';
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
} from '../factories.js';

const { source, other } = twoConnections(DIALER_LIMITS, COMMAND_LIMITS);
const registries = new RegistriesStore(asOperator(other));
const versions = new RegistryVersionsStore(asOperator(other));
const scrub = new DoNotCallScrubStore(asApi(source));
const claims = new ClaimStore(asDialer(source), dialingSettings());
const attempts = new AttemptsStore(asDialer(source), dialingSettings());

let made = 0;

async function aRegistry(overrides: Partial<Registry> = {}): Promise<Registry> {
  const name = `registry-${(made += 1)}`;
  await registries.create({ name, scope: 'environment', maxAgeDays: 31, ...overrides });
  return (await registries.named(name))!;
}

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

/** Imports a snapshot, and puts it in force. */
async function imported(
  registry: Registry,
  numbers: string[],
  { day = daysAgo(0), most = 100_000, insists = true } = {},
): Promise<Registry> {
  const versionId = await versions.begin(registry, day);
  const blocks = new RegistryBlocks(most);
  let known = 0;
  for (const to of numbers) {
    blocks.add(to);
    known += await versions.put(versionId, blocks.takeSurplus());
  }
  known += await versions.put(versionId, blocks.takeAll());
  const duplicates = blocks.duplicates + known;
  const sha256 = createHash('sha256').update(numbers.join()).digest('hex');
  const figures = { numbers: numbers.length - duplicates, duplicates, rejected: 0, sha256 };
  try {
    await versions.publish(registry, versionId, figures, insists);
  } catch (error) {
    await versions.discard(versionId);
    throw error;
  }
  return (await registries.named(registry.name))!;
}

/** An environment that obeys a registry, with a campaign that reads its list. */
async function anObedientCampaign(registry: Registry, overrides: Parameters<typeof aCampaign>[2] = {}) {
  const { id: environmentId } = await anEnvironment(source);
  await registries.attach(registry.id, environmentId);
  return aCampaign(source, environmentId, { doNotCallEnabled: true, ...overrides });
}

describe('the blocks of a registry', () => {
  it('have every number that was put in and no other, in whatever order, given away early or not', async () => {
    const registry = await aRegistry();
    const { environmentId } = await anObedientCampaign(registry);
    const number = fc.oneof(
      fc.integer({ min: 12_012_000_000, max: 12_012_060_000 }).map((digits) => `+${digits}`),
      fc.stringMatching(/^[1-9]\d{7,14}$/).map((digits) => `+${digits}`),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(number, { minLength: 1, maxLength: 60 }),
        fc.array(number, { maxLength: 60 }),
        fc.integer({ min: 2, max: 6 }),
        async (listed, others, most) => {
          await imported(registry, [...listed, ...listed.slice(0, 5)], { most });
          const reading = (await scrub.begin(environmentId, { source: 'environment' }))!;
          const asked = [...new Set([...listed, ...others])];
          const found = await scrub.listed(reading, asked);
          expect([...found.keys()].sort()).toEqual([...new Set(listed)].sort());
          const [row] = await registries.list().then((all) => all.filter(({ id }) => id === registry.id));
          expect(row?.numbers).toBe(new Set(listed).size);
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a registry', () => {
  it('stops the calls of campaigns that read its list, where it is attached', async () => {
    const [to, free] = [aNumber(), aNumber()];
    const attached = await imported(await aRegistry(), [to]);
    const global = await imported(await aRegistry({ scope: 'global' }), [free]);
    const obedient = await anObedientCampaign(attached);
    const { environmentId } = obedient;
    const readsNone = await aCampaign(source, environmentId);
    const readsOwn = await aCampaign(source, environmentId, {
      doNotCallEnabled: true,
      doNotCallListSource: 'custom',
    });
    const readsAll = await aCampaign(source, environmentId, {
      doNotCallEnabled: true,
      doNotCallListSource: 'global',
    });
    const { id: elsewhere } = await anEnvironment(source);
    const far = await aCampaign(source, elsewhere, { doNotCallEnabled: true });
    const verdicts = async (number: string) =>
      Promise.all(
        [obedient, readsNone, readsOwn, readsAll, far].map(
          async ({ id: campaignId, environmentId: whose }) => {
            const reading = (await scrub.begin(whose, { campaignId }))!;
            return (await scrub.listed(reading, [number])).size === 1;
          },
        ),
      );
    expect(await verdicts(to)).toEqual([true, false, false, true, false]);
    expect(await verdicts(free)).toEqual([false, false, false, true, false]);
    await registries.drop(global);
    expect(await verdicts(free)).toEqual([false, false, false, false, false]);

    const call = await aCall(source, obedient, { to });
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'refused', because: 'do_not_call' });
    const { evidence } = await source.manager.findOneByOrFail(Call, { id: call.id });
    expect(evidence?.rules.at(-1)?.inputs).toMatchObject({
      blocked: true,
      registry: attached.name,
      registries: [{ registry: attached.name, snapshotDate: daysAgo(0), ageDays: 0, maxAgeDays: 31 }],
    });
  });

  it('that is put in force withdraws the waiting calls to its numbers, once dials that began are decided', async () => {
    const registry = await aRegistry({ maxAgeDays: null });
    const campaign = await anObedientCampaign(await imported(registry, [aNumber()]));
    const waiting = await Promise.all(Array.from({ length: 5 }, () => aCall(source, campaign)));
    const claim = await claims.claim(waiting[4]!.id, 1);
    if (claim.kind !== 'claimed') throw new Error('expected a claim');
    const fresh = await imported(
      registry,
      [...waiting.slice(0, 3), waiting[4]!].map(({ to }) => to),
    );
    expect(await versions.enforce(fresh, campaign.environmentId)).toBe(3);
    const states = await Promise.all(
      waiting.map(async ({ id }) => (await source.manager.findOneByOrFail(Call, { id })).status),
    );
    expect(states).toEqual(['blocked', 'blocked', 'blocked', 'waiting', 'initiated']);
    expect(await claims.fence(claim, [])).toEqual({ kind: 'refused' });
  });

  it('that is out of date holds its campaigns’ calls, says how old it is, and lets go with a fresh snapshot', async () => {
    const registry = await aRegistry();
    const listed = aNumber();
    const campaign = await anObedientCampaign(await imported(registry, [listed], { day: daysAgo(33) }));
    const [call, onIt] = [await aCall(source, campaign), await aCall(source, campaign, { to: listed })];
    const unaffected = await aCall(source, await aCampaign(source, campaign.environmentId));
    for (const { id } of [call, onIt]) {
      expect(await claims.claim(id, 1)).toEqual({
        kind: 'held',
        because: 'do_not_call_registry_out_of_date',
      });
    }
    expect((await claims.claim(unaffected.id, 1)).kind).toBe('claimed');
    const held = await source.manager.findOneByOrFail(Call, { id: call.id });
    expect(held.readyAt.getTime()).toBeGreaterThan(Date.now() + REGISTRY_PAUSE_MS - 60_000);
    expect(held.evidence?.rules.at(-1)).toMatchObject({
      rule: 'do_not_call',
      passed: false,
      inputs: { registry: registry.name, finding: 'snapshot 33 days old, at most 31' },
    });
    expect(await claims.claim(call.id, 1)).toEqual({ kind: 'stale' });

    const fresh = await imported(registry, [listed], { day: daysAgo(31) });
    expect(await versions.enforce(fresh, campaign.environmentId)).toBe(1);
    expect((await claims.claim(call.id, 1)).kind).toBe('claimed');
    expect((await source.manager.findOneByOrFail(Call, { id: onIt.id })).status).toBe('blocked');
  });

  it('of which nothing was imported yet holds too; a campaign that reads it no more is looked at again', async () => {
    const campaign = await anObedientCampaign(await aRegistry());
    const { id } = await aCall(source, campaign);
    expect(await claims.claim(id, 1)).toMatchObject({ kind: 'held' });
    const campaigns = new CampaignsStore(asApi(source));
    const change = { doNotCallEnabled: false };
    await campaigns.change(campaign.environmentId, 'test', campaign.id, change);
    await campaigns.lookAgainAfter(campaign.environmentId, campaign.id, change);
    expect((await claims.claim(id, 1)).kind).toBe('claimed');
  });

  it('that grows old between claim and fence lets nothing through, and the call is not lost', async () => {
    const registry = await aRegistry();
    const campaign = await anObedientCampaign(await imported(registry, [aNumber()], { day: daysAgo(20) }));
    const { id } = await aCall(source, campaign);
    const claim = await claims.claim(id, 1);
    if (claim.kind !== 'claimed') throw new Error('expected a claim');
    await registries.setMaxAge(registry.id, 19);
    expect(await claims.fence(claim, [])).toEqual({ kind: 'refused' });
    await attempts.releaseClaim(claim.attempt.id, 'fence_refused');
    expect(await claims.claim(id, 2)).toMatchObject({ kind: 'held' });
  });

  it('takes no snapshot that looks cut short, old or empty, nor two at once, unless its operator insists', async () => {
    const numbers = Array.from({ length: 10 }, () => aNumber());
    const registry = await imported(await aRegistry(), numbers, { day: daysAgo(2) });
    const refused = (some: string[], day = daysAgo(1)) =>
      expect(imported(registry, some, { day, insists: false })).rejects.toThrow(SnapshotRefused);
    await refused(numbers.slice(0, 4));
    await refused(numbers, daysAgo(3));
    await refused([]);
    expect((await registries.named(registry.name))?.currentVersionId).toBe(registry.currentVersionId);

    const underWay = await versions.begin(registry, daysAgo(0));
    await expect(versions.begin(registry, daysAgo(0))).rejects.toThrow(/under way/);
    await versions.discard(underWay);
    const smaller = await imported(registry, numbers.slice(0, 4), { day: daysAgo(1) });
    while (await versions.forgetDropped(1)) continue;
    const blocks = await source.query<{ version_id: string }[]>(
      `SELECT DISTINCT version_id FROM do_not_call_registry_blocks AS blocks
       JOIN do_not_call_registry_versions AS versions ON versions.id = version_id WHERE registry_id = $1`,
      [registry.id],
    );
    expect(blocks).toEqual([{ version_id: smaller.currentVersionId }]);
  });
});

describe('a flip from one snapshot to the next, again and again, while calls are claimed', () => {
  it('shows neither both nor none, and lets no number through that stands in each', async () => {
    const [always, even, odd] = [aNumber(), aNumber(), aNumber()];
    const registry = await imported(await aRegistry({ maxAgeDays: null }), [always, even]);
    const campaign = await anObedientCampaign(registry);
    const reading = (await scrub.begin(campaign.environmentId, { campaignId: campaign.id }))!;
    const calls = await Promise.all(
      Array.from({ length: 30 }, () => aCall(source, campaign, { to: always, allowDuplicates: true })),
    );
    let isFlipping = true;
    const flipping = (async () => {
      for (let turn = 1; turn <= 40; turn += 1) {
        await imported(registry, [always, turn % 2 === 0 ? even : odd]);
        while (await versions.forgetDropped(100)) continue;
      }
      isFlipping = false;
    })();
    const seen = new Set<string>();
    const looking = (async () => {
      while (isFlipping) {
        const found = await scrub.listed(reading, [always, even, odd]);
        const names = [even, odd].filter((to) => found.has(to)).map((to) => (to === even ? 'even' : 'odd'));
        expect(found.has(always)).toBe(true);
        expect(names).toHaveLength(1);
        seen.add(names[0]!);
      }
    })();
    const claiming = (async () => {
      for (const { id } of calls) {
        expect(await claims.claim(id, 1)).toMatchObject({ kind: 'refused', because: 'do_not_call' });
      }
    })();
    await Promise.all([flipping, looking, claiming]);
    expect([...seen].sort()).toEqual(['even', 'odd']);
  });
});
