import { setTimeout as pause } from 'node:timers/promises';
import type { Trial } from '../trial.js';

/** Redis is emptied, killed, loses the end of its log, hangs, may evict, and is away for long. */
export async function redis(trial: Trial): Promise<void> {
  const { random, servers } = trial;
  const harm: (() => Promise<void>)[] = [
    async () => {
      await servers.redis.ask('FLUSHALL');
    },
    async () => {
      await servers.redis.kill();
      await servers.redis.start();
    },
    async () => {
      await servers.redis.kill();
      servers.redis.cutTail(Math.floor(random.between(20, 4_000)));
      await servers.redis.start();
    },
    async () => {
      servers.redis.freeze();
      await pause(random.between(500, 2_500));
      servers.redis.thaw();
    },
    async () => {
      await servers.redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      await expectReadiness(trial, 503);
      await servers.redis.ask('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await expectReadiness(trial, 200);
    },
  ];
  await trial.disturb(600, (turn) => harm[turn % harm.length]?.());
  await longOutage(trial);
}

/** A Redis that is just coming back is away, which is no reason not to be ready: so it is asked again. */
async function expectReadiness(trial: Trial, status: number): Promise<void> {
  const address = `http://127.0.0.1:${trial.house.apiAdminPort}/ready`;
  await trial.comes(`/ready says ${status}`, 10_000, () =>
    fetch(address).then(
      (answer) => answer.status === status,
      () => false,
    ),
  );
}

/**
 * After twenty seconds without Redis (BullMQ 6.3 never woke again after six; a quick run takes seven), calls that came
 * in meanwhile are dialled within five of its return.
 */
async function longOutage(trial: Trial): Promise<void> {
  const { servers, plan, house, campaignId } = trial;
  await trial.fault(async () => {
    await servers.redis.kill();
    const extra = Array.from({ length: 5 }, (_, index) => plan.calls + index);
    for (const place of extra) await trial.accept(campaignId, place);
    await pause(plan.isQuick ? 7_000 : 20_000);
    await servers.redis.start();
    const backAt = Date.now();
    const numbers = new Set(extra.map((place) => trial.number(place)));
    await trial.comes('it dials again after Redis is back', 30_000, async () =>
      (await house.ledger()).some(({ kind, to }) => kind === 'request' && numbers.has(to)),
    );
    trial.timed('dialling again after Redis is back', Date.now() - backAt, 5_000);
  });
}
