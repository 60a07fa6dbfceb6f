import { cpus } from 'node:os';
import { Command } from 'commander';
import { Report } from './report.js';
import { SCENARIOS } from './scenarios.js';
import { versionOf } from './versions.js';

const options = new Command('bench')
  .description('Measures one thing beside what people would take instead, side by side in one run.')
  .argument('[name]', 'a scenario, by its name or its word; without, they are listed')
  .option('--quick', 'a short run, for every change')
  .parse();

process.exit(await main(options.args[0], options.opts<{ quick?: true }>().quick === true));

/** @returns the exit status: 1 where something that must hold did not */
async function main(wanted: string | undefined, quick: boolean): Promise<number> {
  const scenario = SCENARIOS.find(({ name, word }) => wanted === name || wanted === word);
  if (scenario === undefined) {
    const list = SCENARIOS.map(({ name, word, does }) => `  ${name} ${word.padEnd(14)} ${does}\n`).join('');
    process.stderr.write(
      `${wanted === undefined ? '' : `There is no scenario ${wanted}. `}There are:\n${list}`,
    );
    return 64;
  }
  const report = new Report();
  report.version('node', process.version);
  for (const name of scenario.uses) report.version(name, await versionOf(name));
  report.version('processor', `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`);
  await scenario.run({ quick, report });
  return report.breaches.length === 0 ? 0 : 1;
}
