import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../apps/start/free-port.js';
import { judge } from './described-api.js';
import { leaksIn, namesAndLabelsOf, UNSAYABLE, type Told } from './leak-watch.js';
import { queueContents } from './queue-contents.js';
import { CARRIERS, type TestedCarrier } from './tested-carriers.js';
import { WebhookReceiver } from './webhook-receiver.js';
import { A_CAMPAIGN, AN_AGENT, WAY_TO } from './bodies.js';

/**
 * The whole house, as built processes of its own: api, dialers and the simulated carrier, on a schema and a key
 * prefix that nobody else uses. What it says is asked over HTTP; what rang is asked of the carrier.
 */
export interface HouseStores {
  /** A migrated database that nobody else uses. */
  databaseUrl: string;
  /** Null: the queue lives in PostgreSQL. */
  redisUrl: string | null;
  /** QUEUE_PREFIX, used by nobody else. */
  prefix: string;
}

export interface HouseOptions {
  dialers?: number;
  /** Which carrier, of the simulated one and the twins of others; all have the same digits, faults and ledger. */
  carrier?: TestedCarrier;
  /** How much faster than life the carrier is. */
  speed?: number;
  /** What people call the house's environment. */
  environmentName?: string;
  /** Settings of api and dialers beyond the defaults of tests. */
  settings?: Record<string, string>;
  /** Leads the processes to the database another way; the test itself goes straight there. */
  throughDatabase?: (url: string) => string;
  /** The folder of another release, whose programs are started until `release` names another one. */
  release?: string;
  /** Also looks at metrics and queue before it closes, for what they must not tell. */
  isLookedThrough?: boolean;
}

/** This checkout: every command of the project runs in its top folder. */
export const THIS_RELEASE = '.';

export interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

export interface LedgerLine {
  at: string;
  kind: 'request' | 'ring' | 'answer' | 'end' | 'callback';
  id: string;
  to: string;
  [field: string]: unknown;
}

/** Longest wait for something that a test expects of the house. */
const PATIENCE_MS = 60_000;

export class House {
  readonly dialers: ChildProcess[] = [];
  readonly receiver = new WebhookReceiver();
  databaseUrl: string;
  /** QUEUE_PREFIX of this house. */
  prefix: string;
  environmentId: string;
  private token: string;
  apiProcess: ChildProcess;
  apiAdminPort: number;
  private readonly processes: ChildProcess[] = [];
  private readonly output: string[] = [];
  /** The same, of each process by itself: what one writes in two pieces is one text. */
  private readonly spoken: { app: string; pieces: string[] }[] = [];
  private redisUrl: string | null;
  variables: Record<string, string>;
  /** The folder of the release whose programs are started from now on. */
  release: string;
  /** The release of the api that answers now. */
  private apiRelease: string;

  protected constructor(private readonly options: HouseOptions) {
    this.release = options.release ?? THIS_RELEASE;
  }

  static async on(stores: HouseStores, options: HouseOptions = {}): Promise<House> {
    const house = new House(options);
    try {
      await house.start(stores);
    } catch (error) {
      await house.close();
      throw error;
    }
    return house;
  }

