import { randomBytes } from 'node:crypto';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { readContacts } from '#number-files/contact-file.js';
import { contactsInBatches } from '#number-files/in-batches.js';
import { AgentsStore } from '#store/agents.store.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ContactImportStepsStore } from '#store/contact-import-steps.store.js';
import { CONTACT_BATCH_ROWS, ContactImportsStore } from '#store/contact-imports.store.js';
import { COMMAND_LIMITS, database, migrate } from '#store/database.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { ScopedDatabase } from '#store/scoped-database.js';
import { copyIn } from './copy-in.js';
import type { Report } from './report.js';
import type { Scenario } from './scenario.js';
import { ratios, sideBySide } from './side-by-side.js';
import { spreadOf } from './spread.js';

export const importContacts: Scenario = {
  name: 'S2',
  word: 'import',
  does: 'a file of a million contacts, checked, scrubbed and made calls, beside COPY into the same table and beside addBulk',
  uses: ['postgres', 'redis', 'bullmq', 'csv-parse', 'libphonenumber-js'],
  async run({ quick, report }) {
    const { DATABASE_URL: url, REDIS_URL: redisUrl } = process.env;
    if (url === undefined || redisUrl === undefined)
      throw new Error(
        'Set DATABASE_URL and REDIS_URL: the scenario makes a schema and a queue there, and drops them.',
      );
    const name = `bench_${randomBytes(4).toString('hex')}`;
    const administrator = new pg.Client({ connectionString: url });
    await administrator.connect();
    await administrator.query(`CREATE SCHEMA ${name}`);
    const own = new URL(url);
    own.searchParams.set('options', `-csearch_path=${name}`);
    const source = await database(own.href, COMMAND_LIMITS).initialize();
    try {
      await migrate(source);
      await measure(
        new ScopedDatabase(source, 'ringfence_operator'),
        own.href,
        { redisUrl, name },
        quick,
        report,
      );
    } finally {
      await source.destroy();
      await administrator.query(`DROP SCHEMA ${name} CASCADE`);
      await administrator.end();
    }
  },
};

const HEADING = 'to,payload.name,payload.city,context.order\n';

/** Contacts of a country's area codes, in no order: of each thousand, five are on a list. */
function numberAt(nth: number): string {
  const mixed = (nth * 7_919 + 13) % 8_000_000;
  return `+1${201 + ((nth * 31) % 88) * 9}${2_000_000 + mixed}`;
}

interface House {
  environmentId: string;
  agentId: string;
  newCampaign: () => Promise<string>;
}

async function aHouse(scoped: ScopedDatabase, source: pg.Client): Promise<House> {
  const { id: environmentId } = await new EnvironmentsStore(scoped).create({ name: 'bench' });
  const agents = new AgentsStore(scoped);
  const { rows } = await source.query<{ id: string }>(
    `INSERT INTO agents (environment_id, label, name, language, interrupt_sensitivity, endpointing_sensitivity,
       ivr_navigation_mode, conversation_speed, initial_message_delay, ask_if_human_present_on_idle, idle_time_seconds,
       llm_temperature, enable_recording, direction, who_speaks_first, current_status)
     VALUES ($1, 'bench', 'Bench', 'en-US', 'medium', 'auto', 'off', 1, 0, false, 10, 0, false, 'outbound', 'agent', 'published')
     RETURNING id`,
    [environmentId],
  );
  const agentId = rows[0]!.id;
  if ((await agents.find(environmentId, agentId)) === null) throw new Error('The agent was not made.');
  const newCampaign = async () => {
    const made = await source.query<{ id: string }>(
      `INSERT INTO campaigns (environment_id, agent_id, name, campaign_type, status, start_date, days_of_week,
         call_time_ranges, timezone, do_not_call_enabled)
       VALUES ($1, $2, 'bench', 'custom', 'active', '2020-01-01', '{1,2,3,4,5,6,7}', '[{"start":"08:00","end":"21:00"}]',
         'America/New_York', true) RETURNING id`,
      [environmentId, agentId],
    );
    const { id } = made.rows[0]!;
    if ((await new CampaignsStore(scoped).find(environmentId, id)) === null)
      throw new Error('No campaign was made.');
    return id;
  };
  return { environmentId, agentId, newCampaign };
}

