import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { FAULT_POINTS } from '#environment/fault-point.js';
import type { House } from '../house.js';
import { percentile } from './figures.js';
import { stopScenario } from './stops.js';
import type { Trial } from './trial.js';

/** One kind of trouble. It makes the calls, does the harm while they are dialled, and heals it before it returns. */
export interface Scenario {
  name: string;
  /** Of the fault table in docs/reliability.md. */
  number: number;
  run: (trial: Trial) => Promise<void>;
  /** Without: the trial's own dialers do. */
  dialers?: number;
  /** Calls are stopped on purpose, so their ends cannot be those of the run without faults. */
  endsDiffer?: boolean;
  callsPerSecond?: number;
}

const DIALER_POINTS = Object.entries(FAULT_POINTS).flatMap(([point, app]) =>
  app === 'dialer' ? [point] : [],
);

export const SCENARIOS: Scenario[] = [
  { name: 'accept', number: 1, run: accept },
  { name: 'redis', number: 2, run: redis },
  { name: 'crash', number: 3, run: crash, dialers: 1 },
  { name: 'freeze', number: 4, run: freeze, dialers: 4 },
  { name: 'carrier', number: 5, run: carrier },
  { name: 'callbacks', number: 6, run: callbacks },
  { name: 'stops', number: 7, run: stopScenario, endsDiffer: true, callsPerSecond: 1_000 },
  { name: 'clocks', number: 8, run: clocks, dialers: 0 },
  { name: 'postgres', number: 9, run: postgres },
];

/** The api dies between commit and answer; Redis is frozen, or gone, while calls are taken in. */
async function accept(trial: Trial): Promise<void> {
  const { house, servers, random } = trial;
  const duringOutage: number[] = [];
  await trial.disturb(700, async (turn) => {
    if (turn % 3 === 0) {
      await restartArmed(house, { FAULT_POINT: `after_intake@${1 + Math.floor(random.between(0, 5))}` });
      await Promise.race([once(house.apiProcess, 'exit'), pause(1_500)]);
      await restartApi(house);
      return;
    }
    const answered = trial.acceptMs.length;
    if (turn % 3 === 1) {
      servers.redis.freeze();
      await pause(random.between(500, 1_500));
      servers.redis.thaw();
    } else {
      await servers.redis.kill();
      await pause(random.between(500, 1_500));
      await servers.redis.start();
    }
    duringOutage.push(...trial.acceptMs.slice(answered));
  });
  // The offer of a ticket has 150 ms; the rest is the database's and this machine's.
  const p99 = percentile(duringOutage, 0.99);
  if (p99 !== null) trial.timed('accepting a call while Redis is away, p99', p99, 2_000);
}

async function restartApi(house: House, variables: Record<string, string> = {}): Promise<void> {
  const { apiProcess } = house;
  if (apiProcess.exitCode === null && apiProcess.signalCode === null) {
    const exited = once(apiProcess, 'exit');
    apiProcess.kill('SIGKILL');
    await exited;
  }
  await house.startApi(variables);
}

/** It may die before it has answered for the first time: that is what it is armed for. */
async function restartArmed(house: House, variables: Record<string, string>): Promise<void> {
  await restartApi(house, variables).catch(() => undefined);
}

/** Redis is emptied, killed, loses the end of its log, hangs, may evict, and is away for long. */
async function redis(trial: Trial): Promise<void> {
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

async function expectReadiness({ house, breaches }: Trial, status: number): Promise<void> {
  // A Redis that is just coming back is away, which is no reason not to be ready.
  const until = Date.now() + 5_000;
  let said: number;
  do said = (await fetch(`http://127.0.0.1:${house.apiAdminPort}/ready`)).status;
  while (said !== status && Date.now() < until);
  if (said !== status) breaches.push(`/ready said ${said}, not ${status}`);
}

/** After twenty seconds without Redis (BullMQ 6.3 never woke again after six; a quick run takes seven), calls that came in meanwhile are dialled within five of its return. */
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
    for (;;) {
      const dialled = (await house.ledger()).some(({ kind, to }) => kind === 'request' && numbers.has(to));
      if (dialled) break;
      if (Date.now() - backAt > 30_000) break;
      await pause(50);
    }
    const tookMs = Date.now() - backAt;
    trial.timed('dialling again after Redis is back', tookMs, 5_000);
  });
}

