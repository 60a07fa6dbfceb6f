import type pg from 'pg';
import { inBatches } from '#number-files/in-batches.js';
import { readNumbers } from '#number-files/number-file.js';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { doNotCallFacts } from '#store/do-not-call-facts.js';
import { DoNotCallImportStepsStore } from '#store/do-not-call-import-steps.store.js';
import { BATCH_ROWS, DoNotCallImportsStore } from '#store/do-not-call-imports.store.js';
import { DoNotCallScrubStore } from '#store/do-not-call-scrub.store.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { RegistriesStore } from '#store/registries.store.js';
import { RegistryBlocks } from '#store/registry-blocks.js';
import { RegistryVersionsStore } from '#store/registry-versions.store.js';
import { ScopedDatabase } from '#store/scoped-database.js';
import { withOwnStores } from './own-stores.js';
import type { Report } from './report.js';
import type { Scenario } from './scenario.js';
import { ratios, sideBySide } from './side-by-side.js';

export const doNotCall: Scenario = {
  name: 'S9',
  word: 'do-not-call',
  does: 'a list of ten million numbers as rows and as a registry of blocks: import, scrub, look-up',
  uses: ['postgres', 'csv-parse', 'libphonenumber-js'],
  run: ({ quick, report }) =>
    withOwnStores(async ({ databaseUrl, administrator, prefix }) => {
      const source = await database(databaseUrl, COMMAND_LIMITS).initialize();
      try {
        const count = quick ? 100_000 : 10_000_000;
        await measure(new ScopedDatabase(source, 'ringfence_operator'), count, quick, report);
        await sizes(administrator, prefix, report);
      } finally {
        await source.destroy();
      }
    }),
};

/** Area codes, and how full of listed numbers they are: as full as those of a national list of 250 million. */
const AREAS = 14;
const NUMBERS_OF_AREA = 8_000_000;
const FULLNESS = 10_000_000 / (AREAS * NUMBERS_OF_AREA);

/** The n-th number of an area, spread evenly and without a pattern that helps anybody. */
function numberAt(area: number, place: number): string {
  return `+1${201 + area * 9}${2_000_000 + place}`;
}

/** A file of so many listed numbers, in the order of the registries: by area code, and within it by number. */
function* fileOf(count: number): Generator<Buffer> {
  const perArea = Math.ceil(count / AREAS);
  const step = NUMBERS_OF_AREA / perArea;
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const [area, nth] = [Math.floor(index / perArea), index % perArea];
    text += `${numberAt(area, Math.floor(nth * step + wobble(nth) * step))}\n`;
    if (text.length < 64 * 1024) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/** Between 0 and 1, the same for the same number. */
function wobble(value: number): number {
  return ((value * 2_654_435_761) % 4_294_967_296) / 4_294_967_296;
}

/** Contacts of the same areas, some of them listed by chance, in no order. */
function contacts(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    numberAt(Math.floor(wobble(index) * AREAS), Math.floor(wobble(index * 7 + 3) * NUMBERS_OF_AREA)),
  );
}

const NO_BOUNDS = { now: new Date(0), mostBytes: Number.MAX_SAFE_INTEGER, mostRows: Number.MAX_SAFE_INTEGER };

async function measure(scoped: ScopedDatabase, count: number, quick: boolean, report: Report): Promise<void> {
  const environments = new EnvironmentsStore(scoped);
  const { id: withRows } = await environments.create({ name: 'rows' });
  const { id: withBlocks } = await environments.create({ name: 'blocks' });

  const memory = new MemoryWatch();
  const rowSeconds = await timed(() => importRows(scoped, withRows, count));
  report.figure(`import of ${count} numbers as rows`, count / rowSeconds, 'numbers/s');
  report.figure('import as rows', rowSeconds, 's');
  const blockSeconds = await timed(() => importBlocks(scoped, withBlocks, count));
  report.figure(`import of ${count} numbers as blocks`, count / blockSeconds, 'numbers/s');
  report.figure('import as blocks', blockSeconds, 's');
  report.figure('memory of the importing process, at most', memory.stop(), 'MB');
  report.ratio('import, rows / blocks', [rowSeconds / blockSeconds]);

  const asked = [...new Set(contacts(quick ? 20_000 : 1_000_000))];
  const scrub = new DoNotCallScrubStore(scoped);
  const readings = {
    rows: (await scrub.begin(withRows, { source: 'environment' }))!,
    blocks: (await scrub.begin(withBlocks, { source: 'environment' }))!,
  };
  const found = { rows: 0, blocks: 0 };
  const scrubs = await sideBySide(
    {
      rows: async () => ((found.rows = (await scrub.listed(readings.rows, asked)).size), 1),
      blocks: async () => ((found.blocks = (await scrub.listed(readings.blocks, asked)).size), 1),
    },
    3,
  );
  for (const [name, samples] of Object.entries(scrubs)) {
    const seconds = samples.map(({ wallNs }) => wallNs / 1e9);
    report.figure(`scrub of ${asked.length} contacts against ${name}`, seconds, 's');
    report.figure(
      `scrub against ${name}`,
      seconds.map((one) => asked.length / one),
      'contacts/s',
    );
  }
  report.ratio('scrub, rows / blocks', ratios(scrubs.rows, scrubs.blocks));
  report.holds('rows and blocks find the same numbers', found.rows === found.blocks && found.rows > 0);
  const expected = asked.length * FULLNESS * (count / 10_000_000);
  report.holds('as many as are listed by chance', Math.abs(found.rows - expected) < expected / 5 + 50);

  await lookUps(scoped, { rows: withRows, blocks: withBlocks }, asked.slice(0, quick ? 500 : 5_000), report);
}

