import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { interruption, ROOT } from './run-child.mjs';

const FOLDER = join(ROOT, '.ringfence');
const LOCK = join(FOLDER, 'preparation.lock');

/** Holds the checkout's lock during some work: node_modules and dist have one writer at a time. Others wait. */
export async function withPreparationLock(doing, work) {
  mkdirSync(FOLDER, { recursive: true });
  let told = false;
  while (!take(doing)) {
    const holder = read();
    if (holder !== null && !isAlive(holder.pid)) breakLock(holder);
    else if (holder !== null && !told) {
      told = true;
      process.stderr.write(`Waiting: process ${holder.pid} is ${holder.doing} (${LOCK}) …\n`);
    }
    await pause(100);
    if (interruption() !== null) throw new Error(`Stopped by ${interruption()}.`);
  }
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** A link appears whole or not at all: nobody ever reads a lock without its holder. */
function take(doing) {
  const draft = `${LOCK}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, doing }));
  try {
    linkSync(draft, LOCK);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function read() {
  try {
    return JSON.parse(readFileSync(LOCK, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Two may find the same dead holder. Only one can move its lock; if it was a newer one by then, it is put back. */
function breakLock(dead) {
  const aside = `${LOCK}.${process.pid}.aside`;
  try {
    renameSync(LOCK, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (JSON.parse(readFileSync(aside, 'utf8')).pid === dead.pid) rmSync(aside);
  else renameSync(aside, LOCK);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
