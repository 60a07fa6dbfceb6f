import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { MAX_CLAIM_AGE_SECONDS } from '#policy/deadlines.js';
import { armApi, reviveApi } from '../api-deaths.js';
import type { Trial } from '../trial.js';

/** One request that stops calls, and the calls that it stops. */
interface Order {
  method: string;
  path: string;
  body?: unknown;
  ids: string[];
}

/** A campaign in the middle of being dialled. */
interface Round {
  campaignId: string;
  /** Its calls, with their numbers. */
  calls: { id: string; to: string }[];
  /** The calls of all rounds so far. */
  everyId: string[];
}

/** Every way to stop, and how it is lifted again where it can be. */
const STOPS: { name: string; orders: (round: Round) => Order[]; lift?: (round: Round) => Order }[] = [
  {
    name: 'pause',
    orders: (round) => [toStatus(round, 'paused')],
    lift: (round) => toStatus(round, 'active'),
  },
  { name: 'cancel', orders: (round) => [toStatus(round, 'cancelled')] },
  {
    name: 'kill switch',
    orders: ({ everyId }) => [{ method: 'POST', path: '/environment/stop', ids: everyId }],
    lift: () => KILL_SWITCH_OFF,
  },
  {
    name: 'do not call',
    orders: ({ calls }) => {
      const listed = latterHalf(calls);
      const body = { numbers: listed.map(({ to }) => to) };
      return [{ method: 'POST', path: '/do-not-call', body, ids: listed.map(({ id }) => id) }];
    },
  },
  {
    name: 'cancel one call',
    orders: ({ calls }) =>
      latterHalf(calls).map(({ id }) => ({ method: 'POST', path: `/calls/${id}/cancel`, ids: [id] })),
  },
];

const KILL_SWITCH_ON: Order = { method: 'PATCH', path: '/environment', body: { kill_switch: true }, ids: [] };
const KILL_SWITCH_OFF: Order = { ...KILL_SWITCH_ON, body: { kill_switch: false } };

function toStatus({ campaignId, calls }: Round, status: string): Order {
  const ids = calls.map(({ id }) => id);
  return { method: 'PATCH', path: `/campaigns/${campaignId}/status`, body: { status }, ids };
}

/** Rounds whatever `--calls` says: 60 stops without a late dial bound the true rate at 5 %. */
const ROUNDS = 60;
const ROUNDS_WHEN_QUICK = 6;

/** In every third round the api dies between the stop's commit and its answer. Five stops and three: all pairs come. */
const DIES_EVERY = 3;

/** Calls of a round: enough that some wait, some are deciding and some ring when the stop comes. */
const CALLS_A_ROUND = 40;

/** Longer than any claim that a stop may have missed can wait for its fence: whatever slips through has done so. */
const SLIP_MS = MAX_CLAIM_AGE_SECONDS * 1_000 + 500;

const PATIENCE_MS = 60_000;

/** What a stop has promised: of these calls no dial begins between two instants of the database's clock. */
interface Promised {
  name: string;
  ids: string[];
  from: string;
  /** Null: for ever. */
  until: string | null;
}

/**
 * Round after round, at full speed: calls are made, some are dialled, a stop is answered. By the database's clock no
 * attempt may pass its fence after that; which is asked once nothing moves any more, for a claim or a ticket that
 * nobody sees yet may still become a dial.
 */
export async function stops(trial: Trial): Promise<void> {
  // Kept open, so that the clock is read within a fraction of a millisecond of the answer.
  const clock = new Client({ connectionString: trial.databaseUrl });
  await clock.connect();
  const promised: Promised[] = [];
  const everyId: string[] = [];
  try {
    const rounds = trial.plan.isQuick ? ROUNDS_WHEN_QUICK : ROUNDS;
    for (let round = 0; round < rounds; round += 1) {
      promised.push(...(await stopOnce(trial, clock, round, everyId)));
    }
    await trial.settle();
    await pause(SLIP_MS);
    for (const promise of promised) await expectKept(trial, promise);
  } finally {
    await clock.end();
  }
}

