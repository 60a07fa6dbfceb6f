import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isSameProcess, processMark } from './process-mark.js';

/** Somebody runs `npm start` in this folder already. */
export class AlreadyStarted extends Error {
  constructor(pid: number) {
    super(
      `Ringfence is already running in this folder, as process ${pid}. Stop that one first (Ctrl-C there).`,
    );
    this.name = 'AlreadyStarted';
  }
}

interface Holder {
  pid: number;
  mark: string;
}

/**
 * Takes the folder for this process. The lock of a process that is gone, even one whose id lives on in another
 * program, is taken over.
 * @returns gives it back
 * @throws AlreadyStarted
 */
export function takeStartLock(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true });
  while (!linkDraft(file)) {
    const holder = readHolder(file);
    if (holder === null) continue;
    if (isSameProcess(holder.pid, holder.mark)) throw new AlreadyStarted(holder.pid);
    setAside(file, holder);
  }
  return () => rmSync(file, { force: true });
}

/** A link appears whole or not at all: nobody reads a lock without its holder. */
function linkDraft(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  const holder: Holder = { pid: process.pid, mark: processMark(process.pid) ?? '' };
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): Holder | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Two may find the same dead holder. Only one can move its lock; if it was a newer one by then, it is put back. */
function setAside(file: string, dead: Holder): void {
  const aside = `${file}.${process.pid}.aside`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved?.pid === dead.pid && moved.mark === dead.mark) rmSync(aside);
  else renameSync(aside, file);
}
