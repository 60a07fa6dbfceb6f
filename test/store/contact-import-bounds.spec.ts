import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttemptsStore } from '#store/attempts.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import { Call } from '#store/call.entity.js';
import { ContactImportsStore } from '#store/contact-imports.store.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import { UploadEnded } from '#store/file-uploads.js';
import { FinaliseStore } from '#store/finalise.store.js';
import { aCall, aCampaign, aNumber, asApi, asDialer, aWebhook, dialingSettings } from '../factories.js';
import { batchOf, contact, ContactFiles, orderOf } from './contact-files.js';

let files: ContactFiles;

beforeAll(async () => {
  files = await ContactFiles.open();
});

afterAll(() => files.close());

describe('a file that arrives', () => {
  it('is no call before it was read to its end, and none ever if its reader dies', async () => {
    const campaign = await files.aCampaignOf();
    const id = await files.begun(campaign);
    const errors = [{ row: 3, column: 'to', code: 'MISSING', message: 'm', value: null }];
    await files.imports.keep(campaign.environmentId, id, {
      rows: [contact()],
      rejected: 1,
      duplicates: 0,
      errors,
    });
    expect((await files.steps[0]!.advance(id)).state.status).toBe('uploading');
    await files.source.query(`UPDATE contact_imports SET updated_at = '2020-01-01' WHERE id = $1`, [id]);
    await new ContactImportsStore(asDialer(files.source)).failAbandoned();
    const failed = (await files.imports.find(campaign.environmentId, id))!;
    expect(failed).toMatchObject({ status: 'failed', failure: expect.stringContaining('Send it again') });
    expect(await files.errorsOf(failed)).toEqual(errors);
    await expect(files.imports.keep(campaign.environmentId, id, batchOf([contact()]))).rejects.toThrow(
      UploadEnded,
    );
    await expect(files.imports.seal(campaign.environmentId, 'test', id, null)).rejects.toThrow(UploadEnded);
    expect(await files.callsOf(campaign)).toEqual([]);
  });

  it('is one import under one key: sent again it takes the place of one that arrives, and of none that has', async () => {
    const campaign = await files.aCampaignOf();
    const lost = await files.begun(campaign, 'monday');
    await files.imports.keep(campaign.environmentId, lost, batchOf([contact()]));
    const id = await files.sealed(campaign, [[contact()]], 'monday');
    expect(await files.imports.find(campaign.environmentId, lost)).toMatchObject({ status: 'failed' });
    await expect(files.imports.seal(campaign.environmentId, 'test', lost, null)).rejects.toThrow(UploadEnded);
    expect(await files.imports.begin('test', orderOf(campaign, 'monday'))).toMatchObject({
      kind: 'known',
      import: { id },
    });
    await files.completed(id);
    expect(await files.imports.begin('test', orderOf(campaign, 'monday'))).toMatchObject({
      kind: 'known',
      import: { id },
    });
    const both = await Promise.all(
      [0, 1, 2].map(() => files.imports.begin('test', orderOf(campaign, 'tuesday'))),
    );
    expect(both.map(({ kind }) => kind)).toEqual(['begun', 'begun', 'begun']);
    const arriving = await files.source.query(
      `SELECT FROM contact_imports WHERE campaign_id = $1 AND status = 'uploading'`,
      [campaign.id],
    );
    expect(arriving).toHaveLength(1);
    const elsewhere = await aCampaign(files.source, campaign.environmentId);
    expect(await files.imports.begin('test', orderOf(elsewhere, 'monday'))).toMatchObject({ kind: 'begun' });
  });

  it('is ended by a cancellation, as are rows that are no calls yet', async () => {
    const campaign = await files.aCampaignOf();
    const { environmentId, id: campaignId } = campaign;
    const cancel = (id: string) => files.imports.cancel(environmentId, 'test', campaignId, id);
    const arriving = await files.begun(campaign);
    expect(await cancel(arriving)).toMatchObject({ kind: 'done', import: { status: 'cancelled' } });
    await expect(files.imports.keep(environmentId, arriving, batchOf([contact()]))).rejects.toThrow(
      UploadEnded,
    );
    const id = await files.sealed(campaign, [[contact()], [contact()]]);
    await files.steps[0]!.advance(id);
    expect(await cancel(id)).toMatchObject({ kind: 'done', import: { accepted: 1 } });
    expect(await cancel(id)).toMatchObject({ kind: 'done' });
    expect((await files.steps[0]!.advance(id)).state).toMatchObject({ status: 'cancelled', accepted: 1 });
    expect(await files.callsOf(campaign)).toHaveLength(1);
    const whole = await files.sealed(campaign, [[contact()]]);
    await files.completed(whole);
    expect(await cancel(whole)).toMatchObject({ kind: 'wrong_state', import: { status: 'processed' } });
    const foreign = await aCampaign(files.source, environmentId);
    expect(await files.imports.cancel(environmentId, 'test', foreign.id, whole)).toEqual({
      kind: 'not_found',
    });
  });
});

