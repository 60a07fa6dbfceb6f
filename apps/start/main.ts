import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { DATA_FOLDER } from '#environment/kept-secret.js';
import { launch, RECORD_FILE, RUNNING_FILE, type LaunchOptions } from './launch.js';
import { Processes } from './processes.js';
import { takeStartLock } from './start-lock.js';

const options = new Command('npm start --')
  .description('Runs Ringfence on this machine, with a simulated carrier and a demo campaign.')
  .option('--fresh', 'forget the data of earlier starts', false)
  .option('--no-redis', 'keep the queue in PostgreSQL, even where there is a Redis')
  .option('--speed <factor>', 'how much faster than life the simulated carrier is', readSpeed, 10)
  .parse()
  .opts<LaunchOptions>();

const processes = new Processes(RECORD_FILE);
const stopping = new AbortController();
const giveLockBack = lockOrExit();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stopOrKill);
// npm or bin/run.mjs is gone, or the reader of our output: nobody is left to press Ctrl-C.
process.once('disconnect', () => void stop(0));
process.stdout.on('error', () => void stop(0));

launch({ options, processes, signal: stopping.signal, say }).catch((error: unknown) => {
  // While everything is being stopped, steps that are under way break off: that is no news.
  if (stopping.signal.aborted) return;
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  void stop(1);
});

function stopOrKill(): void {
  if (!stopping.signal.aborted) {
    say('\nStopping …');
    void stop(0);
    return;
  }
  processes.killAll();
  leave(1);
}

async function stop(status: number): Promise<void> {
  if (stopping.signal.aborted) return;
  stopping.abort();
  await processes.stopAll();
  leave(status);
}

function leave(status: number): never {
  rmSync(RUNNING_FILE, { force: true });
  giveLockBack();
  process.exit(status);
}

function lockOrExit(): () => void {
  try {
    return takeStartLock(join(DATA_FOLDER, 'start.lock'));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}

function readSpeed(text: string): number {
  const speed = Number(text);
  if (!(speed >= 0.1 && speed <= 100_000)) throw new InvalidArgumentError('A number from 0.1 to 100000.');
  return speed;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
