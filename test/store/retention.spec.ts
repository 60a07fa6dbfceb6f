import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { Attempt } from '#store/attempt.entity.js';
import { Call } from '#store/call.entity.js';
import type { Campaign } from '#store/campaign.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import type { Environment } from '#store/environment.entity.js';
import { ErasureStore } from '#store/erasure.store.js';
import { FinaliseStore } from '#store/finalise.store.js';
import { OperatorCallsStore } from '#store/operator-calls.store.js';
import { numberHistory } from '#store/reading.js';
import { RetentionStore } from '#store/retention.store.js';
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
import { commit, inTheMiddle } from './held-transaction.js';

let source: DataSource;
let retention: RetentionStore;
let erasure: ErasureStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), COMMAND_LIMITS).initialize();
  retention = new RetentionStore(asDialer(source), dialingSettings());
  const operator = asOperator(source);
  const calls = new OperatorCallsStore(operator, dialingSettings());
  erasure = new ErasureStore(operator, new DoNotCallStore(operator), calls);
});

afterAll(() => source.destroy());

const EVIDENCE = {
  policyVersion: 'test',
  zoneData: 'test',
  decidedAt: '2026-01-01T00:00:00.000Z',
  rules: [
    { rule: 'campaign_open', passed: true, inputs: { status: 'active' } },
    { rule: 'callee_zone', passed: true, inputs: { timezone: 'America/Boise' } },
    { rule: 'do_not_call', passed: true, inputs: { entryId: 'an entry', source: 'Philippa' } },
  ],
};

const PERSONAL = {
  payload: { name: 'Philippa' },
  context: { note: 'Theodosia' },
  timezone: 'America/Boise',
  evidence: EVIDENCE,
};

/** A call that ended so many days ago, with the attempt that ended it and what the carrier told of that. */
async function anEndedCall(
  campaign: Campaign,
  daysAgo: number,
  overrides: Partial<Call> = {},
): Promise<{ call: Call; attempt: Attempt }> {
  const at = new Date(Date.now() - daysAgo * 86_400_000);
  const call = await aCall(source, campaign, {
    ...{
      status: 'completed',
      outcome: 'answered',
      finishedAt: at,
      attemptCount: 1,
      durationSeconds: 42,
      ...PERSONAL,
    },
    ...overrides,
  });
  const attempt = await source.manager.save(
    source.manager.create(Attempt, {
      ...{
        callId: call.id,
        environmentId: call.environmentId,
        campaignId: campaign.id,
        to: call.to,
        number: 1,
      },
      ...{
        status: 'ended',
        outcome: 'answered',
        evidence: EVIDENCE,
        rulesVersion: 1,
        providerCallId: 'CA-Philippa',
      },
      ...{ claimedAt: at, startAt: at, openUntil: at, sendingAt: at, answeredAt: at, endedAt: at },
      ...{ endSurmised: false, durationSeconds: 42, checks: 0, holdsSlot: false },
    }),
  );
  await source.query(
    `INSERT INTO provider_events (provider, event_key, attempt_id, event, applied_at)
     VALUES ('test', $1::text, $1::uuid, '{"providerCallId": "CA-Philippa"}', clock_timestamp())`,
    [attempt.id],
  );
  return { call, attempt };
}

const callNow = (id: string) => source.manager.findOneByOrFail(Call, { id });
const attemptNow = (id: string) => source.manager.findOneByOrFail(Attempt, { id });

async function forget(): Promise<void> {
  while ((await retention.forgetCalls(2)) > 0) continue;
  while ((await retention.forgetNumbers(2)) > 0) continue;
  await retention.forgetFiles(10);
}

/** As if so many days had passed for the numbers that rules read. */
const daysLater = (attemptId: string, days: number) =>
  source.query(
    `UPDATE attempts SET number_kept_until = number_kept_until - $2 * interval '1 day',
       sending_at = sending_at - $2 * interval '1 day', ended_at = ended_at - $2 * interval '1 day' WHERE id = $1`,
    [attemptId, days],
  );

