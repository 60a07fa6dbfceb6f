import { Client } from 'pg';
import type { House } from '../house.js';
import type { Trial } from './trial.js';

type Stop = (trial: Trial, campaignId: string, ids: string[], places: number[]) => Promise<void>;

/** Every way to stop, and how it is lifted again where it can be. */
const STOPS: { name: string; stop: Stop; lift?: Stop; campaignOnly: boolean }[] = [
  {
    name: 'pause',
    campaignOnly: true,
    stop: async ({ house }, id) => confirmed(house, 'PATCH', `/campaigns/${id}/status`, { status: 'paused' }),
    lift: async ({ house }, id) => confirmed(house, 'PATCH', `/campaigns/${id}/status`, { status: 'active' }),
  },
  {
    name: 'cancel',
    campaignOnly: true,
    stop: async ({ house }, id) =>
      confirmed(house, 'PATCH', `/campaigns/${id}/status`, { status: 'cancelled' }),
  },
  {
    name: 'kill switch',
    campaignOnly: true,
    stop: async ({ house }) => confirmed(house, 'POST', '/environment/stop'),
    lift: async ({ house }) => confirmed(house, 'PATCH', '/environment', { kill_switch: false }),
  },
  {
    name: 'do not call',
    campaignOnly: false,
    stop: async (trial, _, __, places) => {
      const numbers = places.map((place) => trial.number(place));
      await confirmed(trial.house, 'POST', '/do-not-call', { numbers });
    },
  },
  {
    name: 'cancel one call',
    campaignOnly: false,
    stop: async ({ house }, _, ids) => {
      for (const id of ids) {
        await confirmed(house, 'POST', `/calls/${id}/cancel`);
      }
    },
  },
];

/** Asks until the stop is confirmed, as its 503 says one may. A call that has ended needs none. */
async function confirmed(house: House, method: string, path: string, body?: unknown): Promise<void> {
  for (;;) {
    const { status } = await house.api(method, path, body);
    if (status < 300 || status === 409) return;
    if (status !== 503) throw new Error(`${method} ${path} was answered with ${status}`);
  }
}

/** Calls of a round: enough that some wait, some are deciding and some ring when the stop comes. */
const CALLS_A_ROUND = 40;

/**
 * Round after round, at full speed: calls are made, some are dialled, a stop is answered. By the database's clock no
 * attempt may pass its fence after that.
 */
export async function stopScenario(trial: Trial): Promise<void> {
  // Kept open, so that the clock is read within a fraction of a millisecond of the answer.
  const clock = new Client({ connectionString: trial.databaseUrl });
  await clock.connect();
  try {
    await stopAgainAndAgain(trial, clock);
  } finally {
    await clock.end();
  }
}

async function stopAgainAndAgain(trial: Trial, clock: Client): Promise<void> {
  const rounds = Math.max(STOPS.length, Math.floor(trial.plan.calls / CALLS_A_ROUND));
  for (let round = 0; round < rounds; round += 1) {
    const { name, stop, lift, campaignOnly } = STOPS[round % STOPS.length] as (typeof STOPS)[number];
    const campaignId = await trial.house.campaign({ max_concurrent_calls: 40 });
    const places = Array.from({ length: CALLS_A_ROUND }, (_, nth) => round * CALLS_A_ROUND + nth);
    const making = Promise.all(places.map((place) => trial.accept(campaignId, place)));
    await someAreDialled(trial, campaignId, 1 + Math.floor(trial.random.between(0, 8)));
    const ids = await making;
    const half = Math.floor(ids.length / 2);
    const stopped = campaignOnly ? ids : ids.slice(half);
    await trial.fault(() => stop(trial, campaignId, stopped, campaignOnly ? places : places.slice(half)));
    const { rows } = await clock.query<{ now: string }>(`SELECT clock_timestamp()::text AS now`);
    await aMoment(trial, campaignId);
    const [late] = await trial.query(
      `SELECT count(*)::integer AS count FROM attempts WHERE call_id = ANY ($1) AND sending_at > $2::timestamptz`,
      [stopped, rows[0]?.now],
    );
    if (late?.count !== 0)
      trial.breaches.push(`${late?.count as number} dials began after ${name} had answered`);
    await lift?.(trial, campaignId, ids, places);
  }
}

async function someAreDialled(trial: Trial, campaignId: string, wanted: number): Promise<void> {
  for (;;) {
    const [row] = await trial.query(
      `SELECT count(*)::integer AS count FROM attempts WHERE campaign_id = $1 AND sending_at IS NOT NULL`,
      [campaignId],
    );
    if ((row?.count as number) >= wanted) return;
  }
}

/** Waits until nothing of the campaign is claimed any more: whatever could have slipped through has done so. */
async function aMoment(trial: Trial, campaignId: string): Promise<void> {
  for (;;) {
    const [row] = await trial.query(
      `SELECT count(*)::integer AS count FROM attempts WHERE campaign_id = $1 AND status = 'claimed'`,
      [campaignId],
    );
    if (row?.count === 0) return;
  }
}
