import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { House } from '../test/house.js';
import { withOwnStores, type OwnStores } from './own-stores.js';
import { RedisStall } from './redis-stall.js';
import type { Report } from './report.js';
import { enqueue } from './rivals/queues.js';
import { obliterate, rivalPlace, startRival } from './rivals/start.js';
import type { Scenario } from './scenario.js';
import { spreadOf } from './spread.js';
import { mostInASecond, TimingCarrier } from './timing-carrier-process.js';
import { loadWaiting, loadWaitingRival } from './waiting-work.js';

export const wakeUp: Scenario = {
  name: 'S4',
  word: 'wake-up',
  does: 'a million calls that may all be dialled from one instant on: to the first start and the thousandth, beside delayed jobs',
  uses: ['postgres', 'redis', 'bullmq'],
  run: ({ quick, report }) => withOwnStores((stores) => measure(stores, quick, report)),
};

/** Starts a second of a trunk that limits nothing here, and of one that does. */
const UNCAPPED = 1_000;
const CAP = 100;

/** From the word go to the instant: until everybody idles. */
const REST_MS = 5_000;

/** What putting a job into the queue may take at most, and a call into the table. */
const LOAD_MS = 0.4;

const PATIENCE_MS = 120_000;

/** Calls here do not end: nobody is to look after those of an earlier round. */
const NEVER_SECONDS = '60000';

/** What makes the calls wait. */
type Lock = 'closed window' | 'later date';

interface Wake {
  firstMs: number;
  lastMs: number;
  /** Starts before the instant. */
  early: number;
  mostInASecond: number;
  /** The same, of what passed the fence; the rival has none. */
  mostAtFence: number | null;
  stallMs: number;
  /** Milliseconds after the instant, of each start. */
  starts: number[];
  isOnce: boolean;
}

async function measure(stores: OwnStores, quick: boolean, report: Report): Promise<void> {
  const [count, rounds, wanted] = quick ? [20_000, 1, 200] : [1_000_000, 2, 1_000];
  const carrier = await TimingCarrier.start('', null);
  const source = await database(stores.databaseUrl, COMMAND_LIMITS).initialize();
  report.setting('calls that wait', count);
  report.setting('starts waited for', wanted);
  report.setting('cap of the capped runs, starts per second', CAP);
  try {
    const bench = await Bench.open(stores, source, carrier, count, wanted);
    const ours: Wake[] = [];
    const rival: Wake[] = [];
    try {
      // The dialer of ours is new each time, and so is the rival's: none is warmer than the other.
      for (let round = 0; round < rounds; round += 1) {
        report.doing(`round ${round + 1} of ${rounds}: a window opens`);
        ours.push(await bench.ours('closed window', UNCAPPED));
        report.doing(`round ${round + 1} of ${rounds}: delayed jobs`);
        rival.push(await bench.rival(null));
      }
      report.doing('a date comes');
      const dated = await bench.ours('later date', UNCAPPED);
      report.doing('a date comes, capped');
      const capped = await bench.ours('later date', CAP);
      report.doing('delayed jobs, capped');
      const rivalCapped = await bench.rival(CAP);
      tellUncapped(ours, dated, rival, wanted, report);
      tellCapped(capped, rivalCapped, wanted, report);
    } finally {
      await bench.close();
    }
  } finally {
    await source.destroy();
    carrier.stop();
  }
}

