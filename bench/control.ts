import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { House } from '../test/house.js';
import { withOwnStores, type OwnStores } from './own-stores.js';
import { cpuMicroseconds, redisCpuMicroseconds } from './process-usage.js';
import type { Report } from './report.js';
import { enqueue, inBatches, type QueuePlace } from './rivals/queues.js';
import { obliterate, rivalPlace, startRival } from './rivals/start.js';
import type { Scenario } from './scenario.js';
import { spreadOf } from './spread.js';
import { TimingCarrier } from './timing-carrier-process.js';
import { loadWaiting, loadWaitingRival, numberAfter } from './waiting-work.js';

export const control: Scenario = {
  name: 'S8',
  word: 'control',
  does: 'pause, new hours, a number not to be called, and cancel, while a campaign of a million is dialled: to the last start, beside jobs',
  uses: ['postgres', 'redis', 'bullmq'],
  run: ({ quick, report }) => withOwnStores((stores) => measure(stores, quick, report)),
};

/** Starts before a command, so that everybody is at work. */
const UNDER_WAY = 100;

/** After a command was answered, what starts is heard of for so long. */
const AFTER_MS = 1_500;

/** For so long is looked at what goes on after a pause. */
const PAUSED_MS = 3_000;

/** Starts per second of Ringfence's trunk. */
const TRUNK = '200';

/** Calls here do not end: nobody is to look after those of an earlier round. */
const NEVER_SECONDS = '60000';
const PATIENCE_MS = 300_000;

/** Taking jobs out of a queue is not waited for beyond this: see `outIn`. */
const WATCHED_MS = 60_000;

type Command = 'pause' | 'cancel';

interface Stop {
  /** From the command to the last start at the carrier; 0: none came after it. */
  lastStartMs: number;
  answeredMs: number;
  /** In epoch milliseconds. */
  answeredAtMs: number;
  /** Calls that were let go after the answer, of all or of one number; of the rival, those that came to the carrier. */
  after: number;
}

interface OurStops {
  stops: Map<Command, Stop>;
  /** How busy it is with a paused campaign. */
  idle: number;
  /** Of one number. */
  refusal: Stop;
  /** To the answer that a paused campaign has new hours. */
  hoursMs: number;
}

async function measure(stores: OwnStores, quick: boolean, report: Report): Promise<void> {
  const [count, rounds] = quick ? [20_000, 1] : [1_000_000, 3];
  const carrier = await TimingCarrier.start('', null);
  const source = await database(stores.databaseUrl, COMMAND_LIMITS).initialize();
  report.setting('calls of the campaign', count);
  report.setting('starts per second of the trunk', TRUNK);
  try {
    const bench = await Bench.open(stores, source, carrier, count);
    try {
      report.doing('rows that a command writes');
      await tellRows(bench, report);
      await tellStops(bench, rounds, report);
    } finally {
      await bench.close();
    }
  } finally {
    await source.destroy();
    carrier.stop();
  }
}

async function tellRows(bench: Bench, report: Report): Promise<void> {
  await bench.activate();
  const idle = await bench.rowsWritten(() => bench.read());
  const rows = {
    pause: (await bench.rowsWritten(() => bench.pause())) - idle,
    'new hours': (await bench.rowsWritten(() => bench.closeHours())) - idle,
    'a number not to be called': (await bench.rowsWritten(() => bench.refuseNumber(0))) - idle,
  };
  for (const [command, written] of Object.entries(rows)) {
    report.figure(`${command}: rows written before it is answered`, written, 'rows');
  }
  report.holds(
    'a command writes fewer than a hundred rows',
    Object.values(rows).every((written) => written < 100),
  );
}

