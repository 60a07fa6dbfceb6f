import type { QueryRunner } from 'typeorm';

/**
 * A transaction of its own within a migration that says `transaction = false`. A migration that changes several tables which
 * processes work with is to hold one at a time: with one held while it waits for the next, it and they wait for each other, and
 * PostgreSQL breaks off whoever looks first. What was done is done when a later one fails, so that it must bear being done again.
 */
export async function byItself(runner: QueryRunner, work: () => Promise<unknown>): Promise<void> {
  await runner.startTransaction();
  try {
    await work();
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  }
}