function tellUncapped(ours: Wake[], dated: Wake, rival: Wake[], wanted: number, report: Report): void {
  const tell = (name: string, wakes: Wake[]) => {
    const of = (what: 'firstMs' | 'lastMs' | 'stallMs') => wakes.map((wake) => wake[what]);
    report.figure(`${name}, to the first start`, of('firstMs'), 'ms');
    report.figure(`${name}, to the ${wanted}th start`, of('lastMs'), 'ms');
    report.figure(`${name}, longest wait for Redis`, of('stallMs'), 'ms');
  };
  tell('Ringfence, a window opens', ours);
  tell('Ringfence, a date comes', [dated]);
  tell('delayed jobs', rival);
  const times = (what: 'firstMs' | 'lastMs') => ours.map((wake, nth) => rival[nth]![what] / wake[what]);
  report.ratio('to the first start, delayed jobs / Ringfence', times('firstMs'));
  report.ratio(`to the ${wanted}th start, delayed jobs / Ringfence`, times('lastMs'));
  judge('Ringfence', [...ours, dated], report);
  judge('delayed jobs', rival, report);
  const median = (values: number[]) => spreadOf(values).median;
  report.target('the first start comes within 150 ms', median(ours.map(({ firstMs }) => firstMs)) <= 150);
  report.target(`the ${wanted}th start comes 75 times as soon`, median(times('lastMs')) >= 75);
  report.target(
    'Redis keeps nobody waiting for more than 5 ms',
    median(ours.map(({ stallMs }) => stallMs)) <= 5,
  );
  report.series({
    title: `Starts after the instant, of the first ${wanted}`,
    x: 'seconds',
    y: 'starts',
    lines: { Ringfence: lineOf(ours[0]!), 'delayed jobs': lineOf(rival[0]!) },
  });
}

function tellCapped(ours: Wake, rival: Wake, wanted: number, report: Report): void {
  report.figure(`Ringfence at ${CAP} starts per second, to the first start`, ours.firstMs, 'ms');
  report.figure(`Ringfence at ${CAP} starts per second, to the ${wanted}th start`, ours.lastMs, 'ms');
  report.figure('most starts in any second: Ringfence, at the fence', ours.mostAtFence ?? 0, 'starts');
  report.figure('most starts in any second: Ringfence, at the carrier', ours.mostInASecond, 'starts');
  report.figure('most starts in any second: delayed jobs, at the carrier', rival.mostInASecond, 'starts');
  judge('Ringfence, capped', [ours], report);
  judge('delayed jobs, capped', [rival], report);
  report.target('no second holds more starts than the cap, at the fence', (ours.mostAtFence ?? 0) <= CAP);
}

function judge(name: string, wakes: Wake[], report: Report): void {
  report.holds(
    `${name}: no call starts before the instant`,
    wakes.every(({ early }) => early === 0),
  );
  report.holds(
    `${name}: nobody is rung twice`,
    wakes.every(({ isOnce }) => isOnce),
  );
}

function lineOf({ starts }: Wake): [number, number][] {
  return [[0, 0], ...starts.map((atMs, nth): [number, number] => [atMs / 1000, nth + 1])];
}

class Bench {
  private constructor(
    private readonly stores: OwnStores,
    private readonly source: DataSource,
    private readonly client: pg.Client,
    private readonly carrier: TimingCarrier,
    private readonly house: House,
    private readonly stall: RedisStall,
    private readonly count: number,
    private readonly wanted: number,
    /** Of the calls that wait for their window: a round dials a few of them, and the next one goes on. */
    private readonly windowed: string,
  ) {}

  static async open(
    stores: OwnStores,
    source: DataSource,
    carrier: TimingCarrier,
    count: number,
    wanted: number,
  ): Promise<Bench> {
    const { databaseUrl, redisUrl, prefix } = stores;
    const settings = { CARRIER_URL: carrier.url, UNSAFE_RECONCILE_HORIZON_SECONDS: NEVER_SECONDS };
    const house = await House.on({ databaseUrl, redisUrl, prefix }, { dialers: 0, settings });
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const [windowed] = await loadWaiting(source, [{ calls: count }]);
    const stall = new RedisStall(redisUrl ?? '');
    return new Bench(stores, source, client, carrier, house, stall, count, wanted, windowed!);
  }

  async close(): Promise<void> {
    this.stall.stop();
    await this.house.close();
    await this.client.end();
  }

