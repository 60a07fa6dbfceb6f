import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { RandomStream } from '../../apps/carrier/random-stream.js';
import { House } from '../house.js';
import type { TestedCarrier } from '../tested-carriers.js';
import { Ambiguity } from './ambiguity.js';
import type { HitPoints } from './hit-points.js';
import { CALL_ROWS, type CallRow } from './judge.js';
import type { OwnPostgres, OwnRedis } from './stores.js';

export interface TrialPlan {
  scenario: string;
  seed: number;
  calls: number;
  /** How long the work is meant to take without faults. */
  seconds: number;
  dialers: number;
  isQuick: boolean;
  hitPoints: HitPoints;
  /** Calls are stopped on purpose: some end without a dial. */
  endsDiffer?: boolean | undefined;
  /** Which carrier, if not the simulated one. */
  carrier?: TestedCarrier | undefined;
  /** Starts per second on the trunk, where the plan's own pace will not do. */
  callsPerSecond?: number | undefined;
}

export interface Servers {
  postgres: OwnPostgres;
  redis: OwnRedis;
}

/** How much faster than life the carrier is: a talk of a minute takes a quarter of a second. */
const SPEED = 240;

/** Calls of the campaign open at once at most: at the planned pace about as many as it takes, so the limit is felt. */
const MAX_CONCURRENT = 8;
const MAX_CONCURRENT_WHEN_QUICK = 3;

/** The trunk's starts per second, of the planned pace: the slots are to be what limits the dialling, not the trunk. */
const TRUNK_TIMES_PACE = 4;

/** Longest wait for the work to settle once all faults are healed. */
const SETTLE_MS = 90_000;

/** Attempts nobody can tell of are parked after this; the other deadlines follow. */
export const HORIZON_SECONDS = 8;

/** What a process says that finds no database as it starts, and ends with 1 for whoever runs it to start it again. */
const FAILED_START = 'Cannot start:';

/** Requests of the harness to the api at once. */
const CLIENTS = 8;

/** Longest a client goes on asking for its call to be taken in. */
const ACCEPT_MS = 90_000;