describe('calls that were kept long enough', () => {
  let environment: Environment;
  let campaign: Campaign;

  beforeAll(async () => {
    environment = await anEnvironment(source, { callDataRetentionDays: 90 });
    campaign = await aCampaign(source, environment.id);
  });

  it('lose the person, and keep what they came to and what each rule decided', async () => {
    const old = await anEndedCall(campaign, 91);
    const young = await anEndedCall(campaign, 89);
    const waiting = await aCall(source, campaign, { ...PERSONAL, createdAt: new Date('2020-01-01') });
    await forget();
    expect(await callNow(old.call.id)).toMatchObject({
      ...{ to: 'erased', payload: {}, context: {}, timezone: null, erasedAt: expect.any(Date) },
      ...{ status: 'completed', outcome: 'answered', durationSeconds: 42, finishedAt: old.call.finishedAt },
      evidence: {
        rules: [
          { rule: 'campaign_open', passed: true, inputs: { status: 'active' } },
          { rule: 'callee_zone', passed: true, inputs: {} },
          { rule: 'do_not_call', passed: true, inputs: {} },
        ],
      },
    });
    const attempt = await attemptNow(old.attempt.id);
    expect(attempt).toMatchObject({
      to: 'erased',
      providerCallId: null,
      outcome: 'answered',
      durationSeconds: 42,
    });
    expect(JSON.stringify(attempt)).not.toMatch(/Philippa|Boise/);
    expect(await source.query(`SELECT FROM provider_events WHERE attempt_id = $1`, [old.attempt.id])).toEqual(
      [],
    );
    for (const { id, to } of [young.call, waiting]) {
      expect(await callNow(id)).toMatchObject({ to, ...PERSONAL, erasedAt: null });
    }
    expect((await attemptNow(young.attempt.id)).to).toBe(young.call.to);
  });

  it('are kept for good where nothing else is said', async () => {
    const kept = await anEndedCall(await aCampaign(source, (await anEnvironment(source)).id), 3_000);
    await forget();
    expect(await callNow(kept.call.id)).toMatchObject({ to: kept.call.to, erasedAt: null });
  });

  it('wait for nobody: a row that somebody is at is left for later', async () => {
    const [busy, free] = [await anEndedCall(campaign, 91), await anEndedCall(campaign, 91)];
    const held = await inTheMiddle(source);
    await held.query(`SELECT FROM calls WHERE id = $1 FOR UPDATE`, [busy.call.id]);
    await forget();
    expect((await callNow(free.call.id)).to).toBe('erased');
    expect((await callNow(busy.call.id)).to).toBe(busy.call.to);
    await commit(held);
    await forget();
    expect((await callNow(busy.call.id)).to).toBe('erased');
  });

  it('cannot be live ones, whatever a query forgets', async () => {
    const { id } = await aCall(source, campaign);
    for (const set of [`erased_at = clock_timestamp()`, `to_number = 'erased'`])
      await expect(source.query(`UPDATE calls SET ${set} WHERE id = $1`, [id])).rejects.toThrow(
        /check constraint/,
      );
  });

  it('take what their file was called with them', async () => {
    const [made] = await source.query<[{ id: string }]>(
      `INSERT INTO contact_imports (environment_id, campaign_id, actor, filename, status, completed_at)
       VALUES ($1, $2, 'test', 'philippa.csv', 'processed', clock_timestamp() - interval '91 days') RETURNING id`,
      [environment.id, campaign.id],
    );
    await forget();
    expect(await source.query(`SELECT filename FROM contact_imports WHERE id = $1`, [made.id])).toEqual([
      { filename: null },
    ]);
  });
});

