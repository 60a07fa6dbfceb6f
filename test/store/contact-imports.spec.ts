import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ClaimStore } from '#store/claim.store.js';
import { rowOfCall, type ContactError } from '#store/contact-import-rows.js';
import { ContactImportStepsStore } from '#store/contact-import-steps.store.js';
import {
  ContactImportsStore,
  type ContactImport,
  type ContactOrder,
  type NewContact,
} from '#store/contact-imports.store.js';
import { API_LIMITS, COMMAND_LIMITS, database } from '#store/database.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import { UploadEnded } from '#store/file-uploads.js';
import { FinaliseStore } from '#store/finalise.store.js';
import { freshDatabase } from '../database.js';
import {
  aCall,
  aCampaign,
  anEnvironment,
  aNumber,
  asApi,
  asDialer,
  asOperator,
  aWebhook,
  dialingSettings,
} from '../factories.js';

let source: DataSource;
let other: DataSource;
let imports: ContactImportsStore;
/** As two dialers have it, and the command line. */
let steps: ContactImportStepsStore[];
let claims: ClaimStore;

beforeAll(async () => {
  const url = await freshDatabase();
  source = await database(url, COMMAND_LIMITS).initialize();
  other = await database(url, API_LIMITS).initialize();
  imports = new ContactImportsStore(asApi(source));
  steps = [asDialer(source), asDialer(other), asOperator(other)].map(
    (scoped) => new ContactImportStepsStore(scoped, dialingSettings()),
  );
  claims = new ClaimStore(asDialer(source), dialingSettings());
});

afterAll(async () => {
  await source.destroy();
  await other.destroy();
});

let rows = 1;

function contact(to = aNumber(), overrides: Partial<NewContact> = {}): NewContact {
  rows += 1;
  return {
    ...{
      row: rows,
      to,
      timezone: null,
      payload: '{}',
      context: '{}',
      isTesting: false,
      allowDuplicates: false,
    },
    ...{ notBefore: null, expiresAt: null, priority: null, ...overrides },
  };
}

function orderOf(
  { id: campaignId, environmentId }: Campaign,
  idempotencyKey: string | null = null,
): ContactOrder {
  return { environmentId, campaignId, filename: 'contacts.csv', idempotencyKey };
}

const batchOf = (batch: NewContact[]) => ({ rows: batch, rejected: 0, duplicates: 0, errors: [] });

async function begun(campaign: Campaign, key: string | null = null): Promise<string> {
  const result = await imports.begin('test', orderOf(campaign, key));
  if (result.kind !== 'begun') throw new Error(result.kind);
  return result.id;
}

/** Reads batches of contacts as a file would be read. */
async function sealed(
  campaign: Campaign,
  batches: NewContact[][],
  key: string | null = null,
): Promise<string> {
  const id = await begun(campaign, key);
  for (const batch of batches) await imports.keep(campaign.environmentId, id, batchOf(batch));
  await imports.seal(campaign.environmentId, 'test', id, null);
  return id;
}

/** Carries an import on to its end, each step by another process. */
async function completed(id: string): Promise<ContactImport> {
  for (let nth = 0; ; nth += 1) {
    const { state, isWaiting } = await steps[nth % steps.length]!.advance(id);
    if (state.completedAt !== null) return state;
    if (isWaiting) throw new Error('It waits.');
  }
}

async function aCampaignOf(overrides: Partial<Campaign> = {}): Promise<Campaign> {
  return aCampaign(source, (await anEnvironment(source)).id, overrides);
}

const callsOf = ({ id: campaignId }: Campaign) =>
  source.manager.find(Call, { where: { campaignId }, order: { id: 'ASC' } });

async function errorsOf({ environmentId, id }: ContactImport): Promise<ContactError[]> {
  const errors: ContactError[] = [];
  for await (const some of imports.everyErrorOf(environmentId, id)) errors.push(...some);
  return errors;
}

const statusTo = (campaign: Campaign, status: 'active' | 'paused' | 'cancelled') =>
  new CampaignsStore(asApi(source)).changeStatus(campaign.environmentId, 'test', campaign.id, status);

