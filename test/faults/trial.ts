import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { RandomStream } from '../../apps/carrier/random-stream.js';
import { House } from '../house.js';
import type { Figures } from './figures.js';
import { judge, mostAtOnce, type CallRow } from './judge.js';
import type { OwnPostgres, OwnRedis } from './stores.js';

export interface TrialPlan {
  scenario: string;
  seed: number;
  calls: number;
  /** How long the work is meant to take without faults: the trunk is as fast as that needs. */
  seconds: number;
  dialers: number;
  isQuick: boolean;
  /** Starts per second on the trunk, where the plan's own pace will not do. */
  callsPerSecond?: number | undefined;
}

export interface Servers {
  postgres: OwnPostgres;
  redis: OwnRedis;
}

/** Calls of one campaign open at once at most. */
const MAX_CONCURRENT = 60;

/** Longest wait for the work to settle once all faults are healed. */
const SETTLE_MS = 90_000;

/** Attempts nobody can tell of are parked after this; the other deadlines follow. */
const HORIZON_SECONDS = 8;

/** A process that has lived this long has long connected. */
const START_MS = 8_000;

/** Requests of the harness to the api at once. */
const CLIENTS = 8;

let databases = 0;

/** One scenario's run: a house of its own, its calls, the faults done to it, and what came of it all. */
export class Trial {
  readonly random: RandomStream;
  readonly recoveryFrom: number[] = [];
  readonly breaches: string[] = [];
  readonly timings: string[] = [];
  /** Latencies of accepted calls, in milliseconds. */
  readonly acceptMs: number[] = [];
  /** Accepted calls that rightly wait at the end. */
  readonly held = new Set<string>();
  faults = 0;
  /** Look-ups were answered all the time, apart from the horizon: then unknown must mean that nobody can tell. */
  lookUpIsUp = true;
  private readonly acceptedIds: string[] = [];
  private readonly placeOf = new Map<string, number>();
  /** How every accepted call ended, by its place; once concluded. */
  finalStatuses: Map<number, string> = new Map();
  private isOver = false;
  private readonly keepers: Promise<void>[] = [];
  private readonly tended = new Set<ChildProcess>();
  private readonly killed = new WeakSet<ChildProcess>();

  private constructor(
    readonly plan: TrialPlan,
    readonly servers: Servers,
    readonly house: House,
    /** Past the proxy. */
    readonly databaseUrl: string,
    readonly campaignId: string,
  ) {
    this.random = new RandomStream(plan.seed, plan.scenario);
  }

  static async open(plan: TrialPlan, servers: Servers): Promise<Trial> {
    databases += 1;
    const name = `trial_${process.pid}_${databases}`;
    const { direct, proxied } = await servers.postgres.fresh(name);
    const house = await House.on(
      { databaseUrl: proxied, redisUrl: servers.redis.url, prefix: name },
      {
        dialers: 0,
        speed: 120,
        settings: {
          SEED: plan.seed.toString(),
          LOG_LEVEL: 'warn',
          TRUNK_CALLS_PER_SECOND: (plan.callsPerSecond ?? Math.max(10, plan.calls / plan.seconds)).toString(),
          UNSAFE_RECONCILE_HORIZON_SECONDS: HORIZON_SECONDS.toString(),
        },
      },
    );
    const campaignId = await house.campaign({ max_concurrent_calls: MAX_CONCURRENT });
    const trial = new Trial(plan, servers, house, direct, campaignId);
    for (let made = 0; made < plan.dialers; made += 1) trial.keepDialer();
    return trial;
  }

  /** Starts a dialer, and another after it whenever it ends, until the trial is over. */
  keepDialer(variables: () => Record<string, string> = () => ({})): void {
    const tend = async () => {
      while (!this.isOver) {
        const dialer = this.house.spawnDialer(variables());
        const startedAt = performance.now();
        this.tended.add(dialer);
        if (dialer.exitCode === null && dialer.signalCode === null) await once(dialer, 'exit');
        this.tended.delete(dialer);
        if (!this.isOver && dialer.signalCode === 'SIGKILL' && !this.killed.has(dialer)) {
          // It came to the point where it was armed to die.
          this.faults += 1;
          this.recoveryFrom.push(Date.now());
        }
        // One that finds no database as it starts ends with 1, for whoever runs it to start it again, as here.
        const wasStarting = performance.now() - startedAt < START_MS;
        if (dialer.exitCode !== null && dialer.exitCode !== 0 && !wasStarting) {
          const fatal = this.house.log.split('\n').filter((line) => line.includes(`"pid":${dialer.pid},`));
          this.breaches.push(`a dialer ended with ${dialer.exitCode}: ${fatal.slice(-2).join(' ')}`);
        }
      }
    };
    this.keepers.push(tend().catch(() => undefined));
  }