async function importRows(scoped: ScopedDatabase, environmentId: string, count: number): Promise<void> {
  const imports = new DoNotCallImportsStore(scoped);
  const order = { campaignId: null, kind: 'list', reason: null, source: 'bench', expiresAt: null } as const;
  const id = (await imports.begin('bench', { ...order, environmentId }))!;
  const rows = readNumbers(streamOf(count), NO_BOUNDS);
  for await (const batch of inBatches(rows, BATCH_ROWS)) await imports.keep(environmentId, id, batch);
  await imports.seal(environmentId, 'bench', id);
  const steps = new DoNotCallImportStepsStore(scoped);
  for (let isOver = false; !isOver;) isOver = (await steps.advance(id)).state.completedAt !== null;
}

async function importBlocks(scoped: ScopedDatabase, environmentId: string, count: number): Promise<void> {
  const registries = new RegistriesStore(scoped);
  const versions = new RegistryVersionsStore(scoped);
  await registries.create({ name: 'bench', scope: 'environment', maxAgeDays: null });
  const registry = (await registries.named('bench'))!;
  await registries.attach(registry.id, environmentId);
  const versionId = await versions.begin(registry, '2026-01-01');
  const blocks = new RegistryBlocks();
  let numbers = 0;
  for await (const { rows } of readNumbers(streamOf(count), NO_BOUNDS)) {
    for (const { to } of rows) blocks.add(to);
    numbers += rows.length;
    numbers -= await versions.put(versionId, blocks.takeSurplus());
  }
  numbers -= await versions.put(versionId, blocks.takeAll());
  const figures = {
    numbers: numbers - blocks.duplicates,
    duplicates: blocks.duplicates,
    rejected: 0,
    sha256: '',
  };
  await versions.publish(registry, versionId, figures, false);
  await versions.enforce((await registries.named('bench'))!, environmentId);
}

// eslint-disable-next-line @typescript-eslint/require-await -- as a file comes, in pieces
async function* streamOf(count: number): AsyncGenerator<Buffer> {
  yield* fileOf(count);
}

/** What a claim and a fence ask, one number at a time on one connection. */
async function lookUps(
  scoped: ScopedDatabase,
  environments: Record<'rows' | 'blocks', string>,
  numbers: string[],
  report: Report,
): Promise<void> {
  const campaignId = '00000000-0000-0000-0000-000000000000';
  for (const [name, environmentId] of Object.entries(environments)) {
    const milliseconds: number[] = [];
    await scoped.within(environmentId, async (manager) => {
      for (const to of numbers) {
        const startedAt = performance.now();
        await doNotCallFacts(manager, { environmentId, campaignId, to });
        milliseconds.push(performance.now() - startedAt);
      }
    });
    milliseconds.sort((a, b) => a - b);
    report.figure(`look-up in ${name}, p50`, milliseconds[Math.floor(milliseconds.length * 0.5)]!, 'ms');
    report.figure(`look-up in ${name}, p99`, milliseconds[Math.floor(milliseconds.length * 0.99)]!, 'ms');
  }
}

async function sizes(administrator: pg.Client, schema: string, report: Report): Promise<void> {
  const megabytes = async (table: string) => {
    const { rows } = await administrator.query<{ mb: number }>(
      `SELECT pg_total_relation_size(format('%I.%I', $1::text, $2::text)::regclass) / 1e6::float8 AS mb`,
      [schema, table],
    );
    return rows[0]!.mb;
  };
  const [rows, blocks] = [
    await megabytes('do_not_call_entries'),
    await megabytes('do_not_call_registry_blocks'),
  ];
  report.figure('space of rows', rows, 'MB');
  report.figure('space of blocks', blocks, 'MB');
  report.ratio('space, rows / blocks', [rows / blocks]);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

/** The most memory that this process had, in MB, looked at now and then. */
class MemoryWatch {
  private most = 0;
  private readonly timer = setInterval(
    () => (this.most = Math.max(this.most, process.memoryUsage.rss())),
    250,
  );

  stop(): number {
    clearInterval(this.timer);
    return Math.max(this.most, process.memoryUsage.rss()) / 1e6;
  }
}