  /** Asks the api, with the environment's token. An answer that the api's description does not know fails the test. */
  async api(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const asked = fetch(`${this.variables.PUBLIC_URL}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const response = await this.inTime(`${method} ${path} is answered`, asked);
    const text = await response.text();
    const { status, headers: answered } = response;
    const answer = { status, headers: answered, body: text === '' ? null : JSON.parse(text) };
    // The description is of this release's answers.
    if (this.apiRelease === THIS_RELEASE) judge({ method, path, sent: body, ...answer });
    return answer;
  }

  /** As api, and an answer other than a 2xx fails the test. */
  async must(method: string, path: string, body?: unknown): Promise<any> {
    const answer = await this.api(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} → ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A published agent. */
  async agent(overrides: Record<string, unknown> = {}): Promise<string> {
    const { place: connect_to } = CARRIERS[this.options.carrier ?? 'simulated'];
    const place = connect_to === null ? {} : { connect_to };
    const { data } = await this.must('POST', '/agents', { ...AN_AGENT, ...place, ...overrides });
    await this.must('POST', `/agents/${data.id}/publish`);
    return data.id as string;
  }

  /** A published agent and a campaign of it: active, and open around the clock, unless told otherwise. */
  async campaign(
    overrides: Record<string, unknown> = {},
    agent: Record<string, unknown> = {},
    status = 'active',
  ): Promise<string> {
    const { data } = await this.must('POST', '/campaigns', {
      ...A_CAMPAIGN,
      agent_id: await this.agent(agent),
      ...overrides,
    });
    for (const step of WAY_TO[status] ?? [])
      await this.must('PATCH', `/campaigns/${data.id}/status`, { status: step });
    return data.id as string;
  }

  url(path: string): string {
    return `${this.variables.PUBLIC_URL}${path}`;
  }

  /** Posts text as it is. */
  async raw(
    path: string,
    text: string | Buffer<ArrayBuffer>,
    contentType = 'application/json',
  ): Promise<{ status: number; body: any }> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': contentType };
    const response = await fetch(this.url(`/api/v1${path}`), { method: 'POST', headers, body: text });
    const answer = { status: response.status, body: await response.json() };
    // Only what is taken is looked at, and that is JSON.
    const sent: unknown = response.ok ? await new Response(text).json() : text;
    judge({ method: 'POST', path, sent, headers: response.headers, ...answer });
    return answer;
  }

  /** Sends a file as it is. */
  async upload(
    path: string,
    file: string | Buffer<ArrayBuffer>,
    contentType = 'text/csv',
    token: string | null = null,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.url(`/api/v1${path}`), {
      method: 'POST',
      headers: { authorization: `Bearer ${token ?? this.token}`, 'content-type': contentType, ...more },
      body: file,
    });
    const { status, headers } = response;
    const answer = { status, headers, body: await response.json() };
    judge({ method: 'POST', path, sent: file, ...answer });
    return answer;
  }

  /** Asks for a file. */
  async download(path: string): Promise<{ status: number; headers: Headers; text: string }> {
    const response = await fetch(this.url(`/api/v1${path}`), {
      headers: { authorization: `Bearer ${this.token}` },
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Makes a campaign call and returns its id. Where nothing else is said, it holds what nobody may be told. */
  async call(campaignId: string, to: string, body: Record<string, unknown> = {}): Promise<string> {
    const told = { payload: { private: UNSAYABLE }, context: { private: UNSAYABLE } };
    const made = await this.must('POST', `/campaigns/${campaignId}/call`, { to, ...told, ...body });
    return made.campaign_call.id as string;
  }

  /** A call as `GET /calls/{id}` tells it. */
  async readCall(callId: string): Promise<any> {
    return (await this.must('GET', `/calls/${callId}`)).data;
  }

  /** The carrier's own record. */
  async ledger(): Promise<LedgerLine[]> {
    const response = await fetch(`${this.variables.CARRIER_URL}/ledger`);
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as LedgerLine);
  }

  async setFaults(faults: Record<string, unknown>): Promise<void> {
    await fetch(`${this.variables.CARRIER_URL}/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(faults),
    });
  }

  /** Another environment of the same house, and a way to ask the api as it. */
  async neighbour(
    scopes?: string,
  ): Promise<(method: string, path: string, body?: unknown) => Promise<Answer>> {
    const { id } = await this.cli([
      'environment',
      'create',
      '--name',
      `${this.prefix}-${randomBytes(4).toString('hex')}`,
      '--rate-limit',
      '1000000',
    ]);
    return this.as(await this.newToken(id as string, scopes));
  }

  /** A way to ask the api with a token of this environment that has only some scopes. */
  async withScopes(
    scopes: string,
  ): Promise<(method: string, path: string, body?: unknown) => Promise<Answer>> {
    return this.as(await this.newToken(this.environmentId, scopes));
  }

  /** Asks with another bearer token, or none. */
  as(token: string | null): (method: string, path: string, body?: unknown) => Promise<Answer> {
    return (method, path, body) =>
      this.api(method, path, body, { authorization: token === null ? '' : `Bearer ${token}` });
  }

  /** A token of this environment, or of another. */
  async newToken(environmentId = this.environmentId, scopes?: string): Promise<string> {
    const words = [
      'token',
      'create',
      '--environment',
      environmentId,
      ...(scopes === undefined ? [] : ['--scopes', scopes]),
    ];
    return (await this.cli(words)).token as string;
  }

  /** Waits until something holds, asking again and again; the test fails with `what` when it never does. */
  async until<T>(what: string, ask: () => Promise<T | null | undefined | false>): Promise<T> {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      const answer = await ask();
      if (answer) return answer;
      await pause(50);
    }
    throw this.never(what);
  }

  /** What comes by itself, such as the end of a process; the test fails with `what` when it never does. */
  async inTime<T>(what: string, asked: Promise<T>): Promise<T> {
    const isOver = new AbortController();
    try {
      return await Promise.race([
        asked,
        pause(PATIENCE_MS, undefined, { signal: isOver.signal }).then(() => {
          throw this.never(what);
        }),
      ]);
    } finally {
      isOver.abort();
    }
  }

  private never(what: string): Error {
    // Answered requests are mostly this very waiting.
    const told = this.log.split('\n').filter((line) => !line.includes('"status":200'));
    return new Error(`It never came to this: ${what}\n${told.slice(-60).join('\n')}`);
  }

  /** Waits until none of the calls can move any more: final, or parked. Returns them by id. */
  async settled(callIds: string[]): Promise<Map<string, any>> {
    const found = new Map<string, any>();
    await this.until(`${callIds.length} calls settle`, async () => {
      for (const id of callIds) {
        if (found.has(id)) continue;
        const call = await this.readCall(id);
        if (!SETTLED.has(call.status)) return false;
        found.set(id, call);
      }
      return true;
    });
    return found;
  }

  async startDialer(variables: Record<string, string> = {}): Promise<ChildProcess> {
    const dialer = this.spawnDialer(variables);
    this.dialers.push(dialer);
    await this.saying(dialer, '"dialing":true');
    return dialer;
  }

  /** Starts a dialer without waiting until it dials: it may be meant to die before. */
  spawnDialer(variables: Record<string, string> = {}): ChildProcess {
    return this.spawn('dialer', { ADMIN_PORT: '0', ...variables });
  }

  /** The api, for the first time or after its end. */
  async startApi(variables: Record<string, string> = {}): Promise<void> {
    this.apiRelease = this.release;
    this.apiProcess = this.spawnApi({ ADMIN_PORT: this.apiAdminPort.toString(), ...variables });
    await this.reachable(this.apiProcess, `${this.variables.PUBLIC_URL}/api/v1/health`);
  }

  /** An api beside the first one, or in its place, without waiting until it answers. */
  spawnApi(variables: Record<string, string>): ChildProcess {
    return this.spawn('api', variables);
  }

  /** Ends everything, and everything must have been there to end. Fails where anything told what it must not. */
  async close(): Promise<void> {
    const seen = this.options.isLookedThrough === true ? await this.shown() : [];
    for (const running of this.processes) {
      if (running.exitCode !== null || running.signalCode !== null) continue;
      const exited = once(running, 'exit');
      running.kill('SIGCONT');
      running.kill('SIGKILL');
      await exited;
    }
    await this.receiver.close();
    const told = this.spoken.map(({ app, pieces }) => ({ where: `the ${app}`, text: pieces.join('') }));
    const leaks = leaksIn([...told, ...seen], this.variables);
    if (leaks.length > 0) throw new Error(leaks.join('\n'));
  }

  /** What metrics and queue show, as far as they can be asked: some tests end processes and stores. */
  private async shown(): Promise<Told[]> {
    const { METRICS_TOKEN } = this.variables;
    const headers = new Headers(
      METRICS_TOKEN === undefined ? undefined : { authorization: `Bearer ${METRICS_TOKEN}` },
    );
    const ports = new Set([...this.log.matchAll(/"adminPort":(\d+)/g)].map(([, port]) => port));
    const metrics = [...ports].map(async (port) => {
      const url = `http://127.0.0.1:${port}/metrics`;
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(1_000) });
      return namesAndLabelsOf(await answer.text());
    });
    const queue = queueContents(this.redisUrl, this.databaseUrl, this.prefix);
    const found = await Promise.allSettled([...metrics, queue]);
    return found.flatMap((one, place) =>
      one.status === 'rejected'
        ? []
        : [{ where: place < metrics.length ? 'what is scraped' : 'the queue', text: one.value }],
    );
  }

  /** Everything the processes wrote. */
  get log(): string {
    return this.output.join('');
  }

  private async start({ databaseUrl, redisUrl, prefix }: HouseStores): Promise<void> {
    const carrier = CARRIERS[this.options.carrier ?? 'simulated'];
    const [apiPort, carrierPort] = [await freePort(), await freePort()];
    this.apiAdminPort = await freePort();
    this.databaseUrl = databaseUrl;
    this.redisUrl = redisUrl;
    this.prefix = prefix;
    this.variables = {
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      DATABASE_URL: this.options.throughDatabase?.(this.databaseUrl) ?? this.databaseUrl,
      ...(redisUrl === null ? null : { REDIS_URL: redisUrl }),
      QUEUE_PREFIX: this.prefix,
      PORT: apiPort.toString(),
      PUBLIC_URL: `http://127.0.0.1:${apiPort}`,
      CARRIER_URL: `http://127.0.0.1:${carrierPort}`,
      CARRIER_SECRET: 'a secret of the carrier and the house',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      UNSAFE_RECONCILE_HORIZON_SECONDS: '20',
      UNSAFE_COOLDOWN_HOUR_SECONDS: '0.5',
      LEDGER_FILE: '/dev/null',
      SPEED: (this.options.speed ?? 60).toString(),
      ...carrier.settings(carrierPort),
      ...this.options.settings,
    };
    await this.receiver.listen();
    await this.createEnvironment();
    const carrierProcess = this.spawn(carrier.program, { PORT: carrierPort.toString() });
    await Promise.all([
      this.reachable(carrierProcess, `${this.variables.CARRIER_URL}/health`),
      this.startApi(),
      ...Array.from({ length: this.options.dialers ?? 1 }, () => this.startDialer()),
    ]);
  }

  private async createEnvironment(): Promise<void> {
    const environment = [
      'environment',
      'create',
      '--name',
      this.options.environmentName ?? this.prefix,
      '--legal-guard',
      'off',
      '--rate-limit',
      '100000',
    ];
    this.environmentId = (await this.cli(environment)).id as string;
    this.token = await this.newToken(this.environmentId);
  }

  /** Runs the command line, and reads the one JSON object it prints. */
  async cli(words: string[]): Promise<Record<string, unknown>> {
    const command = spawn(process.execPath, [built('cli', this.release), ...words, '--json'], {
      env: { ...process.env, ...this.variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.listenTo('cli', command.stderr);
    let printed = '';
    command.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    await this.inTime(`cli ${words[0]} ends`, once(command, 'close'));
    return JSON.parse(printed) as Record<string, unknown>;
  }

  private spawn(app: string, variables: Record<string, string>): ChildProcess {
    const { DATABASE_URL, REDIS_URL, ...inherited } = process.env;
    const child = spawn(process.execPath, [built(app, this.release)], {
      env: { ...inherited, ...this.variables, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.listenTo(app, child.stdout, child.stderr);
    this.processes.push(child);
    return child;
  }

  private listenTo(app: string, ...streams: Readable[]): void {
    for (const stream of streams) {
      const pieces: string[] = [];
      this.spoken.push({ app, pieces });
      stream.setEncoding('utf8').on('data', (piece: string) => {
        pieces.push(piece);
        this.output.push(`[${app}] ${piece}`);
      });
    }
  }

  private async reachable(child: ChildProcess, url: string): Promise<void> {
    await this.until(`${url} answers`, async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`A process ended with ${child.exitCode ?? child.signalCode}:\n${this.log}`);
      }
      return fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  }

  private async saying(child: ChildProcess, words: string): Promise<void> {
    let said = '';
    const hasSaid = new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (piece: string) => {
        said += piece;
        if (said.includes(words)) resolve();
      });
      child.once('exit', (code) => reject(new Error(`A process ended with ${code}:\n${this.log}`)));
    });
    await this.inTime(`a process says ${words}`, hasSaid);
  }
}

const SETTLED = new Set([
  'completed',
  'voicemail',
  'no-answer',
  'busy',
  'failed',
  'blocked',
  'cancelled',
  'expired',
  'outcome_unknown',
]);

function built(program: string, release: string): string {
  return resolve(release, `dist/${program.endsWith('-twin') ? 'test' : 'apps'}/${program}/main.js`);
}
