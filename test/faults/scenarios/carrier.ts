import { setTimeout as pause } from 'node:timers/promises';
import { HORIZON_SECONDS, type Trial } from '../trial.js';

/** The carrier loses answers, fails before and after ringing, hangs, starts late, and cannot always be asked. */
export async function carrier(trial: Trial): Promise<void> {
  const { house, random } = trial;
  const always = { answer_lost: 0.1, error_before_ring: 0.01, error_after_ring: 0.1, hang: 0.005 };
  await house.setFaults(always);
  await trial.disturb(500, async (turn) => {
    const passing = turn % 2 === 0 ? { lookup_down: true } : { late_start_ms: 1_500 };
    await house.setFaults(passing);
    await pause(random.between(300, 1_500));
    await house.setFaults({ lookup_down: false, late_start_ms: 0 });
  });
  await house.setFaults({});
  await wrongLookUp(trial);
}

/** Calls whose answers, callbacks and look-ups are all lost: fewer than the campaign has slots. */
const HIDDEN_CALLS = 6;
const HIDDEN_CALLS_WHEN_QUICK = 2;

/** An hour: no call that runs now was known then. */
const HOUR_MS = 3_600_000;

/**
 * For a while the carrier denies calls that it has rung: nothing but its ledger knows of them, and past the horizon
 * they are parked. They must not ring again, and once it tells the truth, that moves them to their ends.
 */
async function wrongLookUp(trial: Trial): Promise<void> {
  const { house, plan, campaignId } = trial;
  await trial.settle();
  await trial.fault(async () => {
    await house.setFaults({ answer_lost: 1, drop_callbacks: 1, lookup_lag_ms: HOUR_MS });
    const wanted = plan.isQuick ? HIDDEN_CALLS_WHEN_QUICK : HIDDEN_CALLS;
    const numbers = new Map<string, string>();
    // Of some digits no call comes; so many more than are wanted are not needed.
    for (let place = plan.calls; numbers.size < wanted; place += 1) {
      if (Number(trial.number(place).slice(-2)) >= 60) continue;
      const id = await trial.accept(campaignId, place);
      if (id === null) return;
      numbers.set(id, trial.number(place));
    }
    const ids = [...numbers.keys()];
    const patienceMs = HORIZON_SECONDS * 1_000 + 30_000;
    await trial.comes('calls that the carrier denies are parked', patienceMs, async () => {
      const rows = await trial.query(`SELECT status FROM calls WHERE id = ANY ($1)`, [ids]);
      return rows.every(({ status }) => status === 'outcome_unknown');
    });
    const rang = (await house.ledger()).filter(({ kind }) => kind === 'ring').map(({ to }) => to);
    const hidden = [...numbers.values()].filter((to) => rang.includes(to));
    if (hidden.length < wanted) trial.breaches.push(`only ${hidden.length} of ${wanted} denied calls rang`);
    await house.setFaults({});
    await trial.comes('late proof moves the parked calls', patienceMs, async () => {
      const rows = await trial.query(`SELECT status FROM calls WHERE id = ANY ($1)`, [ids]);
      return rows.every(({ status }) => status === 'completed');
    });
  });
}