describe('an import', () => {
  it('makes of each row the call that a single intake makes of it', async () => {
    const environment = await anEnvironment(source, { minAttemptGapMinutes: 600 });
    const settings = { doNotCallEnabled: true, priority: 7, startDate: '2199-01-01' };
    const [bulk, single] = [
      await aCampaign(source, environment.id, settings),
      await aCampaign(source, environment.id, settings),
    ];
    const [optedOut, listed, called] = [aNumber(), aNumber(), aNumber()];
    const doNotCall = new DoNotCallStore(asApi(source));
    const entry = { campaignId: null, reason: null, source: null, expiresAt: null };
    await doNotCall.add(environment.id, 'test', [optedOut], { ...entry, kind: 'opt_out' });
    await doNotCall.add(environment.id, 'test', [listed], { ...entry, kind: 'list' });
    const before = await claims.claim(
      (await aCall(source, await aCampaign(source, environment.id), { to: called })).id,
      1,
    );
    if (before.kind !== 'claimed') throw new Error('expected a claim');
    await claims.fence(before, []);
    await source.query(`UPDATE environments SET legal_guard = 'enforce' WHERE id = $1`, [environment.id]);
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
    const intake = new CallIntakeStore(asApi(source), dialingSettings());
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
    const done = await completed(await sealed(bulk, [contacts.slice(0, 3), contacts.slice(3)]));
    expect(done).toMatchObject({ status: 'processed', rowsRead: 8, accepted: 8, blocked: 3, duplicates: 0 });

    const told = async (campaign: Campaign) => {
      const calls = await callsOf(campaign);
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
    expect((await callsOf(bulk)).map(({ id }) => rowOfCall(id))).toEqual(contacts.map(({ row }) => row));
  });

  it('leaves a number with a live call to it alone, and tells its row', async () => {
    const campaign = await aCampaignOf();
    const [waits, besides, over, parked] = [aNumber(), aNumber(), aNumber(), aNumber()];
    await aCall(source, campaign, { to: waits });
    await aCall(source, campaign, { to: besides, allowDuplicates: true });
    await aCall(source, campaign, { to: over, status: 'completed', finishedAt: new Date() });
    await aCall(source, campaign, { to: parked, status: 'outcome_unknown' });
    const elsewhere = aNumber();
    await aCall(source, await aCampaign(source, campaign.environmentId), { to: elsewhere });
    const all = [waits, besides, over, parked, elsewhere].map((to) => contact(to));
    const again = contact(waits, { allowDuplicates: true });
    const done = await completed(await sealed(campaign, [[...all, again]]));
    expect(done).toMatchObject({ accepted: 3, duplicates: 3, rowsRead: 6 });
    expect((await errorsOf(done)).map(({ row, code, column, value }) => [row, code, column, value])).toEqual(
      [all[0]!, all[1]!, all[3]!].map(({ row, to }) => [row, 'DUPLICATE', 'to', to]),
    );
  });

  it('tells webhooks what a single intake tells, where somebody listens', async () => {
    const campaign = await aCampaignOf();
    await aWebhook(source, campaign, { events: ['campaign_call.queued', 'campaign_call.blocked'] });
    const stopped = aNumber();
    await new DoNotCallStore(asApi(source)).add(campaign.environmentId, 'test', [stopped], {
      ...{ kind: 'opt_out', campaignId: null, reason: null, source: null, expiresAt: null },
    });
    await completed(await sealed(campaign, [[contact(), contact(stopped)], [contact()]]));
    const events = await source.query<{ type: string; sequence: string }[]>(
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
    const campaign = await aCampaignOf();
    await aWebhook(source, campaign, { events: ['campaign_call.queued'] });
    const batches = Array.from({ length: 4 }, () => Array.from({ length: 25 }, () => contact()));
    const id = await sealed(campaign, batches);
    // What is told is written after the calls: there the step stands until it dies.
    const holding = other.createQueryRunner();
    await holding.startTransaction();
    await holding.query(`SELECT FROM webhook_endpoints WHERE campaign_id = $1 FOR UPDATE`, [campaign.id]);
    const dying = steps[0]!.advance(id).catch((error: Error) => error);
    const pid = await waitingBackend();
    expect(await callsOf(campaign)).toEqual([]);
    await other.query(`SELECT pg_terminate_backend($1)`, [pid]);
    expect(await dying).toBeInstanceOf(Error);
    const pair = [steps[0]!.advance(id), steps[1]!.advance(id)];
    await waitingBackend('ringfence-cli');
    await waitingBackend('ringfence-api');
    await holding.rollbackTransaction();
    await Promise.all(pair);
    await holding.release();

    for (let state: ContactImport | null = null; state?.completedAt == null;) {
      [{ state }] = (await Promise.all([steps[0]!.advance(id), steps[1]!.advance(id)])) as [
        { state: ContactImport },
        unknown,
      ];
    }
    const calls = await callsOf(campaign);
    expect(calls.map(({ to }) => to)).toEqual(batches.flat().map(({ to }) => to));
    expect(await imports.find(campaign.environmentId, id)).toMatchObject({
      accepted: 100,
      duplicates: 0,
      status: 'processed',
    });
    const left = await source.query(`SELECT FROM contact_import_batches WHERE import_id = $1`, [id]);
    expect(left).toEqual([]);
    const told = await source.query(`SELECT FROM webhook_events WHERE campaign_id = $1`, [campaign.id]);
    expect(told).toHaveLength(100);
  });

  it('waits while its campaign is paused, goes on with it, and ends with it', async () => {
    const campaign = await aCampaignOf();
    const id = await sealed(campaign, [[contact()], [contact()], [contact()]]);
    await steps[0]!.advance(id);
    await statusTo(campaign, 'paused');
    expect(await steps[0]!.advance(id)).toMatchObject({ isWaiting: true, state: { status: 'processing' } });
    expect(await callsOf(campaign)).toHaveLength(1);
    expect(await imports.begin('test', orderOf(campaign))).toEqual({ kind: 'not_active', status: 'paused' });
    await statusTo(campaign, 'active');
    await steps[1]!.advance(id);
    await statusTo(campaign, 'cancelled');
    expect(await completed(id)).toMatchObject({
      status: 'failed',
      accepted: 2,
      failure: 'The campaign is cancelled.',
    });
    expect(await callsOf(campaign)).toHaveLength(2);
  });

  it('takes nothing in behind a stop that was confirmed', async () => {
    const campaign = await aCampaignOf();
    const id = await sealed(campaign, [[contact()]]);
    const stop = other.createQueryRunner();
    await stop.startTransaction();
    await stop.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`campaign:${campaign.id}`]);
    const step = steps[0]!.advance(id);
    await waitingBackend();
    await stop.query(`UPDATE campaigns SET status = 'paused' WHERE id = $1`, [campaign.id]);
    await stop.commitTransaction();
    await stop.release();
    expect((await step).isWaiting).toBe(true);
    expect(await callsOf(campaign)).toEqual([]);
  });

  it('asks the lists when a row becomes a call, whatever they said when the file was read', async () => {
    const campaign = await aCampaignOf();
    const [first, second] = [contact(), contact()];
    const id = await sealed(campaign, [[first], [second]]);
    await steps[0]!.advance(id);
    const { stopped } = (await new DoNotCallStore(asApi(source)).add(
      campaign.environmentId,
      'test',
      [first.to, second.to],
      { kind: 'opt_out', campaignId: null, reason: null, source: null, expiresAt: null },
    ))!;
    expect(stopped).toBe(1);
    expect(await completed(id)).toMatchObject({ accepted: 2, blocked: 1 });
    expect((await callsOf(campaign)).map(({ status }) => status)).toEqual(['blocked', 'blocked']);
  });
});

