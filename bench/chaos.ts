import 'reflect-metadata';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { CALL_ROWS, judge, type CallRow, type Judgement } from '../test/faults/judge.js';
import { OwnRedis } from '../test/faults/stores.js';
import { House, type LedgerLine } from '../test/house.js';
import { withOwnStores, type OwnStores } from './own-stores.js';
import { secondsBack, steadyPace } from './recovery.js';
import type { Report } from './report.js';
import { flushRival } from './rivals/flushed.js';
import type { Scenario } from './scenario.js';
import { spreadOf } from './spread.js';

export const chaos: Scenario = {
  name: 'S7',
  word: 'chaos',
  does: 'calls in flight while dialers are killed and Redis is emptied: how soon the pace is back, and who rang',
  uses: ['postgres', 'bullmq'],
  run: ({ quick, report }) => withOwnStores((stores) => measure(stores, quick, report)),
};

interface Plan {
  /** Calls open at once, by the time the harm begins. */
  inFlight: number;
  /** Starts per second of the trunk: at it, and with calls of their usual length, as many are open. */
  pace: number;
  /** Kills of a dialer, one after the other. */
  kills: number;
  killEveryMs: number;
  /** Of the rival: calls that wait as its Redis is emptied. */
  rivalCalls: number;
}

const PLAN: Plan = { inFlight: 500, pace: 25, kills: 100, killEveryMs: 8_000, rivalCalls: 2_000 };
const QUICK_PLAN: Plan = { inFlight: 50, pace: 10, kills: 4, killEveryMs: 6_000, rivalCalls: 200 };

const DIALERS = 2;

/** A call of the simulated carrier lasts so many of its seconds, on average: it rings, is answered, and talks. */
const CALL_SECONDS = 75;

/** Of the calls that are to be open, the share that will do. */
const NEARLY = 0.7;

/** How long it dials undisturbed before and after the harm. */
const CALM_MS = 10_000;

/** An attempt that nobody can tell of is parked after this; the other deadlines follow. Shorter, look-ups would be most of the work. */
const HORIZON_SECONDS = 200;

/** Longest wait for another call to end: what the kills have held up waits still, and what nobody can tell of is to be parked. */
const SETTLE_MS = (HORIZON_SECONDS + 40) * 1_000;

/** How soon the pace is to be back. */
const MOST_SECONDS_BACK = { kill: 5, flush: 1 };

