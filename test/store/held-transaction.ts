import type { DataSource, QueryRunner } from 'typeorm';
import { expect, vi } from 'vitest';

/** A transaction that a test holds open, to be in the middle of something. */
export async function inTheMiddle(source: DataSource): Promise<QueryRunner> {
  const runner = source.createQueryRunner();
  await runner.startTransaction();
  return runner;
}

export async function commit(runner: QueryRunner): Promise<void> {
  await runner.commitTransaction();
  await runner.release();
}

/** On a machine that is busy with other tests too. */
export const LONGEST_WAIT = { timeout: 15_000 };

/**
 * Waits until somebody waits for what such a transaction, or another process of the database, holds.
 * @returns the process that waits
 */
export async function aWaitFor(source: DataSource, holder: QueryRunner | number): Promise<number> {
  const holding = typeof holder === 'number' ? holder : await processOf(holder);
  return vi.waitFor(async () => {
    const [waiting] = await source.query<{ pid: number }[]>(
      `SELECT pid FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))`,
      [holding],
    );
    expect(waiting).toBeDefined();
    return waiting!.pid;
  }, LONGEST_WAIT);
}

async function processOf(runner: QueryRunner): Promise<number> {
  const [{ pid }] = (await runner.query(`SELECT pg_backend_pid() AS pid`)) as [{ pid: number }];
  return pid;
}