/** The process in PostgreSQL that waits for a lock: a step in the middle. */
async function waitingBackend(name = 'ringfence-cli'): Promise<number> {
  for (;;) {
    const [found] = await other.query<{ pid: number }[]>(
      `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
         AND application_name = $1`,
      [name],
    );
    if (found !== undefined) return found.pid;
  }
}

describe('a file that arrives', () => {
  it('is no call before it was read to its end, and none ever if its reader dies', async () => {
    const campaign = await aCampaignOf();
    const id = await begun(campaign);
    const errors = [{ row: 3, column: 'to', code: 'MISSING', message: 'm', value: null }];
    await imports.keep(campaign.environmentId, id, { rows: [contact()], rejected: 1, duplicates: 0, errors });
    expect((await steps[0]!.advance(id)).state.status).toBe('uploading');
    await source.query(`UPDATE contact_imports SET updated_at = '2020-01-01' WHERE id = $1`, [id]);
    await new ContactImportsStore(asDialer(source)).failAbandoned();
    const failed = (await imports.find(campaign.environmentId, id))!;
    expect(failed).toMatchObject({ status: 'failed', failure: expect.stringContaining('Send it again') });
    expect(await errorsOf(failed)).toEqual(errors);
    await expect(imports.keep(campaign.environmentId, id, batchOf([contact()]))).rejects.toThrow(UploadEnded);
    await expect(imports.seal(campaign.environmentId, 'test', id, null)).rejects.toThrow(UploadEnded);
    expect(await callsOf(campaign)).toEqual([]);
  });

  it('is one import under one key: sent again it takes the place of one that arrives, and of none that has', async () => {
    const campaign = await aCampaignOf();
    const lost = await begun(campaign, 'monday');
    await imports.keep(campaign.environmentId, lost, batchOf([contact()]));
    const id = await sealed(campaign, [[contact()]], 'monday');
    expect(await imports.find(campaign.environmentId, lost)).toMatchObject({ status: 'failed' });
    await expect(imports.seal(campaign.environmentId, 'test', lost, null)).rejects.toThrow(UploadEnded);
    expect(await imports.begin('test', orderOf(campaign, 'monday'))).toMatchObject({
      kind: 'known',
      import: { id },
    });
    await completed(id);
    expect(await imports.begin('test', orderOf(campaign, 'monday'))).toMatchObject({
      kind: 'known',
      import: { id },
    });
    const both = await Promise.all([0, 1, 2].map(() => imports.begin('test', orderOf(campaign, 'tuesday'))));
    expect(both.map(({ kind }) => kind)).toEqual(['begun', 'begun', 'begun']);
    const arriving = await source.query(
      `SELECT FROM contact_imports WHERE campaign_id = $1 AND status = 'uploading'`,
      [campaign.id],
    );
    expect(arriving).toHaveLength(1);
    const elsewhere = await aCampaign(source, campaign.environmentId);
    expect(await imports.begin('test', orderOf(elsewhere, 'monday'))).toMatchObject({ kind: 'begun' });
  });

  it('is ended by a cancellation, as are rows that are no calls yet', async () => {
    const campaign = await aCampaignOf();
    const { environmentId, id: campaignId } = campaign;
    const cancel = (id: string) => imports.cancel(environmentId, 'test', campaignId, id);
    const arriving = await begun(campaign);
    expect(await cancel(arriving)).toMatchObject({ kind: 'done', import: { status: 'cancelled' } });
    await expect(imports.keep(environmentId, arriving, batchOf([contact()]))).rejects.toThrow(UploadEnded);
    const id = await sealed(campaign, [[contact()], [contact()]]);
    await steps[0]!.advance(id);
    expect(await cancel(id)).toMatchObject({ kind: 'done', import: { accepted: 1 } });
    expect(await cancel(id)).toMatchObject({ kind: 'done' });
    expect((await steps[0]!.advance(id)).state).toMatchObject({ status: 'cancelled', accepted: 1 });
    expect(await callsOf(campaign)).toHaveLength(1);
    const whole = await sealed(campaign, [[contact()]]);
    await completed(whole);
    expect(await cancel(whole)).toMatchObject({ kind: 'wrong_state', import: { status: 'processed' } });
    const foreign = await aCampaign(source, environmentId);
    expect(await imports.cancel(environmentId, 'test', foreign.id, whole)).toEqual({ kind: 'not_found' });
  });
});