async function measure(
  scoped: ScopedDatabase,
  url: string,
  rival: { redisUrl: string; name: string },
  quick: boolean,
  report: Report,
): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const house = await aHouse(scoped, client);
    await client.query(
      `INSERT INTO do_not_call_entries (environment_id, kind, to_number)
       SELECT $1, 'list', number FROM unnest($2::text[]) AS number`,
      [house.environmentId, Array.from({ length: quick ? 500 : 5_000 }, (_, nth) => numberAt(nth * 200))],
    );
    const count = quick ? 20_000 : 100_000;
    const queue = new Queue(rival.name, {
      connection: new Redis(rival.redisUrl, { maxRetriesPerRequest: null }),
    });
    const taken = { accepted: 0, blocked: 0 };
    try {
      const samples = await sideBySide(
        {
          import: async () => {
            const made = await importRows(scoped, house, count);
            Object.assign(taken, made);
            return count;
          },
          copy: () => copyRows(client, house, count),
          addBulk: () => addRows(queue, count),
        },
        quick ? 3 : 5,
      );
      for (const [name, some] of Object.entries(samples)) {
        report.figure(
          `${name}, ${count} rows at once`,
          some.map(({ wallNs }) => 1e9 / wallNs),
          'rows/s',
        );
      }
      const beside = {
        copy: ratios(samples.copy, samples.import),
        addBulk: ratios(samples.addBulk, samples.import),
      };
      report.ratio('import, rate / that of COPY into the same table', beside.copy);
      report.ratio('import, rate / that of addBulk of delayed jobs', beside.addBulk);
      report.target('three quarters of the rate of COPY', spreadOf(beside.copy).median >= 0.75);
      report.target('five times the rate of addBulk', spreadOf(beside.addBulk).median >= 5);
      report.holds('every row became a call', taken.accepted === count);
      report.holds('those on the list are blocked, and no other', taken.blocked === Math.ceil(count / 200));
    } finally {
      await queue.obliterate({ force: true });
      await queue.close();
    }
    if (quick) return;
    const startedAt = performance.now();
    const whole = await importRows(scoped, house, 1_000_000);
    report.figure(
      'a million contacts, from the first byte to the last call',
      (performance.now() - startedAt) / 1000,
      's',
    );
    report.figure('of which reading the file', whole.readSeconds, 's');
    report.holds('a million calls', whole.accepted === 1_000_000);
  } finally {
    await client.end();
  }
}

async function importRows(scoped: ScopedDatabase, { environmentId, newCampaign }: House, count: number) {
  const startedAt = performance.now();
  const imports = new ContactImportsStore(scoped);
  const order = { environmentId, campaignId: await newCampaign(), filename: null, idempotencyKey: null };
  const begun = await imports.begin('bench', order);
  if (begun.kind !== 'begun') throw new Error(begun.kind);
  const { id } = begun;
  const bounds = { allowDuplicates: false, mostBytes: Number.MAX_SAFE_INTEGER, mostRows: count };
  const found = contactsInBatches(readContacts(fileOf(count), bounds), CONTACT_BATCH_ROWS);
  let keeping = Promise.resolve();
  for await (const batch of found) {
    await keeping;
    keeping = imports.keep(environmentId, id, batch);
  }
  await keeping;
  await imports.seal(environmentId, 'bench', id, null);
  const readSeconds = (performance.now() - startedAt) / 1000;
  const steps = new ContactImportStepsStore(scoped, { cooldownHourSeconds: 3_600 });
  for (;;) {
    const { state } = await steps.advance(id);
    if (state.completedAt !== null) return { accepted: state.accepted, blocked: state.blocked, readSeconds };
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- as a file comes, in pieces
async function* fileOf(count: number): AsyncGenerator<Buffer> {
  let text = HEADING;
  for (let nth = 0; nth < count; nth += 1) {
    text += `${numberAt(nth)},Person ${nth},City ${nth % 500},A-${nth}\n`;
    if (text.length < 64 * 1024) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

async function copyRows(
  client: pg.Client,
  { environmentId, agentId, newCampaign }: House,
  count: number,
): Promise<number> {
  const campaignId = await newCampaign();
  const now = new Date().toISOString();
  function* lines(): Generator<Buffer> {
    let text = '';
    for (let nth = 0; nth < count; nth += 1) {
      const payload = JSON.stringify({ name: `Person ${nth}`, city: `City ${nth % 500}` });
      const context = JSON.stringify({ order: `A-${nth}` });
      text += `${[environmentId, campaignId, agentId, numberAt(nth), payload, context, 'waiting', now, now].join('\t')}\n`;
      if (text.length < 64 * 1024) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(text);
  }
  await copyIn(
    client,
    `COPY calls (environment_id, campaign_id, agent_id, to_number, payload, context, status, ready_at, next_attempt_at) FROM STDIN`,
    lines(),
  );
  return count;
}

const JOBS_AT_ONCE = 500;

async function addRows(queue: Queue, count: number): Promise<number> {
  for (let from = 0; from < count; from += JOBS_AT_ONCE) {
    const jobs = Array.from({ length: Math.min(JOBS_AT_ONCE, count - from) }, (_, nth) => ({
      name: 'call',
      data: {
        to: numberAt(from + nth),
        payload: { name: `Person ${from + nth}`, city: `City ${nth % 500}` },
        context: { order: `A-${from + nth}` },
      },
      opts: { delay: 3_600_000, removeOnComplete: true },
    }));
    await queue.addBulk(jobs);
  }
  return count;
}
