import { setTimeout as pause } from 'node:timers/promises';
import { EndedByItself, lastWords, type Running } from './processes.js';

const ASKED_EVERY_MS = 30;

/**
 * Waits until a started program is ready, asking it again and again.
 * @throws EndedByItself when it ends first; an Error with its last words when it takes longer than the timeout
 */
export async function whenReady(
  running: Running,
  isReady: () => Promise<boolean>,
  timeoutSeconds: number,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  const ended = running.exited.then((exit): never => {
    throw new EndedByItself(running, exit);
  });
  while (!(await Promise.race([isReady(), ended]))) {
    if (Date.now() > deadline) {
      throw new Error(
        `${running.name} was not ready after ${timeoutSeconds} seconds. ${lastWords(running.logFile)}`,
      );
    }
    await Promise.race([pause(ASKED_EVERY_MS), ended]);
  }
}
