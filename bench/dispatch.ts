import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'bullmq';
import pg from 'pg';
import { freePort } from '../apps/start/free-port.js';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { IS_LED } from '#store/leases.store.js';
import { House } from '../test/house.js';
import { dialWork, loadOurs, loadRival, type DialWork } from './dial-work.js';
import { withOwnStores, type OwnStores } from './own-stores.js';
import { cpuMicroseconds, postgresCpuMicroseconds, redisCpuMicroseconds } from './process-usage.js';
import type { Report } from './report.js';
import { enqueue, RIVALS, type Rival } from './rivals/queues.js';
import { obliterate, rivalPlace, startRival } from './rivals/start.js';
import type { Scenario } from './scenario.js';
import { spreadOf } from './spread.js';

export const dispatch: Scenario = {
  name: 'S3',
  word: 'dispatch',
  does: 'calls of fifty campaigns dialled under every rule, beside an empty job and a common dialer on four queues',
  uses: ['postgres', 'redis', 'bullmq', 'pg-boss', 'graphile-worker'],
  run: ({ quick, report }) => withOwnStores((stores) => measure(stores, quick, report)),
};

/** Longest that one of them may take for its calls. */
const PATIENCE_MS = 300_000;

/** Jobs at once of the worker that does nothing: its fastest. */
const EMPTY_AT_ONCE = 50;

type Contender = 'ours' | 'empty job' | Rival;

interface Run {
  /** Calls dialled, or jobs done, per second. */
  rate: number;
  /** Microseconds of processor a call: of the process that dials, of PostgreSQL, of Redis. */
  cpu: Record<'node' | 'postgres' | 'redis', number>;
}

async function measure(stores: OwnStores, quick: boolean, report: Report): Promise<void> {
  const [rounds, count] = quick ? [1, 500] : [5, 2_000];
  const carrier = await SilentCarrier.start();
  const bench = await Bench.open(stores, carrier);
  const runs = new Map<Contender, Run[]>();
  try {
    const contenders: Contender[] = ['ours', 'empty job', ...RIVALS];
    for (let round = 0; round <= rounds; round += 1) {
      for (const [place, name] of (round % 2 === 0 ? contenders : contenders.toReversed()).entries()) {
        const run = await bench.run(name, dialWork(round * contenders.length + place, count), report);
        if (round > 0) runs.set(name, [...(runs.get(name) ?? []), run]);
      }
    }
  } finally {
    await bench.close();
    carrier.stop();
  }
  tell(runs, report);
}

function tell(runs: ReadonlyMap<Contender, Run[]>, report: Report): void {
  const of = (name: Contender) => runs.get(name) ?? [];
  for (const [name, some] of runs) {
    const word = name === 'ours' ? 'Ringfence' : name;
    report.figure(
      `${word}, calls per second`,
      some.map(({ rate }) => rate),
      '/s',
    );
    const cpu = (where: keyof Run['cpu']) => some.map((run) => run.cpu[where]);
    report.cpu(word, { node: cpu('node'), postgres: cpu('postgres'), redis: cpu('redis') });
  }
  const medians = (['empty job', ...RIVALS] as const).map((name) => {
    const others = of(name);
    const times = of('ours').map(({ rate }, nth) => rate / others[nth]!.rate);
    report.ratio(`Ringfence / ${name}`, times);
    return spreadOf(times).median;
  });
  const [empty, common] = medians as [number, number];
  report.target('half as many calls as BullMQ does empty jobs', empty >= 0.5);
  report.target('six times as many as the common dialer on BullMQ', common >= 6);
  report.target('more than a common dialer on any of the queues', Math.min(...medians.slice(1)) > 1);
}

class Bench {
  private constructor(
    private readonly stores: OwnStores,
    private readonly redisUrl: string,
    private readonly carrier: SilentCarrier,
    private readonly client: pg.Client,
    private readonly source: Awaited<ReturnType<typeof openSource>>,
  ) {}

  static async open(stores: OwnStores, carrier: SilentCarrier): Promise<Bench> {
    if (stores.redisUrl === null) throw new Error('Set REDIS_URL: most of the rivals keep their jobs there.');
    const client = new pg.Client({ connectionString: stores.databaseUrl });
    await client.connect();
    return new Bench(stores, stores.redisUrl, carrier, client, await openSource(stores));
  }

  async close(): Promise<void> {
    await this.source.destroy();
    await this.client.end();
  }

  async run(name: Contender, work: DialWork, report: Report): Promise<Run> {
    await this.carrier.forget();
    if (name === 'empty job') return this.emptyJobs(work);
    const run = name === 'ours' ? await this.ours(work) : await this.rival(name, work);
    // Whoever dials on after the last call that it may dial, dials what it may not.
    await pause(300);
    const heard = await this.carrier.heard();
    report.holds(
      `${name}: every call that may be dialled is, once, and no other`,
      heard.numbers === work.dialable && heard.twice === 0,
    );
    return run;
  }

