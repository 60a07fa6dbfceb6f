import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../apps/start/free-port.js';
import { pageScript, pattern, printed, programsOf } from '../guides/page-script.js';
import { readPages } from '../guides/pages.js';
import { House } from '../running-house.js';

const PATIENCE_MS = 120_000;

const pages = readPages().filter(({ blocks }) => blocks.some(({ mark }) => mark?.kind === 'house'));
const scratch = mkdtempSync(join(tmpdir(), 'rf-guides-'));
const cliSocket = join(scratch, 'cli.sock');
let house: House;
let cliHost: ChildProcess;

beforeAll(async () => {
  // The environment that pages speak of; as that of npm start, it calls at any hour and may tell receivers on this machine.
  house = await House.open({ environmentName: 'production' });
  cliHost = spawn(
    process.execPath,
    ['test/guides/cli-host.mjs', resolve('dist/apps/cli/main.js'), cliSocket],
    {
      env: { ...process.env, ...house.variables },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  while (!existsSync(cliSocket) && cliHost.exitCode === null) await pause(20);
});

afterAll(async () => {
  const ended = once(cliHost, 'exit');
  cliHost.kill();
  await Promise.all([ended, house.close()]);
  rmSync(scratch, { recursive: true });
});

/** Runs a page in a folder of its own, and returns what it printed. */
async function run(page: (typeof pages)[number]): Promise<string> {
  const folder = mkdtempSync(join(scratch, 'page-'));
  for (const read of ['docs', 'deploy']) symlinkSync(resolve(read), join(folder, read));
  const { PUBLIC_URL } = house.variables;
  const places = {
    '127.0.0.1:3000': new URL(PUBLIC_URL!).host,
    '127.0.0.1:3001': `127.0.0.1:${house.apiAdminPort}`,
    '8080': (await freePort()).toString(),
  };
  const given = {
    CLI: cliSocket,
    API: house.url('/api/v1'),
    TOKEN: await house.newToken(),
    CAMPAIGN_ID: await house.campaign({ do_not_call_enabled: true, do_not_call_list_source: 'environment' }),
  };
  const ran = promisify(execFile)('bash', ['-c', pageScript(page, places)], {
    cwd: folder,
    env: { ...process.env, ...given },
    timeout: PATIENCE_MS,
  });
  const { stdout } = await ran.catch((error: Error & { stdout: string; stderr: string }) => {
    throw new Error(`${page.path}:\n${error.stdout}\n${error.stderr}`);
  });
  return stdout;
}

function isHere(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

describe('what the pages tell their readers to do can be done as it stands there', () => {
  for (const page of pages) {
    const missing = programsOf(page).filter((program) => !isHere(program));
    const named =
      missing.length === 0 ? page.path : `${page.path} (skipped: there is no ${missing.join(' and ')} here)`;
    // Most of a page is waiting for the house.
    it.skipIf(missing.length > 0).concurrent(named, { timeout: PATIENCE_MS }, async ({ expect }) => {
      const said = printed(page, await run(page));
      for (const { says, prints } of said) expect(prints).toMatch(pattern(says));
    });
  }

  it('is some pages, one that begins with a token and ends with a call among them', () => {
    expect(pages.map(({ path }) => path)).toContain('docs/quick-start.md');
  });
});