/** Dialers die at every named point in turn, are killed at random, and are replaced in rolling restarts. */
async function crash(trial: Trial): Promise<void> {
  const { random, house } = trial;
  let next = 0;
  const armed = () => {
    const point = DIALER_POINTS[next++ % DIALER_POINTS.length] as string;
    return { FAULT_POINT: `${point}@${1 + Math.floor(random.between(0, 6))}` };
  };
  trial.keepDialer(armed);
  trial.keepDialer(armed);
  await trial.disturb(900, async (turn) => {
    const victim = trial.someDialer();
    if (victim === undefined) return;
    if (turn % 4 === 3) {
      await restartArmed(house, { FAULT_POINT: `after_inbox@${1 + Math.floor(random.between(0, 10))}` });
      await Promise.race([once(house.apiProcess, 'exit'), pause(1_000)]);
      await restartApi(house);
    } else if (turn % 4 === 2) {
      victim.kill('SIGTERM');
    } else {
      trial.kill(victim);
    }
  });
}

/** Dialers stand still for longer than a claim lives, while others go on; and an admin runs old tickets again. */
async function freeze(trial: Trial): Promise<void> {
  const { random, house, servers } = trial;
  const queue = new Queue('dial', { connection: { url: servers.redis.url }, prefix: house.prefix });
  try {
    await trial.disturb(300, async (turn) => {
      if (turn % 5 === 4) {
        await queue.retryJobs({ state: 'completed', count: 500 });
        await queue.retryJobs({ state: 'failed', count: 500 });
        return;
      }
      const victim = trial.someDialer();
      victim?.kill('SIGSTOP');
      await pause(random.between(300, 6_000));
      victim?.kill('SIGCONT');
    });
    await leaderFailOver(trial);
  } finally {
    await queue.close();
  }
}

/** The leader stands still: within three seconds another dialer leads. */
async function leaderFailOver(trial: Trial): Promise<void> {
  const holder = async () => {
    const [lease] = await trial.query(`SELECT holder FROM leases WHERE expires_at > clock_timestamp()`);
    return lease?.holder as string | undefined;
  };
  for (let time = 0; time < 3; time += 1) {
    let leader = await holder();
    while (leader === undefined) leader = await holder();
    const pid = Number(leader.split(':').at(-1));
    const stoppedAt = performance.now();
    process.kill(pid, 'SIGSTOP');
    let next = await holder();
    while (next === undefined || next === leader) next = await holder();
    const tookMs = performance.now() - stoppedAt;
    process.kill(pid, 'SIGCONT');
    trial.timed('another dialer leads after the leader froze', tookMs, 3_000);
  }
}

/** The carrier loses answers, fails before and after ringing, hangs, starts late, and cannot always be asked. */
async function carrier(trial: Trial): Promise<void> {
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
}

/** Callbacks are dropped, doubled, shuffled, late and early; strangers send forged ones, the carrier very old ones. */
async function callbacks(trial: Trial): Promise<void> {
  const { house, breaches } = trial;
  await house.setFaults({ drop_callbacks: 0.1, duplicate_callbacks: 0.3, shuffle_callbacks: 0.3 });
  await trial.disturb(300, async (turn) => {
    await house.setFaults({ callback_delay_ms: turn % 2 === 0 ? 400 : 0 });
    const [attempt] = await trial.query(`SELECT id FROM attempts ORDER BY random() LIMIT 1`);
    const of = (attempt?.id as string | undefined) ?? randomUUID();
    if ((await tell(house, of, 'a forger')) !== 401) breaches.push('a forged callback was not refused');
    if ((await tell(house, randomUUID())) !== 204) breaches.push('a callback about nobody was not put away');
  });
  await house.setFaults({});
  const before = await trial.statuses();
  const ended = await trial.query(`SELECT id FROM attempts WHERE status IN ('ended', 'released') LIMIT 50`);
  for (const { id } of ended) await tell(house, id as string);
  const [{ count } = { count: 0 }] = await trial.query(
    `SELECT count(*)::integer AS count FROM provider_events WHERE event_key LIKE 'late-%'`,
  );
  if ((count as number) < ended.length) breaches.push('late callbacks were not kept');
  const final = [...(await trial.statuses())].filter(([place, status]) => {
    const was = before.get(place);
    return was !== status && ['completed', 'voicemail', 'busy', 'no-answer', 'failed'].includes(was ?? '');
  });
  if (final.length > 0) breaches.push(`${final.length} ends were left after an old callback`);
}

