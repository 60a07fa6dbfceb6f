import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import type pg from 'pg';

/** Linux counts processor time in hundredths of a second, whatever the processor. */
const MICROSECONDS_OF_TICK = 10_000;

const PAGE_BYTES = 4096;

/** Processor time that other processes have taken so far, all their threads together, in microseconds. */
export function cpuMicroseconds(processes: readonly ChildProcess[]): number {
  return processes.reduce((sum, { pid }) => sum + statOf(pid).own * MICROSECONDS_OF_TICK, 0);
}

/** Memory of other processes that is in use, in MB, looked at every half second. */
export class MemoryOver {
  private readonly samples: number[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(processes: readonly ChildProcess[]) {
    const look = () => this.samples.push(processes.reduce((sum, { pid }) => sum + residentMb(pid), 0));
    this.timer = setInterval(look, 500);
  }

  /** Means of the second and of the last third of the time, and the most. */
  stop(): { middle: number; last: number; most: number } {
    clearInterval(this.timer);
    const third = Math.floor(this.samples.length / 3);
    if (third === 0) throw new Error('There was no time to look at the memory.');
    return {
      middle: mean(this.samples.slice(third, 2 * third)),
      last: mean(this.samples.slice(-third)),
      most: Math.max(...this.samples),
    };
  }
}

function residentMb(pid: number | undefined): number {
  return (Number(procFile(pid, 'statm').split(' ')[1]) * PAGE_BYTES) / 1e6;
}

/** @throws Error where there is no /proc, or no such process */
function procFile(pid: number | undefined, name: string): string {
  return readFileSync(`/proc/${pid}/${name}`, 'utf8');
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Processor time that a PostgreSQL server has taken so far, all its processes together, ended ones too, in microseconds. */
export async function postgresCpuMicroseconds(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>(`SELECT pg_backend_pid() AS pid`);
  const server = statOf(rows[0]!.pid).parent;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [statOf(Number(pid))];
      } catch {
        // It has ended since it was listed.
        return [];
      }
    });
  const ticks = processes.filter(({ parent }) => parent === server).reduce((sum, { own }) => sum + own, 0);
  const { own, ofEndedChildren } = statOf(server);
  return (ticks + own + ofEndedChildren) * MICROSECONDS_OF_TICK;
}

/** Processor time that a Redis server has taken so far, in microseconds. */
export async function redisCpuMicroseconds(url: string): Promise<number> {
  const redis = new Redis(url);
  try {
    const told = await redis.info('cpu');
    const seconds = ['user', 'sys'].map((kind) =>
      Number(new RegExp(`^used_cpu_${kind}:(.*)$`, 'm').exec(told)?.[1]),
    );
    return seconds.reduce((sum, one) => sum + one, 0) * 1e6;
  } finally {
    redis.disconnect();
  }
}

/** @throws Error where there is no /proc, or no such process */
function statOf(pid: number | undefined): { parent: number; own: number; ofEndedChildren: number } {
  // The name may hold spaces and brackets; what comes after its last one does not.
  const fields = procFile(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  const number = (place: number) => Number(fields[place]);
  return { parent: number(1), own: number(11) + number(12), ofEndedChildren: number(13) + number(14) };
}
