import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { House } from '../house.js';

/**
 * The drill of docs/operations.md, on a PostgreSQL and a Redis that are given by DATABASE_URL (as a superuser) and REDIS_URL, with
 * pg_dump and pg_restore of that PostgreSQL's version on the PATH: a house with calls of every state is backed up under load,
 * dials on, and is killed; the backup is restored into another database, its queue is empty. Twice: by the steps, and without
 * the quarantine, which must be seen to ring phones twice.
 */
const run = promisify(execFile);

const { DATABASE_URL: adminUrl = '', REDIS_URL: redisUrl = '' } = process.env;
const name = `restore_${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'ringfence-restore-'));
const databases = { old: `${name}_old`, quarantined: `${name}_new`, careless: `${name}_careless` };

/** How long calls come in, faster than they are dialled, before the backup. */
const LOAD_MS = 4_000;

/** How long the house dials on after the backup. */
const LOST_MS = 8_000;

process.exitCode = await drill().finally(tidyUp);

async function drill(): Promise<number> {
  if (adminUrl === '' || redisUrl === '') throw new Error('Set DATABASE_URL and REDIS_URL.');
  await admin(`CREATE DATABASE ${databases.old}`);
  await run(process.execPath, [resolve('dist/apps/cli/main.js'), 'migrate'], { env: envOf(databases.old) });
  const settings = {
    CAMPAIGN_RAMP_SECONDS: '0',
    TRUNK_CALLS_PER_SECOND: '20',
    UNSAFE_RECONCILE_HORIZON_SECONDS: '8',
  };
  const house = await House.on(
    { databaseUrl: urlOf(databases.old), redisUrl, prefix: databases.old },
    { dialers: 2, speed: 20, settings },
  );
  try {
    await makeEveryState(house);
    say(`before the backup: ${await statesOf(databases.old)}`);

    let isOver = false;
    const load = keepCalling(house, () => isOver);
    await pause(LOAD_MS);
    const dump = join(folder, 'house.dump');
    await run('pg_dump', ['--format', 'custom', '--file', dump, urlOf(databases.old)]);
    const takenAt = new Date();
    const ledgerAtBackup = (await house.ledger()).length;
    await pause(LOST_MS);
    isOver = true;
    const handedIn = await load;
    for (const dialer of house.dialers) await killed(dialer);
    await killed(house.apiProcess);
    say(`at the end: ${await statesOf(databases.old)}`);

    for (const into of [databases.quarantined, databases.careless]) {
      await admin(`CREATE DATABASE ${into}`);
      await run('pg_restore', ['--dbname', urlOf(into), dump]);
    }
    const since = (await house.ledger()).slice(ledgerAtBackup);
    const dialled = new Set(since.filter(({ kind }) => kind === 'request').map(({ to }) => to));
    const file = join(folder, 'dialled.txt');
    writeFileSync(file, [...dialled].join('\n'));
    say(`${dialled.size} numbers rung after the backup; ${handedIn.length} calls were handed in under load`);

    const kept = await query(databases.quarantined, `SELECT id FROM calls`);
    say(`${handedIn.filter((id) => !kept.some((row) => row.id === id)).length} of them are in no backup`);
    const quarantinedFrom = (await house.ledger()).length;
    await startOn(house, databases.quarantined, async () => {
      const words = ['restore', 'quarantine', '--backup-taken-at', takenAt.toISOString(), '--dialled', file];
      say(`quarantine: ${JSON.stringify(await house.cli(words))}`);
    });
    const twice = await rungAgain(house, quarantinedFrom, dialled);
    say(`with the quarantine: ${twice} rung twice; ${await statesOf(databases.quarantined)}`);

    const carelessFrom = (await house.ledger()).length;
    await startOn(house, databases.careless, () => Promise.resolve());
    const careless = await rungAgain(house, carelessFrom, dialled);
    say(`without it: ${careless} rung twice`);
    return twice === 0 && careless > 0 ? 0 : 1;
  } finally {
    await house.close();
  }
}

/** Calls that are over in every way, unknown, waiting for now, for later and for somebody, and in the middle of it. */
async function makeEveryState(house: House): Promise<void> {
  const quick = await house.campaign({ max_retries: 1 });
  const digits = ['00', '01', '60', '70', '80', '85', '88', '89', '92', '99'];
  for (const [place, last] of digits.entries()) await house.call(quick, `+1201555${10 + place}${last}`);
  const stopped = await house.campaign({ max_concurrent_calls: 1 });
  const waiting = [];
  for (let place = 0; place < 5; place += 1)
    waiting.push(await house.call(stopped, `+1202555${10 + place}00`));
  await house.must('POST', `/calls/${waiting[4]}/cancel`);
  await house.must('POST', '/do-not-call', { to: '+12025551300' });
  await house.must('PATCH', `/campaigns/${stopped}/status`, { status: 'paused' });
  await house.until('the first ones are over', async () =>
    (await statesOf(databases.old)).includes('outcome_unknown'),
  );
}

/** A campaign whose calls wait for slots: some are open, and many are due, whenever one looks. */
async function keepCalling(house: House, isOver: () => boolean): Promise<string[]> {
  const campaignId = await house.campaign({ max_concurrent_calls: 12 });
  const ids: string[] = [];
  for (let place = 0; !isOver(); place += 1) {
    ids.push(
      await house.call(
        campaignId,
        `+1${203 + Math.floor(place / 90)}555${10 + (place % 90)}${place % 2 ? '00' : '70'}`,
      ),
    );
    await pause(60);
  }
  return ids;
}

/** Starts the same house on a restored database, with an empty queue, and lets all calls come to rest. */
async function startOn(house: House, into: string, before: () => Promise<void>): Promise<void> {
  Object.assign(house.variables, { DATABASE_URL: urlOf(into), QUEUE_PREFIX: into });
  await before();
  await house.startApi();
  const dialer = await house.startDialer();
  await house.until('nothing moves any more', async () => {
    const rows = await query(
      into,
      `SELECT FROM calls JOIN campaigns ON campaigns.id = campaign_id
       WHERE calls.status IN ('waiting', 'initiated', 'ringing', 'answered') AND campaigns.status = 'active'`,
    );
    return rows.length === 0;
  });
  await killed(dialer);
  await killed(house.apiProcess);
}

/** Numbers that are rung from a line of the ledger on, and were rung before: between backup and end, or since that line. */
async function rungAgain(house: House, from: number, dialled: ReadonlySet<string>): Promise<number> {
  const requests = (await house.ledger()).slice(from).filter(({ kind }) => kind === 'request');
  const numbers = new Set(requests.map(({ to }) => to));
  return requests.length - numbers.size + [...numbers].filter((to) => dialled.has(to)).length;
}

async function statesOf(database: string): Promise<string> {
  const rows = await query(database, `SELECT status, count(*) FROM calls GROUP BY status ORDER BY status`);
  return rows.map(({ status, count }) => `${status} ${count}`).join(', ');
}

async function killed(child: House['apiProcess']): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function query(database: string, text: string): Promise<Record<string, string>[]> {
  const client = new Client({ connectionString: urlOf(database) });
  await client.connect();
  try {
    return (await client.query<Record<string, string>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function admin(text: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

function urlOf(database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}

function envOf(database: string): NodeJS.ProcessEnv {
  return { ...process.env, DATABASE_URL: urlOf(database) };
}

async function tidyUp(): Promise<void> {
  for (const database of Object.values(databases))
    await admin(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  rmSync(folder, { recursive: true, force: true });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
