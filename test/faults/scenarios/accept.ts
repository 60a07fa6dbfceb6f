import { setTimeout as pause } from 'node:timers/promises';
import { armApi, reviveApi } from '../api-deaths.js';
import { percentile } from '../figures.js';
import type { Trial } from '../trial.js';

/** The api dies between commit and answer; Redis is frozen, gone, or takes no writes while calls are taken in. */
export async function accept(trial: Trial): Promise<void> {
  const { random } = trial;
  const { redis } = trial.servers;
  const duringOutage: number[] = [];
  const away = async (leave: () => Promise<unknown>, comeBack: () => Promise<unknown>) => {
    const answered = trial.acceptMs.length;
    await leave();
    await pause(random.between(500, 1_500));
    await comeBack();
    duringOutage.push(...trial.acceptMs.slice(answered));
  };
  const harm: (() => Promise<void>)[] = [
    async () => {
      await armApi(trial, 'after_intake', 1 + Math.floor(random.between(0, 5)));
      await reviveApi(trial, 'after_intake', 1_500);
    },
    () =>
      away(
        async () => redis.freeze(),
        async () => redis.thaw(),
      ),
    () =>
      away(
        () => redis.kill(),
        () => redis.start(),
      ),
    () =>
      away(
        () => redis.takeWrites(false),
        () => redis.takeWrites(true),
      ),
  ];
  await trial.disturb(700, (turn) => harm[turn % harm.length]?.());
  // The offer of a ticket has 150 ms; the rest is the database's and this machine's.
  const p99 = percentile(duringOutage, 0.99);
  if (p99 !== null) trial.timed('accepting a call while Redis is away, p99', p99, 2_000);
}
