import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;
let folder: string;

beforeAll(async () => {
  house = await House.open();
  folder = mkdtempSync(join(tmpdir(), 'rf-lists-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await house.close();
});

const TOMORROW = () => new Date(Date.now() + 86_400_000).toISOString();

/** A file on this machine. */
function fileOf(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A call that waits until tomorrow. */
async function aWaitingCall(campaignId: string, to = aNumber()): Promise<{ id: string; to: string }> {
  return { id: await house.call(campaignId, to, { not_before: TOMORROW() }), to };
}

async function overOf(importId: string): Promise<any> {
  return house.until('the import is over', async () => {
    const { data } = await house.must('GET', `/do-not-call/imports/${importId}`);
    return data.completed_at !== null && data;
  });
}

async function ringsTo(...numbers: string[]): Promise<number> {
  return (await house.ledger()).filter(({ kind, to }) => kind === 'request' && numbers.includes(to)).length;
}

describe('an import over HTTP', () => {
  it('reads the file to its end, lists its numbers, withdraws waiting calls, and tells how far it is', async () => {
    const campaignId = await house.campaign({ do_not_call_enabled: true });
    const waiting = await aWaitingCall(campaignId);
    const file = gzipSync(`Name,Phone,reason\nAna,${waiting.to},asked\nBo,5550100,\nCy,${waiting.to},\n`);
    const { status, body } = await house.upload(
      '/do-not-call/import?source=crm&expires_at=2099-01-01T00:00:00Z',
      file,
      'application/gzip',
    );
    expect(status).toBe(202);
    expect(body.data).toMatchObject({ kind: 'list', read: 3, rejected: 1, source: 'crm' });
    expect(body.data.rejects).toEqual([{ line: 3, reason: 'not a phone number in E.164' }]);
    expect(await overOf(body.data.id)).toMatchObject({
      status: 'completed',
      progress: 1,
      added: 1,
      duplicates: 1,
      already_listed: 0,
      stopped: 1,
      in_flight: 0,
    });
    expect(await house.readCall(waiting.id)).toMatchObject({ status: 'blocked', reason: 'do_not_call' });
    const again = await house.must('POST', `/campaigns/${campaignId}/call`, { to: waiting.to });
    expect(again.campaign_call.blocked_reason).toBe('do_not_call');
    const reads = await house.campaign();
    await house.settled([await house.call(reads, waiting.to)]);
    expect(await ringsTo(waiting.to)).toBe(1);

    const listed = await house.must('GET', `/do-not-call?source=crm&list=environment&kind=list`);
    expect(listed.data).toMatchObject([{ to: waiting.to, import_id: body.data.id, reason: 'asked' }]);
    const { data: all } = await house.must('GET', '/do-not-call/imports');
    expect(all.map(({ id }: { id: string }) => id)).toContain(body.data.id);
  });

  it('of opt-outs stops every campaign, and one for a campaign’s own list stops that one', async () => {
    const [everybody, own] = [aNumber(), aNumber()];
    const readsNone = await house.campaign();
    const readsOwn = await house.campaign({ do_not_call_enabled: true, do_not_call_list_source: 'custom' });
    const optOuts = await house.upload('/do-not-call/import?kind=opt_out', everybody, 'text/plain');
    const list = await house.upload(`/do-not-call/import?campaign_id=${readsOwn}`, own, 'text/plain');
    await overOf(optOuts.body.data.id);
    await overOf(list.body.data.id);
    const blocked = async (campaignId: string, to: string) =>
      (await house.must('POST', `/campaigns/${campaignId}/call`, { to, not_before: TOMORROW() }))
        .campaign_call.status === 'blocked';
    expect(await blocked(readsNone, everybody)).toBe(true);
    expect(await blocked(readsOwn, own)).toBe(true);
    expect(await blocked(readsNone, own)).toBe(false);
  });

  it.each<[string, string, string, string, number, string[]]>([
    ['JSON', '', '{"to":"+12025550100"}', 'application/json', 415, []],
    ['a type that is no file', '', '<x/>', 'application/xml', 415, []],
    ['an empty file', '', '', 'text/csv', 422, ['body']],
    ['a heading nobody knows', '', 'name,age\nAna,7\n', 'text/csv', 422, ['body']],
    ['a column that is not there', '?column=mobile', 'phone\n', 'text/csv', 422, ['body']],
    ['a wrong kind', '?kind=other', '+12025550100', 'text/csv', 422, ['kind']],
    ['a country that is none', '?default_country=XX', '2025550100', 'text/csv', 422, ['body']],
    [
      'opt-outs of one campaign',
      `?kind=opt_out&campaign_id=${crypto.randomUUID()}`,
      '+1',
      'text/csv',
      422,
      ['campaign_id'],
    ],
    ['a campaign of nobody', `?campaign_id=${crypto.randomUUID()}`, '+1', 'text/csv', 404, []],
  ])('is refused with %s', async (_, query, file, type, status, fields) => {
    const answer = await house.upload(`/do-not-call/import${query}`, file, type);
    expect([answer.status, Object.keys(answer.body.errors ?? {})]).toEqual([status, fields]);
  });

  it('takes files nowhere else', async () => {
    const { status, body } = await house.upload('/do-not-call', '+12025550100');
    expect([status, body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });
});

describe('a number', () => {
  it(
    'is looked up with every place it stands in and whose calls each stops, and removing says what was',
    { timeout: 60_000 },
    async () => {
      const campaignId = await house.campaign({
        do_not_call_enabled: true,
        do_not_call_list_source: 'custom',
      });
      const to = aNumber();
      const path = `/do-not-call/${encodeURIComponent(to)}`;
      await house.must('POST', '/do-not-call', { to, reason: 'asked' });
      await house.must('POST', '/do-not-call', {
        to,
        kind: 'list',
        source: 'crm',
        expires_at: '2020-01-01T00:00:00Z',
      });
      await house.must('POST', '/do-not-call', { to, kind: 'list', campaign_id: campaignId });
      await house.cli([
        'do-not-call',
        'import',
        fileOf('global.txt', to),
        '--global',
        '--source',
        'litigators',
      ]);

      const { data } = await house.must('GET', path);
      const everyone = ['off', 'environment', 'global', 'custom'];
      expect(data.stops).toEqual(everyone);
      const places = data.entries.map(({ list, kind, source, expired, stops }: Record<string, unknown>) => ({
        ...{ list, kind, source, expired, stops },
      }));
      expect(places).toEqual([
        { list: 'global', kind: 'list', source: 'litigators', expired: false, stops: ['global'] },
        { list: 'campaign', kind: 'list', source: null, expired: false, stops: ['custom'] },
        { list: 'environment', kind: 'list', source: 'crm', expired: true, stops: [] },
        { list: 'environment', kind: 'opt_out', source: null, expired: false, stops: everyone },
      ]);

      const removed = await house.must('DELETE', path);
      expect(removed.data.removed.map(({ kind }: { kind: string }) => kind)).toEqual(['opt_out', 'list']);
      expect(removed.data.left.stops).toEqual(['global', 'custom']);
      expect(removed.message).toContain('listed elsewhere');
      const ofCampaign = await house.must('DELETE', `${path}?campaign_id=${campaignId}`);
      expect(ofCampaign.data.removed).toMatchObject([{ list: 'campaign', campaign_id: campaignId }]);
      expect((await house.api('DELETE', path)).status).toBe(404);
      expect(await house.cli(['do-not-call', 'remove', to, '--global'])).toMatchObject({ removed: 1 });
      expect((await house.api('GET', path)).status).toBe(404);
    },
  );

  it('is found in a list that is paged by cursor', async () => {
    const numbers = Array.from({ length: 5 }, () => aNumber());
    await house.must('POST', '/do-not-call', { numbers, source: 'paged' });
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { data, pagination } = await house.must('GET', `/do-not-call?source=paged&per_page=2${cursor}`);
      expect(pagination.total).toBe(5);
      seen.push(...data.map(({ to }: { to: string }) => to));
      if (pagination.next_cursor === null) break;
      cursor = `&cursor=${pagination.next_cursor}`;
    }
    expect(seen.sort()).toEqual(numbers.sort());
  });
});

describe('the command line', () => {
  it(
    'imports a file and answers with one object, once no new dial to its numbers begins',
    { timeout: 60_000 },
    async () => {
      const campaignId = await house.campaign({ do_not_call_enabled: true });
      const waiting = await aWaitingCall(campaignId);
      const file = fileOf('contacts.csv', `telephone\n${waiting.to}\n${waiting.to}\nnobody\n${aNumber()}\n`);
      const words = ['do-not-call', 'import', file, '--environment', house.environmentId, '--expires', '30d'];
      expect(await house.cli(words)).toMatchObject({
        read: 4,
        added: 2,
        already_listed: 0,
        duplicates: 1,
        rejected: 1,
        rejects: [{ line: 4, reason: 'not a phone number in E.164' }],
        stopped: 1,
        seconds: expect.any(Number),
      });
      expect((await house.readCall(waiting.id)).status).toBe('blocked');
      expect(await house.cli(words)).toMatchObject({ added: 0, already_listed: 2, stopped: 0 });
    },
  );

  it(
    'keeps a registry: out of date it holds calls, fresh it blocks some and lets the others go',
    { timeout: 120_000 },
    async () => {
      const { environmentId } = house;
      const campaignId = await house.campaign({ do_not_call_enabled: true });
      const registry = (...words: string[]) => house.cli(['do-not-call', 'registry', ...words]);
      const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
      const [listed, free] = ['+12128675309', '+12128675310'];
      const file = fileOf('ftc.txt', '212,8675309\n212,8675308\n');

      await registry('create', 'us-ftc');
      await registry('import', 'us-ftc', file, '--snapshot-date', dayBefore(33));
      await registry('attach', 'us-ftc', '--environment', environmentId);
      const [onIt, callable] = [await house.call(campaignId, listed), await house.call(campaignId, free)];
      const { data: why } = await house.must('GET', `/calls/${callable}/why`);
      expect(why).toMatchObject({ reason: 'do_not_call_registry_out_of_date', rule: 'do_not_call' });
      expect(why.evidence.rules.at(-1).inputs.finding).toBe('snapshot 33 days old, at most 31');
      const { data: registries } = await house.must('GET', '/do-not-call/registries');
      expect(registries).toMatchObject([
        { name: 'us-ftc', list: 'environment', age_days: 33, max_age_days: 31, out_of_date: true },
      ]);
      const scrubbed = await house.upload('/do-not-call/scrub', `${listed}\n${free}\n`);
      expect(scrubbed.body.data).toMatchObject({
        callable: 0,
        listed: 0,
        out_of_date: [{ registry: 'us-ftc' }],
      });

      const fresh = await registry('import', 'us-ftc', file, '--snapshot-date', dayBefore(1));
      expect(fresh).toMatchObject({ numbers: 2, duplicates: 0, rejected: 0, stopped: 1 });
      expect(fresh.sha256).toMatch(/^[0-9a-f]{64}$/);
      const settled = await house.settled([onIt, callable]);
      expect([settled.get(onIt).status, settled.get(callable).status]).toEqual(['blocked', 'completed']);
      expect([await ringsTo(listed), await ringsTo(free)]).toEqual([0, 1]);
      const found = await house.must('GET', `/do-not-call/${encodeURIComponent(listed)}`);
      expect(found.data).toMatchObject({
        entries: [],
        registries: [{ name: 'us-ftc', listed: true, stops: ['environment', 'global'] }],
      });
      expect(await registry('list')).toMatchObject({
        registries: [{ name: 'us-ftc', numbers: 2, snapshot_date: dayBefore(1) }],
      });

      const callableFile = join(folder, 'callable.txt');
      const file2 = fileOf('list.csv', `${listed}\n${free}\nnobody1\n`);
      const scrub = [
        'do-not-call',
        'scrub',
        file2,
        '--environment',
        environmentId,
        '--callable',
        callableFile,
      ];
      expect(await house.cli([...scrub, '--campaign', campaignId])).toMatchObject({
        ...{ read: 3, callable: 1, listed: 1, rejected: 1 },
        by: { 'registry:us-ftc': 1 },
      });
      expect(readFileSync(callableFile, 'utf8')).toBe(`${free}\n`);
      const { body } = await house.upload(
        `/do-not-call/scrub?campaign_id=${campaignId}`,
        `${listed}\n${free}\n`,
      );
      expect(body.data).toMatchObject({
        ...{ read: 2, callable: 1, listed: 1, by: { 'registry:us-ftc': 1 } },
        numbers: [{ to: listed, kind: 'list', list: 'environment', registry: 'us-ftc' }],
      });

      await registry('detach', 'us-ftc', '--environment', environmentId);
      await registry('drop', 'us-ftc');
      expect(await registry('list')).toEqual({ registries: [] });
    },
  );

  it('puts no number of any file into a log', () => {
    // Bounded: an instant in milliseconds may hold any of these digits.
    expect(house.log).not.toMatch(/\+1\d{10}|\b(?:1?\d{3})?(?:867530\d|5550100)\b/);
  });
});
