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

/** Waits until somebody waits for what such a transaction holds. */
export async function aWaitFor(source: DataSource, runner: QueryRunner): Promise<void> {
  const [{ pid }] = (await runner.query(`SELECT pg_backend_pid() AS pid`)) as [{ pid: number }];
  await vi.waitFor(async () => {
    const [{ waiting }] = await source.query<[{ waiting: boolean }]>(
      `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))) AS waiting`,
      [pid],
    );
    expect(waiting).toBe(true);
  });
}