  /** Kills a dialer as the machine would: no signal handler runs. */
  kill(dialer: ChildProcess): void {
    this.killed.add(dialer);
    dialer.kill('SIGKILL');
  }

  /** A dialer that runs, drawn by lot. */
  someDialer(): ChildProcess | undefined {
    const running = [...this.tended];
    return running[Math.floor(this.random.next() * running.length)];
  }

  /** A number of this trial: each is called for one call only, and its last digits tell the carrier what to do. */
  number(place: number): string {
    const random = new RandomStream(this.plan.seed, 'number', place);
    // 92 is never answered at all, which is a fault of its own.
    const rare = random.shuffled(RARE_DIGITS)[0] as string;
    const digits = random.chance(0.6) ? Math.floor(random.between(0, 60)).toString().padStart(2, '0') : rare;
    return `+1${201 + Math.floor(place / 90)}555${10 + (place % 90)}${digits}`;
  }

  /** Makes all calls, as fast as the work is planned, however often the api dies meanwhile. */
  async acceptAll(campaignId = this.campaignId, from = 0, until = this.plan.calls): Promise<void> {
    let next = from;
    const gapMs = (this.plan.seconds * 600) / this.plan.calls;
    const client = async () => {
      while (next < until) {
        const place = next++;
        await this.accept(campaignId, place);
        await pause(gapMs * CLIENTS);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  }

  /** Makes one call, asking again under the same key until it is answered, as a careful client does. */
  async accept(campaignId: string, place: number): Promise<string> {
    const to = this.number(place);
    const key = `place-${place}`;
    for (;;) {
      const begun = performance.now();
      const answer = await this.house
        .api('POST', `/campaigns/${campaignId}/call`, { to }, { 'idempotency-key': key })
        .catch(() => null);
      if (answer?.status === 201) this.acceptMs.push(performance.now() - begun);
      const id: unknown = answer?.body?.campaign_call?.id;
      if (typeof id === 'string') {
        this.acceptedIds.push(id);
        this.placeOf.set(id, place);
        return id;
      }
      if (answer !== null && answer.status < 500 && answer.status !== 429) {
        throw new Error(`A call was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
      await pause(100);
    }
  }

  /** Notes how long something took. Too long is a breach, but in a quick run, whose machine may be busy with others. */
  timed(what: string, tookMs: number, limitMs: number): void {
    this.timings.push(`${what}: ${Math.round(tookMs)} ms of ${limitMs}`);
    if (tookMs > limitMs && !this.plan.isQuick) this.breaches.push(`${what} took ${Math.round(tookMs)} ms`);
  }

  /** Does something bad, and notes when it was over. */
  async fault(bad: () => Promise<void> | void): Promise<void> {
    this.faults += 1;
    await bad();
    this.recoveryFrom.push(Date.now());
  }

  /** Runs `bad` again and again while the calls are made and dialled. */
  async disturb(everyMs: number, bad: (turn: number) => Promise<void> | void): Promise<void> {
    const making = this.acceptAll();
    let made = false;
    void making.then(() => (made = true));
    // A dialer that does not dial must not be disturbed for ever: what is left then counts as lost.
    const until = Date.now() + (this.plan.seconds * 6 + 30) * 1000;
    for (
      let turn = 0;
      !made || ((await this.live()) > this.plan.calls * 0.03 && Date.now() < until);
      turn += 1
    ) {
      await this.fault(() => bad(turn));
      await pause(everyMs * this.random.between(0.5, 1.5));
    }
    await making;
  }

  /** How many calls are neither at an end nor parked nor held. Null answers are asked again. */
  async live(): Promise<number> {
    for (;;) {
      try {
        const rows = await this.servers.postgres.query(
          this.databaseUrl,
          `SELECT id FROM calls WHERE status IN ('waiting', 'initiated', 'ringing', 'answered')`,
        );
        return rows.filter(({ id }) => !this.held.has(id as string)).length;
      } catch {
        await pause(200);
      }
    }
  }

  async query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.servers.postgres.query(this.databaseUrl, text, values);
  }

  /** Waits, with all faults healed, until nothing more happens; then ends every process and reckons up. */
  async conclude(withoutFaults: ReadonlyMap<number, string> | null): Promise<Figures> {
    const deadline = Date.now() + SETTLE_MS;
    while ((await this.live()) > 0 && Date.now() < deadline) await pause(200);
    // Late proof is awaited too: an unknown attempt is looked up again.
    const patience = Date.now() + HORIZON_SECONDS * 2_000;
    while ((await this.countUnknownToUsOnly()) > 0 && Date.now() < patience) await pause(500);
    const figures = await this.reckon(withoutFaults);
    await this.abandon();
    return figures;
  }

  /** Ends every process of the trial. */
  async abandon(): Promise<void> {
    this.isOver = true;
    await this.house.close();
    await Promise.all(this.keepers);
  }

  /** The status of every accepted call, by its place. */
  async statuses(): Promise<Map<number, string>> {
    const rows = await this.rows();
    return new Map(
      rows.flatMap(({ id, status }) => {
        const place = this.placeOf.get(id);
        return place === undefined ? [] : [[place, status] as const];
      }),
    );
  }

  private async reckon(withoutFaults: ReadonlyMap<number, string> | null): Promise<Figures> {
    const ledger = await this.house.ledger();
    const judgement = judge(this.acceptedIds, await this.rows(), ledger, this.held);
    if (this.lookUpIsUp && judgement.unknownToUsOnly.length > 0) {
      this.breaches.push(`${judgement.unknownToUsOnly.length} unknown that the carrier knows`);
    }
    if (mostAtOnce(ledger) > MAX_CONCURRENT) {
      this.breaches.push(`${mostAtOnce(ledger)} calls at once of at most ${MAX_CONCURRENT}`);
    }
    const [drifted] = await this.query(
      `SELECT count(*)::integer AS count FROM slots WHERE in_use <> (SELECT count(*) FROM attempts WHERE holds_slot
         AND slots.scope IN ('campaign:' || campaign_id, 'environment:' || environment_id))`,
    );
    if (drifted?.count !== 0) this.breaches.push('slots do not match the open attempts');
    this.finalStatuses = await this.statuses();
    const statuses = this.finalStatuses;
    // A scenario may make calls of its own beyond the planned ones; those have nothing to be like.
    const compared = [...statuses].filter(([place]) => withoutFaults?.has(place));
    const same = compared.filter(([place, status]) => withoutFaults?.get(place) === status).length;
    return {
      scenario: this.plan.scenario,
      calls: this.acceptedIds.length,
      faults: this.faults,
      rungTwice: judgement.rungTwice.length,
      lost: judgement.lost.length,
      wrongState: judgement.wrongState.length,
      unknown: judgement.unknown.length,
      unknownThatRang: judgement.unknownThatRang.length,
      sameAsWithout: withoutFaults === null ? null : same / Math.max(1, compared.length),
      breaches: this.breaches,
      timings: this.timings,
      recoveryMs: this.recoveries(
        ledger.filter(({ kind }) => kind === 'request').map(({ at }) => Date.parse(at)),
      ),
    };
  }

  private recoveries(requestedAt: number[]): number[] {
    const inOrder = requestedAt.sort((a, b) => a - b);
    return this.recoveryFrom.flatMap((healedAt) => {
      const next = inOrder.find((at) => at >= healedAt);
      return next === undefined ? [] : [next - healedAt];
    });
  }

  private async countUnknownToUsOnly(): Promise<number> {
    const judgement = judge(this.acceptedIds, await this.rows(), await this.house.ledger(), this.held);
    return judgement.unknownToUsOnly.length;
  }

  private async rows(): Promise<CallRow[]> {
    const rows = await this.query(
      `SELECT id, to_number AS "to", status,
              (SELECT coalesce(jsonb_agg(jsonb_build_object('id', attempts.id, 'status', attempts.status)), '[]')
               FROM attempts WHERE call_id = calls.id) AS attempts
       FROM calls`,
    );
    return rows as unknown as CallRow[];
  }
}

/** Digits that do not just answer and talk, without 92. */
const RARE_DIGITS = Array.from({ length: 40 }, (_, index) => (60 + index).toString()).filter(
  (digits) => digits !== '92',
);