async function stopOnce(trial: Trial, clock: Client, nth: number, everyId: string[]): Promise<Promised[]> {
  const { name, orders, lift } = STOPS[nth % STOPS.length] as (typeof STOPS)[number];
  const dies = nth % DIES_EVERY === DIES_EVERY - 1;
  const round = await aRoundHeldBack(trial, nth, everyId);
  if (round.calls.length === 0) return [];
  const deaths = trial.plan.hitPoints.deathsAt('after_stop');
  if (dies) await armApi(trial, 'after_stop', 1);
  // Lifting it is no stop, and passes no barrier: the armed api survives it.
  await confirmed(trial, KILL_SWITCH_OFF);
  await someAreDialled(trial, clock, round.campaignId, 1 + Math.floor(trial.random.between(0, 8)));

  const promised: Promised[] = [];
  await trial.fault(async () => {
    for (const order of orders(round)) {
      if (!(await confirmed(trial, order))) continue;
      promised.push({ name, ids: order.ids, from: await now(clock), until: null });
    }
  });
  if (dies && trial.plan.hitPoints.deathsAt('after_stop') === deaths) {
    trial.breaches.push(`the api did not die in the middle of ${name}`);
    await reviveApi(trial, 'after_stop', 0);
  }
  if (lift === undefined) return promised;
  await pause(SLIP_MS);
  const until = await now(clock);
  await confirmed(trial, lift(round));
  return promised.map((promise) => ({ ...promise, until }));
}

/** Calls that all wait behind the kill switch: let go, they are dialled at once, and a stop comes into the thick of it. */
async function aRoundHeldBack(trial: Trial, nth: number, everyId: string[]): Promise<Round> {
  await confirmed(trial, KILL_SWITCH_ON);
  const campaignId = await trial.house.campaign({ max_concurrent_calls: CALLS_A_ROUND });
  const places = Array.from({ length: CALLS_A_ROUND }, (_, index) => nth * CALLS_A_ROUND + index);
  const made = await Promise.all(
    places.map(async (place) => ({ id: await trial.accept(campaignId, place), to: trial.number(place) })),
  );
  const calls = made.flatMap(({ id, to }) => (id === null ? [] : [{ id, to }]));
  everyId.push(...calls.map(({ id }) => id));
  return { campaignId, calls, everyId: [...everyId] };
}

/**
 * Asks until the stop is confirmed, as its 503 says one may, and as a client does whose connection breaks. A call that
 * has ended needs none.
 */
async function confirmed(trial: Trial, { method, path, body }: Order): Promise<boolean> {
  const what = `${method} ${path} ${JSON.stringify(body ?? {})}`;
  let refusal: number | null = null;
  const isConfirmed = await trial.comes(`${what} is confirmed`, PATIENCE_MS, async () => {
    const answer = await trial.house.api(method, path, body).catch(() => null);
    if (answer === null) await reviveApi(trial, 'after_stop', 2_000);
    else if (answer.status >= 300 && answer.status !== 409 && answer.status !== 503) refusal = answer.status;
    return refusal !== null || (answer !== null && answer.status !== 503);
  });
  if (refusal !== null) trial.breaches.push(`${what} was answered with ${refusal as number}`);
  return isConfirmed && refusal === null;
}

async function now(clock: Client): Promise<string> {
  const { rows } = await clock.query<{ now: string }>(`SELECT clock_timestamp()::text AS now`);
  return rows[0]?.now as string;
}

async function someAreDialled(
  trial: Trial,
  clock: Client,
  campaignId: string,
  wanted: number,
): Promise<void> {
  await trial.comes(`${wanted} calls of a round are dialled`, PATIENCE_MS, async () => {
    const { rows } = await clock.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM attempts WHERE campaign_id = $1 AND sending_at IS NOT NULL`,
      [campaignId],
    );
    return (rows[0]?.count ?? 0) >= wanted;
  });
}

async function expectKept(trial: Trial, { name, ids, from, until }: Promised): Promise<void> {
  const [late] = await trial.query(
    `SELECT count(*)::integer AS count FROM attempts
     WHERE call_id = ANY ($1) AND sending_at > $2::timestamptz AND ($3::text IS NULL OR sending_at < $3::timestamptz)`,
    [ids, from, until],
  );
  if (late?.count !== 0)
    trial.breaches.push(`${late?.count as number} dials began after ${name} had answered`);
}

function latterHalf<T>(all: T[]): T[] {
  return all.slice(Math.floor(all.length / 2));
}
