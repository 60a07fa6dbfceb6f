import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSameProcess } from './process-mark.js';
import { EndedByItself, Processes, type Program } from './processes.js';
import { whenReady } from './when-ready.js';

let folder: string;
let record: string;
let processes: Processes;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rf-'));
  record = join(folder, 'processes.json');
  processes = new Processes(record);
});

afterEach(async () => {
  await processes.stopAll();
  rmSync(folder, { recursive: true });
});

describe('Processes', () => {
  it('ends what it started in reverse order, each before the next is asked', async () => {
    const ended: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      const running = await startNoting(name);
      void running.exited.then(() => ended.push(name));
    }
    await processes.stopAll();
    expect(ended).toEqual(['third', 'second', 'first']);
    expect(existsSync(record)).toBe(false);
  });

  it('kills what does not end when asked', async () => {
    const stubborn = processes.start({ ...node('stubborn', IGNORING), stopTimeoutSeconds: 0.2 });
    await whenReady(stubborn, () => wrote('stubborn', 'up'), 10);
    await stubborn.stop();
    expect(await stubborn.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('starts nothing once everything is being stopped', async () => {
    await processes.stopAll();
    expect(() => processes.start(node('late', WAITING))).toThrow(/late is not started any more/);
  });

  it('says which required program ended, how, and its last words', async () => {
    const program = processes.start(node('doomed', `console.error('out of luck'); process.exit(3)`));
    processes.require(program);
    await expect(processes.unexpectedEnd).rejects.toThrow(/^doomed ended with status 3[.] .*out of luck/s);
  });

  it('is not surprised by the end of a program that it stopped', async () => {
    const program = await startNoting('asked');
    processes.require(program);
    await program.stop();
    expect(await Promise.race([processes.unexpectedEnd, Promise.resolve('quiet')])).toBe('quiet');
  });

  it('says of a program that does not exist that it cannot be started', async () => {
    const run = processes.run({ name: 'ghost', command: '/no/such', args: [], logFile: log('ghost') });
    await expect(run).rejects.toThrow(/^ghost cannot be started [(].*ENOENT/);
  });

  it('gives the output of a program that was run to its end, and keeps its log apart', async () => {
    const printed = await processes.run(node('once', `console.log('answer'); console.error('aside')`));
    expect(printed).toBe('answer\n');
    expect(readFileSync(log('once'), 'utf8')).toBe('aside\n');
  });

  it('stops waiting for a program that ended before it was ready', async () => {
    const program = processes.start(node('brief', 'process.exit(4)'));
    await expect(whenReady(program, async () => false, 60)).rejects.toThrow(EndedByItself);
  });
});

describe('what a killed launcher left behind', () => {
  it('is ended by its record, latest first', async () => {
    await startNoting('store');
    await startNoting('app');
    expect(await Processes.stopLeftBehind(record)).toEqual(['app', 'store']);
    expect(readFileSync(join(folder, 'ends'), 'utf8')).toBe('app store ');
  });

  it('leaves a program alone that only has the id of ours', async () => {
    await startNoting('stranger');
    const [recorded] = JSON.parse(readFileSync(record, 'utf8'));
    writeFileSync(record, JSON.stringify([{ ...recorded, mark: 'an earlier moment' }]));
    expect(await Processes.stopLeftBehind(record)).toEqual([]);
    expect(isSameProcess(recorded.pid, recorded.mark)).toBe(true);
  });

  it('is nothing where there is no record', async () => {
    expect(await Processes.stopLeftBehind(join(folder, 'none.json'))).toEqual([]);
  });
});

const WAITING = `console.error('up'); setInterval(() => {}, 1000)`;
const IGNORING = `process.on('SIGTERM', () => {}); ${WAITING}`;

/** Starts a program that, when it ends, adds its name to the file `ends`. */
async function startNoting(name: string) {
  const file = JSON.stringify(join(folder, 'ends'));
  const note = `process.on('SIGTERM', () => { require('fs').appendFileSync(${file}, '${name} '); process.exit(0) })`;
  const running = processes.start(node(name, `${note}; ${WAITING}`));
  await whenReady(running, () => wrote(name, 'up'), 10);
  return running;
}

function node(name: string, script: string): Program {
  return { name, command: process.execPath, args: ['-e', script], logFile: log(name) };
}

function log(name: string): string {
  return join(folder, `${name}.log`);
}

async function wrote(name: string, words: string): Promise<boolean> {
  return readFileSync(log(name), 'utf8').includes(words);
}
