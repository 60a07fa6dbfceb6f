import { performance } from 'node:perf_hooks';
import { ensureBuilt } from './ensure-built.mjs';
import { runNode, runNodeQuietly } from './run-child.mjs';

/** What CI runs, in this order. A step answers with an exit status; its output is shown when that is not 0. */
const steps = [
  { name: 'format', run: () => tool('prettier', '--check', '.') },
  { name: 'lint', run: () => tool('eslint', '.') },
  { name: 'types', run: () => tool('tsc', '--noEmit', '-p', 'tsconfig.json') },
  { name: 'arrows, cycles and dead files', run: () => tool('depcruise', ...CRUISED, ...ARROWS) },
  // Loaded only now: it has packages, which may just have been installed.
  { name: 'packages', run: () => import('./supply-chain.mjs').then((check) => check.checkSupplyChain()) },
  { name: 'build', run: () => ensureBuilt().then(() => 0) },
  { name: 'description of the api, as the code says', run: () => describeApi('--check') },
  { name: 'page of settings, as the code says', run: () => describeSettings('--check') },
  // Shown: where the history is short it is left out, and says so.
  { name: 'upgrade from the previous release', run: () => runNode('dist/test/upgrade/main.js', []) },
  // Shown as it goes: tests take long enough to be watched.
  { name: 'tests', run: (words) => runNode('node_modules/.bin/vitest', ['run', ...words]) },
];

const CRUISED = ['apps', 'libs', 'test', 'bench', 'bin'];
const ARROWS = ['--config', '.dependency-cruiser.cjs'];

/** Runs the steps, a line each with its duration, and stops at the first red one. */
export async function runCheckSteps(words) {
  for (const { name, run } of steps) {
    const startedAt = performance.now();
    const status = await run(words);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${status === 0 ? '✔' : '✘'} ${name} (${seconds} s)\n`);
    if (status !== 0) return status;
  }
  return 0;
}

/** Writes the description of the api from the code, and the types for clients from that; or checks them. */
export async function describeApi(...mode) {
  const description = 'docs/openapi.json';
  const status = await quietly('dist/apps/api/openapi/main.js', description, ...mode);
  return status === 0 ? quietly('bin/api-types.mjs', description, 'docs/openapi.d.ts', ...mode) : status;
}

/** Writes the page of settings from the code that reads them; or checks it. */
export function describeSettings(...mode) {
  return quietly('bin/settings-page.mjs', 'docs/settings.md', ...mode);
}

function tool(name, ...words) {
  return quietly(`node_modules/.bin/${name}`, ...words);
}

/** Shows what a program has to say only where it fails. */
async function quietly(file, ...words) {
  const { status, output } = await runNodeQuietly(file, words);
  if (status !== 0) process.stdout.write(output);
  return status;
}
