import { setTimeout as pause } from 'node:timers/promises';
import { database, METRICS_LIMITS } from './database.js';
import { isStoreAway } from './store-away.js';

const AGAIN_AFTER_MS = 500;

/**
 * Waits for a database that is away, as when it is started together with its processes. Whatever else is wrong with it, a
 * wrong password or a missing migration, is not waited out: the start itself says so.
 * @param away told once, with what the first try failed with
 */
export async function databaseToAnswer(url: string, away: (error: unknown) => void): Promise<void> {
  for (let tries = 1; !(await answers(url, tries === 1 ? away : () => undefined)); tries += 1)
    await pause(AGAIN_AFTER_MS);
}

async function answers(url: string, away: (error: unknown) => void): Promise<boolean> {
  const source = database(url, METRICS_LIMITS);
  try {
    await source.initialize();
    await source.destroy();
    return true;
  } catch (error) {
    if (!isStoreAway(error)) return true;
    away(error);
    return false;
  }
}
