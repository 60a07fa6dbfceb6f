import { spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isSameProcess } from '../apps/start/process-mark.js';
import { removeFolder } from '../apps/start/postgres-place.js';
import { Processes } from '../apps/start/processes.js';

const CHECKOUT = resolve(import.meta.dirname, '..');
const PATIENCE_MS = 60_000;

/**
 * For tests of the launcher: a checkout of its own with the built launcher in it, and for api, dialer, carrier and
 * command line small programs that only answer what the launcher asks. What they were told by their environment is in
 * the file of their name under `told`.
 */
export class StandInHouse {
  readonly folder = mkdtempSync(join(tmpdir(), 'rf-'));
  private readonly launchers: ChildProcess[] = [];
  output = '';

  constructor() {
    chmodSync(this.folder, 0o755);
    cpSync(join(CHECKOUT, 'package.json'), join(this.folder, 'package.json'));
    symlinkSync(join(CHECKOUT, 'node_modules'), join(this.folder, 'node_modules'));
    for (const built of ['apps/start', 'libs/environment']) {
      cpSync(join(CHECKOUT, 'dist', built), join(this.folder, 'dist', built), { recursive: true });
    }
    mkdirSync(join(this.folder, 'told'));
    for (const [name, script] of Object.entries(STAND_INS)) this.replace(name, script);
  }

  /** Makes one of the programs another one. */
  replace(name: string, script: string): void {
    mkdirSync(join(this.folder, 'dist/apps', name), { recursive: true });
    writeFileSync(join(this.folder, 'dist/apps', name, 'main.js'), `${TELL(name)}\n${script}`);
  }

  /** Starts the launcher. */
  start(words: string[] = [], variables: NodeJS.ProcessEnv = {}): ChildProcess {
    const { DATABASE_URL, REDIS_URL, PORT, ADMIN_PORT, CARRIER_URL, ...inherited } = process.env;
    const launcher = spawn(process.execPath, ['dist/apps/start/main.js', ...words], {
      cwd: this.folder,
      env: { ...inherited, RINGFENCE_NO_REDIS: '1', ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    launcher.stdout.on('data', keep);
    launcher.stderr.on('data', keep);
    this.launchers.push(launcher);
    return launcher;
  }

  /** Waits until the launcher has written something. */
  async saying(words: string | RegExp): Promise<void> {
    await this.until(`the launcher says ${words}`, () => this.output.search(words) >= 0);
  }

  async until(what: string, holds: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!holds()) {
      if (Date.now() > deadline) throw new Error(`It never came to this: ${what}\n${this.output}`);
      await pause(20);
    }
  }

  /** What the launcher has written down as running. */
  recorded(): { name: string; pid: number; mark: string }[] {
    const file = join(this.folder, '.ringfence/processes.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  }

  /** The environment that a program was started with. */
  told(name: string): Record<string, string> {
    return JSON.parse(readFileSync(join(this.folder, 'told', name), 'utf8'));
  }

  /** Ends what a failed test has left, and removes all files. */
  async remove(): Promise<void> {
    for (const launcher of this.launchers) {
      if (launcher.exitCode !== null || launcher.signalCode !== null) continue;
      launcher.kill('SIGKILL');
      await once(launcher, 'exit');
    }
    await Processes.stopLeftBehind(join(this.folder, '.ringfence/processes.json'));
    await removeFolder(join(this.folder, '.ringfence/postgres'));
    rmSync(this.folder, { recursive: true });
  }
}

/** Those of some recorded processes that still run. */
export function stillRunning(recorded: { name: string; pid: number; mark: string }[]): string[] {
  return recorded.filter(({ pid, mark }) => isSameProcess(pid, mark)).map(({ name }) => name);
}

const TELL = (name: string) => `import { writeFileSync } from 'node:fs';
writeFileSync('told/${name}', JSON.stringify(process.env));`;

const ENDS = `for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));`;

const ANSWERS_ON = (port: string) => `import { createServer } from 'node:http';
${ENDS}
createServer((request, response) => response.end('{}')).listen(${port}, '127.0.0.1');`;

const API = `import { createServer } from 'node:http';
${ENDS}
const calls = [];
createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks));
  const route = request.method + ' ' + request.url.replace('/api/v1', '');
  if (route.endsWith('/call')) calls.unshift({ id: crypto.randomUUID(), to: body.to, status: 'queued' });
  const answer = route.startsWith('GET /calls') ? calls : { id: 'an-id', status: 'active' };
  response.end(JSON.stringify({ data: answer }));
}).listen(process.env.PORT, '127.0.0.1');`;

const CLI = `const words = process.argv.slice(2).join(' ');
if (words.startsWith('environment')) console.log('{"id": "an-environment"}');
if (words.startsWith('token')) console.log('{"id": "a-token-id", "token": "talq_demo"}');`;

const STAND_INS = {
  api: API,
  dialer: ANSWERS_ON('process.env.ADMIN_PORT'),
  carrier: ANSWERS_ON('process.env.PORT'),
  cli: CLI,
};