describe('the number of an attempt whose call was erased', () => {
  const asked = ({ environmentId, campaignId, to }: Call) => ({ environmentId, campaignId, to });
  const history = (call: Call) =>
    asOperator(source).everywhere((manager) => numberHistory(manager, asked(call), 3600));

  it('stays as long as a cap counts it, and then goes', async () => {
    const { id } = await anEnvironment(source, { callDataRetentionDays: 1, maxAttemptsPerNumberWeek: 1 });
    const { call, attempt } = await anEndedCall(await aCampaign(source, id), 2);
    await forget();
    expect((await callNow(call.id)).to).toBe('erased');
    expect((await history(call)).sentAt).toEqual([attempt.sendingAt]);
    await daysLater(attempt.id, 27);
    await forget();
    expect((await attemptNow(attempt.id)).to).toBe(call.to);
    await daysLater(attempt.id, 2);
    await forget();
    expect((await attemptNow(attempt.id)).to).toBe('erased');
    expect(await source.query(`SELECT FROM attempts WHERE number_kept_until IS NOT NULL`)).toEqual([]);
  });

  it('stays as long as a conversation cools down', async () => {
    const { id } = await anEnvironment(source, { callDataRetentionDays: 1, successCooldownHours: 24 * 100 });
    const { call, attempt } = await anEndedCall(await aCampaign(source, id), 95);
    await forget();
    expect((await history(call)).answeredAt).toEqual(attempt.endedAt);
    await daysLater(attempt.id, 6);
    await forget();
    expect((await attemptNow(attempt.id)).to).toBe('erased');
  });

  it('stays as long as its campaign may still complete, and cool down', async () => {
    const { id } = await anEnvironment(source, { callDataRetentionDays: 1 });
    const campaign = await aCampaign(source, id, {
      enablePostCompletionCooldown: true,
      postCompletionCooldownHours: 24,
    });
    const { call, attempt } = await anEndedCall(campaign, 400);
    await forget();
    expect((await attemptNow(attempt.id)).to).toBe(call.to);
    const complete = (hoursAgo: number) =>
      source.query(
        `UPDATE campaigns SET status = 'completed', completed_at = clock_timestamp() - $2 * interval '1 hour' WHERE id = $1`,
        [campaign.id, hoursAgo],
      );
    await complete(23);
    await daysLater(attempt.id, 2);
    await forget();
    expect((await attemptNow(attempt.id)).to).toBe(call.to);
    await complete(25);
    await daysLater(attempt.id, 2);
    await forget();
    expect((await attemptNow(attempt.id)).to).toBe('erased');
  });
});

it('webhooks’ logs, and what was wrong with rows, are kept for as many days as the environment says', async () => {
  const settings = { webhookLogRetentionDays: 7, importErrorRetentionDays: 7 };
  const made = await Promise.all(
    [await anEnvironment(source, settings), await anEnvironment(source)].map(async ({ id }) => {
      const campaign = await aCampaign(source, id);
      const { id: endpointId } = await aWebhook(source, campaign);
      await source.query(
        `INSERT INTO webhook_logs (environment_id, endpoint_id, event, attempt, status, test_body, created_at)
         SELECT $1, $2, 'test', 1, 'success', '{}', clock_timestamp() - days * interval '1 day' FROM unnest('{6, 8}'::integer[]) AS days`,
        [id, endpointId],
      );
      await source.query(
        `WITH import AS (INSERT INTO contact_imports (environment_id, campaign_id, actor) VALUES ($1, $2, 'test') RETURNING id)
         INSERT INTO contact_import_errors (import_id, errors, created_at)
         SELECT id, '[]', clock_timestamp() - days * interval '1 day' FROM import, unnest('{6, 8}'::integer[]) AS days`,
        [id, campaign.id],
      );
      return id;
    }),
  );
  const finalise = new FinaliseStore(asDialer(source));
  while (await finalise.forgetWebhooks(1)) continue;
  while (await finalise.forgetImportErrors(1)) continue;
  const left = made.map(async (id) => {
    const [row] = await source.query<[{ logs: number; errors: number }]>(
      `SELECT (SELECT count(*)::integer FROM webhook_logs WHERE environment_id = $1) AS logs,
         (SELECT count(*)::integer FROM contact_import_errors AS errors JOIN contact_imports AS import
            ON import.id = errors.import_id WHERE import.environment_id = $1) AS errors`,
      [id],
    );
    return row;
  });
  expect(await Promise.all(left)).toEqual([
    { logs: 1, errors: 1 },
    { logs: 2, errors: 2 },
  ]);
});

