import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import { inBatches } from '#number-files/in-batches.js';
import { readNumbers } from '#number-files/number-file.js';
import { DoNotCallScrubStore, SCRUB_ROWS } from '#store/do-not-call-scrub.store.js';
import { fileAt } from './file-at.js';
import { environmentIdOf, run } from './run.js';

interface ScrubOptions {
  environment: string;
  campaign?: string;
  list: 'environment' | 'global';
  callable?: string;
  column?: string;
  defaultCountry?: string;
}

export function addScrubCommand(doNotCall: Command): void {
  doNotCall
    .command('scrub')
    .description('tell which numbers of a file may be called')
    .argument('<file>', 'its path, or - for standard input')
    .requiredOption('--environment <id or name>', 'whose calls they are to become')
    .option('--campaign <id>', 'as this campaign reads the lists')
    .addOption(
      new Option('--list <list>', 'without a campaign: as one that reads this list')
        .choices(['environment', 'global'])
        .default('environment'),
    )
    .option('--callable <file>', 'write the numbers that may be called there, one a line')
    .option('--column <heading>', 'the column with the numbers')
    .option('--default-country <code>', 'where numbers without a leading + are at home, as in US')
    .option('--json', 'print one JSON object on standard output')
    .action((file: string, options: ScrubOptions) =>
      run(async (database) => {
        const startedAt = performance.now();
        const environmentId = await environmentIdOf(database, options.environment);
        const figures = await scrubFile(new DoNotCallScrubStore(database), environmentId, file, options);
        const data = { ...figures, seconds: Math.round((performance.now() - startedAt) / 10) / 100 };
        const by = Object.entries(data.by).map(([list, count]) => `\n  ${list}: ${count}`);
        const doubts = data.out_of_date.map(({ registry, finding }) => `\n  ${registry}: ${finding}`);
        const doubt =
          doubts.length === 0 ? '' : `\nOut of date, so that nobody may be called:${doubts.join('')}`;
        return {
          data,
          line: `${data.read} rows read, ${data.callable} may be called, ${data.listed} are listed, ${data.rejected} rejected.${by.join('')}${doubt}`,
        };
      }),
    );
}

async function scrubFile(
  scrub: DoNotCallScrubStore,
  environmentId: string,
  file: string,
  { campaign, list, callable: path, column, defaultCountry }: ScrubOptions,
) {
  const reading = await scrub.begin(
    environmentId,
    campaign === undefined ? { source: list } : { campaignId: campaign },
  );
  if (reading === null) throw new Error('The environment has no such campaign.');
  const { outOfDate, now } = reading;
  const figures = {
    read: 0,
    callable: 0,
    listed: 0,
    rejected: 0,
    by: {} as Record<string, number>,
    out_of_date: outOfDate.map(({ name, finding }) => ({ registry: name, finding })),
  };
  const output = path === undefined ? null : createWriteStream(path);
  const noBounds = { mostBytes: Number.MAX_SAFE_INTEGER, mostRows: Number.MAX_SAFE_INTEGER };
  const rows = readNumbers(fileAt(file), { column, defaultCountry, now, ...noBounds });
  for await (const batch of inBatches(rows, SCRUB_ROWS)) {
    const numbers = batch.rows.map(({ to }) => to);
    const listed = await scrub.listed(reading, numbers);
    const clear = outOfDate.length > 0 ? [] : numbers.filter((to) => !listed.has(to));
    figures.read += numbers.length + batch.rejected.length;
    figures.rejected += batch.rejected.length;
    figures.callable += clear.length;
    figures.listed += numbers.filter((to) => listed.has(to)).length;
    for (const verdict of listed.values()) {
      const { as, registry } = verdict;
      const name = registry === null ? (as === 'opt_out' ? as : verdict.list) : `registry:${registry}`;
      figures.by[name] = (figures.by[name] ?? 0) + 1;
    }
    if (output !== null && clear.length > 0) await write(output, `${clear.join('\n')}\n`);
  }
  if (output !== null) await finished(output.end());
  return figures;
}

async function write(output: Writable, text: string): Promise<void> {
  if (!output.write(text)) await once(output, 'drain');
}