  async ours(lock: Lock, callsPerSecond: number): Promise<Wake> {
    const { campaignId, instant } =
      lock === 'closed window' ? await this.untilWindow() : await this.untilDate();
    await this.source.query(`UPDATE campaigns SET status = 'active' WHERE id = $1`, [campaignId]);
    const begun = new Date();
    const dialer = await this.house.startDialer({ TRUNK_CALLS_PER_SECOND: callsPerSecond.toString() });
    try {
      const wake = await this.wake(instant);
      const fenced = await this.source.query<{ atMs: number }[]>(
        `SELECT extract(epoch FROM sending_at)::double precision * 1000 AS "atMs" FROM attempts
         WHERE campaign_id = $1 AND sending_at >= $2`,
        [campaignId, begun],
      );
      return { ...wake, mostAtFence: mostInASecond(fenced.map(({ atMs }) => atMs)) };
    } finally {
      await this.source.query(`UPDATE campaigns SET status = 'paused' WHERE id = $1`, [campaignId]);
      dialer.kill('SIGKILL');
      // Tickets that it leaves behind would be the next one's to look through.
      await this.house.cli(['queue', 'rebuild']);
    }
  }

  /** The calls of before, whose campaign opens at the next full minute. */
  private async untilWindow(): Promise<{ campaignId: string; instant: Date }> {
    let minute = Math.ceil((Date.now() + REST_MS) / 60_000);
    // A window of the next day would be open on this one too.
    if (minute % (24 * 60) === 0) minute += 1;
    const instant = new Date(minute * 60_000);
    await this.source.query(
      `UPDATE campaigns SET call_time_ranges = $2, rules_version = rules_version + 1 WHERE id = $1`,
      [this.windowed, JSON.stringify([{ start: instant.toISOString().slice(11, 16), end: '24:00' }])],
    );
    return { campaignId: this.windowed, instant };
  }

  /** As many new calls, each with the same date. */
  private async untilDate(): Promise<{ campaignId: string; instant: Date }> {
    const instant = new Date(Date.now() + REST_MS + this.count * LOAD_MS);
    const [campaignId] = await loadWaiting(this.source, [{ calls: this.count }], { readyAt: instant });
    inTime(instant);
    return { campaignId: campaignId!, instant };
  }

  async rival(callsPerSecond: number | null): Promise<Wake> {
    const place = rivalPlace(this.stores, this.client);
    const { callIds } = await loadWaitingRival(this.client, [{ calls: this.count }]);
    const instant = new Date(Date.now() + REST_MS + this.count * LOAD_MS);
    await enqueue('bullmq', place, callIds, { dueAtMs: instant.getTime() });
    inTime(instant);
    const variables: Record<string, string> =
      callsPerSecond === null ? {} : { CALLS_PER_SECOND: callsPerSecond.toString() };
    const dialer = await startRival('bullmq', this.stores, place, this.carrier.url, variables);
    try {
      dialer.go();
      return await this.wake(instant);
    } finally {
      await dialer.stop();
      await obliterate(place);
    }
  }

  /** From the instant to the last start that is waited for. */
  private async wake(instant: Date): Promise<Wake> {
    await this.carrier.forget();
    await pause(instant.getTime() - 500 - Date.now());
    this.stall.begin();
    await this.carrier.untilCount(this.wanted, PATIENCE_MS);
    const stallMs = await this.stall.longestMs();
    const come = await this.carrier.starts();
    const starts = come.slice(0, this.wanted).map(({ atMs }) => atMs - instant.getTime());
    return {
      firstMs: starts[0]!,
      lastMs: starts.at(-1)!,
      early: starts.filter((atMs) => atMs < 0).length,
      mostInASecond: mostInASecond(come.map(({ atMs }) => atMs)),
      mostAtFence: null,
      stallMs,
      starts,
      isOnce: new Set(come.map(({ to }) => to)).size === come.length,
    };
  }
}

/** @throws Error when what was to wait for it was made too late */
function inTime(instant: Date): void {
  if (Date.now() > instant.getTime() - REST_MS / 2) {
    throw new Error('Not all calls were there in time: the machine is too slow for so many.');
  }
}