/** Longest the database may be away when the harness asks it straight. */
const DATABASE_MS = 60_000;

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
  /** Attempts whose end the carrier told nobody, and has forgotten since. */
  readonly endedUnheard = new Set<string>();
  faults = 0;
  readonly acceptedIds: string[] = [];
  readonly ambiguity = new Ambiguity((text) => this.query(text));
  private readonly placeOf = new Map<string, number>();
  private isOver = false;
  private readonly keepers: Promise<void>[] = [];
  private readonly tended = new Set<ChildProcess>();
  private readonly killed = new WeakSet<ChildProcess>();
  private readonly frozen = new Set<ChildProcess>();

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
        ...(plan.carrier === undefined ? {} : { carrier: plan.carrier }),
        speed: SPEED,
        settings: {
          SEED: plan.seed.toString(),
          LOG_LEVEL: 'warn',
          TRUNK_CALLS_PER_SECOND: (
            plan.callsPerSecond ?? (TRUNK_TIMES_PACE * plan.calls) / plan.seconds
          ).toString(),
          CAMPAIGN_RAMP_SECONDS: '0',
          UNSAFE_RECONCILE_HORIZON_SECONDS: HORIZON_SECONDS.toString(),
        },
      },
    );
    await servers.postgres.query(direct, FREE_SLOTS_SOONER);
    const campaignId = await house.campaign({
      max_concurrent_calls: plan.isQuick ? MAX_CONCURRENT_WHEN_QUICK : MAX_CONCURRENT,
    });
    const trial = new Trial(plan, servers, house, direct, campaignId);
    for (let made = 0; made < plan.dialers; made += 1) trial.keepDialer();
    return trial;
  }

  /** Whether the carrier leaves machines and people apart to whoever listens. */
  get hearsNoMachines(): boolean {
    return this.plan.carrier === 'asterisk' || this.plan.carrier === 'livekit';
  }

  /** Whether the carrier has fewer words for how a call ends than the network. */
  get tellsRoughly(): boolean {
    return this.plan.carrier === 'livekit';
  }

  /** Starts a dialer, and another after it whenever it ends, until the trial is over. */
  keepDialer(variables: () => Record<string, string> = () => ({})): void {
    const tend = async () => {
      while (!this.isOver) {
        const given = variables();
        const dialer = this.house.spawnDialer(given);
        let hasStarted = true;
        dialer.stderr?.on('data', (words: Buffer) => (hasStarted &&= !words.includes(FAILED_START)));
        this.tended.add(dialer);
        // Its end, and the end of what it says.
        await once(dialer, 'close');
        this.tended.delete(dialer);
        if (!this.isOver) this.noteEnd(dialer, hasStarted, given.FAULT_POINT);
      }
    };
    this.keepers.push(
      tend().catch((error: unknown) => {
        this.breaches.push(`a dialer is not kept any more: ${(error as Error).message}`);
      }),
    );
  }

  private noteEnd(dialer: ChildProcess, hasStarted: boolean, armedFor: string | undefined): void {
    const { exitCode, signalCode } = dialer;
    if (exitCode !== 0) this.ambiguity.note();
    if (signalCode === 'SIGKILL' && !this.killed.has(dialer)) {
      // It came to the point where it was armed to die.
      this.faults += 1;
      this.recoveryFrom.push(Date.now());
      if (armedFor === undefined) this.breaches.push('a dialer was killed, and not by the harness');
      else this.plan.hitPoints.note(armedFor);
    }
    if (exitCode !== null && exitCode !== 0 && hasStarted) {
      const fatal = this.house.log.split('\n').filter((line) => line.includes(`"pid":${dialer.pid},`));
      this.breaches.push(`a dialer ended with ${exitCode}: ${fatal.slice(-2).join(' ')}`);
    }
  }

  /** Kills a dialer as the machine would: no signal handler runs. */
  kill(dialer: ChildProcess): void {
    this.killed.add(dialer);
    dialer.kill('SIGKILL');
  }

  /** Lets a dialer stand still, as a long collection of garbage or a moved machine does, and go on again. */
  async freeze(dialer: ChildProcess, forMs: number): Promise<void> {
    this.frozen.add(dialer);
    dialer.kill('SIGSTOP');
    try {
      this.ambiguity.note();
      await pause(forMs);
    } finally {
      dialer.kill('SIGCONT');
      this.frozen.delete(dialer);
    }
  }

  /** A dialer that runs, drawn by lot. */
  someDialer(): ChildProcess | undefined {
    const running = [...this.tended].filter((dialer) => !this.frozen.has(dialer));
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

  /**
   * Makes one call, asking again under the same key until it is answered, as a careful client does.
   * @returns its id, or null where it was not taken in, which is a breach
   */
  async accept(campaignId: string, place: number): Promise<string | null> {
    const headers = { 'idempotency-key': `place-${place}` };
    const body = { to: this.number(place) };
    const deadline = Date.now() + ACCEPT_MS;
    while (!this.isOver && Date.now() < deadline) {
      const begun = performance.now();
      const answer = await this.house
        .api('POST', `/campaigns/${campaignId}/call`, body, headers)
        .catch(() => null);
      if (answer?.status === 201) this.acceptMs.push(performance.now() - begun);
      const id: unknown = answer?.body?.campaign_call?.id;
      if (typeof id === 'string') {
        this.acceptedIds.push(id);
        this.placeOf.set(id, place);
        return id;
      }
      if (answer !== null && answer.status !== 503 && answer.status !== 429) {
        this.breaches.push(`a call was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
        if (answer.status < 500) return null;
      }
      await pause(100);
    }
    if (!this.isOver) this.breaches.push(`a call was not taken in within ${ACCEPT_MS / 1000} s`);
    return null;
  }

  /** Asks again and again until something holds. What does not come in time is a breach. */
  async comes(what: string, withinMs: number, ask: () => Promise<boolean>): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (!this.isOver && Date.now() < deadline) {
      if (await ask()) return true;
      await pause(10);
    }
    this.breaches.push(`it did not come within ${withinMs / 1000} s: ${what}`);
    return false;
  }

  /**
   * How often a scenario that kills processes may do so: in a quick run, on a machine that may be busy with others,
   * a process must get the time to start before the next one dies, or nothing is dialled at all.
   */
  get killEveryMs(): number {
    return this.plan.isQuick ? 2_500 : 900;
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
    const over = () => void (made = true);
    // Both: a failure that is only awaited after the harm would end the run as an unhandled one.
    making.then(over, over);
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

  /** How many calls are neither at an end nor parked nor held. */
  async live(): Promise<number> {
    const deadline = Date.now() + DATABASE_MS;
    for (;;) {
      try {
        const rows = await this.query(
          `SELECT id FROM calls WHERE status IN ('waiting', 'initiated', 'ringing', 'answered')`,
        );
        return rows.filter(({ id }) => !this.held.has(id as string)).length;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await pause(200);
      }
    }
  }

  async query(text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.servers.postgres.query(this.databaseUrl, text, values);
  }

  /** Waits, with all faults healed, until no call can move any more by itself. */
  async settle(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    while ((await this.live()) > 0 && Date.now() < deadline) await pause(200);
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

  /** The places of the calls that some attempts are of. */
  async placesOf(attemptIds: ReadonlySet<string>): Promise<ReadonlySet<number>> {
    const rows = await this.rows();
    return new Set(
      rows.flatMap(({ id, attempts }) => {
        const place = this.placeOf.get(id);
        return place !== undefined && attempts.some((one) => attemptIds.has(one.id)) ? [place] : [];
      }),
    );
  }

  async rows(): Promise<CallRow[]> {
    return (await this.query(CALL_ROWS)) as unknown as CallRow[];
  }
}

/**
 * An attempt of unknown fate keeps its slot for the longest call there can be. The carrier's calls are shorter by its
 * speed, and so is that: else a few of them would hold all slots of a small campaign for the rest of the trial.
 */
const FREE_SLOTS_SOONER = `
  CREATE FUNCTION faults_free_slots_sooner() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    NEW.slot_until := NEW.sending_at + (NEW.slot_until - NEW.sending_at) / ${SPEED};
    RETURN NEW;
  END $$;
  CREATE TRIGGER faults_free_slots_sooner BEFORE UPDATE ON attempts FOR EACH ROW
    WHEN (OLD.status = 'claimed' AND NEW.status = 'sending') EXECUTE FUNCTION faults_free_slots_sooner()`;

/** Digits that do not just answer and talk, without 92. */
const RARE_DIGITS = Array.from({ length: 40 }, (_, index) => (60 + index).toString()).filter(
  (digits) => digits !== '92',
);
