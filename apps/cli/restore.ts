import { InvalidArgumentError, type Command } from 'commander';
import { ZONED } from '#policy/call-fields.js';
import { readNumbers } from '#number-files/number-file.js';
import { RestoredStore } from '#store/restored.store.js';
import { fileAt } from './file-at.js';
import { run } from './run.js';

interface QuarantineOptions {
  backupTakenAt: Date;
  dialled?: string;
  all?: true;
  column?: string;
  defaultCountry?: string;
}

export function addRestoreCommands(program: Command): void {
  program
    .command('restore')
    .description('after the database was restored from a backup, before any dialer starts')
    .command('quarantine')
    .description('park every call that may have been dialled since the backup, so that nobody is rung twice')
    .requiredOption('--backup-taken-at <time>', 'when it was taken: ISO 8601, with its zone', instant)
    .option(
      '--dialled <file>',
      "the numbers that the carrier's own records show since then, or - for standard input",
    )
    .option('--all', 'there are no such records: park every call that waits')
    .option('--column <heading>', 'the column with the numbers')
    .option('--default-country <code>', 'where numbers without a leading + are at home, as in US')
    .option('--json', 'print one JSON object on standard output')
    .action((options: QuarantineOptions) =>
      run(async (database) => {
        const { backupTakenAt } = options;
        const found = await new RestoredStore(database).quarantine(backupTakenAt, await numbersOf(options));
        if (found.kind === 'dialling') throw new Error('A dialer is running. Stop all dialers first.');
        if (found.kind === 'newer')
          throw new Error(
            `This database knows of a dial at ${found.dialledAt.toISOString()}, after the backup: it was not restored from it, or the time is wrong.`,
          );
        const { asked, barred, parked } = found;
        const line =
          `${parked} calls are parked as of unknown outcome; the carrier will be asked about ${asked} more; ` +
          `${barred} that were under way will not be tried again. ` +
          'Dialers may start. What became of the parked ones: unknown list.';
        return { data: { parked, asked, barred }, line };
      }),
    );
}

/** Null: every call. A row that cannot be read may be a number that was dialled, so that none is parked then. */
async function numbersOf({
  dialled,
  all,
  column,
  defaultCountry,
}: QuarantineOptions): Promise<string[] | null> {
  if ((dialled === undefined) === (all === undefined))
    throw new Error("Say either --dialled, with a file of the carrier's records, or --all.");
  if (dialled === undefined) return null;
  const noBounds = { mostBytes: Number.MAX_SAFE_INTEGER, mostRows: Number.MAX_SAFE_INTEGER };
  const numbers = new Set<string>();
  // No row is over by its expiry: the file says who was rung.
  for await (const { rows, rejected } of readNumbers(fileAt(dialled), {
    ...{ column, defaultCountry, now: new Date(0), ...noBounds },
  })) {
    const [first] = rejected;
    if (first !== undefined) throw new Error(`Line ${first.line}: ${first.because}. Nothing was parked.`);
    for (const { to } of rows) numbers.add(to);
  }
  return [...numbers];
}

function instant(text: string): Date {
  const at = new Date(text);
  if (!ZONED.test(text) || Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('It must be a time with its zone, as in 2026-11-28T12:00:00Z.');
  return at;
}
