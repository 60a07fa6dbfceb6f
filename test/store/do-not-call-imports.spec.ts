import { describe, expect, it } from 'vitest';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { API_LIMITS, COMMAND_LIMITS } from '#store/database.js';
import { DoNotCallEntry } from '#store/do-not-call-entry.entity.js';
import { DoNotCallImportStepsStore } from '#store/do-not-call-import-steps.store.js';
import {
  DoNotCallImportsStore,
  type DoNotCallImport,
  type ImportOrder,
} from '#store/do-not-call-imports.store.js';
import { DoNotCallScrubStore } from '#store/do-not-call-scrub.store.js';
import { StopNotConfirmed } from '#store/locks.js';
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

const { source, other } = twoConnections(COMMAND_LIMITS, API_LIMITS);
const imports = new DoNotCallImportsStore(asApi(source));
/** As two dialers have it, and the command line. */
const steps = [asDialer(source), asDialer(other), asOperator(other)].map(
  (scoped) => new DoNotCallImportStepsStore(scoped),
);
const claims = new ClaimStore(asDialer(source), dialingSettings());

const ORDER = { campaignId: null, kind: 'list', reason: null, source: 'crm', expiresAt: null } as const;
const row = (to: string, expiresAt: Date | null = null) => ({ to, reason: null, source: null, expiresAt });

/** Reads batches of numbers as a file would be read. */
async function sealed(
  order: ImportOrder,
  batches: ReturnType<typeof row>[][],
  store = imports,
): Promise<string> {
  const { environmentId } = order;
  const id = (await store.begin('test', order))!;
  for (const rows of batches) await store.keep(environmentId, id, { rows, rejected: [] });
  await store.seal(environmentId, 'test', id);
  return id;
}

/** Carries an import on to its end, each step by another process. */
async function completed(id: string): Promise<DoNotCallImport> {
  for (let turn = 0; ; turn += 1) {
    const { state } = await steps[turn % steps.length]!.advance(id);
    if (state.completedAt !== null) return state;
  }
}

async function entriesOf(to: string): Promise<DoNotCallEntry[]> {
  return source.manager.findBy(DoNotCallEntry, { to });
}

async function anEnvironmentThatReads(overrides: Partial<Campaign> = {}) {
  const { id: environmentId } = await anEnvironment(source);
  const campaign = await aCampaign(source, environmentId, { doNotCallEnabled: true, ...overrides });
  return { environmentId, campaign };
}

