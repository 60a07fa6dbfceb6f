import { createHash } from 'node:crypto';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { readNumbers } from '#number-files/number-file.js';
import { RegistriesStore, type Registry, type RegistryListing } from '#store/registries.store.js';
import { RegistryBlocks } from '#store/registry-blocks.js';
import { RegistryVersionsStore, type SnapshotFigures } from '#store/registry-versions.store.js';
import type { ScopedDatabase } from '#store/scoped-database.js';
import { fileAt } from './file-at.js';
import { environmentIdOf, run } from './run.js';

/** Blocks forgotten at once. */
const BATCH = 2_000;

interface SnapshotOptions {
  snapshotDate: string;
  column?: string;
  defaultCountry?: string;
  force?: boolean;
}

export function addRegistryCommands(doNotCall: Command): void {
  const registry = doNotCall
    .command('registry')
    .description('lists of whole countries, of which a file is put in the place of the one before');

  registry
    .command('create')
    .argument('<name>', 'what it is called, as in us-ftc')
    .addOption(
      new Option('--scope <scope>', 'for the environments it is attached to, or for the global list of all')
        .choices(['environment', 'global'])
        .default('environment'),
    )
    .addOption(maxAgeOption().default(31))
    .option('--json', 'print one JSON object on standard output')
    .action((name: string, options: { scope: Registry['scope']; maxAge: number | typeof NONE }) =>
      run(async (database) => {
        const maxAgeDays = options.maxAge === NONE ? null : options.maxAge;
        const id = await new RegistriesStore(database).create({ name, scope: options.scope, maxAgeDays });
        if (id === null) throw new Error('There is a registry of this name.');
        return { data: { id, name }, line: `Registry ${name}: ${id}` };
      }),
    );

  registry
    .command('set')
    .argument('<name>')
    .addOption(maxAgeOption().makeOptionMandatory())
    .option('--json', 'print one JSON object on standard output')
    .action((name: string, options: { maxAge: number | typeof NONE }) =>
      run(async (database) => {
        const found = await registryOf(database, name);
        const maxAgeDays = options.maxAge === NONE ? null : options.maxAge;
        await new RegistriesStore(database).setMaxAge(found.id, maxAgeDays);
        await lookAgain(database, found);
        return { data: { name, max_age_days: maxAgeDays }, line: `Registry ${name} is changed.` };
      }),
    );

  registry
    .command('import')
    .description('put a new snapshot in the place of the one in force')
    .argument('<name>')
    .argument('<file>', 'its path, or - for standard input; plain or gzip')
    .requiredOption('--snapshot-date <date>', 'the day its numbers are of, as in 2026-11-01', calendarDate)
    .option('--column <heading>', 'the column with the numbers')
    .option('--default-country <code>', 'where numbers without a leading + are at home, as in US')
    .option('--force', 'put it in force though it is older, or less than half of the one in force')
    .option('--json', 'print one JSON object on standard output')
    .action((name: string, file: string, options: SnapshotOptions) =>
      run(async (database) => {
        const startedAt = performance.now();
        const figures = await importSnapshot(database, await registryOf(database, name), file, options);
        // Read again: what is now in force is what is to be felt.
        const { stopped } = await enforceEverywhere(database, await registryOf(database, name));
        await forgetDropped(database);
        const seconds = Math.round((performance.now() - startedAt) / 10) / 100;
        const { numbers, duplicates, rejected, sha256 } = figures;
        return {
          data: {
            name,
            snapshot_date: options.snapshotDate,
            numbers,
            duplicates,
            rejected,
            sha256,
            stopped,
            seconds,
          },
          line: `${numbers} numbers of ${options.snapshotDate} are in force, ${duplicates} were there twice, ${rejected} rejected; ${stopped} waiting calls withdrawn; ${seconds} s.`,
        };
      }),
    );

  registry
    .command('list')
    .option('--json', 'print one JSON object on standard output')
    .action(() =>
      run(async (database) => {
        const registries = await new RegistriesStore(database).list();
        const line =
          registries.length === 0 ? 'There are no registries.' : registries.map(listingLine).join('\n');
        return { data: { registries: registries.map(listingView) }, line };
      }),
    );

  registry
    .command('attach')
    .argument('<name>')
    .requiredOption('--environment <id or name>', 'who is to obey it')
    .option('--json', 'print one JSON object on standard output')
    .action((name: string, options: { environment: string }) =>
      run(async (database) => {
        const found = await registryOf(database, name);
        if (found.scope === 'global') throw new Error('A global registry is attached to no environment.');
        const environmentId = await environmentIdOf(database, options.environment);
        const attached = await new RegistriesStore(database).attach(found.id, environmentId);
        // Asked for again it is made felt again: the first time may not have been confirmed.
        const stopped = await new RegistryVersionsStore(database).enforce(found, environmentId);
        const line = `${attached ? 'Attached' : 'It was attached already'}; ${stopped} waiting calls withdrawn.`;
        return { data: { name, environment: environmentId, attached, stopped }, line };
      }),
    );

  registry
    .command('detach')
    .argument('<name>')
    .requiredOption('--environment <id or name>', 'who is no longer to obey it')
    .option('--json', 'print one JSON object on standard output')
    .action((name: string, options: { environment: string }) =>
      run(async (database) => {
        const found = await registryOf(database, name);
        const environmentId = await environmentIdOf(database, options.environment);
        if (!(await new RegistriesStore(database).detach(found.id, environmentId)))
          throw new Error('It is not attached to this environment.');
        await new RegistryVersionsStore(database).lookAgain(environmentId);
        return { data: { name, environment: environmentId, detached: true }, line: 'Detached.' };
      }),
    );

  registry
    .command('drop')
    .description('forget a registry and all its numbers')
    .argument('<name>')
    .option('--json', 'print one JSON object on standard output')
    .action((name: string) =>
      run(async (database) => {
        const found = await registryOf(database, name);
        const registries = new RegistriesStore(database);
        const environments = await registries.environmentsOf(found);
        await registries.drop(found);
        const versions = new RegistryVersionsStore(database);
        for (const environmentId of environments) await versions.lookAgain(environmentId);
        await forgetDropped(database);
        return { data: { name, dropped: true }, line: `Registry ${name} is dropped.` };
      }),
    );
}

