#!/usr/bin/env node
// The one door behind every npm script. It runs on a machine with only Node and npm: nothing here may import a
// package, because the packages may not be installed yet.
import { parseArgs } from 'node:util';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureInstalled } from './ensure-installed.mjs';
import { describeApi, describeSettings, runCheckSteps } from './check-steps.mjs';
import { writeBillOfMaterials } from './bill-of-materials.mjs';
import { exitStatus, interruption, ROOT, runChild, runNode } from './run-child.mjs';

const OLDEST_NODE = [20, 19];

const TEXT = { type: 'string' };

const commands = {
  start: async (words) => {
    await prepare();
    // The channel lets the launcher notice that this process is gone, even by SIGKILL.
    const stdio = ['inherit', 'inherit', 'inherit', 'ipc'];
    return runChild(process.execPath, ['dist/apps/start/main.js', ...words], { stdio });
  },
  test: async (words) => {
    await prepare();
    return runNode('node_modules/.bin/vitest', ['run', ...words]);
  },
  check: async (words) => {
    await ensureInstalled();
    return runCheckSteps(words);
  },
  build: async () => {
    await prepare();
    return 0;
  },
  openapi: async () => {
    await prepare();
    return describeApi();
  },
  settings: async () => {
    await prepare();
    return describeSettings();
  },
  sbom: async () => {
    await ensureInstalled();
    return writeBillOfMaterials('dist/sbom.cdx.json');
  },
  fuzz: async (words) => {
    await prepare();
    const { values } = parseArgs({ args: words, options: { requests: TEXT, seed: TEXT } });
    process.env.FUZZ_REQUESTS = values.requests ?? '20000';
    if (values.seed !== undefined) process.env.FUZZ_SEED = values.seed;
    return runNode('node_modules/.bin/vitest', ['run', 'test/journeys/fuzz.spec.ts']);
  },
  faults: async (words) => {
    await prepare();
    return runNode('dist/test/faults/main.js', words);
  },
  bench: async (words) => {
    await prepare();
    return runNode('dist/bench/main.js', words);
  },
  migrate: async (words) => {
    await prepare();
    return runNode('dist/apps/cli/main.js', ['migrate', ...words]);
  },
  cli: async (words) => {
    await prepare();
    return runNode('dist/apps/cli/main.js', words);
  },
};

process.chdir(ROOT);
process.exitCode = await main(process.argv[2], process.argv.slice(3));

async function main(name, words) {
  if (isOldNode()) {
    say(`Ringfence needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.version}.`);
    return 1;
  }
  if (!Object.hasOwn(commands, name ?? '')) {
    say(`usage: node bin/run.mjs <${Object.keys(commands).join('|')}> [arguments]`);
    return 64;
  }
  try {
    const status = await commands[name](words);
    return interruption() === null ? status : afterInterruption(name, status);
  } catch (error) {
    if (interruption() !== null) return afterInterruption(name, exitStatus(null, interruption()));
    say(error.message);
    return error.exitStatus ?? 1;
  }
}

async function prepare() {
  await ensureInstalled();
  await ensureBuilt();
}

/** Ctrl-C is how `npm start` is meant to end, whichever step it reaches; what failed while stopping stays a failure. */
function afterInterruption(name, status) {
  return name === 'start' && status >= 128 ? 0 : status;
}

function isOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
