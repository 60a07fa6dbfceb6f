import { createWriteStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isUUID } from 'class-validator';
import type { Command } from 'commander';
import { cooldownHourSeconds } from '#environment/settings.js';
import { readContacts } from '#number-files/contact-file.js';
import { errorHeading, errorLines } from '#number-files/error-file.js';
import { contactsInBatches } from '#number-files/in-batches.js';
import { NumberFileFault } from '#number-files/number-file-fault.js';
import { AgentsStore } from '#store/agents.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { ContactImportStepsStore } from '#store/contact-import-steps.store.js';
import { CONTACT_BATCH_ROWS, ContactImportsStore, type ContactImport } from '#store/contact-imports.store.js';
import type { ScopedDatabase } from '#store/scoped-database.js';
import { fileAt } from './file-at.js';
import { ProgressLine } from './progress-line.js';
import { run } from './run.js';

/** A machine's own disk sets the bounds of its files; the rows of one are counted in 32 bits. */
const BOUNDS = { mostBytes: Number.MAX_SAFE_INTEGER, mostRows: 50_000_000 };

interface ImportOptions {
  campaign: string;
  column?: string;
  defaultCountry?: string;
  allowDuplicates?: boolean;
  errors?: string;
}

export function addContactsCommands(program: Command): void {
  program
    .command('contacts')
    .description('people to be called')
    .command('import')
    .description('make calls of a campaign of the rows of a file: CSV with a heading, or JSON; plain or gzip')
    .argument('<file>', 'its path, or - for standard input')
    .requiredOption('--campaign <id>', 'whose calls they become')
    .option('--column <heading>', 'the column with the numbers')
    .option('--default-country <code>', 'where numbers without a leading + are at home, as in US')
    .option('--allow-duplicates', 'whether a number may come again, or have a live call already')
    .option('--errors <file>', 'write what was wrong with rows there, as CSV')
    .option('--json', 'print one JSON object on standard output')
    .action((file: string, options: ImportOptions) =>
      run(async (database) => {
        const startedAt = performance.now();
        const { made, isWaiting } = await importFile(database, file, options);
        const data = { ...figuresOf(made), seconds: Math.round((performance.now() - startedAt) / 10) / 100 };
        const waits = isWaiting ? '\nThe campaign is paused: a dialer goes on when it is active again.' : '';
        return { data, line: `${lineOf(data)}${waits}` };
      }),
    );
}

async function importFile(
  database: ScopedDatabase,
  file: string,
  options: ImportOptions,
): Promise<{ made: ContactImport; isWaiting: boolean }> {
  const imports = new ContactImportsStore(database);
  const campaign = await campaignOf(database, options.campaign);
  const { environmentId, id: campaignId } = campaign;
  const filename = file === '-' ? null : basename(file);
  const begun = await imports.begin('cli', { environmentId, campaignId, filename, idempotencyKey: null });
  if (begun.kind === 'not_active')
    throw new Error(`The campaign is ${begun.status}; only an active one takes calls.`);
  if (begun.kind !== 'begun') throw new Error('There is no such campaign.');
  const progress = new ProgressLine();
  try {
    await readFile(imports, environmentId, begun.id, file, options, progress);
    const steps = new ContactImportStepsStore(database, { cooldownHourSeconds: cooldownHourSeconds() });
    const done = await carryOn(steps, begun.id, progress);
    if (options.errors !== undefined) await writeErrors(imports, done.made, options.errors);
    return done;
  } finally {
    progress.clear();
  }
}

async function campaignOf(database: ScopedDatabase, id: string): Promise<Campaign> {
  const campaign = isUUID(id) ? await new CampaignsStore(database).findAnywhere(id) : null;
  if (campaign === null) throw new Error('There is no such campaign.');
  const agent = await new AgentsStore(database).find(campaign.environmentId, campaign.agentId);
  if (agent?.currentStatus !== 'published') throw new Error('The agent of this campaign is not published.');
  return campaign;
}

async function readFile(
  imports: ContactImportsStore,
  environmentId: string,
  id: string,
  file: string,
  { column, defaultCountry, allowDuplicates = false }: ImportOptions,
  progress: ProgressLine,
): Promise<void> {
  const size = file === '-' ? null : statSync(file).size;
  const read = { bytes: 0, rows: 0 };
  try {
    const reading = { column, defaultCountry, allowDuplicates, ...BOUNDS };
    const found = readContacts(counted(fileAt(file), read), reading);
    for await (const batch of contactsInBatches(found, CONTACT_BATCH_ROWS)) {
      await imports.keep(environmentId, id, batch);
      read.rows += batch.rows.length + batch.rejected + batch.duplicates;
      progress.show(size === null ? null : read.bytes / size, `${read.rows.toLocaleString('en')} rows read`);
    }
  } catch (error) {
    await imports.fail(environmentId, id, 'The file could not be read to its end.');
    throw error instanceof NumberFileFault ? new Error(faultLine(error)) : error;
  }
  await imports.seal(environmentId, 'cli', id, null);
}

async function* counted(pieces: AsyncIterable<Buffer>, read: { bytes: number }): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    read.bytes += piece.length;
    yield piece;
  }
}

function faultLine({ message, columns }: NumberFileFault): string {
  const lines = Object.entries(columns ?? {}).map(([column, fault]) => `\n  ${column}: ${fault}`);
  return `The file cannot be read. ${message}${lines.join('')}`;
}

/** What webhooks are owed is written with each step; a dialer finds it there, and may carry the import on beside this. */
async function carryOn(
  steps: ContactImportStepsStore,
  id: string,
  progress: ProgressLine,
): Promise<{ made: ContactImport; isWaiting: boolean }> {
  for (;;) {
    const { state, isWaiting } = await steps.advance(id);
    if (isWaiting || state.completedAt !== null) return { made: state, isWaiting };
    const text = `${state.accepted.toLocaleString('en')} calls made`;
    progress.show(state.batchesTaken / Math.max(1, state.batches), text);
  }
}

async function writeErrors(
  imports: ContactImportsStore,
  { environmentId, id }: ContactImport,
  path: string,
): Promise<void> {
  async function* lines() {
    yield errorHeading('csv');
    for await (const errors of imports.everyErrorOf(environmentId, id)) yield errorLines(errors, 'csv');
  }
  await pipeline(Readable.from(lines(), { objectMode: false }), createWriteStream(path));
}

function figuresOf({ id, status, failure, ...made }: ContactImport) {
  return {
    ...{ id, status, failure, read: made.rowsRead, accepted: made.accepted, blocked: made.blocked },
    ...{ duplicates: made.duplicates, rejected: made.rejected },
  };
}

function lineOf(data: ReturnType<typeof figuresOf> & { seconds: number }): string {
  const { id, status, failure, read, accepted, blocked, duplicates, rejected, seconds } = data;
  const why = failure === null ? '' : ` ${failure}`;
  return (
    `${read} rows read, ${accepted} became calls, ${blocked} of them blocked; ${duplicates} duplicates, ` +
    `${rejected} rejected; ${seconds} s. Import ${id} is ${status}.${why}`
  );
}