async function importSnapshot(
  database: ScopedDatabase,
  registry: Registry,
  file: string,
  { snapshotDate, column, defaultCountry, force = false }: SnapshotOptions,
): Promise<SnapshotFigures> {
  if (Date.parse(snapshotDate) > Date.now() + 86_400_000) throw new Error('The snapshot date is to come.');
  const versions = new RegistryVersionsStore(database);
  const versionId = await versions.begin(registry, snapshotDate);
  try {
    const figures = await readIntoBlocks(versions, versionId, file, { column, defaultCountry });
    await versions.publish(registry, versionId, figures, force);
    return figures;
  } catch (error) {
    await versions.discard(versionId);
    throw error;
  }
}

async function readIntoBlocks(
  versions: RegistryVersionsStore,
  versionId: string,
  file: string,
  reading: { column?: string | undefined; defaultCountry?: string | undefined },
): Promise<SnapshotFigures> {
  const hash = createHash('sha256');
  const blocks = new RegistryBlocks();
  let [read, rejected, known] = [0, 0, 0];
  // Its rows have no expiry to be judged by, and a machine's own disk sets the bounds of its files.
  const noBounds = {
    now: new Date(0),
    mostBytes: Number.MAX_SAFE_INTEGER,
    mostRows: Number.MAX_SAFE_INTEGER,
  };
  for await (const found of readNumbers(hashed(fileAt(file), hash), { ...reading, ...noBounds })) {
    for (const { to } of found.rows) blocks.add(to);
    read += found.rows.length;
    rejected += found.rejected.length;
    known += await versions.put(versionId, blocks.takeSurplus());
  }
  known += await versions.put(versionId, blocks.takeAll());
  const duplicates = blocks.duplicates + known;
  return { numbers: read - duplicates, duplicates, rejected, sha256: hash.digest('hex') };
}

async function* hashed(pieces: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>) {
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
}

/** One environment after another: a barrier in one is not to hold the others up. */
async function enforceEverywhere(database: ScopedDatabase, registry: Registry): Promise<{ stopped: number }> {
  const versions = new RegistryVersionsStore(database);
  let stopped = 0;
  for (const environmentId of await new RegistriesStore(database).environmentsOf(registry)) {
    stopped += await versions.enforce(registry, environmentId);
  }
  return { stopped };
}

async function lookAgain(database: ScopedDatabase, registry: Registry): Promise<void> {
  const versions = new RegistryVersionsStore(database);
  for (const environmentId of await new RegistriesStore(database).environmentsOf(registry)) {
    await versions.lookAgain(environmentId);
  }
}

async function forgetDropped(database: ScopedDatabase): Promise<void> {
  const versions = new RegistryVersionsStore(database);
  while (await versions.forgetDropped(BATCH)) continue;
}

async function registryOf(database: ScopedDatabase, name: string): Promise<Registry> {
  const found = await new RegistriesStore(database).named(name);
  if (found === null) throw new Error('There is no such registry.');
  return found;
}

function listingView(one: RegistryListing) {
  const { id, name, scope, maxAgeDays, snapshotDate, importedAt, numbers, rejected, sha256, environments } =
    one;
  return {
    ...{ id, name, scope, max_age_days: maxAgeDays, snapshot_date: snapshotDate, imported_at: importedAt },
    ...{ numbers, rejected, sha256, environments },
  };
}

function listingLine(one: RegistryListing): string {
  const { name, scope, maxAgeDays, snapshotDate, numbers, environments } = one;
  const age = maxAgeDays === null ? 'at any age' : `at most ${maxAgeDays} days old`;
  const snapshot = snapshotDate === null ? 'nothing imported' : `${numbers} numbers of ${snapshotDate}`;
  const whose = scope === 'global' ? 'global' : `attached to: ${environments.join(', ') || 'nobody'}`;
  return `${name}  ${snapshot}, ${age}  ${whose}`;
}

// A word, since commander takes null for a value that is missing.
const NONE = 'none';

function maxAgeOption(): Option {
  return new Option(
    '--max-age <days>',
    'calls wait while its snapshot is older; "none": it never is',
  ).argParser((text): number | typeof NONE => {
    if (text === NONE) return NONE;
    if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a number of days, or none.');
    return Number(text);
  });
}

function calendarDate(text: string): string {
  const isDate = /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
  if (!isDate) throw new InvalidArgumentError('It must be a date, as in 2026-11-01.');
  return text;
}
