import { execFile } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client as Postgres } from 'pg';
import { freePort } from '../../apps/start/free-port.js';
import type { Stores } from '../../apps/start/stores.js';
import { CALL_ROWS, judge, type CallRow } from '../faults/judge.js';
import { House, THIS_RELEASE } from '../house.js';
import { previousRelease } from './previous-release.js';

const run = promisify(execFile);

/** What the run did, a line each, and what of it was not as promised. */
export interface Upgraded {
  told: string[];
  breaches: string[];
}

/** How much faster than life the carrier is. */
const SPEED = 120;

/** Of every kind of end there is, those that need no look-up after minutes first. */
const DIGITS = ['00', '17', '70', '33', '60', '80', '94', '42', '88', '93', '05', '89', '95', '29'];

/** Calls handed in while both releases dial side by side. */
const CALLS_TOGETHER = 60;

/** Longest that an old process may take to finish what is in hand: docs/operations.md. */
const STOP_MS = 15_000;

/**
 * Lives through an upgrade as docs/upgrading.md tells it: the previous release dials; this one migrates under it; the previous
 * one goes on, api and dialer, on the new schema; dialers of both work side by side; then the old ones are stopped, one after
 * the other. Calls are handed in all the while, and each must be taken in.
 */
export async function upgrade(release: string, { databaseUrl, redisUrl }: Stores): Promise<Upgraded> {
  const told: string[] = [];
  const breaches: string[] = [];
  const [lastOfOld] = (await migrateWith(release, databaseUrl)).slice(-1);
  if (lastOfOld !== previousRelease.lastMigration)
    breaches.push(`the previous release ends with ${lastOfOld}, not with ${previousRelease.lastMigration}`);
  const stores = { databaseUrl, redisUrl, prefix: 'upgrade' };
  const settings = { CAMPAIGN_RAMP_SECONDS: '0', UNSAFE_RECONCILE_HORIZON_SECONDS: '8' };
  const house = await House.on(stores, { release, speed: SPEED, settings });
  try {
    const client = new Client(house, await house.campaign());
    const held = await holdSome(house, client, databaseUrl);
    await client.call(10);

    let isMigrated = false;
    const handingIn = client.callUntil(() => isMigrated);
    const applied = await migrateWith(THIS_RELEASE, databaseUrl).finally(() => (isMigrated = true));
    await handingIn;
    told.push(`${applied.length} migrations under its calls`);
    await useEverything(house, client, held.waitingId);

    house.release = THIS_RELEASE;
    const ports = { old: house.apiAdminPort, dialer: await freePort() };
    await house.startDialer({ ADMIN_PORT: ports.dialer.toString() });
    await client.call(CALLS_TOGETHER);
    await client.settled(held.ids);
    const ofNew = await callsPlacedBy(ports.dialer);
    const ofAll = (await rowsOf(databaseUrl)).flatMap(({ attempts }) => attempts).length;
    told.push(`side by side, this release placed ${ofNew} of ${ofAll} calls`);
    if (ofNew === 0) breaches.push('the dialer of this release placed no call beside the old one');
    if (ofNew > CALLS_TOGETHER - 3)
      breaches.push('the dialer of the previous release placed no call beside the new one');

    for (const old of [...house.dialers.slice(0, 1), house.apiProcess])
      breaches.push(...(await stopped(old)));
    await house.startApi();
    await client.call(8);
    await house.must('PATCH', `/campaigns/${held.campaignId}/status`, { status: 'active' });
    await client.settled([]);
    breaches.push(...client.refusals, ...(await judgedCalls(house, client, databaseUrl)));
    told.push(`${client.taken.length} calls handed in, ${client.refusals.length} refused`);
  } catch (error) {
    breaches.push((error as Error).stack ?? String(error));
  } finally {
    await house.close();
  }
  breaches.push(...errorsIn(house.log));
  // What a process says of an answer that it could not give.
  if (breaches.length > 0)
    told.push(...house.log.split('\n').filter((line) => /"level":(50|"error")/.test(line)));
  return { told, breaches };
}

/** Hands calls in as a customer does, to numbers that are called once each. */
class Client {
  readonly taken: string[] = [];
  readonly refusals: string[] = [];
  private made = 0;

  constructor(
    private readonly house: House,
    private readonly campaignId: string,
  ) {}

  async call(count: number, campaignId = this.campaignId): Promise<string[]> {
    const ids = await Promise.all(Array.from({ length: count }, () => this.one(campaignId)));
    return ids.filter((id) => id !== null);
  }