async function tellStops(bench: Bench, rounds: number, report: Report): Promise<void> {
  const ours = new Map<Command, Stop[]>();
  const byRow: Stop[] = [];
  const byJob: Stop[] = [];
  const oursIdle: number[] = [];
  const rivalIdle: number[] = [];
  const refusals: Stop[] = [];
  const hours: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    report.doing(`round ${round} of ${rounds}: Ringfence`);
    const { stops, idle, refusal, hoursMs } = await bench.ours();
    hours.push(hoursMs);
    for (const [command, stop] of stops) ours.set(command, [...(ours.get(command) ?? []), stop]);
    oursIdle.push(idle);
    refusals.push(refusal);
    report.doing('jobs, a row that each looks at');
    const paused = await bench.rivalByRow();
    byRow.push(paused.stop);
    rivalIdle.push(paused.idle);
    report.doing('jobs, taken out of the queue');
    byJob.push(await bench.rivalByJob());
  }
  for (const [command, stops] of ours) tell(`Ringfence, ${command}`, stops, report);
  tell('jobs that look at a row, pause', byRow, report);
  tell(
    `jobs taken out of the queue, cancel${byJob.some(isForecast) ? ', by the rate of the first minute' : ''}`,
    byJob,
    report,
  );
  report.figure(
    'Ringfence, a number not to be called: command to answer',
    refusals.map(({ answeredMs }) => answeredMs),
    'ms',
  );
  report.figure('Ringfence, new hours: command to answer', hours, 'ms');
  report.figure('Ringfence, processors busy with a campaign that is paused', oursIdle, '% of one');
  report.figure('jobs that look at a row, processors busy with it', rivalIdle, '% of one');
  const lastOf = (stops: Stop[]) => stops.map(({ lastStartMs }) => Math.max(1, lastStartMs));
  const times = (than: Stop[], command: Command) => {
    const own = lastOf(ours.get(command)!);
    return lastOf(than).map((ms, nth) => ms / own[nth]!);
  };
  report.ratio('command to last start, jobs that look at a row / Ringfence, pause', times(byRow, 'pause'));
  report.ratio('command to last start, jobs taken out / Ringfence, cancel', times(byJob, 'cancel'));
  const all = [...ours.values()].flat();
  report.holds(
    'Ringfence: nothing starts once a command is answered',
    all.every(({ after }) => after === 0),
  );
  report.holds(
    'Ringfence: a number is not dialled once its addition is answered',
    refusals.every(({ after }) => after === 0),
  );
  const slowest = Math.max(...[...ours.values()].map((stops) => spreadOf(lastOf(stops)).median));
  report.target('the last start comes within 100 ms of the command', slowest <= 100);
  report.target(
    'fifty times as soon as by taking jobs out of a queue',
    spreadOf(times(byJob, 'cancel')).median >= 50,
  );
  report.target(
    'fifty times as soon as where each job looks at a row',
    spreadOf(times(byRow, 'pause')).median >= 50,
  );
}

function isForecast({ answeredMs }: Stop): boolean {
  return answeredMs > WATCHED_MS;
}

function tell(name: string, stops: Stop[], report: Report): void {
  report.figure(
    `${name}: command to last start`,
    stops.map(({ lastStartMs }) => lastStartMs),
    'ms',
  );
  report.figure(
    `${name}: command to answer`,
    stops.map(({ answeredMs }) => answeredMs),
    'ms',
  );
}

class Bench {
  /** Numbers that are not to be called by now. */
  private refused = 0;

  private constructor(
    private readonly stores: OwnStores,
    private readonly source: DataSource,
    private readonly client: pg.Client,
    private readonly carrier: TimingCarrier,
    private readonly house: House,
    private readonly count: number,
    private campaignId: string,
  ) {}

  static async open(
    stores: OwnStores,
    source: DataSource,
    carrier: TimingCarrier,
    count: number,
  ): Promise<Bench> {
    const { databaseUrl, redisUrl, prefix } = stores;
    const settings = {
      CARRIER_URL: carrier.url,
      TRUNK_CALLS_PER_SECOND: TRUNK,
      UNSAFE_RECONCILE_HORIZON_SECONDS: NEVER_SECONDS,
    };
    const house = await House.on({ databaseUrl, redisUrl, prefix }, { dialers: 0, settings });
    await source.query('UPDATE environments SET max_concurrent_calls = 100000 WHERE id = $1', [
      house.environmentId,
    ]);
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const bench = new Bench(stores, source, client, carrier, house, count, '');
    await bench.newCampaign();
    return bench;
  }