describe('an import that is undone', () => {
  const undo = ({ environmentId, id: campaignId }: Campaign, id: string) =>
    files.imports.undo(environmentId, 'test', campaignId, id);

  it('has none of its waiting calls dialled from the answer on, withdraws them, and touches no other', async () => {
    const campaign = await files.aCampaignOf();
    await aWebhook(files.source, campaign, { events: ['campaign_call.cancelled'] });
    const own = await aCall(files.source, campaign);
    const stopped = aNumber();
    await new DoNotCallStore(asApi(files.source)).add(campaign.environmentId, 'test', [stopped], {
      ...{ kind: 'opt_out', campaignId: null, reason: null, source: null, expiresAt: null },
    });
    const before = await files.sealed(campaign, [[contact()]]);
    await files.completed(before);
    const id = await files.sealed(campaign, [[contact(), contact(stopped)], [contact()]]);
    expect(await undo(campaign, id)).toMatchObject({ kind: 'wrong_state', import: { status: 'processing' } });
    await files.completed(id);
    const [kept, ...imported] = (await files.callsOf(campaign)).filter((call) => call.id !== own.id);
    expect(await undo(campaign, id)).toMatchObject({ kind: 'done', import: { status: 'undoing' } });
    for (const call of imported) expect(await files.claims.claim(call.id, 1)).toEqual({ kind: 'stale' });
    expect(await undo(campaign, id)).toMatchObject({ kind: 'done' });
    expect(await files.completed(id)).toMatchObject({ status: 'undone', withdrawn: 2 });
    const statusOf = async (call: Call) =>
      (await files.source.manager.findOneByOrFail(Call, { id: call.id })).status;
    expect(await Promise.all(imported.map(statusOf))).toEqual(['cancelled', 'blocked', 'cancelled']);
    expect([await statusOf(own), await statusOf(kept!)]).toEqual(['waiting', 'waiting']);
    const told = await files.source.query(`SELECT FROM webhook_events WHERE campaign_id = $1`, [campaign.id]);
    expect(told).toHaveLength(2);
    expect((await files.claims.claim(kept!.id, 1)).kind).toBe('claimed');
  });

  it('is refused once one of its calls was claimed, and not for one that was given back', async () => {
    const campaign = await files.aCampaignOf();
    const id = await files.sealed(campaign, [[contact(), contact()]]);
    await files.completed(id);
    const [first] = await files.callsOf(campaign);
    const claim = await files.claims.claim(first!.id, 1);
    if (claim.kind !== 'claimed') throw new Error('expected a claim');
    expect(await undo(campaign, id)).toEqual({ kind: 'dialled' });
    await new AttemptsStore(asDialer(files.source), dialingSettings()).releaseClaim(claim.attempt.id, 'test');
    expect(await undo(campaign, id)).toMatchObject({ kind: 'done' });
    expect(await files.completed(id)).toMatchObject({ status: 'undone', withdrawn: 2 });
  });

  it('is not decided while a claim is deciding', { timeout: 20_000 }, async () => {
    const campaign = await files.aCampaignOf();
    const id = await files.sealed(campaign, [[contact()]]);
    await files.completed(id);
    const deciding = files.other.createQueryRunner();
    await deciding.startTransaction();
    await deciding.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, [
      `campaign:${campaign.id}`,
    ]);
    expect(await undo(campaign, id)).toEqual({ kind: 'busy' });
    await deciding.rollbackTransaction();
    await deciding.release();
    expect(await files.imports.find(campaign.environmentId, id)).toMatchObject({ status: 'processed' });
  });

  it('and claims that come at once never both have their way', async () => {
    const campaign = await files.aCampaignOf();
    for (let round = 0; round < 15; round += 1) {
      const id = await files.sealed(campaign, [[contact()]]);
      await files.completed(id);
      const call = (await files.callsOf(campaign)).at(-1)!;
      const [undone, claimed] = await Promise.all([undo(campaign, id), files.claims.claim(call.id, 1)]);
      expect(['done stale', 'dialled claimed']).toContain(`${undone.kind} ${claimed.kind}`);
    }
  });
});

it('what was wrong with rows is forgotten after a month', async () => {
  const campaign = await files.aCampaignOf();
  const id = await files.begun(campaign);
  const error = { row: 1, column: null, code: 'NOT_JSON', message: 'm', value: null };
  const errors = Array.from({ length: 1_500 }, (_, nth) => ({ ...error, row: nth + 1 }));
  await files.imports.keep(campaign.environmentId, id, { rows: [], rejected: 1_500, duplicates: 0, errors });
  const one = (await files.imports.find(campaign.environmentId, id))!;
  expect((await files.errorsOf(one)).map(({ row }) => row)).toEqual(errors.map(({ row }) => row));
  await files.source.query(
    `UPDATE contact_import_errors SET created_at = now() - interval '31 days' WHERE import_id = $1`,
    [id],
  );
  const finalise = new FinaliseStore(asDialer(files.source));
  while (await finalise.forgetImportErrors(1)) continue;
  expect(await files.errorsOf(one)).toEqual([]);
});
