import { isUUID } from 'class-validator';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { inBatches } from '#number-files/in-batches.js';
import { instantOf, readNumbers } from '#number-files/number-file.js';
import { toE164 } from '#policy/phone-number.js';
import { DoNotCallImportStepsStore } from '#store/do-not-call-import-steps.store.js';
import {
  BATCH_ROWS,
  DoNotCallImportsStore,
  type DoNotCallImport,
  type ImportOrder,
} from '#store/do-not-call-imports.store.js';
import { DoNotCallStore, type NumberStanding } from '#store/do-not-call.store.js';
import { StopNotConfirmed } from '#store/locks.js';
import type { ScopedDatabase } from '#store/scoped-database.js';
import { addRegistryCommands } from './do-not-call-registries.js';
import { addScrubCommand } from './do-not-call-scrub.js';
import { fileAt } from './file-at.js';
import { environmentIdOf, run } from './run.js';

/** How often a barrier that was not reached is tried again before the rest is left to a dialer. */
const MOST_BARRIERS = 5;

/** A machine's own disk sets the bounds of its files. */
const NO_BOUNDS = { mostBytes: Number.MAX_SAFE_INTEGER, mostRows: Number.MAX_SAFE_INTEGER };

interface ImportOptions {
  environment?: string;
  global?: boolean;
  campaign?: string;
  kind: 'opt_out' | 'list';
  source?: string;
  reason?: string;
  expires?: Date;
  column?: string;
  defaultCountry?: string;
}

export function addDoNotCallCommands(program: Command): void {
  const doNotCall = program.command('do-not-call').description('numbers that must not be called');

  doNotCall
    .command('import')
    .description('list the numbers of a file: CSV with a heading, or numbers one a line; plain or gzip')
    .argument('<file>', 'its path, or - for standard input')
    .option('--environment <id or name>', 'whose list')
    .option('--global', "the operator's list for everybody")
    .option('--campaign <id>', 'its own list, and not that of its environment')
    .addOption(
      new Option('--kind <kind>', 'a list, or people who asked').choices(['list', 'opt_out']).default('list'),
    )
    .option('--source <source>', 'where the numbers come from')
    .option('--reason <reason>', 'why they must not be called')
    .option('--expires <when>', 'an ISO 8601 time or date, or a number of days as in 30d', expiry)
    .option('--column <heading>', 'the column with the numbers')
    .option('--default-country <code>', 'where numbers without a leading + are at home, as in US')
    .option('--json', 'print one JSON object on standard output')
    .action((file: string, options: ImportOptions) =>
      run(async (database) => {
        const startedAt = performance.now();
        const made = await importFile(database, file, await orderOf(database, options), options);
        const data = { ...figuresOf(made), seconds: Math.round((performance.now() - startedAt) / 10) / 100 };
        const rejects = made.rejects.slice(0, 10).map(({ line, because }) => `\n  line ${line}: ${because}`);
        const line =
          `${data.read} rows read, ${data.added} numbers added, ${data.already_listed} listed before, ` +
          `${data.duplicates} twice in the file, ${data.rejected} rejected; ${data.stopped} waiting calls withdrawn, ` +
          `${data.in_flight} in flight; ${data.seconds} s.${rejects.join('')}`;
        return { data, line };
      }),
    );

  doNotCall
    .command('look-up')
    .argument('<number>', 'in E.164', phoneNumber)
    .requiredOption('--environment <id or name>', 'whose calls it is about')
    .option('--json', 'print one JSON object on standard output')
    .action((to: string, options: { environment: string }) =>
      run(async (database) => {
        const environmentId = await environmentIdOf(database, options.environment);
        const standing = await new DoNotCallStore(database).lookUp(environmentId, to);
        const places = placesOf(standing);
        const line = places.length === 0 ? 'It is on no list.' : places.map(placeLine).join('\n');
        return { data: { to, places }, line };
      }),
    );

  doNotCall
    .command('remove')
    .argument('<number>', 'in E.164', phoneNumber)
    .option('--environment <id or name>', 'from its list')
    .option('--global', "from the operator's list for everybody")
    .option('--json', 'print one JSON object on standard output')
    .action((to: string, options: { environment?: string; global?: boolean }) =>
      run(async (database) => {
        const store = new DoNotCallStore(database);
        const environmentId = await listOf(database, options);
        const removed =
          environmentId === null
            ? await store.removeGlobal('cli', to)
            : (await store.remove(environmentId, 'cli', to, {})).removed.length;
        if (removed === 0) throw new Error('The number is not on this list.');
        return { data: { to, removed }, line: `Entries removed: ${removed}.` };
      }),
    );

  addScrubCommand(doNotCall);
  addRegistryCommands(doNotCall);
}