  private async ours(work: DialWork): Promise<Run> {
    const { databaseUrl, redisUrl, prefix } = this.stores;
    const settings = {
      CARRIER_URL: this.carrier.url,
      TRUNK_CALLS_PER_SECOND: '10000',
      // The carrier says nothing of a call once it has it: nobody is to be asked of all that silence while this runs.
      UNSAFE_RECONCILE_HORIZON_SECONDS: '6000',
      CAMPAIGN_RAMP_SECONDS: '0',
    };
    const house = await House.on({ databaseUrl, redisUrl, prefix }, { dialers: 0, settings });
    try {
      const go = await loadOurs(this.source, work);
      const dialer = await house.startDialer();
      await this.led();
      return await this.timed(dialer, work, go);
    } finally {
      await house.close();
      // Calls that never end, or may never be dialled, would be looked after by the dialers of later runs.
      await this.source.query(`UPDATE campaigns SET status = 'paused'`);
      await this.source.query(`UPDATE attempts SET check_at = NULL`);
    }
  }

  /** A dialer that has just started feeds once it leads: the rivals' have no such wait. */
  private async led(): Promise<void> {
    const isLed = async () => {
      const [{ led }] = await this.source.query<[{ led: boolean }]>(`SELECT ${IS_LED} AS led`);
      return led;
    };
    while (!(await isLed())) await pause(20);
  }

  private async rival(rival: Rival, work: DialWork): Promise<Run> {
    const place = rivalPlace(this.stores, this.client);
    await this.client.query(`DROP SCHEMA IF EXISTS ${place.name} CASCADE`);
    await loadRival(this.client, work);
    await enqueue(
      rival,
      place,
      work.calls.map(({ id }) => id),
    );
    const dialer = await startRival(rival, this.stores, place, this.carrier.url);
    try {
      return await this.timed(dialer.process, work, dialer.go);
    } finally {
      await dialer.stop();
      if (rival === 'bullmq') await obliterate(place);
    }
  }

  /** What BullMQ does by itself: jobs that are there already, and a worker that does nothing with them. */
  private async emptyJobs({ calls }: DialWork): Promise<Run> {
    const name = `${this.stores.prefix}_empty`;
    const place = { databaseUrl: '', redisUrl: this.redisUrl, name, client: this.client };
    await enqueue(
      'bullmq',
      place,
      calls.map(({ id }) => id),
    );
    let done = 0;
    const cpuBefore = process.cpuUsage();
    const redisBefore = await redisCpuMicroseconds(this.redisUrl);
    const startedAt = performance.now();
    const worker = new Worker(name, () => Promise.resolve(), {
      connection: { url: this.redisUrl, maxRetriesPerRequest: null },
      concurrency: EMPTY_AT_ONCE,
      removeOnComplete: { count: 0 },
    });
    await new Promise<void>((finish) => worker.on('completed', () => ++done === calls.length && finish()));
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const redis = (await redisCpuMicroseconds(this.redisUrl)) - redisBefore;
    await worker.close();
    await obliterate(place);
    const each = (microseconds: number) => microseconds / calls.length;
    return {
      rate: calls.length / seconds,
      cpu: { node: each(user + system), postgres: 0, redis: each(redis) },
    };
  }

  /** From the word go to the last call that may be dialled. */
  private async timed(
    dialer: ChildProcess,
    { dialable }: DialWork,
    go: () => Promise<void> | void,
  ): Promise<Run> {
    const usage = async () => ({
      node: cpuMicroseconds([dialer]),
      postgres: await postgresCpuMicroseconds(this.client),
      redis: await redisCpuMicroseconds(this.redisUrl),
    });
    const before = await usage();
    const startedAt = performance.now();
    await go();
    while ((await this.carrier.heard()).numbers < dialable) {
      if (performance.now() - startedAt > PATIENCE_MS) throw new Error('It does not dial all it may dial.');
      await pause(10);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await usage();
    const each = (where: keyof Run['cpu']) => (after[where] - before[where]) / dialable;
    return {
      rate: dialable / seconds,
      cpu: { node: each('node'), postgres: each('postgres'), redis: each('redis') },
    };
  }
}

function openSource({ databaseUrl }: OwnStores) {
  return database(databaseUrl, COMMAND_LIMITS).initialize();
}

interface Heard {
  requests: number;
  numbers: number;
  twice: number;
}

class SilentCarrier {
  private constructor(
    readonly url: string,
    private readonly running: ChildProcess,
  ) {}

  static async start(): Promise<SilentCarrier> {
    const port = await freePort();
    const running = spawn(process.execPath, [resolve(import.meta.dirname, 'silent-carrier.js')], {
      env: { ...process.env, PORT: port.toString() },
      stdio: 'inherit',
    });
    const carrier = new SilentCarrier(`http://127.0.0.1:${port}`, running);
    while ((await carrier.heard().catch(() => null)) === null) await pause(20);
    return carrier;
  }

  async heard(): Promise<Heard> {
    return (await (await fetch(`${this.url}/heard`)).json()) as Heard;
  }

  async forget(): Promise<void> {
    await fetch(`${this.url}/forget`, { method: 'POST' });
  }

  stop(): void {
    this.running.kill('SIGKILL');
  }
}
