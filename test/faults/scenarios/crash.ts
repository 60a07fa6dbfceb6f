import { setTimeout as pause } from 'node:timers/promises';
import { FAULT_POINTS, type FaultPoint } from '#environment/fault-point.js';
import { armApi, reviveApi } from '../api-deaths.js';
import type { Trial } from '../trial.js';

const DIALER_POINTS = Object.entries(FAULT_POINTS).flatMap(([point, app]) =>
  app === 'dialer' ? [point as FaultPoint] : [],
);

/** Longest wait for dialers to die at the points that chance has left out. */
const REST_MS = 120_000;

/** Longest wait for the webhooks that are still owed once all calls have ended. */
const DELIVERY_MS = 60_000;

/** Dialers die at every named point in turn, are killed at random, and are replaced in rolling restarts. */
export async function crash(trial: Trial): Promise<void> {
  const { random, house, campaignId } = trial;
  await house.must('POST', `/campaigns/${campaignId}/webhooks`, {
    name: 'Everything',
    webhook_url: house.receiver.url('/crash'),
    // One that a dialer died with is due again after this and ten seconds more.
    timeout: 5,
    events: ['campaign_call.started', 'campaign_call.completed', 'campaign_call.failed'],
  });
  let next = 0;
  let rest: FaultPoint[] = [];
  const armed = () => {
    const points = rest.length > 0 ? rest : DIALER_POINTS;
    const point = points[next++ % points.length] as FaultPoint;
    if (rest.length > 0) return { FAULT_POINT: point };
    return { FAULT_POINT: `${point}@${1 + Math.floor(random.between(0, 6))}` };
  };
  trial.keepDialer(armed);
  trial.keepDialer(armed);
  await trial.disturb(trial.killEveryMs, async (turn) => {
    const victim = trial.someDialer();
    if (victim === undefined) return;
    if (turn % 4 === 3) {
      await armApi(trial, 'after_inbox', 1 + Math.floor(random.between(0, 10)));
      await reviveApi(trial, 'after_inbox', 1_000);
    } else if (turn % 4 === 2) {
      victim.kill('SIGTERM');
    } else {
      trial.kill(victim);
    }
  });
  if (!trial.plan.isQuick) await hitTheRest(trial, (points) => (rest = points));
  await trial.settle();
  await expectDeliveries(trial);
}

/**
 * Points that no dialer has died at yet get their turn: new dialers are armed for nothing else, calls keep coming, half
 * of whose callbacks are lost so that they are looked up, and now and then another dialer must lead.
 */
async function hitTheRest(trial: Trial, armFor: (points: FaultPoint[]) => void): Promise<void> {
  const { plan, house, campaignId } = trial;
  const missed = () => plan.hitPoints.missed().filter((point) => DIALER_POINTS.includes(point));
  if (missed().length === 0) return;
  await house.setFaults({ drop_callbacks: 0.5 });
  let place = plan.calls;
  await trial.comes(`dialers die at ${missed().join(', ')}`, REST_MS, async () => {
    armFor(missed());
    await trial.accept(campaignId, place++);
    await pause(250);
    const victim = place % 16 === 0 ? trial.someDialer() : undefined;
    if (victim !== undefined) await trial.fault(() => trial.kill(victim));
    return missed().length === 0;
  });
  armFor([]);
  await house.setFaults({});
}

/** Whoever died with an event in hand, the customer's server has heard of each at least once, or it shows as failed. */
async function expectDeliveries(trial: Trial): Promise<void> {
  const owed = () => trial.query(`SELECT id FROM webhook_deliveries WHERE status IN ('pending', 'retrying')`);
  await trial.comes('every webhook is delivered', DELIVERY_MS, async () => (await owed()).length === 0);
  const told = new Set(trial.house.receiver.deliveries.map(({ headers }) => headers['webhook-id']));
  const events = await trial.query(`SELECT event_id AS id FROM webhook_deliveries WHERE status = 'success'`);
  const untold = events.filter(({ id }) => !told.has(id as string));
  if (untold.length > 0) trial.breaches.push(`${untold.length} events were never told`);
  if (events.length === 0) trial.breaches.push('no event was delivered at all');
}