/** A callback that an attempt was answered and completed an hour ago, signed by the carrier or by somebody else. */
async function tell(
  house: House,
  attemptId: string,
  secret = house.variables.CARRIER_SECRET,
): Promise<number> {
  const body = JSON.stringify({
    event_id: `late-${randomUUID()}`,
    id: attemptId,
    provider_call_id: 'sim-late',
    type: 'busy',
    at: new Date(Date.now() - 3_600_000).toISOString(),
    sequence: 99,
    duration_seconds: 0,
  });
  const signature = createHmac('sha256', secret ?? '')
    .update(body)
    .digest('hex');
  const answer = await fetch(house.url('/callbacks/simulated'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-carrier-signature': `sha256=${signature}` },
    body,
  });
  return answer.status;
}

const SKEWED_CLOCK = resolve('test/faults/skewed-clock.mjs');

/** Every dialer ten minutes off, either way, and the api an hour: they dial as ever, and nothing opens early for them. */
async function clocks(trial: Trial): Promise<void> {
  const { house } = trial;
  const skewed = (minutes: number) => ({
    NODE_OPTIONS: `--import ${SKEWED_CLOCK}`,
    SKEW_MS: (minutes * 60_000).toString(),
  });
  trial.keepDialer(() => skewed(10));
  trial.keepDialer(() => skewed(-10));
  await restartApi(house, skewed(60));
  const closed = await Promise.all([
    house.campaign({ call_time_ranges: [around(-40, -5)] }),
    house.campaign({ call_time_ranges: [around(5, 40)] }),
  ]);
  const places = [...closed.keys()].flatMap((index) => [0, 1, 2].map((nth) => ({ index, nth })));
  for (const { index, nth } of places) {
    const id = await trial.accept(closed[index] as string, trial.plan.calls + index * 3 + nth);
    trial.held.add(id);
  }
  await trial.disturb(900, (turn) => {
    const victim = trial.someDialer();
    if (turn % 2 === 0 && victim !== undefined) trial.kill(victim);
  });
  const [late] = await trial.query(
    `SELECT count(*)::integer AS count FROM attempts WHERE campaign_id = ANY ($1)`,
    [closed],
  );
  if (late?.count !== 0) trial.breaches.push('a closed campaign was dialled');
}

/** A window from so many minutes from now to so many, in UTC; one that would cross midnight is moved to the morrow. */
function around(fromMinutes: number, toMinutes: number): { start: string; end: string } {
  const clock = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
  const [start, end] = [clock(fromMinutes), clock(toMinutes)];
  return start < end ? { start, end } : { start: '12:00', end: '12:01' };
}

/** PostgreSQL throws sessions out, crashes, cannot be reached, does not answer, and holds a table. */
async function postgres(trial: Trial): Promise<void> {
  const { servers, databaseUrl, random, house, breaches } = trial;
  const { proxy } = servers.postgres;
  const harm: (() => Promise<void>)[] = [
    async () => {
      await servers.postgres.terminateBackends(databaseUrl);
    },
    async () => {
      await proxy.cut();
      const cutAt = Date.now();
      await pause(random.between(1_000, 3_000));
      const until = Date.now();
      await proxy.mend();
      // What had passed its fence may still leave; nothing may begin.
      const dialled = (await house.ledger()).filter(
        ({ kind, at }) => kind === 'request' && Date.parse(at) > cutAt + 1_000 && Date.parse(at) < until,
      );
      if (dialled.length > 0) breaches.push(`${dialled.length} requests while the database was away`);
    },
    async () => {
      proxy.stall();
      await pause(random.between(500, 3_000));
      proxy.flow();
    },
    () => servers.postgres.lockTable(databaseUrl, 'calls', random.between(500, 2_500)),
    async () => {
      await servers.postgres.crash();
      while (!(await servers.postgres.query(databaseUrl, 'SELECT 1').catch(() => null))) await pause(50);
    },
  ];
  await trial.disturb(800, (turn) => harm[turn % harm.length]?.());
}
