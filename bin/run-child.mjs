import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** One press of Ctrl-C arrives twice under npm: from the terminal, and passed on by npm a moment later. */
const SAME_PRESS_MS = 300;

const PARENT_LOOKED_AT_EVERY_MS = 200;

let running = null;
let isRunningAbandonable = false;
let interruptedBy = null;
let interruptedAt = 0;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => passOn(signal));
if (process.env.npm_lifecycle_event !== undefined) endWithParent();

/** The signal that asked this process to end, or null. */
export function interruption() {
  return interruptedBy;
}

/**
 * Runs a command without a shell and waits for it; signals are passed on to it and whatever it started. What is
 * `abandonable` is killed instead: broken off anywhere, it can be done again.
 * @returns its exit status, 128 + n where signal n ended it
 */
export function runChild(command, words, options = {}) {
  return startChild(command, words, { stdio: 'inherit', ...options }).ended;
}

/** Runs a Node program, named by its file. */
export function runNode(file, words, options = {}) {
  return runChild(process.execPath, [file, ...words], options);
}

/** As runChild, quietly: what it wrote comes with the status. */
export async function runNodeQuietly(file, words) {
  const { child, ended } = startChild(process.execPath, [file, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const status = await ended;
  return { status, output };
}

export function exitStatus(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

function startChild(command, words, { abandonable = false, ...options }) {
  if (interruptedBy !== null) throw new Error(`Stopped by ${interruptedBy}.`);
  // A group of its own: the terminal's Ctrl-C then reaches it through passOn, and so exactly once.
  const child = spawn(command, words, { cwd: ROOT, detached: true, ...options });
  running = child;
  isRunningAbandonable = abandonable;
  const ended = new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Error(`${command} cannot be started: ${error.message}`)));
    child.on('close', (code, signal) => resolve(exitStatus(code, signal)));
  }).finally(() => (running = null));
  return { child, ended };
}

function passOn(signal) {
  const samePress = Date.now() - interruptedAt < SAME_PRESS_MS;
  interruptedBy = signal;
  interruptedAt = Date.now();
  if (running?.pid === undefined || samePress) return;
  try {
    process.kill(-running.pid, isRunningAbandonable ? 'SIGKILL' : signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/**
 * npm runs scripts through a shell, and passes signals on to that shell, which ends and passes nothing on. Its end is
 * the only news of it.
 */
function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    // After Ctrl-C the shell is gone as well; that is the same press.
    if (interruptedBy === null) passOn('SIGTERM');
  }, PARENT_LOOKED_AT_EVERY_MS);
  watch.unref();
}