describe('erasing a person', () => {
  it('takes them out of calls of every age, and leaves one entry that stops every call', async () => {
    const { id } = await anEnvironment(source, { callDataRetentionDays: 1 });
    const campaign = await aCampaign(source, id, { doNotCallCustomList: ['+12025550100'] });
    const to = aNumber();
    // One whose number only a rule still reads, one that has just ended, one that waits; and a stranger's.
    const old = await anEndedCall(campaign, 2, { to });
    await forget();
    const recent = await anEndedCall(campaign, 0, { to });
    const waiting = await aCall(source, campaign, { to, ...PERSONAL });
    const stranger = await anEndedCall(campaign, 0);
    await source.query(
      `INSERT INTO do_not_call_entries (environment_id, campaign_id, kind, to_number, reason, source)
       VALUES ($1, $2, 'list', $3, 'Philippa asked', 'crm'), ($1, NULL, 'list', $3, 'Philippa asked', 'crm')`,
      [id, campaign.id, to],
    );
    const result = await erasure.erase(id, 'cli', to);
    expect(result).toMatchObject({
      kind: 'erased',
      isStillPosted: false,
      erased: { calls: 2, do_not_call_entries: 2 },
    });
    expect(await callNow(recent.call.id)).toMatchObject({ to: 'erased', payload: {}, status: 'completed' });
    expect(await callNow(waiting.id)).toMatchObject({ to: 'erased', payload: {}, status: 'blocked' });
    for (const { attempt } of [old, recent]) expect((await attemptNow(attempt.id)).to).toBe('erased');
    expect(await callNow(stranger.call.id)).toMatchObject({ to: stranger.call.to, ...PERSONAL });
    const entries = await source.query(
      `SELECT kind, campaign_id, reason, source, expires_at, import_id FROM do_not_call_entries WHERE to_number = $1`,
      [to],
    );
    const nothing = { campaign_id: null, reason: null, expires_at: null, import_id: null };
    expect(entries).toEqual([{ kind: 'opt_out', source: 'erasure', ...nothing }]);
    const [audited] = await source.query<[{ detail: object }]>(
      `SELECT detail FROM audit_log WHERE environment_id = $1 AND action = 'person.erased'`,
      [id],
    );
    expect(JSON.stringify(audited)).not.toContain(to.slice(1));
    const again = await erasure.erase(id, 'cli', to);
    expect(again.kind === 'erased' && Object.values(again.erased).every((rows) => rows === 0)).toBe(true);
  });

  it.each([
    ['initiated', 'placed', false],
    ['answered', 'placed', false],
    ['outcome_unknown', 'unknown', true],
  ] as const)(
    'is put off by a call that is %s, and nothing of it is tried again',
    async (status, attempt, isUnknown) => {
      const { id } = await anEnvironment(source);
      const campaign = await aCampaign(source, id);
      const made = await anEndedCall(campaign, 0, { status, outcome: null, finishedAt: null });
      await source.query(`UPDATE attempts SET status = $2, outcome = NULL, ended_at = NULL WHERE id = $1`, [
        made.attempt.id,
        attempt,
      ]);
      const { call } = made;
      expect(await erasure.erase(id, 'cli', call.to)).toEqual({
        kind: 'under_way',
        calls: [{ id: call.id, isUnknown }],
      });
      expect(await callNow(call.id)).toMatchObject({
        to: call.to,
        ...PERSONAL,
        cancelRequestedAt: expect.any(Date),
      });
    },
  );

  it('is not outrun by a call that is made meanwhile: it is never dialled, and goes with the next run', async () => {
    const { id } = await anEnvironment(source);
    const campaign = await aCampaign(source, id);
    const to = aNumber();
    // It has looked at the lists, and commits once all is done.
    const making = await inTheMiddle(source);
    const late = await making.manager.save(
      making.manager.create(Call, { ...(await aCall(source, campaign)), id: undefined, to, ...PERSONAL }),
    );
    expect(await erasure.erase(id, 'cli', to)).toMatchObject({ kind: 'erased', isStillPosted: false });
    await commit(making);
    const claim = await new ClaimStore(asDialer(source), dialingSettings()).claim(late.id, 1);
    expect(claim).toMatchObject({ kind: 'refused', because: 'do_not_call' });
    expect(await source.query(`SELECT FROM attempts WHERE call_id = $1`, [late.id])).toEqual([]);
    expect(await erasure.erase(id, 'cli', to)).toMatchObject({ erased: { calls: 1 } });
    expect(await callNow(late.id)).toMatchObject({ to: 'erased', payload: {} });
  });

  it('reaches rows of files that are not calls yet', async () => {
    const { id } = await anEnvironment(source);
    const campaign = await aCampaign(source, id, { status: 'paused' });
    const [to, other] = [aNumber(), aNumber()];
    const [{ id: importId }] = await source.query<[{ id: string }]>(
      `INSERT INTO contact_imports (environment_id, campaign_id, actor, status, batches) VALUES ($1, $2, 'test', 'processing', 2)
       RETURNING id`,
      [id, campaign.id],
    );
    await source.query(
      `INSERT INTO contact_import_batches (import_id, batch, rows, numbers, payloads)
       VALUES ($1, 1, '{1, 2, 3}', $2, $3), ($1, 2, '{4}', $4, NULL)`,
      [importId, [other, to, other], ['{"of": "other"}', '{"of": "Philippa"}', null], [to]],
    );
    // Of a file with many mistakes, of which only some are looked at together.
    await source.query(
      `INSERT INTO contact_import_errors (import_id, errors) SELECT $1, '[]' FROM generate_series(1, 120)`,
      [importId],
    );
    await source.query(`INSERT INTO contact_import_errors (import_id, errors) VALUES ($1, $2)`, [
      importId,
      JSON.stringify([
        {
          row: 5,
          column: 'to',
          code: 'DUPLICATE',
          message: 'm',
          value: `(${to.slice(2, 5)}) ${to.slice(5)}`,
        },
        { row: 6, column: 'to', code: 'INVALID', message: 'm', value: '5550100' },
      ]),
    ]);
    await erasure.erase(id, 'cli', to);
    expect(
      await source.query(
        `SELECT rows, numbers, payloads, timezones FROM contact_import_batches WHERE import_id = $1 ORDER BY batch`,
        [importId],
      ),
    ).toEqual([
      { rows: [1, 3], numbers: [other, other], payloads: ['{"of": "other"}', null], timezones: null },
      { rows: [], numbers: [], payloads: null, timezones: null },
    ]);
    const [{ errors }] = await source.query<[{ errors: { value: string | null }[] }]>(
      `SELECT errors FROM contact_import_errors WHERE import_id = $1 AND errors <> '[]'`,
      [importId],
    );
    expect(errors.map(({ value }) => value)).toEqual([null, '5550100']);
  });

  it('stays within its environment', async () => {
    const [ours, theirs] = [await anEnvironment(source), await anEnvironment(source)];
    const made = await anEndedCall(await aCampaign(source, theirs.id), 0);
    await erasure.erase(ours.id, 'cli', made.call.to);
    expect(await callNow(made.call.id)).toMatchObject({ to: made.call.to, ...PERSONAL });
    const standing = await new DoNotCallStore(asApi(source)).lookUp(theirs.id, made.call.to);
    expect(standing.entries).toEqual([]);
  });
});

describe('docs/privacy.md', () => {
  it('says of every column there is whether it is of a person, and nothing of any other', async () => {
    const columns = await source.query<{ table: string; column: string }[]>(
      `SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
       WHERE table_schema = current_schema() AND table_name <> 'migrations' ORDER BY 1, 2`,
    );
    const known = columns.map(({ table, column }) => `${table}.${column}`);
    expect(classed().toSorted()).toEqual(known);
  });
});

/** Every column that the page classes, in either class. */
function classed(): string[] {
  const [, page = ''] = readFileSync('docs/privacy.md', 'utf8').split('\n## What is where\n');
  const words = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, word]) => word!);
  return page
    .split('\n')
    .filter((line) => /^\| `\w+` \|/.test(line))
    .flatMap((line) => {
      const [, table = '', personal = '', , others = ''] = line.split('|');
      return [...words(personal), ...words(others)].map((column) => `${words(table)[0]}.${column}`);
    });
}
