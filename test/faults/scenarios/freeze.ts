import { Queue } from 'bullmq';
import type { Trial } from '../trial.js';

/** Far past a claim's age, a ticket's lock and the horizon; a request sent after it comes past its `not_after`. */
const LONG_FREEZE_MS = 90_000;

/** Calls made once those that stood still for long go on again. */
const CALLS_AFTER = 10;

/** Longest wait for another leader before that itself is a breach. */
const LEADER_MS = 30_000;

/** Dialers stand still for longer than a claim lives, while others go on; and an admin runs old tickets again. */
export async function freeze(trial: Trial): Promise<void> {
  const { random, house, servers } = trial;
  const queue = new Queue('dial', { connection: { url: servers.redis.url }, prefix: house.prefix });
  const long = trial.plan.isQuick ? Promise.resolve() : longFreeze(trial);
  // Awaited below; until then a failure of the rest must not make it an unhandled one.
  long.catch(() => undefined);
  try {
    await trial.disturb(300, async (turn) => {
      if (turn % 5 === 1) {
        await runAgain(queue);
        return;
      }
      const victim = trial.someDialer();
      if (victim !== undefined) await trial.freeze(victim, random.between(300, 6_000));
    });
    await long;
    await leaderFailOver(trial);
    await trial.settle();
    await trial.fault(() => runAgain(queue));
    await trial.comes('the tickets of ended calls are run again', 60_000, async () => {
      const counts = await queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed');
      return Object.values(counts).every((count) => count === 0);
    });
  } finally {
    await queue.close();
  }
}

/** As an admin may in the dashboard: every ticket that is kept, whatever became of it. */
async function runAgain(queue: Queue): Promise<void> {
  await queue.retryJobs({ state: 'completed', count: 500 });
  await queue.retryJobs({ state: 'failed', count: 500 });
}

/** Two of the dialers stand still for a minute and a half, in the middle of what they have in hand. */
async function longFreeze(trial: Trial): Promise<void> {
  const { plan, campaignId } = trial;
  await trial.comes('dialling begins', 60_000, async () => {
    const [begun] = await trial.query(`SELECT FROM attempts WHERE sending_at IS NOT NULL LIMIT 1`);
    return begun !== undefined;
  });
  const frozen: Promise<void>[] = [];
  for (let nth = 0; nth < 2; nth += 1) {
    const victim = trial.someDialer();
    if (victim !== undefined) frozen.push(trial.freeze(victim, LONG_FREEZE_MS));
  }
  trial.faults += frozen.length;
  await Promise.all(frozen);
  trial.recoveryFrom.push(Date.now());
  for (let nth = 0; nth < CALLS_AFTER; nth += 1) await trial.accept(campaignId, plan.calls + nth);
}

/** The leader stands still: within three seconds another dialer leads. */
async function leaderFailOver(trial: Trial): Promise<void> {
  const holder = async () => {
    const [lease] = await trial.query(
      `SELECT holder FROM leases WHERE name = 'dialer' AND expires_at > clock_timestamp()`,
    );
    return lease?.holder as string | undefined;
  };
  for (let time = 0; time < 3; time += 1) {
    let leader: string | undefined;
    const leads = await trial.comes(
      'a dialer leads',
      LEADER_MS,
      async () => (leader = await holder()) !== undefined,
    );
    if (!leads || leader === undefined) return;
    const [, pid] = leader.split(':').map(Number) as [number, number];
    const stoppedAt = performance.now();
    process.kill(pid, 'SIGSTOP');
    try {
      trial.ambiguity.note();
      const isReplaced = await trial.comes('another dialer leads', LEADER_MS, async () => {
        const next = await holder();
        return next !== undefined && next !== leader;
      });
      if (!isReplaced) return;
      trial.timed('another dialer leads after the leader froze', performance.now() - stoppedAt, 3_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }
}
