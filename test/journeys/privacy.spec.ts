import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { aNumber } from '../factories.js';
import { leaksIn, namesAndLabelsOf } from '../leak-watch.js';
import { queueContents } from '../queue-contents.js';
import { House } from '../running-house.js';

let house: House;
let source: DataSource;

beforeAll(async () => {
  // Slow enough for a call to be under way while something is done to it.
  house = await House.open({ speed: 20, settings: { LOG_LEVEL: 'trace' } });
  source = await new DataSource({ type: 'postgres', url: house.databaseUrl }).initialize();
});

afterAll(async () => {
  await source.destroy();
  await house.close();
});

/** Tables in which a text stands anywhere. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await source.query<{ name: string }[]>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`,
  );
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await source.query<{ count: number }[]>(
        `SELECT count(*)::integer AS count FROM ${name} AS kept WHERE strpos(kept::text, $1) > 0`,
        [text],
      );
      return row!.count > 0 ? [name] : [];
    }),
  );
  return found.flat();
}

it('keeps numbers, payloads and contexts out of the queue and the logs', async () => {
  const campaignId = await house.campaign();
  const numbers = ['00', '70', '85', '88', '98'].map((digits) => aNumber(digits));
  const made = numbers.map((to) =>
    house.call(campaignId, to, { payload: { name: 'Zebediah' }, context: { note: 'Xanthippe' } }),
  );
  const ids = await Promise.all(made);
  await house.settled(ids);

  const kept = await queueContents(inject('redisUrl'), inject('databaseUrl'), house.prefix);
  expect(kept).toContain(ids[0]);
  expect(house.log).toContain('"dialing":true');
  for (const text of [kept, house.log]) {
    for (const to of numbers) expect(text).not.toContain(to.slice(1));
    expect(text).not.toContain('Zebediah');
    expect(text).not.toContain('Xanthippe');
    expect(text).not.toMatch(/talq_/);
  }
  expect(leaksIn([{ where: 'the log', text: house.log }], house.variables)).toEqual([]);
});

it.each([
  ['a phone number', 'a phone number', '{"level":30,"to":"+12025550100"}'],
  ['a phone number in an address', 'a phone number', 'GET /active-call/%2B442071838750'],
  ['a phone number without its plus', 'a phone number without its plus', '{"msg":"dialling 2025550100 now"}'],
  ['a token', 'a token', `{"authorization":"Bearer talq_${'0aB'.repeat(15)}1"}`],
  ['a key of a webhook', 'a secret of a webhook', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ['the secret of the carrier', 'CARRIER_SECRET', 'key: a secret of the carrier and the house'],
  ['what a client said of a person', 'a payload or a context', '{"payload":{"private":"Nebuchadnezzar"}}'],
])('would tell of %s in any log', (_, what, line) => {
  const told = [{ where: 'the log', text: `{"level":30,"time":1764329555123,"pid":2555}\n${line}\nmore` }];
  expect(leaksIn(told, house.variables)).toEqual([expect.stringContaining(`the log tells ${what}: `)]);
});

it('would tell of a phone number in a label of a metric, and takes no measured value for one', () => {
  const scrape = [
    '# HELP process_virtual_memory_bytes Virtual memory size in bytes.',
    'process_virtual_memory_bytes 12165558272',
    'ringfence_calls_total{to="12025550100"} 12165558272',
  ].join('\n');
  const leaks = leaksIn([{ where: 'what is scraped', text: namesAndLabelsOf(scrape) }], {});
  expect(leaks).toEqual([expect.stringMatching(/a phone number without its plus: ringfence_calls_total/)]);
});

it(
  'erases a person from all that it keeps, while calls to them go on being made: none of those is dialled',
  { timeout: 90_000 },
  async () => {
    const [to, other] = [aNumber('00'), aNumber('00')];
    const about = { payload: { name: 'Philippa' }, context: { note: 'Theodosia' } };
    const campaignId = await house.campaign({
      max_retries: 2,
      do_not_call_enabled: true,
      do_not_call_list_source: 'custom',
    });
    await house.must('POST', `/campaigns/${campaignId}/webhooks`, {
      name: 'all',
      webhook_url: house.receiver.url('/all'),
      events: ['campaign_call.queued', 'campaign_call.completed', 'campaign_call.blocked'],
      payload_templates: { 'campaign_call.completed': '{"to":"{{call.to}}","about":{{context}}}' },
      include_call_events: true,
    });
    // Completed calls of two people, one of them the one to be forgotten.
    const ended = [await house.call(campaignId, to, about), await house.call(campaignId, other, about)];
    await house.settled(ended);
    // A call that waits, under a key; a file on its way, with an error in it; a list of the campaign's own.
    const paused = await house.campaign({ do_not_call_custom_list: [to] });
    await house.must('PATCH', `/campaigns/${paused}/status`, { status: 'paused' });
    const held = await house.campaign({ start_date: '2199-01-01' });
    const key = { 'idempotency-key': 'one-request' };
    const waiting = await house.api('POST', `/campaigns/${held}/call`, { to, ...about }, key);
    expect(waiting.status).toBe(201);
    const file = `to,payload.name,context.note\n${to},Philippa,Theodosia\n${aNumber()},Somebody,\n${to},Twice,\n`;
    const staged = await house.campaign({ start_date: '2199-01-01' });
    const sent = await house.upload(`/campaigns/${staged}/contacts`, file);
    expect(sent.status).toBe(202);
    await house.until('the rows are calls', async () => {
      const { data } = await house.must('GET', `/campaigns/${staged}/contacts/imports/${sent.body.data.id}`);
      return data.completed_at !== null;
    });
    expect(await tablesWith(to.slice(1))).toEqual(
      expect.arrayContaining([
        'calls',
        'attempts',
        'webhook_events',
        'idempotency_keys',
        'contact_import_errors',
      ]),
    );

    const requests = async () =>
      (await house.ledger()).filter((line) => line.kind === 'request' && line.to === to).length;
    // One is under way when it begins, and is waited for.
    const talking = await house.call(campaignId, to, about);
    await house.until('it is under way', async () => (await requests()) === 2);
    const erasing = house.cli(['erase', '--environment', house.environmentId, '--to', to, '--wait', '60']);
    await house.until('the number is listed', async () =>
      (await tablesWith(to.slice(1))).includes('do_not_call_entries'),
    );
    const another = await house.campaign();
    const posted: string[] = [];
    for (let nth = 0; nth < 10; nth += 1)
      posted.push(await house.call(another, to, { ...about, allow_duplicates: true }));
    expect(await erasing).toMatchObject({
      erased: {
        attempts: expect.any(Number),
        webhook_events: expect.any(Number),
        idempotency_keys: 1,
        campaigns: 1,
      },
      kept: expect.any(Array),
    });
    // Those that were made last may have come behind its last look.
    const erase = () => house.cli(['erase', '--environment', house.environmentId, '--to', to]);
    expect(await erase()).toMatchObject({ is_still_posted: false });
    const again = await erase();
    expect(Object.entries(again.erased as object).filter(([, rows]) => rows !== 0)).toEqual([]);

    expect(await tablesWith(to.slice(1))).toEqual(['do_not_call_entries']);
    expect(await house.readCall(ended[0]!)).toMatchObject({
      ...{
        to: 'erased',
        to_formatted: 'erased',
        status: 'completed',
        outcome: 'answered',
        payload: {},
        context: {},
      },
      erased_at: expect.any(String),
    });
    expect(await house.readCall(ended[1]!)).toMatchObject({ to: other, ...about, erased_at: null });
    // The other person’s are still there, and nothing of the first.
    expect(await tablesWith('Philippa')).toEqual(['calls']);
    for (const id of posted)
      expect(await house.readCall(id)).toMatchObject({ status: 'blocked', to: 'erased' });
    expect((await house.readCall(talking)).attempts).toHaveLength(1);
    expect(await requests()).toBe(2);
    const audited = await house.cli(['audit', 'verify', '--environment', house.environmentId]);
    expect(audited).toMatchObject({ broken: [] });
  },
);
