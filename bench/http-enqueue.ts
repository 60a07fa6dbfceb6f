import 'reflect-metadata';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../apps/start/free-port.js';
import { API_LIMITS } from '#store/database.js';
import { House } from '../test/house.js';
import type { LoadPlan, LoadResult } from './http-load.js';
import { withOwnStores, type OwnStores } from './own-stores.js';
import { cpuMicroseconds, postgresCpuMicroseconds, redisCpuMicroseconds } from './process-usage.js';
import type { Report } from './report.js';
import type { Scenario } from './scenario.js';

export const httpEnqueue: Scenario = {
  name: 'S1',
  word: 'http-enqueue',
  does: 'calls taken in over HTTP with every check, beside a bare server that does one INSERT and one XADD',
  uses: ['postgres', 'redis', 'fastify', 'pg', 'bullmq', 'autocannon'],
  run: ({ quick, report }) => withOwnStores((stores) => measure(stores, quick, report)),
};

const CONNECTIONS = 64;

interface Sizes {
  rounds: number;
  /** Requests of a go of many connections. */
  amount: number;
  /** Requests of a go of one connection. */
  alone: number;
}

/** The ways of asking: for new numbers, for the same ones again, and for new ones over a single connection. */
const WAYS = ['new', 'again', 'alone'] as const;
type Way = (typeof WAYS)[number];

const SAID: Record<Way, string> = {
  new: `${CONNECTIONS} connections`,
  again: `${CONNECTIONS} connections, every number a duplicate`,
  alone: '1 connection',
};

interface Run {
  /** Answers per second. */
  rate: number;
  p50Ms: number;
  p99Ms: number;
  /** Microseconds of processor an answer: of the process that answers, of PostgreSQL, of Redis. */
  cpu: Record<'node' | 'postgres' | 'redis', number>;
}

type Runs = Record<Way, Run[]>;

async function measure(stores: OwnStores, quick: boolean, report: Report): Promise<void> {
  const sizes: Sizes = quick
    ? { rounds: 3, amount: 3_200, alone: 100 }
    : { rounds: 7, amount: 25_600, alone: 1_000 };
  const { redisUrl } = stores;
  if (redisUrl === null) throw new Error('Set REDIS_URL: both servers put what they take in there.');
  const client = new pg.Client({ connectionString: stores.databaseUrl });
  await client.connect();
  const ours = await Intake.ofRingfence(stores, client);
  const bare = await Intake.ofBareServer({ ...stores, redisUrl }, client);
  const runs: Record<'ours' | 'bare', Runs> = { ours: emptyRuns(), bare: emptyRuns() };
  try {
    const bench = new Bench(client, redisUrl, sizes, report);
    for (let round = 0; round <= sizes.rounds; round += 1) {
      const contenders = [
        { name: 'bare', intake: bare },
        { name: 'ours', intake: ours },
      ] as const;
      for (const { name, intake } of round % 2 === 0 ? contenders : contenders.toReversed()) {
        for (const [way, run] of await bench.goThrough(intake)) if (round > 0) runs[name][way].push(run);
      }
    }
    bench.tell();
  } finally {
    await ours.close();
    await bare.close();
    await client.end();
  }
  tell(runs, report);
}

function emptyRuns(): Runs {
  return { new: [], again: [], alone: [] };
}

function tell({ ours, bare }: Record<'ours' | 'bare', Runs>, report: Report): void {
  report.note('Both keep no log of answered requests; both have as many connections to PostgreSQL.');
  for (const way of WAYS) {
    for (const [word, runs] of [
      ['Ringfence', ours[way]],
      ['bare server', bare[way]],
    ] as const) {
      const label = `${word}, ${SAID[way]}`;
      const of = (pick: (run: Run) => number) => runs.map(pick);
      report.figure(
        label,
        of(({ rate }) => rate),
        '/s',
      );
      report.figure(
        `${label}, p50`,
        of(({ p50Ms }) => p50Ms),
        'ms',
      );
      report.figure(
        `${label}, p99`,
        of(({ p99Ms }) => p99Ms),
        'ms',
      );
      report.cpu(label, {
        node: of(({ cpu }) => cpu.node),
        postgres: of(({ cpu }) => cpu.postgres),
        redis: of(({ cpu }) => cpu.redis),
      });
    }
    report.ratio(
      `Ringfence / bare server, ${SAID[way]}`,
      ours[way].map(({ rate }, nth) => rate / bare[way][nth]!.rate),
    );
  }
}

/** A server that takes calls in, in a process of its own. */
class Intake {
  /** The next number that it was never asked for. */
  private place = 0;

  private constructor(
    readonly name: string,
    readonly server: ChildProcess,
    readonly url: string,
    readonly headers: Record<string, string>,
    /** Where its calls are. */
    readonly table: string,
    readonly close: () => Promise<void>,
  ) {}

