import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultPoint } from '#environment/fault-point.js';
import type { Trial } from './trial.js';

/** Ends the api as the machine would, where it still runs, and starts it again. */
export async function restartApi({ house }: Trial, variables: Record<string, string> = {}): Promise<void> {
  const { apiProcess } = house;
  if (!hasEnded(apiProcess)) {
    const exited = once(apiProcess, 'exit');
    apiProcess.kill('SIGKILL');
    await exited;
  }
  await house.startApi(variables);
}

/** Starts the api armed. It may die before it has answered for the first time: that is what it is armed for. */
export async function armApi(trial: Trial, point: FaultPoint, passes: number): Promise<void> {
  await restartApi(trial, { FAULT_POINT: `${point}@${passes}` }).catch((error: unknown) => {
    if (!hasEnded(trial.house.apiProcess)) throw error;
  });
}

/**
 * Waits until the armed api has died, and notes where; in any case it runs again, unarmed, afterwards.
 * @returns whether it had died
 */
export async function reviveApi(trial: Trial, point: FaultPoint, withinMs: number): Promise<boolean> {
  const { apiProcess } = trial.house;
  if (!hasEnded(apiProcess)) await Promise.race([once(apiProcess, 'exit'), pause(withinMs)]);
  const died = apiProcess.signalCode === 'SIGKILL';
  if (died) trial.plan.hitPoints.note(point);
  await restartApi(trial);
  return died;
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
