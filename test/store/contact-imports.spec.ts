import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Campaign } from '#store/campaign.entity.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { rowOfCall } from '#store/contact-import-rows.js';
import type { ContactImport } from '#store/contact-imports.store.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import { aCall, aCampaign, anEnvironment, aNumber, asApi, aWebhook, dialingSettings } from '../factories.js';
import { aWaitFor, commit, inTheMiddle } from './held-transaction.js';
import { contact, ContactFiles, orderOf } from './contact-files.js';

let files: ContactFiles;

beforeAll(async () => {
  files = await ContactFiles.open();
});

afterAll(() => files.close());

const statusTo = (campaign: Campaign, status: 'active' | 'paused' | 'cancelled') =>
  new CampaignsStore(asApi(files.source)).changeStatus(campaign.environmentId, 'test', campaign.id, status);

describe('an import', () => {
  it('makes of each row the call that a single intake makes of it', async () => {
    const environment = await anEnvironment(files.source, { minAttemptGapMinutes: 600 });
    const settings = { doNotCallEnabled: true, priority: 7, startDate: '2199-01-01' };
    const [bulk, single] = [
      await aCampaign(files.source, environment.id, settings),
      await aCampaign(files.source, environment.id, settings),
    ];
    const [optedOut, listed, called] = [aNumber(), aNumber(), aNumber()];
    const doNotCall = new DoNotCallStore(asApi(files.source));
    const entry = { campaignId: null, reason: null, source: null, expiresAt: null };
    await doNotCall.add(environment.id, 'test', [optedOut], { ...entry, kind: 'opt_out' });
    await doNotCall.add(environment.id, 'test', [listed], { ...entry, kind: 'list' });
    const before = await files.claims.claim(
      (await aCall(files.source, await aCampaign(files.source, environment.id), { to: called })).id,
      1,
    );
    if (before.kind !== 'claimed') throw new Error('expected a claim');
    await files.claims.fence(before, []);
    await files.source.query(`UPDATE environments SET legal_guard = 'enforce' WHERE id = $1`, [
      environment.id,
    ]);
    const in2198 = new Date('2198-01-01T00:00:00Z');
    const contacts = [
      contact(aNumber(), {
        payload: '{"name":"Ana"}',
        context: '{"order":[1]}',
        priority: -3,
        isTesting: true,
      }),
      contact(aNumber(), {
        timezone: 'America/Los_Angeles',
        expiresAt: in2198,
        notBefore: new Date('2199-03-01'),
      }),
      contact('+442079460001'),
      contact('+88812345678'),
      ...[optedOut, listed, called].map((to) => contact(to)),
      contact(aNumber(), { allowDuplicates: true }),
    ];
    const intake = new CallIntakeStore(asApi(files.source), dialingSettings());
    for (const { row: _, payload, context, priority, ...one } of contacts) {
      await intake.accept(
        {
          ...one,
          ...{ environmentId: environment.id, campaignId: single.id, delaySeconds: 0 },
          payload: JSON.parse(payload),
          context: JSON.parse(context),
          priority: priority ?? single.priority,
        },
        null,
        () => null,
      );
    }
    const done = await files.completed(await files.sealed(bulk, [contacts.slice(0, 3), contacts.slice(3)]));
    expect(done).toMatchObject({ status: 'processed', rowsRead: 8, accepted: 8, blocked: 3, duplicates: 0 });

    const told = async (campaign: Campaign) => {
      const calls = await files.callsOf(campaign);
      return calls
        .map(
          ({
            id,
            campaignId,
            agentId,
            createdAt,
            updatedAt,
            readyAt,
            finishedAt,
            evidence,
            heldSince,
            ...same
          }) => ({
            ...same,
            at: [readyAt, finishedAt, heldSince].map((at) =>
              at !== null && +at === +createdAt ? 'as it was made' : at,
            ),
            rules: evidence?.rules.map(({ rule, passed }) => [rule, passed]),
          }),
        )
        .sort((a, b) => (a.to < b.to ? -1 : 1));
    };
    expect(await told(bulk)).toEqual(await told(single));
    expect((await files.callsOf(bulk)).map(({ id }) => rowOfCall(id))).toEqual(
      contacts.map(({ row }) => row),
    );
  });

  it('leaves a number with a live call to it alone, and tells its row', async () => {
    const campaign = await files.aCampaignOf();
    const [waits, besides, over, parked] = [aNumber(), aNumber(), aNumber(), aNumber()];
    await aCall(files.source, campaign, { to: waits });
    await aCall(files.source, campaign, { to: besides, allowDuplicates: true });
    await aCall(files.source, campaign, { to: over, status: 'completed', finishedAt: new Date() });
    await aCall(files.source, campaign, { to: parked, status: 'outcome_unknown' });
    const elsewhere = aNumber();
    await aCall(files.source, await aCampaign(files.source, campaign.environmentId), { to: elsewhere });
    const all = [waits, besides, over, parked, elsewhere].map((to) => contact(to));
    const again = contact(waits, { allowDuplicates: true });
    const done = await files.completed(await files.sealed(campaign, [[...all, again]]));
    expect(done).toMatchObject({ accepted: 3, duplicates: 3, rowsRead: 6 });
    expect(
      (await files.errorsOf(done)).map(({ row, code, column, value }) => [row, code, column, value]),
    ).toEqual([all[0]!, all[1]!, all[3]!].map(({ row, to }) => [row, 'DUPLICATE', 'to', to]));
  });

  it('tells webhooks what a single intake tells, where somebody listens', async () => {
    const campaign = await files.aCampaignOf();
    await aWebhook(files.source, campaign, { events: ['campaign_call.queued', 'campaign_call.blocked'] });
    const stopped = aNumber();
    await new DoNotCallStore(asApi(files.source)).add(campaign.environmentId, 'test', [stopped], {
      ...{ kind: 'opt_out', campaignId: null, reason: null, source: null, expiresAt: null },
    });
    await files.completed(await files.sealed(campaign, [[contact(), contact(stopped)], [contact()]]));
    const events = await files.source.query<{ type: string; sequence: string }[]>(
      `SELECT type, body::jsonb ->> 'sequence' AS sequence FROM webhook_events WHERE campaign_id = $1 ORDER BY created_at, call_id`,
      [campaign.id],
    );
    expect(events.map(({ type, sequence }) => `${type} ${sequence}`)).toEqual([
      'campaign_call.queued 1',
      'campaign_call.blocked 1',
      'campaign_call.queued 1',
    ]);
  });

  it('takes no row twice and loses none, though two carry it on at once and one dies in the middle of a step', async () => {
    const campaign = await files.aCampaignOf();
    await aWebhook(files.source, campaign, { events: ['campaign_call.queued'] });
    const batches = Array.from({ length: 4 }, () => Array.from({ length: 25 }, () => contact()));
    const id = await files.sealed(campaign, batches);
    // What is told is written after the calls: there the step stands until it dies.
    const holding = await inTheMiddle(files.other);
    await holding.query(`SELECT FROM webhook_endpoints WHERE campaign_id = $1 FOR UPDATE`, [campaign.id]);
    const dying = files.steps[0]!.advance(id).catch((error: Error) => error);
    const pid = await aWaitFor(files.other, holding);
    expect(await files.callsOf(campaign)).toEqual([]);
    await files.other.query(`SELECT pg_terminate_backend($1)`, [pid]);
    expect(await dying).toBeInstanceOf(Error);
    const pair = [files.steps[0]!.advance(id), files.steps[1]!.advance(id)];
    await aWaitFor(files.other, await aWaitFor(files.other, holding));
    await commit(holding);
    await Promise.all(pair);

    for (let state: ContactImport | null = null; state?.completedAt == null;) {
      [{ state }] = (await Promise.all([files.steps[0]!.advance(id), files.steps[1]!.advance(id)])) as [
        { state: ContactImport },
        unknown,
      ];
    }
    const calls = await files.callsOf(campaign);
    expect(calls.map(({ to }) => to)).toEqual(batches.flat().map(({ to }) => to));
    expect(await files.imports.find(campaign.environmentId, id)).toMatchObject({
      accepted: 100,
      duplicates: 0,
      status: 'processed',
    });
    const left = await files.source.query(`SELECT FROM contact_import_batches WHERE import_id = $1`, [id]);
    expect(left).toEqual([]);
    const told = await files.source.query(`SELECT FROM webhook_events WHERE campaign_id = $1`, [campaign.id]);
    expect(told).toHaveLength(100);
  });

  it('waits while its campaign is paused, goes on with it, and ends with it', async () => {
    const campaign = await files.aCampaignOf();
    const id = await files.sealed(campaign, [[contact()], [contact()], [contact()]]);
    await files.steps[0]!.advance(id);
    await statusTo(campaign, 'paused');
    expect(await files.steps[0]!.advance(id)).toMatchObject({
      isWaiting: true,
      state: { status: 'processing' },
    });
    expect(await files.callsOf(campaign)).toHaveLength(1);
    expect(await files.imports.begin('test', orderOf(campaign))).toEqual({
      kind: 'not_active',
      status: 'paused',
    });
    await statusTo(campaign, 'active');
    await files.steps[1]!.advance(id);
    await statusTo(campaign, 'cancelled');
    expect(await files.completed(id)).toMatchObject({
      status: 'failed',
      accepted: 2,
      failure: 'The campaign is cancelled.',
    });
    expect(await files.callsOf(campaign)).toHaveLength(2);
  });

  it('takes nothing in behind a stop that was confirmed', async () => {
    const campaign = await files.aCampaignOf();
    const id = await files.sealed(campaign, [[contact()]]);
    const stop = await inTheMiddle(files.other);
    await stop.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`campaign:${campaign.id}`]);
    const step = files.steps[0]!.advance(id);
    await aWaitFor(files.other, stop);
    await stop.query(`UPDATE campaigns SET status = 'paused' WHERE id = $1`, [campaign.id]);
    await commit(stop);
    expect((await step).isWaiting).toBe(true);
    expect(await files.callsOf(campaign)).toEqual([]);
  });

  it('asks the lists when a row becomes a call, whatever they said when the file was read', async () => {
    const campaign = await files.aCampaignOf();
    const [first, second] = [contact(), contact()];
    const id = await files.sealed(campaign, [[first], [second]]);
    await files.steps[0]!.advance(id);
    const { stopped } = (await new DoNotCallStore(asApi(files.source)).add(
      campaign.environmentId,
      'test',
      [first.to, second.to],
      { kind: 'opt_out', campaignId: null, reason: null, source: null, expiresAt: null },
    ))!;
    expect(stopped).toBe(1);
    expect(await files.completed(id)).toMatchObject({ accepted: 2, blocked: 1 });
    expect((await files.callsOf(campaign)).map(({ status }) => status)).toEqual(['blocked', 'blocked']);
  });
});
