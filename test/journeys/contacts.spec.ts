import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;
let source: DataSource;

beforeAll(async () => {
  house = await House.open({ settings: { TRUNK_CALLS_PER_SECOND: '500' } });
  source = await new DataSource({ type: 'postgres', url: house.databaseUrl }).initialize();
});

afterAll(async () => {
  await source.destroy();
  await house.close();
});

/** Nothing of such a campaign is dialled in a test's time. */
const LATER = { start_date: '2199-01-01' };

const numbers = (count: number, digits = '00') => Array.from({ length: count }, () => aNumber(digits));

async function overOf(campaignId: string, importId: string): Promise<any> {
  return house.until('the import is over', async () => {
    const { data } = await house.must('GET', `/campaigns/${campaignId}/contacts/imports/${importId}`);
    return data.completed_at !== null && data;
  });
}

async function imported(campaignId: string, file: string | Buffer<ArrayBuffer>, query = ''): Promise<any> {
  const { status, body } = await house.upload(`/campaigns/${campaignId}/contacts${query}`, file);
  if (status !== 202) throw new Error(JSON.stringify(body));
  return overOf(campaignId, body.data.id as string);
}

describe('a file of contacts', () => {
  it(
    'is dialled as single calls are: each number once, none that is listed, and every other row is accounted for',
    { timeout: 60_000 },
    async () => {
      const campaignId = await house.campaign({ max_concurrent_calls: 50 });
      const [good, listed, live] = [numbers(120, '70'), numbers(5), numbers(5)];
      await house.must('POST', '/do-not-call', { numbers: listed });
      const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
      for (const to of live) await house.call(campaignId, to, { not_before: tomorrow });
      const heading = 'Phone,timezone,payload.name,context.order,priority';
      const rows = [
        ...good.map((to, nth) => `${to},America/New_York,"Ana ""A"" ${nth}",O-${nth},${nth % 10}`),
        ...good.slice(0, 20).map((to) => `${to},,,,`),
        ...[...listed, ...live].map((to) => `${to},,,,`),
        ...['5550100,,,,', `${aNumber()},Mars/Base,,,`, `${aNumber()},,,,high`, '=1+1,,,,', ',,Nobody,,'],
      ];
      const file = gzipSync([heading, ...rows].join('\n'));
      const sent = await house.upload(
        `/campaigns/${campaignId}/contacts?filename=march.csv.gz`,
        file,
        'application/gzip',
      );
      expect([sent.status, sent.body.data.total_rows, sent.body.data.rejected]).toEqual([202, 155, 5]);
      const importId = sent.body.data.id as string;
      expect(await overOf(campaignId, importId)).toMatchObject({
        ...{ status: 'processed', failure: null, progress: 1, filename: 'march.csv.gz', waits_for: null },
        ...{ total_rows: 155, processed_rows: 155, accepted: 125, blocked: 5, duplicates: 25, rejected: 5 },
      });

      await house.until('all of them are dialled', async () => {
        const [{ open }] = await source.query<[{ open: number }]>(
          `SELECT count(*)::integer AS open FROM calls WHERE campaign_id = $1 AND finished_at IS NULL AND to_number <> ALL ($2)`,
          [campaignId, live],
        );
        return open === 0;
      });
      const requests = (await house.ledger()).filter(({ kind }) => kind === 'request').map(({ to }) => to);
      const asked = new Set([...good, ...listed, ...live]);
      expect(requests.filter((to) => asked.has(to)).sort()).toEqual([...good].sort());
      const { data: calls } = await house.must(
        'GET',
        `/calls?campaign_id=${campaignId}&search=${good[7]!.slice(1)}`,
      );
      expect(await house.readCall(calls[0].id)).toMatchObject({ context: { order: 'O-7' } });
      const { data: stopped } = await house.must('GET', `/calls?search=${listed[0]!.slice(1)}`);
      expect(stopped).toMatchObject([{ status: 'blocked' }]);

      const path = `/campaigns/${campaignId}/contacts/imports/${importId}/errors`;
      const errors = await house.download(path);
      expect(errors.headers.get('content-disposition')).toContain(`${importId}-errors.csv`);
      const told = parse<Record<string, string>>(errors.text, { columns: true });
      expect(told).toHaveLength(30);
      expect(
        told
          .filter(({ code }) => code === 'DUPLICATE')
          .map(({ row }) => Number(row))
          .sort((a, b) => a - b),
      ).toEqual([...Array(20).keys()].map((nth) => nth + 122).concat([147, 148, 149, 150, 151]));
      expect(told.filter(({ code }) => code !== 'DUPLICATE')).toMatchObject([
        { row: '152', column: 'to', code: 'INVALID', value: '5550100' },
        { row: '153', column: 'timezone', code: 'INVALID', value: 'Mars/Base' },
        { row: '154', column: 'priority', code: 'INVALID', value: 'high' },
        { row: '155', column: 'to', code: 'INVALID', value: "'=1+1" },
        { row: '156', column: 'to', code: 'MISSING', value: '' },
      ]);
      const lines = (await house.download(`${path}?format=ndjson`)).text.trim().split('\n');
      expect(lines.map((line) => JSON.parse(line).row)).toHaveLength(30);

      const { data: campaign } = await house.must('GET', `/campaigns/${campaignId}`);
      expect(campaign.files).toEqual([
        {
          ...{
            id: importId,
            original_filename: 'march.csv.gz',
            processed_filename: `${importId}-errors.csv`,
          },
          ...{ status: 'processed', total_records: 155, processed_records: 155 },
        },
      ]);
    },
  );

  it('may be JSON, however large, as an array or an object a line', async () => {
    const campaignId = await house.campaign(LATER);
    const objects = numbers(40).map((to, nth) => ({
      to,
      payload: { text: 'x'.repeat(10_000), nth },
      context: { nth },
    }));
    const upload = async (text: string, type: string) => {
      const { status, body } = await house.upload(`/campaigns/${campaignId}/contacts`, text, type);
      expect(status).toBe(202);
      return overOf(campaignId, body.data.id as string);
    };
    expect(await upload(JSON.stringify(objects), 'application/json; charset=utf-8')).toMatchObject({
      accepted: 40,
    });
    const lines = objects.map((one) => JSON.stringify(one)).join('\n');
    expect(await upload(lines, 'application/x-ndjson')).toMatchObject({ accepted: 0, duplicates: 40 });
    const { data } = await house.must('GET', `/campaigns/${campaignId}/contacts/imports`);
    expect(data).toHaveLength(2);
    const { data: calls } = await house.must('GET', `/calls?campaign_id=${campaignId}&per_page=100`);
    expect(calls).toHaveLength(40);
    expect((await house.readCall(calls.at(-1).id)).context).toEqual({ nth: 0 });
  });

  it('sent again under its key is the import that it was, and another file under it is refused', async () => {
    const campaignId = await house.campaign(LATER);
    const key = { 'idempotency-key': 'march' };
    const path = `/campaigns/${campaignId}/contacts`;
    const send = (file: string, query = '') => house.upload(`${path}${query}`, file, 'text/csv', null, key);
    const file = `to\n${numbers(3).join('\n')}\n`;
    expect((await send(`to,what\n${aNumber()},x\n`)).status).toBe(422);
    const first = await send(file);
    const again = await send(file);
    expect([again.status, again.headers.get('idempotent-replayed'), again.body.data.id]).toEqual([
      ...[202, 'true', first.body.data.id],
    ]);
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([202, null]);
    for (const other of [await send(`to\n${aNumber()}\n`), await send(file, '?allow_duplicates=true')])
      expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    await overOf(campaignId, first.body.data.id as string);
    expect((await house.must('GET', `/calls?campaign_id=${campaignId}`)).data).toHaveLength(3);
  });

  it.each<[string, string, string, string, number, string[]]>([
    ['a type that is no file', '', '<x/>', 'application/xml', 415, []],
    ['nothing in it', '', '', 'text/csv', 422, ['body']],
    ['columns nobody knows', '', 'to,name,notes\n+12025550100,Ana,x\n', 'text/csv', 422, ['name', 'notes']],
    ['a column that is not there', '?column=tel', 'to\n+12025550100\n', 'text/csv', 422, ['column']],
    ['a country that is none', '?default_country=XX', 'to\n1\n', 'text/csv', 422, ['body']],
    ['an array that does not end', '', '[{"to":"+12025550100"}', 'application/json', 422, ['body']],
    ['a query that is wrong', '?allow_duplicates=maybe', 'to\n', 'text/csv', 422, ['allow_duplicates']],
  ])('is refused with %s', async (_, query, file, type, status, fields) => {
    const campaignId = await house.campaign(LATER);
    const answer = await house.upload(`/campaigns/${campaignId}/contacts${query}`, file, type);
    expect([answer.status, Object.keys(answer.body.errors ?? {})]).toEqual([status, fields]);
    expect((await house.must('GET', `/calls?campaign_id=${campaignId}`)).data).toEqual([]);
  });

  it('is refused where a single call is', async () => {
    const file = `to\n${aNumber()}\n`;
    const refusal = async (campaignId: string) => {
      const { status, body } = await house.upload(`/campaigns/${campaignId}/contacts`, file);
      return [status, body.code];
    };
    expect(await refusal(crypto.randomUUID())).toEqual([404, 'CAMPAIGN_NOT_FOUND']);
    expect(await refusal(await house.campaign({}, {}, 'paused'))).toEqual([400, 'CAMPAIGN_NOT_ACTIVE']);
    const campaignId = await house.campaign();
    const { agent_id: agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    await house.must('POST', `/agents/${agent}/unpublish`);
    expect(await refusal(campaignId)).toEqual([403, 'FORBIDDEN']);
  });
});

describe('an import', () => {
  it('is undone while nothing of it was dialled, and not after', { timeout: 30_000 }, async () => {
    const campaignId = await house.campaign(LATER);
    const { id } = await imported(campaignId, `to\n${numbers(50).join('\n')}\n`);
    const path = `/campaigns/${campaignId}/contacts/imports/${id}`;
    expect((await house.api('POST', `${path}/cancel`)).body.code).toBe('IMPORT_NOT_CANCELLABLE');
    expect((await house.must('POST', `${path}/undo`)).data.status).toMatch(/undoing|undone/);
    expect(await overOf(campaignId, id)).toMatchObject({ status: 'undone', withdrawn: 50 });
    const { data } = await house.must('GET', `/calls?campaign_id=${campaignId}&per_page=100`);
    expect(new Set(data.map(({ status }: { status: string }) => status))).toEqual(new Set(['cancelled']));

    const dialling = await house.campaign();
    const dialled = await imported(dialling, `to\n${aNumber('70')}\n`);
    await house.until('it is dialled', async () => {
      const { data: calls } = await house.must('GET', `/calls?campaign_id=${dialling}`);
      return calls[0].status === 'busy';
    });
    const refused = await house.api('POST', `/campaigns/${dialling}/contacts/imports/${dialled.id}/undo`);
    expect([refused.status, refused.body.code]).toEqual([409, 'IMPORT_ALREADY_DIALLED']);
  });

  it('goes on where it was when its dialer dies, and takes no row twice', { timeout: 60_000 }, async () => {
    const campaignId = await house.campaign(LATER);
    const all = numbers(12_000);
    const { body } = await house.upload(`/campaigns/${campaignId}/contacts`, `to\n${all.join('\n')}\n`);
    house.dialers.pop()?.kill('SIGKILL');
    await house.startDialer();
    expect(await overOf(campaignId, body.data.id as string)).toMatchObject({
      accepted: 12_000,
      status: 'processed',
    });
    const [counts] = await source.query(
      `SELECT count(*)::integer AS calls, count(DISTINCT to_number)::integer AS numbers FROM calls WHERE campaign_id = $1`,
      [campaignId],
    );
    expect(counts).toEqual({ calls: 12_000, numbers: 12_000 });
  });
});

it(
  'the command line imports a file, and writes what was wrong with its rows',
  { timeout: 30_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rf-contacts-'));
    const campaignId = await house.campaign(LATER);
    const [file, errors] = [join(folder, 'contacts.csv'), join(folder, 'errors.csv')];
    const [ana] = numbers(1);
    writeFileSync(file, `to,payload.name\n${ana},Ana\n${ana},Ana\nnobody,Bo\n`);
    const words = ['contacts', 'import', file, '--campaign', campaignId, '--errors', errors];
    expect(await house.cli(words)).toMatchObject({
      ...{ status: 'processed', read: 3, accepted: 1, blocked: 0, duplicates: 1, rejected: 1 },
      seconds: expect.any(Number),
    });
    const told = parse<Record<string, string>>(readFileSync(errors, 'utf8'), { columns: true });
    expect(told.map(({ row, code }) => `${row} ${code}`)).toEqual(['3 DUPLICATE', '4 INVALID']);
    const { data } = await house.must('GET', `/campaigns/${campaignId}`);
    expect(data.files).toMatchObject([{ original_filename: 'contacts.csv', status: 'processed' }]);
    rmSync(folder, { recursive: true });
  },
);

it('puts no number of any file into a log', () => {
  // With its plus: an instant in milliseconds has such digits too.
  expect(house.log).not.toMatch(/\+1\d{3}555\d{4}/);
});