  async callUntil(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.one(this.campaignId);
      await pause(40);
    }
  }

  async settled(except: readonly string[]): Promise<void> {
    await this.house.settled(this.taken.filter((id) => !except.includes(id)));
  }

  private async one(campaignId: string): Promise<string | null> {
    const place = this.made++;
    const digits = DIGITS[place % DIGITS.length] as string;
    const to = `+1${201 + Math.floor(place / 90)}555${10 + (place % 90)}${digits}`;
    const answer = await this.house.api('POST', `/campaigns/${campaignId}/call`, { to });
    if (answer.status === 201) {
      const id = answer.body.campaign_call.id as string;
      this.taken.push(id);
      return id;
    }
    this.refusals.push(`a call was answered with ${answer.status} ${JSON.stringify(answer.body)}`);
    return null;
  }
}

/** Calls of a campaign that is paused before they are dialled: this release is to dial what the previous one took in. */
async function holdSome(house: House, client: Client, databaseUrl: string): Promise<Held> {
  const campaignId = await house.campaign({ max_concurrent_calls: 1 });
  const ids = await client.call(24, campaignId);
  await house.must('PATCH', `/campaigns/${campaignId}/status`, { status: 'paused' });
  // One that is claimed at this moment goes on, or comes back to those that wait.
  const waiting = (await rowsOf(databaseUrl)).find(
    ({ id, status }) => ids.includes(id) && status === 'waiting',
  );
  if (waiting === undefined) throw new Error('The previous release dialled what was to wait for this one.');
  return { campaignId, ids, waitingId: waiting.id };
}

interface Held {
  campaignId: string;
  ids: string[];
  waitingId: string;
}

/** Reads and changes of every kind, asked of the previous release on this one's schema. */
async function useEverything(house: House, client: Client, held: string): Promise<void> {
  await house.must('POST', `/calls/${held}/cancel`);
  const campaignId = await house.campaign();
  await house.must('POST', `/campaigns/${campaignId}/webhooks`, WEBHOOK_TO(house));
  await house.must('POST', '/do-not-call', { to: '+12125550199' });
  await house.must('PATCH', '/environment', { max_concurrent_calls: 150 });
  for (const path of ['', '/stats', '/why']) await house.must('GET', `/campaigns/${campaignId}${path}`);
  await house.must('GET', `/calls/${held}/why`);
  await house.must('GET', '/calls');
  await client.call(6, campaignId);
  for (const status of ['paused', 'active'])
    await house.must('PATCH', `/campaigns/${campaignId}/status`, { status });
  await house.until('a webhook is delivered', () => Promise.resolve(house.receiver.deliveries.length > 0));
}

const WEBHOOK_TO = (house: House) => ({
  name: 'ends',
  webhook_url: house.receiver.url('/told'),
  events: ['campaign_call.completed'],
});

async function migrateWith(release: string, databaseUrl: string): Promise<string[]> {
  const { stdout } = await run(
    process.execPath,
    [join(resolve(release), 'dist/apps/cli/main.js'), 'migrate', '--json'],
    { env: { ...process.env, DATABASE_URL: databaseUrl } },
  );
  return (JSON.parse(stdout) as { applied: string[] }).applied;
}

/** What a dialer of this release says that it had the carrier ring. */
async function callsPlacedBy(adminPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  return [...text.matchAll(/^ringfence_provider_answers_total\{.*operation="originate".*\} (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

async function stopped(process: ChildProcess): Promise<string[]> {
  const exited = once(process, 'exit') as Promise<[number | null]>;
  process.kill('SIGTERM');
  const ended = await Promise.race([exited, pause(STOP_MS, null, { ref: false })]);
  if (ended === null) return [`a process of the previous release did not stop within ${STOP_MS / 1000} s`];
  return ended[0] === 0 ? [] : [`a process of the previous release ended with ${ended[0]}`];
}

/** Holds all calls against the carrier's ledger: those that were dialled before, during and after. */
async function judgedCalls(house: House, client: Client, databaseUrl: string): Promise<string[]> {
  const rows = await rowsOf(databaseUrl);
  const { rungTwice, lost, wrongState, unknown } = judge(client.taken, rows, await house.ledger(), {
    mayBeStopped: true,
  });
  // Asked once more, of this release: what the previous one wrote is to be read.
  for (const id of client.taken) await house.readCall(id);
  return [
    ...rungTwice.map((to) => `rung twice: …${to.slice(-4)}`),
    ...lost.map((id) => `lost: ${id}`),
    ...wrongState.map((id) => `in a wrong state: ${id}`),
    ...unknown.map((id) => `of unknown outcome: ${id}`),
  ];
}

async function rowsOf(databaseUrl: string): Promise<CallRow[]> {
  const client = new Postgres({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<CallRow>(CALL_ROWS)).rows;
  } finally {
    await client.end();
  }
}

/** What PostgreSQL refused either release: a column, a constraint or a right that one of them did not know. */
function errorsIn(log: string): string[] {
  const refused = log.match(
    /(column|relation|function) .{1,80} does not exist|violates .{1,80} constraint|permission denied .{1,60}/g,
  );
  return [...new Set(refused ?? [])].map((words) => `PostgreSQL said: ${words}`);
}