  async close(): Promise<void> {
    await this.house.close();
    await this.client.end();
  }

  async read(): Promise<void> {
    await this.house.must('GET', `/campaigns/${this.campaignId}`);
  }

  async activate(): Promise<void> {
    await this.house.must('PATCH', `/campaigns/${this.campaignId}/status`, { status: 'active' });
  }

  async pause(): Promise<void> {
    await this.house.must('PATCH', `/campaigns/${this.campaignId}/status`, { status: 'paused' });
  }

  async cancel(): Promise<void> {
    await this.house.must('PATCH', `/campaigns/${this.campaignId}/status`, { status: 'cancelled' });
  }

  /** Hours that are not now. */
  async closeHours(): Promise<void> {
    const hour = ((new Date().getUTCHours() + 12) % 24).toString().padStart(2, '0');
    await this.hours(`${hour}:00`, `${hour}:59`);
  }

  async refuseNumber(nth: number): Promise<void> {
    await this.house.must('POST', '/do-not-call', { to: numberAfter(0, this.count, -1 - nth) });
  }

  private hours(start: string, end: string): Promise<unknown> {
    return this.house.must('PUT', `/campaigns/${this.campaignId}`, { call_time_ranges: [{ start, end }] });
  }

  /**
   * How many rows a command wrote to any table: the api's connections tell PostgreSQL what they wrote as they end, and no
   * dialer runs beside it.
   */
  async rowsWritten(command: () => Promise<void>): Promise<number> {
    await this.restartApi();
    const before = await this.rowsTold();
    await command();
    await this.restartApi();
    return (await this.rowsTold()) - before;
  }

  private async restartApi(): Promise<void> {
    const ended = once(this.house.apiProcess, 'exit');
    this.house.apiProcess.kill('SIGKILL');
    await ended;
    await this.house.startApi();
  }

  private async rowsTold(): Promise<number> {
    let [told, seen] = [-1, -2];
    while (told !== seen) {
      seen = told;
      await pause(300);
      const { rows } = await this.client.query<{ told: string }>(
        `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) AS told FROM pg_stat_user_tables WHERE schemaname = $1`,
        [this.stores.prefix],
      );
      told = Number(rows[0]!.told);
    }
    return told;
  }

  /** A new campaign of so many calls, paused. */
  private async newCampaign(): Promise<void> {
    // The calls of the one before are for the same numbers, and each number is one person.
    await this.source.query(`TRUNCATE calls CASCADE`);
    const { environmentId } = this.house;
    [this.campaignId] = (await loadWaiting(this.source, [{ calls: this.count }], { environmentId })) as [
      string,
    ];
  }

  /** Each command on a campaign that is being dialled. */
  async ours(): Promise<OurStops> {
    await this.newCampaign();
    const dialer = await this.house.startDialer();
    try {
      const stops = new Map<Command, Stop>();
      await this.activate();
      stops.set('pause', await this.ownStop(() => this.pause()));
      const idle = await this.busy([dialer]);
      // The hours of a campaign that is being dialled are not to be changed: it is paused before.
      const startedAt = now();
      await this.closeHours();
      const hoursMs = now() - startedAt;
      await this.hours('00:00', '24:00');
      await this.activate();
      const nth = (this.refused += 1);
      const refusal = await this.ownStop(() => this.refuseNumber(nth), numberAfter(0, this.count, -1 - nth));
      stops.set('cancel', await this.ownStop(() => this.cancel()));
      return { stops, idle, refusal, hoursMs };
    } finally {
      dialer.kill('SIGKILL');
      await this.house.cli(['queue', 'rebuild']);
    }
  }

  /** A team that lets each job look at its campaign's row: one row is written, and each job is looked at all the same. */
  async rivalByRow(): Promise<{ stop: Stop; idle: number }> {
    return this.withRival(async ({ dialer, campaignIds }) => {
      const stop = await this.stop(async () => {
        await this.client.query(`UPDATE rival_campaigns SET status = 'paused' WHERE id = $1`, [
          campaignIds[0],
        ]);
      });
      return { stop, idle: await this.busy([dialer]) };
    });
  }

