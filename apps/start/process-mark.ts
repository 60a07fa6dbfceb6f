import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * What tells a process from a later one with the same id: the moment it began, as the system writes it.
 * Null where no such process runs.
 */
export function processMark(pid: number): string | null {
  return existsSync('/proc/self/stat') ? markFromProc(pid) : markFromPs(pid);
}

/** True while the process that had this mark runs. */
export function isSameProcess(pid: number, mark: string): boolean {
  return processMark(pid) === mark;
}

const STATE = 0;
const START_TIME = 19;

function markFromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in brackets, may hold spaces and brackets; the fields begin after the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not looked yet.
    return fields[STATE] === 'Z' ? null : (fields[START_TIME] ?? null);
  } catch {
    return null;
  }
}

function markFromPs(pid: number): string | null {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
}
