import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { EXIT_BAD_SETTINGS } from '#environment/settings.js';
import { keepRun } from './kept-runs.js';
import { Report } from './report.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import { DoesNotAnswer, versionOf } from './versions.js';

interface Options {
  quick?: true;
  keep?: true;
  fromKept?: true;
}

const command = new Command('bench')
  .description('Measures one thing beside what people would take instead, side by side in one run.')
  .argument('[name]', 'a scenario, by its name or its word, or `report`; without, they are listed')
  .argument('[scenarios...]', 'after `report`: which, instead of all')
  .option('--quick', 'a short run, for every change')
  .option('--keep', 'keep the figures for the page docs/performance.md; `report` does')
  .option('--from-kept', 'with `report`: run nothing, write the page from what is kept')
  .parse();

const [name, ...more] = command.args;
const options = command.opts<Options>();
process.exit(await (name === 'report' ? reportOn(more, options) : runNamed(name, options)));

/** @returns the exit status: 1 where something that must hold did not */
async function runNamed(wanted: string | undefined, { quick, keep }: Options): Promise<number> {
  const scenario = scenarioOf(wanted);
  if (scenario === undefined) return listScenarios(wanted);
  const missing = missingSettings(scenario);
  if (missing.length > 0) {
    const [does, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
    process.stderr.write(
      `${missing.join(' and ')} ${does} not set: ${scenario.name} ${scenario.word} needs ${them}. It works under a name of its own there, and removes what it made.\n`,
    );
    return EXIT_BAD_SETTINGS;
  }
  const report = new Report();
  try {
    report.version('node', process.version);
    for (const used of scenario.uses) report.version(used, await versionOf(used));
  } catch (error) {
    if (!(error instanceof DoesNotAnswer)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT_BAD_SETTINGS;
  }
  report.version('processor', `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`);
  report.setting('memory', `${Math.round(totalmem() / 2 ** 30)} GiB`);
  await scenario.run({ quick: quick === true, report });
  if (keep === true) {
    const day = new Date().toISOString().slice(0, 10);
    const isKept = keepRun(scenario, { day, isQuick: quick === true, findings: report.findings });
    if (!isKept) report.note('Not kept: a quick run does not take the place of a whole one.');
  }
  return report.breaches.length === 0 ? 0 : 1;
}

/** Runs each scenario in a process of its own, so that none leaves the next one its memory, and writes the page. */
async function reportOn(wanted: string[], { quick, fromKept }: Options): Promise<number> {
  const chosen = wanted.length === 0 ? SCENARIOS : wanted.map(scenarioOf);
  const unknown = chosen.indexOf(undefined);
  if (unknown >= 0) return listScenarios(wanted[unknown]);
  const failed: string[] = [];
  for (const scenario of fromKept ? [] : chosen) {
    const { name: own, word } = scenario!;
    process.stdout.write(`\n== ${own} ${word}\n`);
    const words = [import.meta.filename, own, '--keep', ...(quick ? ['--quick'] : [])];
    const running = spawn(process.execPath, words, { stdio: 'inherit' });
    const [status] = (await once(running, 'close')) as [number | null];
    if (status !== 0) failed.push(own);
  }
  const { writePage } = await import('./performance-page.js');
  writePage(SCENARIOS);
  if (failed.length > 0) process.stderr.write(`Failed: ${failed.join(', ')}.\n`);
  return failed.length === 0 ? 0 : 1;
}

function scenarioOf(wanted: string | undefined): Scenario | undefined {
  return SCENARIOS.find(({ name: own, word }) => wanted === own || wanted === word);
}

function listScenarios(wanted: string | undefined): number {
  const list = SCENARIOS.map(({ name: own, word, does }) => `  ${own} ${word.padEnd(14)} ${does}\n`).join('');
  process.stderr.write(
    `${wanted === undefined ? '' : `There is no scenario ${wanted}. `}There are:\n${list}  or report: all of them, or those named after it, and the page docs/performance.md\n`,
  );
  return 64;
}

function missingSettings({ uses }: Scenario): string[] {
  const needed = { postgres: 'DATABASE_URL', redis: 'REDIS_URL' };
  return Object.entries(needed).flatMap(([used, variable]) =>
    uses.includes(used) && !process.env[variable] ? [variable] : [],
  );
}