describe('an import that is undone', () => {
  const undo = ({ environmentId, id: campaignId }: Campaign, id: string) =>
    imports.undo(environmentId, 'test', campaignId, id);

  it('has none of its waiting calls dialled from the answer on, withdraws them, and touches no other', async () => {
    const campaign = await aCampaignOf();
    await aWebhook(source, campaign, { events: ['campaign_call.cancelled'] });
    const own = await aCall(source, campaign);
    const stopped = aNumber();
    await new DoNotCallStore(asApi(source)).add(campaign.environmentId, 'test', [stopped], {
      ...{ kind: 'opt_out', campaignId: null, reason: null, source: null, expiresAt: null },
    });
    const before = await sealed(campaign, [[contact()]]);
    await completed(before);
    const id = await sealed(campaign, [[contact(), contact(stopped)], [contact()]]);
    expect(await undo(campaign, id)).toMatchObject({ kind: 'wrong_state', import: { status: 'processing' } });
    await completed(id);
    const [kept, ...imported] = (await callsOf(campaign)).filter((call) => call.id !== own.id);
    expect(await undo(campaign, id)).toMatchObject({ kind: 'done', import: { status: 'undoing' } });
    for (const call of imported) expect(await claims.claim(call.id, 1)).toEqual({ kind: 'stale' });
    expect(await undo(campaign, id)).toMatchObject({ kind: 'done' });
    expect(await completed(id)).toMatchObject({ status: 'undone', withdrawn: 2 });
    const statusOf = async (call: Call) =>
      (await source.manager.findOneByOrFail(Call, { id: call.id })).status;
    expect(await Promise.all(imported.map(statusOf))).toEqual(['cancelled', 'blocked', 'cancelled']);
    expect([await statusOf(own), await statusOf(kept!)]).toEqual(['waiting', 'waiting']);
    const told = await source.query(`SELECT FROM webhook_events WHERE campaign_id = $1`, [campaign.id]);
    expect(told).toHaveLength(2);
    expect((await claims.claim(kept!.id, 1)).kind).toBe('claimed');
  });

  it('is refused once one of its calls was claimed, and not for one that was given back', async () => {
    const campaign = await aCampaignOf();
    const id = await sealed(campaign, [[contact(), contact()]]);
    await completed(id);
    const [first] = await callsOf(campaign);
    const claim = await claims.claim(first!.id, 1);
    if (claim.kind !== 'claimed') throw new Error('expected a claim');
    expect(await undo(campaign, id)).toEqual({ kind: 'dialled' });
    await new AttemptsStore(asDialer(source), dialingSettings()).releaseClaim(claim.attempt.id, 'test');
    expect(await undo(campaign, id)).toMatchObject({ kind: 'done' });
    expect(await completed(id)).toMatchObject({ status: 'undone', withdrawn: 2 });
  });

  it('is not decided while a claim is deciding', { timeout: 20_000 }, async () => {
    const campaign = await aCampaignOf();
    const id = await sealed(campaign, [[contact()]]);
    await completed(id);
    const deciding = other.createQueryRunner();
    await deciding.startTransaction();
    await deciding.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, [
      `campaign:${campaign.id}`,
    ]);
    expect(await undo(campaign, id)).toEqual({ kind: 'busy' });
    await deciding.rollbackTransaction();
    await deciding.release();
    expect(await imports.find(campaign.environmentId, id)).toMatchObject({ status: 'processed' });
  });

  it('and claims that come at once never both have their way', async () => {
    const campaign = await aCampaignOf();
    for (let round = 0; round < 15; round += 1) {
      const id = await sealed(campaign, [[contact()]]);
      await completed(id);
      const call = (await callsOf(campaign)).at(-1)!;
      const [undone, claimed] = await Promise.all([undo(campaign, id), claims.claim(call.id, 1)]);
      expect(['done stale', 'dialled claimed']).toContain(`${undone.kind} ${claimed.kind}`);
    }
  });
});

it('what was wrong with rows is forgotten after a month', async () => {
  const campaign = await aCampaignOf();
  const id = await begun(campaign);
  const error = { row: 1, column: null, code: 'NOT_JSON', message: 'm', value: null };
  const errors = Array.from({ length: 1_500 }, (_, nth) => ({ ...error, row: nth + 1 }));
  await imports.keep(campaign.environmentId, id, { rows: [], rejected: 1_500, duplicates: 0, errors });
  const one = (await imports.find(campaign.environmentId, id))!;
  expect((await errorsOf(one)).map(({ row }) => row)).toEqual(errors.map(({ row }) => row));
  await source.query(
    `UPDATE contact_import_errors SET created_at = now() - interval '31 days' WHERE import_id = $1`,
    [id],
  );
  const finalise = new FinaliseStore(asDialer(source));
  while (await finalise.forgetImportErrors(1)) continue;
  expect(await errorsOf(one)).toEqual([]);
});