async function orderOf(database: ScopedDatabase, options: ImportOptions): Promise<ImportOrder> {
  const {
    campaign: campaignId = null,
    kind,
    reason = null,
    source = null,
    expires: expiresAt = null,
  } = options;
  const environmentId = await listOf(database, options);
  if (campaignId !== null && (environmentId === null || kind === 'opt_out' || !isUUID(campaignId))) {
    throw new Error('--campaign takes the id of a campaign of the environment, and only --kind list.');
  }
  return { environmentId, campaignId, kind, reason, source, expiresAt };
}

/** Null: the global list. */
async function listOf(
  database: ScopedDatabase,
  { environment, global = false }: { environment?: string; global?: boolean },
): Promise<string | null> {
  if ((environment !== undefined) === global) throw new Error('Say either --environment or --global.');
  return environment === undefined ? null : environmentIdOf(database, environment);
}

async function importFile(
  database: ScopedDatabase,
  file: string,
  order: ImportOrder,
  { column, defaultCountry }: ImportOptions,
): Promise<DoNotCallImport> {
  const imports = new DoNotCallImportsStore(database);
  const { environmentId } = order;
  const id = await imports.begin('cli', order);
  if (id === null) throw new Error('The environment has no such campaign.');
  try {
    const now = await imports.now(environmentId);
    const rows = readNumbers(fileAt(file), { column, defaultCountry, now, ...NO_BOUNDS });
    for await (const batch of inBatches(rows, BATCH_ROWS)) await imports.keep(environmentId, id, batch);
  } catch (error) {
    await imports.fail(environmentId, id, 'The file could not be read to its end.');
    throw error;
  }
  await imports.seal(environmentId, 'cli', id);
  return carryOn(new DoNotCallImportStepsStore(database), id);
}

/** What webhooks are owed is written with each step; a dialer finds it there. */
async function carryOn(steps: DoNotCallImportStepsStore, id: string): Promise<DoNotCallImport> {
  for (let barriers = 1; ;) {
    try {
      const { state } = await steps.advance(id);
      if (state.completedAt !== null) return state;
    } catch (error) {
      if (!(error instanceof StopNotConfirmed)) throw error;
      if (barriers === MOST_BARRIERS) {
        throw new Error(
          `The numbers are listed, but dials that had begun could not be waited out. A dialer carries import ${id} on.`,
          { cause: error },
        );
      }
      barriers += 1;
    }
  }
}

function figuresOf(made: DoNotCallImport) {
  return {
    id: made.id,
    read: made.rowsRead,
    added: made.added,
    already_listed: made.alreadyListed,
    duplicates: made.duplicates,
    rejected: made.rejected,
    rejects: made.rejects.map(({ line, because }) => ({ line, reason: because })),
    stopped: made.stopped,
    in_flight: made.inFlight,
  };
}

interface Place {
  list: string;
  kind: string;
  source: string | null;
  reason: string | null;
  expires_at: string | null;
  stops: string[];
}

function placesOf({ entries, registries }: NumberStanding): Place[] {
  return [
    ...entries.map(({ entry, list, stops }) => ({
      list,
      kind: entry.kind,
      source: entry.source,
      reason: entry.reason,
      expires_at: entry.expiresAt?.toISOString() ?? null,
      stops,
    })),
    ...registries
      .filter(({ isListed }) => isListed)
      .map(({ registry, staleness, stops }) => ({
        list: registry.list,
        kind: 'list',
        source: registry.name,
        reason: staleness,
        expires_at: null,
        stops,
      })),
  ];
}

function placeLine({ list, kind, source, reason, expires_at: until, stops }: Place): string {
  const words = [list, kind, source ?? '', reason ?? '', until === null ? '' : `until ${until}`];
  return `${words.filter((word) => word !== '').join('  ')}  stops: ${stops.join(', ') || 'nothing'}`;
}

function phoneNumber(text: string): string {
  const number = toE164(text);
  if (number === null) throw new InvalidArgumentError('It must be a number in E.164, with a leading +.');
  return number;
}

function expiry(text: string): Date {
  const [, days] = /^(\d+)d$/.exec(text) ?? [];
  const at = days === undefined ? instantOf(text) : new Date(Date.now() + Number(days) * 86_400_000);
  if (at === undefined || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError('It must be an ISO 8601 time with its zone, a date, or days as in 30d.');
  }
  return at;
}