  static async ofRingfence(stores: OwnStores, client: pg.Client): Promise<Intake> {
    const house = await House.on(stores, { dialers: 0, settings: { LOG_LEVEL: 'warn' } });
    const { token } = await house.cli(['token', 'create', '--environment', house.environmentId]);
    await client.query(`UPDATE environments SET rate_limit_per_minute = 100000000`);
    // Where no dialer leads no call is offered, and the queue would be left out.
    await client.query(
      `INSERT INTO leases (name, holder, expires_at) VALUES ('dialer', 'nobody', 'infinity')`,
    );
    const campaignId = await house.campaign();
    return new Intake(
      'Ringfence',
      house.apiProcess,
      house.url(`/api/v1/campaigns/${campaignId}/call`),
      { authorization: `Bearer ${String(token)}` },
      'calls',
      () => house.close(),
    );
  }

  static async ofBareServer(
    { databaseUrl, redisUrl, prefix }: OwnStores & { redisUrl: string },
    client: pg.Client,
  ): Promise<Intake> {
    const port = await freePort();
    const server = spawn(process.execPath, [resolve(import.meta.dirname, 'rivals/bare-intake.js')], {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        PORT: port.toString(),
        STREAM: `${prefix}_bare`,
        POOL_SIZE: API_LIMITS.poolSize.toString(),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(server.stdout, 'data');
    return new Intake(
      'bare server',
      server,
      `http://127.0.0.1:${port}/campaigns/${randomUUID()}/call`,
      {},
      'bare_calls',
      async () => {
        server.kill('SIGKILL');
        await once(server, 'close');
        await client.query('DROP TABLE bare_calls');
      },
    );
  }

  /** Places of numbers that it was never asked for: the first of so many. */
  fresh(count: number): number {
    const from = this.place;
    this.place += count;
    return from;
  }
}

class Bench {
  private readonly held = new Map<string, boolean>();

  constructor(
    private readonly client: pg.Client,
    private readonly redisUrl: string,
    private readonly sizes: Sizes,
    private readonly report: Report,
  ) {}

  /** Every way of asking, once. What must hold of the answers and the rows is looked at after each. */
  async goThrough(intake: Intake): Promise<[Way, Run][]> {
    const { amount, alone } = this.sizes;
    const from = intake.fresh(amount);
    return [
      ['new', await this.run(intake, { connections: CONNECTIONS, amount, from }, 201)],
      ['again', await this.run(intake, { connections: CONNECTIONS, amount, from }, 409)],
      ['alone', await this.run(intake, { connections: 1, amount: alone, from: intake.fresh(alone) }, 201)],
    ];
  }

  private async run(
    intake: Intake,
    asked: Pick<LoadPlan, 'connections' | 'amount' | 'from'>,
    expected: 201 | 409,
  ): Promise<Run> {
    const rowsBefore = await this.rowsOf(intake);
    const before = await this.usage(intake);
    const result = await load({ url: intake.url, headers: intake.headers, ...asked });
    const after = await this.usage(intake);
    const each = (where: keyof Run['cpu']) => (after[where] - before[where]) / asked.amount;
    await this.check(intake, result, asked.amount, expected, rowsBefore);
    return {
      rate: asked.amount / result.seconds,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
      cpu: { node: each('node'), postgres: each('postgres'), redis: each('redis') },
    };
  }

  private async check(
    { name, table }: Intake,
    { statuses, acceptedIds }: LoadResult,
    amount: number,
    expected: 201 | 409,
    rowsBefore: number,
  ): Promise<void> {
    const { rows } = await this.client.query<{ rowsAfter: number; kept: number }>(
      `SELECT (SELECT count(*)::integer FROM ${table}) AS "rowsAfter",
              (SELECT count(DISTINCT to_number)::integer FROM ${table} WHERE id = ANY ($1)) AS kept`,
      [acceptedIds],
    );
    const { rowsAfter, kept } = rows[0]!;
    const accepted = expected === 201 ? amount : 0;
    const isSo =
      statuses[expected] === amount &&
      acceptedIds.length === accepted &&
      kept === accepted &&
      rowsAfter - rowsBefore === accepted;
    const sentence =
      expected === 201
        ? `${name}: every new number is answered with 201 and is a row, once`
        : `${name}: every duplicate is answered with 409 and is no row`;
    this.held.set(sentence, isSo && this.held.get(sentence) !== false);
    if (!isSo)
      this.report.note(
        `${name}, ${amount} requests: ${JSON.stringify({ statuses, kept, rowsBefore, rowsAfter })}`,
      );
  }

  /** Says what held in every go. */
  tell(): void {
    for (const [sentence, isSo] of this.held) this.report.holds(sentence, isSo);
  }

  private async rowsOf({ table }: Intake): Promise<number> {
    const { rows } = await this.client.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM ${table}`,
    );
    return rows[0]!.count;
  }

  private async usage({ server }: Intake): Promise<Run['cpu']> {
    return {
      node: cpuMicroseconds([server]),
      postgres: await postgresCpuMicroseconds(this.client),
      redis: await redisCpuMicroseconds(this.redisUrl),
    };
  }
}

/** Asks from a process of its own, so that what asking costs is nobody's. */
async function load(plan: LoadPlan): Promise<LoadResult> {
  const words = [resolve(import.meta.dirname, 'http-load.js'), JSON.stringify(plan)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as LoadResult;
}
