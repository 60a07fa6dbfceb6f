import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A checkout whose npm, compiler and command line are small programs that note in the file `done` what they did. */
let checkout: string;
let started: ChildProcess[];

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'rf-'));
  started = [];
  cpSync(resolve(import.meta.dirname, '../../bin'), join(checkout, 'bin'), { recursive: true });
  write('package-lock.json', lockWith('1.0.0'));
  for (const file of [
    'apps/a.ts',
    'apps/api/console/page/index.html',
    'libs/b.ts',
    'test/c.ts',
    'bench/d.ts',
    'tsconfig.json',
    'tsconfig.build.json',
  ])
    write(file, '');
  write('npm-cli.js', NPM);
  write('compiler.mjs', COMPILER);
  write('cli.mjs', CLI);
});

afterEach(async () => {
  for (const child of started.filter(
    ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
  )) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(checkout, { recursive: true });
});

describe('bin/run.mjs', () => {
  it('installs and builds a fresh checkout once, and neither the second time', async () => {
    expect(await run('cli')).toMatchObject({ status: 0 });
    expect(await run('cli')).toMatchObject({ status: 0 });
    expect(done()).toEqual(['installed', 'built', 'cli', 'cli']);
  });

  it('lets two that start together install and build once', async () => {
    const both = await Promise.all([run('cli'), run('cli')]);
    expect(both.map(({ status }) => status)).toEqual([0, 0]);
    expect(done()).toEqual(['installed', 'built', 'cli', 'cli']);
    expect(both.map(({ err }) => err).join('')).toMatch(/Waiting: process \d+ is installing packages/);
  });

  it('installs again when the lock file asks for another version, not when it is only newer', async () => {
    await run('cli');
    utimesSync(join(checkout, 'package-lock.json'), new Date(), new Date(Date.now() + 60_000));
    await run('cli');
    expect(done().filter((step) => step === 'installed')).toHaveLength(1);
    write('package-lock.json', lockWith('1.0.1'));
    await run('cli');
    expect(done().filter((step) => step === 'installed')).toHaveLength(2);
  });

  it('builds again when a source was changed, added or removed, and not for a test', async () => {
    await run('build');
    const later = new Date(Date.now() + 1000);
    for (const [change, isBuilt] of [
      [() => utimesSync(join(checkout, 'libs/b.ts'), later, later), true],
      [() => write('apps/new.ts', ''), true],
      [() => rmSync(join(checkout, 'apps/new.ts')), true],
      [() => write('apps/a.spec.ts', ''), true],
      [() => write('apps/a.spec.ts', 'changed'), false],
    ] as const) {
      await pause(20);
      const before = done().length;
      change();
      await run('build');
      expect([String(change), done().length > before]).toEqual([String(change), isBuilt]);
      utimesSync(join(checkout, 'libs/b.ts'), new Date(0), new Date(0));
    }
  });

  it('does not take a build that failed for a build', async () => {
    write('compiler.mjs', 'process.exit(2)');
    expect(await run('cli')).toMatchObject({ status: 2, err: expect.stringContaining('The build failed') });
    write('compiler.mjs', COMPILER);
    expect(await run('cli')).toMatchObject({ status: 0 });
  });

  it('takes over the lock of a process that is gone', async () => {
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    write('.ringfence/preparation.lock', JSON.stringify({ pid: gone.pid, doing: 'building' }));
    expect(await run('cli')).toMatchObject({ status: 0 });
    expect(existsSync(join(checkout, '.ringfence/preparation.lock'))).toBe(false);
  });

  it('keeps stdout for the command, and passes its words and its status on', async () => {
    const { out, status } = await run('cli', 'token', 'create', '--json');
    expect(out).toBe('{"words":["token","create","--json"]}\n');
    expect(status).toBe(0);
    expect(await run('cli', 'fail')).toMatchObject({ status: 7 });
    expect(await run('migrate')).toMatchObject({ out: '{"words":["migrate"]}\n' });
  });

  it('passes one signal on for one press of Ctrl-C, and waits for the command to end', async () => {
    await run('build');
    const child = start('cli', 'wait');
    await until(() => done().includes('waiting'));
    child.kill('SIGINT');
    await pause(50);
    child.kill('SIGINT');
    expect(await ended(child)).toMatchObject({ status: 9 });
    expect(done().filter((step) => step === 'SIGINT')).toHaveLength(1);
  });

  it('ends npm start with 0 when it is stopped while installing, and installs anew the next time', async () => {
    write('npm-cli.js', `${NOTE}note('installing'); setInterval(() => {}, 1000);`);
    const child = start('start');
    await until(() => done().includes('installing'));
    child.kill('SIGTERM');
    expect(await ended(child)).toMatchObject({ status: 0 });
    write('npm-cli.js', NPM);
    expect(await run('cli')).toMatchObject({ status: 0 });
  });

  it('names its commands', async () => {
    expect(await run('dial')).toMatchObject({
      status: 64,
      err: expect.stringContaining('start|test|check|build'),
    });
  });
});

const NOTE = `const note = (step) => require('fs').appendFileSync('done', step + '\\n');`;
const NOTE_ESM = `import { appendFileSync, cpSync, mkdirSync } from 'node:fs';
const note = (step) => appendFileSync('done', step + '\\n');`;

const NPM = `${NOTE}
const { cpSync, mkdirSync } = require('fs');
setTimeout(() => {
  mkdirSync('node_modules/typescript/bin', { recursive: true });
  require('fs').writeFileSync('node_modules/typescript/bin/tsc', 'import("../../../compiler.mjs")');
  cpSync('package-lock.json', 'node_modules/.package-lock.json');
  note('installed');
}, 300);`;

const COMPILER = `${NOTE_ESM}
mkdirSync('dist/apps/cli', { recursive: true });
cpSync('cli.mjs', 'dist/apps/cli/main.js');
note('built');`;

const CLI = `const { appendFileSync } = await import('node:fs');
const note = (step) => appendFileSync('done', step + '\\n');
const words = process.argv.slice(2);
if (words[0] === 'fail') process.exit(7);
if (words[0] === 'wait') {
  process.on('SIGINT', () => { note('SIGINT'); setTimeout(() => process.exit(9), 500); });
  setInterval(() => {}, 1000);
  note('waiting');
} else {
  note('cli');
  console.log(JSON.stringify({ words }));
}`;

function lockWith(version: string): string {
  return JSON.stringify({ packages: { '': {}, 'node_modules/one': { version } } });
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(checkout, file)), { recursive: true });
  writeFileSync(join(checkout, file), text);
}

function done(): string[] {
  const file = join(checkout, 'done');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

function start(...words: string[]): ChildProcess {
  const { npm_lifecycle_event, ...inherited } = process.env;
  const child = spawn(process.execPath, ['bin/run.mjs', ...words], {
    cwd: checkout,
    env: { ...inherited, npm_execpath: join(checkout, 'npm-cli.js') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  return child;
}

async function ended(child: ChildProcess): Promise<{ status: number | null; out: string; err: string }> {
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [status] = await once(child, 'close');
  return { status, out, err };
}

function run(...words: string[]) {
  return ended(start(...words));
}

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > 20_000) throw new Error('It never came to that.');
    await pause(20);
  }
}