describe('an import', () => {
  it('lists every number once, and tells those listed before and those twice in the file apart', async () => {
    const { environmentId } = await anEnvironmentThatReads();
    const [a, b, c, d] = [aNumber(), aNumber(), aNumber(), aNumber()];
    const order = { ...ORDER, environmentId };
    await completed(await sealed(order, [[row(d)]]));
    const done = await completed(
      await sealed(order, [
        [row(a), row(b), row(a)],
        [row(b), row(c), row(d)],
      ]),
    );
    expect(done).toMatchObject({
      status: 'completed',
      rowsRead: 6,
      added: 3,
      alreadyListed: 1,
      duplicates: 2,
    });
    for (const to of [a, b, c, d]) {
      expect(await entriesOf(to)).toMatchObject([{ kind: 'list', source: 'crm', environmentId }]);
    }
    const left = await source.query(`SELECT FROM do_not_call_import_batches WHERE import_id = $1`, [done.id]);
    expect(left).toEqual([]);
  });

  it('takes of two rows with one number that which stands longer, also where one says nothing', async () => {
    const { environmentId } = await anEnvironmentThatReads();
    const [a, b] = [aNumber(), aNumber()];
    const [in2029, in2030] = [new Date('2029-01-01'), new Date('2030-01-01')];
    await completed(await sealed({ ...ORDER, environmentId, expiresAt: in2029 }, [[row(a), row(a, in2030)]]));
    await completed(await sealed({ ...ORDER, environmentId }, [[row(b, in2030), row(b)]]));
    expect((await entriesOf(a))[0]?.expiresAt).toEqual(in2030);
    expect((await entriesOf(b))[0]?.expiresAt).toBeNull();
  });

  it('withdraws no call by an entry that does not stand: it had expired, or was removed meanwhile', async () => {
    const { environmentId, campaign } = await anEnvironmentThatReads();
    const [expired, removed, standing] = [aNumber(), aNumber(), aNumber()];
    const calls = await Promise.all(
      [expired, removed, standing].map((to) => aCall(source, campaign, { to })),
    );
    const id = await sealed({ ...ORDER, environmentId }, [
      [row(expired, new Date('2020-01-01')), row(removed), row(standing)],
    ]);
    let status = '';
    while (status !== 'withdrawing') ({ status } = (await steps[0]!.advance(id)).state);
    await source.query(`DELETE FROM do_not_call_entries WHERE to_number = $1`, [removed]);
    expect((await completed(id)).stopped).toBe(1);
    const statuses = await Promise.all(
      calls.map(async (call) => (await source.manager.findOneByOrFail(Call, { id: call.id })).status),
    );
    expect(statuses).toEqual(['waiting', 'waiting', 'blocked']);
  });

  it('lengthens what stands, and shortens nothing', async () => {
    const { environmentId } = await anEnvironmentThatReads();
    const [forGood, until2030, over] = [aNumber(), aNumber(), aNumber()];
    const order = { ...ORDER, environmentId };
    const [in2030, in2040] = [new Date('2030-01-01'), new Date('2040-01-01')];
    await completed(await sealed(order, [[row(forGood), row(until2030, in2030), row(over, in2030)]]));
    await source.query(`UPDATE do_not_call_entries SET expires_at = '2020-01-01' WHERE to_number = $1`, [
      over,
    ]);

    const all = [forGood, until2030, over].map((to) => row(to));
    const shorter = await completed(await sealed({ ...order, expiresAt: new Date('2029-01-01') }, [all]));
    expect(shorter).toMatchObject({ added: 1, alreadyListed: 2 });
    const stands = async (to: string) => (await entriesOf(to))[0]?.expiresAt;
    expect([await stands(forGood), await stands(until2030), await stands(over)]).toEqual([
      null,
      in2030,
      new Date('2029-01-01'),
    ]);
    await completed(await sealed({ ...order, expiresAt: in2040 }, [all]));
    expect([await stands(forGood), await stands(until2030), await stands(over)]).toEqual([
      null,
      in2040,
      in2040,
    ]);
    // Of two rows about one number, that which stands longer.
    await completed(await sealed(order, [[row(until2030, in2030), row(until2030), row(until2030, in2040)]]));
    expect(await stands(until2030)).toBeNull();
  });

  it('withdraws the waiting calls that the list stops, of no other campaign, and tells webhooks', async () => {
    const { environmentId, campaign } = await anEnvironmentThatReads();
    const readsNone = await aCampaign(source, environmentId);
    const readsGlobal = await aCampaign(source, environmentId, {
      doNotCallEnabled: true,
      doNotCallListSource: 'global',
    });
    const theirs = (await anEnvironmentThatReads()).campaign;
    const to = aNumber();
    const [stopped, goesOn, stoppedToo, foreign] = await Promise.all(
      [campaign, readsNone, readsGlobal, theirs].map((one) => aCall(source, one, { to })),
    );
    const untouched = await aCall(source, campaign);
    await source.query(
      `INSERT INTO webhook_endpoints (environment_id, campaign_id, name, webhook_url, events)
       VALUES ($1, $2, 'test', 'https://example.com', '{campaign_call.blocked}')`,
      [environmentId, campaign.id],
    );
    const done = await completed(await sealed({ ...ORDER, environmentId }, [[row(to)], [row(aNumber())]]));
    expect(done.stopped).toBe(2);
    const statusOf = async ({ id }: Call) => (await source.manager.findOneByOrFail(Call, { id })).status;
    expect(await Promise.all([stopped!, goesOn!, stoppedToo!, foreign!, untouched].map(statusOf))).toEqual([
      'blocked',
      'waiting',
      'blocked',
      'waiting',
      'waiting',
    ]);
    const blocked = await source.manager.findOneByOrFail(Call, { id: stopped!.id });
    expect(blocked).toMatchObject({ reason: 'do_not_call', nextAttemptAt: null, eventSequence: 1 });
    expect(blocked.evidence?.rules).toMatchObject([
      {
        rule: 'do_not_call',
        passed: false,
        inputs: { withdrawn: true, importId: done.id, list: 'environment' },
      },
    ]);
    const events = await source.query<{ type: string; body: string }[]>(
      `SELECT type, body FROM webhook_events WHERE campaign_id = $1`,
      [campaign.id],
    );
    expect(events.map(({ type }) => type)).toEqual(['campaign_call.blocked']);
    expect(JSON.parse(events[0]!.body)).toMatchObject({
      sequence: 1,
      call: { id: stopped!.id, status: 'blocked' },
    });
    const owed = await source.query(
      `SELECT FROM webhook_deliveries JOIN webhook_events ON webhook_events.id = event_id WHERE campaign_id = $1`,
      [campaign.id],
    );
    expect(owed).toHaveLength(1);
  });

  it('of the operator’s global list stops those who read it, in every environment', async () => {
    const ours = await anEnvironmentThatReads({ doNotCallListSource: 'global' });
    const theirs = await anEnvironmentThatReads({ doNotCallListSource: 'global' });
    const readsOwn = await aCampaign(source, ours.environmentId, { doNotCallEnabled: true });
    const to = aNumber();
    for (const campaign of [ours.campaign, theirs.campaign, readsOwn]) await aCall(source, campaign, { to });
    const byOperator = new DoNotCallImportsStore(asOperator(other));
    const done = await completed(
      await sealed({ ...ORDER, environmentId: null }, [[row(to)], [row(aNumber())]], byOperator),
    );
    expect(done).toMatchObject({ added: 2, stopped: 2 });
    await expect(imports.begin('token', { ...ORDER, environmentId: null })).rejects.toThrow(
      /one environment at a time/,
    );
  });

  it('counts for nothing while its file is read, and for nothing ever if it is not read to its end', async () => {
    const { environmentId, campaign } = await anEnvironmentThatReads();
    const [to, later] = [aNumber(), aNumber()];
    const id = (await imports.begin('test', { ...ORDER, environmentId }))!;
    await imports.keep(environmentId, id, { rows: [row(to)], rejected: [{ line: 2, because: 'no number' }] });
    expect((await steps[0]!.advance(id)).state.status).toBe('reading');
    expect(await entriesOf(to)).toEqual([]);

    await source.query(`UPDATE do_not_call_imports SET updated_at = '2020-01-01' WHERE id = $1`, [id]);
    await new DoNotCallImportsStore(asDialer(source)).failAbandoned();
    expect(await imports.find(environmentId, id)).toMatchObject({
      status: 'failed',
      rejects: [{ line: 2, because: 'no number' }],
      failure: expect.stringContaining('Send it again'),
    });
    await expect(imports.keep(environmentId, id, { rows: [row(later)], rejected: [] })).rejects.toThrow(
      /was ended/,
    );
    await expect(imports.seal(environmentId, 'test', id)).rejects.toThrow(/was ended/);
    const call = await aCall(source, campaign, { to });
    expect((await claims.claim(call.id, 1)).kind).toBe('claimed');
  });

  it('has not answered before every dial that began before it is decided; then no new one begins', async () => {
    const { environmentId, campaign } = await anEnvironmentThatReads();
    const [inFlight, claimedOnly] = [await aCall(source, campaign), await aCall(source, campaign)];
    const sent = await claims.claim(inFlight.id, 1);
    const held = await claims.claim(claimedOnly.id, 1);
    if (sent.kind !== 'claimed' || held.kind !== 'claimed') throw new Error('expected two claims');
    expect(await claims.fence(sent, [])).toMatchObject({ kind: 'passed' });

    const id = await sealed({ ...ORDER, environmentId }, [[row(inFlight.to), row(claimedOnly.to)]]);
    expect((await steps[0]!.advance(id)).state.status).toBe('confirming');
    const deciding = other.createQueryRunner();
    await deciding.startTransaction();
    await deciding.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, [
      `environment:${environmentId}`,
    ]);
    await expect(steps[0]!.advance(id)).rejects.toThrow(StopNotConfirmed);
    expect((await imports.find(environmentId, id))?.status).toBe('confirming');
    await deciding.rollbackTransaction();
    await deciding.release();

    expect(await completed(id)).toMatchObject({ status: 'completed', inFlight: 1 });
    expect(await claims.fence(held, [])).toEqual({ kind: 'refused' });
  });
});

describe('a number that is listed after it was scrubbed', () => {
  it('is not dialled', async () => {
    const { environmentId, campaign } = await anEnvironmentThatReads();
    const scrub = new DoNotCallScrubStore(asApi(source));
    const call = await aCall(source, campaign, { readyAt: new Date('2099-01-01') });
    const reading = (await scrub.begin(environmentId, { campaignId: campaign.id }))!;
    expect(await scrub.listed(reading, [call.to])).toEqual(new Map());
    await completed(await sealed({ ...ORDER, environmentId }, [[row(call.to)]]));
    // As one that was inserted from a list scrubbed before.
    await source.query(
      `UPDATE calls SET status = 'waiting', finished_at = NULL, next_attempt_at = now(), ready_at = now() WHERE id = $1`,
      [call.id],
    );
    expect(await claims.claim(call.id, 1)).toMatchObject({ kind: 'refused', because: 'do_not_call' });
    expect(await scrub.listed(reading, [call.to])).toMatchObject(
      new Map([[call.to, { list: 'environment', as: 'list' }]]),
    );
  });
});