  /** A team whose jobs are the calls: each is taken out of the queue, as many at once as the queue takes. */
  async rivalByJob(): Promise<Stop> {
    return this.withRival(async ({ place, callIds }) => {
      const queue = new Queue(place.name, { connection: { url: place.redisUrl } });
      let leftMs = 0;
      const stop = await this.stop(async () => {
        const startedAt = now();
        const isLong = () => now() - startedAt > WATCHED_MS;
        for (const ids of inBatches(callIds)) {
          if (isLong()) break;
          await Promise.all(ids.map((id) => queue.remove(id)));
        }
        if (isLong()) leftMs = outIn(now() - startedAt, callIds.length, await queue.getWaitingCount());
      });
      await queue.close();
      if (leftMs === 0) return stop;
      return { ...stop, lastStartMs: stop.answeredMs + leftMs, answeredMs: stop.answeredMs + leftMs };
    });
  }

  private async withRival<Found>(
    command: (rival: {
      place: QueuePlace;
      dialer: Awaited<ReturnType<typeof startRival>>['process'];
      callIds: string[];
      campaignIds: string[];
    }) => Promise<Found>,
  ): Promise<Found> {
    const place = rivalPlace(this.stores, this.client);
    const { callIds, campaignIds } = await loadWaitingRival(this.client, [{ calls: this.count }]);
    await enqueue('bullmq', place, callIds, { isNamed: true });
    const rival = await startRival('bullmq', this.stores, place, this.carrier.url);
    try {
      rival.go();
      return await command({ place, dialer: rival.process, callIds, campaignIds });
    } finally {
      await rival.stop();
      await obliterate(place);
    }
  }

  /** Lets calls start, gives the command, and listens for what starts after it. @param to of which number; else of any */
  private async stop(command: () => Promise<void>, to?: string): Promise<Stop> {
    await this.carrier.forget();
    await this.carrier.untilCount(UNDER_WAY, PATIENCE_MS);
    const startedAt = now();
    await command();
    const answeredAt = now();
    await pause(AFTER_MS);
    const starts = (await this.carrier.starts()).filter((start) => to === undefined || start.to === to);
    const lastMs = starts.at(-1)?.atMs ?? 0;
    return {
      lastStartMs: Math.max(0, lastMs - startedAt),
      answeredMs: answeredAt - startedAt,
      answeredAtMs: answeredAt,
      after: starts.filter(({ atMs }) => atMs > answeredAt).length,
    };
  }

  /** Whose fence lets go after the answer, and not what was on its way to the carrier by then. */
  private async ownStop(command: () => Promise<void>, to?: string): Promise<Stop> {
    const stop = await this.stop(command, to);
    const [{ after }] = await this.source.query<[{ after: number }]>(
      `SELECT count(*)::integer AS after FROM attempts
       WHERE sending_at > to_timestamp($1::double precision / 1000) AND to_number = coalesce($2, to_number)`,
      [stop.answeredAtMs, to ?? null],
    );
    return { ...stop, after };
  }

  /** How busy a dialer and Redis are, in hundredths of one processor. */
  private async busy(dialers: Parameters<typeof cpuMicroseconds>[0]): Promise<number> {
    const url = this.stores.redisUrl ?? '';
    const taken = async () => cpuMicroseconds(dialers) + (await redisCpuMicroseconds(url));
    const before = await taken();
    await pause(PAUSED_MS);
    return ((await taken()) - before) / (PAUSED_MS * 1000) / 0.01;
  }
}

/**
 * How long it takes yet until a list is empty, of which `left` are left of `all` after a while. Each that is taken out is looked for
 * in the whole of it, so that the time for one shrinks with the list: as long as at the rate so far, half of it.
 */
function outIn(elapsedMs: number, all: number, left: number): number {
  return (elapsedMs * left) / Math.max(1, all - left) / 2;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