async function measure(stores: OwnStores, quick: boolean, report: Report): Promise<void> {
  const plan = quick ? QUICK_PLAN : PLAN;
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-chaos-'));
  // To be emptied: nobody else's keys are there.
  const redis = await OwnRedis.start(folder);
  const client = new pg.Client({ connectionString: stores.databaseUrl });
  await client.connect();
  try {
    const own = { ...stores, redisUrl: redis.url };
    await measureOurs(plan, own, redis, client, report);
    const rival = await flushRival(own, redis, client, plan.rivalCalls);
    report.figure('common BullMQ dialer, waiting as Redis is emptied', rival.waiting, 'calls');
    report.figure('common BullMQ dialer, of them never dialled', rival.lost, 'calls');
    report.holds(
      "it is emptied while most of the rival's calls wait: without that, it could lose none",
      rival.waiting > plan.rivalCalls / 2,
    );
  } finally {
    await client.end();
    await redis.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Something done to the house, and when it was done. */
interface Harm {
  what: 'kill' | 'flush';
  at: number;
}

async function measureOurs(
  plan: Plan,
  stores: OwnStores & { redisUrl: string },
  redis: OwnRedis,
  client: pg.Client,
  report: Report,
): Promise<void> {
  const { inFlight, pace, kills, killEveryMs } = plan;
  const house = await House.on(stores, {
    dialers: 0,
    speed: (CALL_SECONDS * pace) / inFlight,
    settings: {
      SEED: '20261128',
      TRUNK_CALLS_PER_SECOND: pace.toString(),
      // What the carrier hears in a second is another scenario's concern.
      TRUNK_JITTER_MS: '0',
      UNSAFE_RECONCILE_HORIZON_SECONDS: HORIZON_SECONDS.toString(),
      LOG_LEVEL: 'warn',
    },
  });
  const dialers = new KeptDialers(house);
  try {
    await house.must('PATCH', '/environment', { max_concurrent_calls: inFlight * 2 });
    const campaignId = await house.campaign();
    // What waits must last to the end of the harm, or there is no pace to come back to.
    const lastsMs = 2 * fillMs(plan) + CALM_MS + (kills + 1) * killEveryMs + CALM_MS;
    const calls = Math.ceil((lastsMs / 1000) * pace);
    const accepted = await addCalls(client, campaignId, calls);
    for (let nth = 0; nth < DIALERS; nth += 1) dialers.keep();
    const filledBy = performance.now() + 3 * fillMs(plan);
    while ((await openAttempts(client)) < inFlight * NEARLY && performance.now() < filledBy) await pause(200);
    await pause(CALM_MS);
    const openAtFirst = await openAttempts(client);
    const harms: Harm[] = [];
    for (let turn = 0; turn <= kills; turn += 1) {
      const isFlush = turn === Math.floor(kills / 2);
      if (isFlush) await redis.ask('FLUSHALL');
      else dialers.killOne(turn);
      harms.push({ what: isFlush ? 'flush' : 'kill', at: Date.now() });
      await pause(killEveryMs);
    }
    await pause(CALM_MS);
    await settle(client);
    const ledger = await house.ledger();
    const { rows } = await client.query<CallRow>(CALL_ROWS);
    const verdict = judge(accepted, rows, ledger, {
      ambiguous: await unknownAttempts(client),
    });
    tell(plan, { calls, openAtFirst, harms, ledger, verdict }, report);
  } finally {
    await dialers.end();
    await house.close();
  }
}

/** Until nearly as many are open as ever will be, a dialer's start included. */
function fillMs({ inFlight, pace }: Plan): number {
  return (inFlight / pace) * 2_000 + 5_000;
}

function tell(
  plan: Plan,
  found: { calls: number; openAtFirst: number; harms: Harm[]; ledger: LedgerLine[]; verdict: Judgement },
  report: Report,
): void {
  const { calls, openAtFirst, harms, ledger, verdict } = found;
  const starts = ledger.filter(({ kind }) => kind === 'request').map(({ at }) => Date.parse(at));
  const firstHarm = harms[0]!.at;
  const pace = steadyPace(starts, firstHarm - CALM_MS, firstHarm);
  report.figure('calls', calls, 'in all');
  report.figure('open as the harm begins', openAtFirst, 'calls');
  report.figure('undisturbed pace', pace, 'starts/s');
  for (const what of ['kill', 'flush'] as const) {
    const back = harms
      .filter((harm) => harm.what === what)
      .map(({ at }) => secondsBack(starts, at, pace * 0.9, plan.killEveryMs));
    const seconds = back.filter((one) => one !== null);
    if (seconds.length > 0) {
      report.figure(`back to 90 % of the pace after a ${what}`, seconds, 's');
      if (what === 'kill') report.figure('the longest of them', spreadOf(seconds).max, 's');
    }
    report.figure(`not back before the next harm, after a ${what}`, back.length - seconds.length, 'times');
    report.target(
      `after ${what === 'kill' ? 'every kill' : 'a flush'} the pace is back within ${MOST_SECONDS_BACK[what]} s`,
      back.every((one) => one !== null && one <= MOST_SECONDS_BACK[what]),
    );
  }
  report.figure('dialers killed', harms.length - 1, 'times');
  report.figure('lost', verdict.lost.length, 'calls');
  report.figure('rung twice', verdict.rungTwice.length, 'calls');
  report.figure('parked: whether they rang, our side cannot tell', verdict.unknown.length, 'calls');
  report.figure('of them known to the carrier', verdict.unknownToUsOnly.length, 'calls');
  report.holds('no call is lost', verdict.lost.length === 0);
  report.holds('no phone rings twice', verdict.rungTwice.length === 0);
  report.holds('every call ends as the carrier says', verdict.wrongState.length === 0);
  report.holds('as many were open as planned', openAtFirst >= plan.inFlight * NEARLY);
}

/** Dialers that are started again whenever they end, as by whatever runs containers. */
class KeptDialers {
  private readonly running = new Set<ChildProcess>();
  private readonly keepers: Promise<void>[] = [];
  private isOver = false;

  constructor(private readonly house: House) {}

  keep(): void {
    const tend = async () => {
      while (!this.isOver) {
        const dialer = this.house.spawnDialer();
        this.running.add(dialer);
        await once(dialer, 'close');
        this.running.delete(dialer);
      }
    };
    this.keepers.push(tend());
  }

  /** As the machine would: no signal handler runs. */
  killOne(turn: number): void {
    const all = [...this.running];
    all[turn % all.length]?.kill('SIGKILL');
  }

  async end(): Promise<void> {
    this.isOver = true;
    for (const dialer of this.running) dialer.kill('SIGKILL');
    await Promise.all(this.keepers);
  }
}

/** Calls that are due, each to a number of its own that answers and talks. @returns their ids */
async function addCalls(client: pg.Client, campaignId: string, count: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, ready_at, next_attempt_at)
     SELECT environment_id, campaigns.id, agent_id,
       -- Last digits from 00 to 59 are answered.
       '+1' || 2012000000::bigint + (place / 60) * 100 + place % 60, 'waiting', clock_timestamp(), clock_timestamp()
     FROM campaigns, generate_series(0, $2::integer - 1) AS place WHERE campaigns.id = $1 RETURNING id`,
    [campaignId, count],
  );
  await client.query('ANALYZE calls');
  return rows.map(({ id }) => id);
}

async function settle(client: pg.Client): Promise<void> {
  const live = async () => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM calls WHERE status IN ('waiting', 'initiated', 'ringing', 'answered')`,
    );
    return rows[0]!.count;
  };
  let [left, fellAt] = [await live(), performance.now()];
  while (left > 0 && performance.now() < fellAt + SETTLE_MS) {
    await pause(500);
    const now = await live();
    if (now < left) [left, fellAt] = [now, performance.now()];
  }
}

async function openAttempts(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM attempts WHERE status IN ('sending', 'placed')`,
  );
  return rows[0]!.count;
}

/** Kills may hide what became of any attempt. */
async function unknownAttempts(client: pg.Client): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM attempts WHERE status = 'unknown'`);
  return new Set(rows.map(({ id }) => id));
}
