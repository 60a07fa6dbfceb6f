import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './free-port.js';
import { postgresBinaries, postgresUser, reachableFolder, runnableBinaries } from './postgres-place.js';
import type { PostgresBinaries, PostgresUser } from './postgres-place.js';
import type { Processes, Program, Running } from './processes.js';
import { whenReady } from './when-ready.js';

export interface EmbeddedPostgresOptions {
  /** Everything it keeps is in here. */
  dataFolder: string;
  /** Who starts and ends it. */
  processes: Processes;
  /** The data will be thrown away: nothing is forced to disk. */
  isThrowaway?: boolean;
}

export interface EmbeddedPostgres {
  /** With user and password; reachable from this machine only. */
  url: string;
  majorVersion: number;
  stop(): Promise<void>;
}

interface Place {
  binaries: PostgresBinaries;
  user: PostgresUser;
  /** The cluster's data. */
  data: string;
  password: string;
  home: string;
  processes: Processes;
  isThrowaway: boolean;
}

const BEGIN_ANEW = 'If its data is not worth keeping: npm start -- --fresh';

/** Crash recovery of a large database takes its time; a hanging start does not take longer than this. */
const START_TIMEOUT_SECONDS = 120;
const TRIES = 5;
const PASSING = /Address already in use|is still in use/;

/**
 * A real PostgreSQL from the npm package, on a free port of 127.0.0.1, its data made on the first start and kept. It
 * asks for a generated password (beside the data, for its owner only): on a shared machine, whoever is let in as
 * superuser can run programs as its user. Throws with what to do where it cannot be had.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const place = await preparePlace(options);
  if (!existsSync(place.data)) await makeCluster(place);
  refuseOtherVersion(place);
  forgetReusedProcessId(place);
  const { port, running } = await startOnFreePort(place);
  return {
    url: urlAt(port, place.password),
    majorVersion: place.binaries.majorVersion,
    stop: () => running.stop(),
  };
}

async function preparePlace({
  dataFolder,
  processes,
  isThrowaway = false,
}: EmbeddedPostgresOptions): Promise<Place> {
  const installed = postgresBinaries();
  const user = postgresUser(join(dataFolder, 'data'));
  const home = await reachableFolder(resolve(dataFolder), user);
  const binaries = await runnableBinaries(installed, user, home);
  const data = join(home, 'data');
  return { binaries, user, home, data, processes, isThrowaway, password: keptPassword(home, data) };
}

/** A password without its cluster, or a cluster without its password, is half of something: begin that part anew. */
function keptPassword(home: string, data: string): string {
  const file = join(home, 'password');
  if (!existsSync(data)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (!existsSync(file)) throw new Error(`The password of the database is missing (${file}). ${BEGIN_ANEW}`);
  return readFileSync(file, 'utf8');
}

/** Made beside its place and moved there when whole: what an interrupted initdb leaves is never taken for a cluster. */
async function makeCluster({
  binaries,
  user,
  home,
  data,
  password,
  processes,
  isThrowaway,
}: Place): Promise<void> {
  const half = join(home, 'data.half');
  const passwordFile = join(home, 'password.half');
  rmSync(half, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  mkdirSync(half, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const path of [half, passwordFile]) chownSync(path, user.uid, user.gid);
  await processes.run({
    name: 'initdb',
    command: join(binaries.folder, 'bin/initdb'),
    args: [
      ...['-D', half, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      // The same order and letter case on every machine, whatever its locales.
      ...['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
      ...(isThrowaway ? ['--no-sync'] : []),
    ],
    folder: home,
    user,
    logFile: join(home, 'initdb.log'),
    stopSignal: 'SIGINT',
  });
  rmSync(passwordFile);
  renameSync(half, data);
}

function refuseOtherVersion({ data, binaries }: Place): void {
  const versionFile = join(data, 'PG_VERSION');
  const found = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : 'unknown';
  if (found === String(binaries.majorVersion)) return;
  throw new Error(
    `The data in ${data} is of PostgreSQL ${found}, and this is PostgreSQL ${binaries.majorVersion}. ${BEGIN_ANEW}`,
  );
}

/**
 * After a crash PostgreSQL starts over its old pid file, unless that id belongs to a process of the same user by now.
 * Ours were ended by their record before this, so what runs under the id is most likely another program.
 */
function forgetReusedProcessId({ data }: Place): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const commandLine = `/proc/${Number.parseInt(readFileSync(file, 'utf8'), 10)}/cmdline`;
  // Without /proc, or such a process, PostgreSQL's own check decides.
  if (existsSync(commandLine) && !readFileSync(commandLine, 'utf8').includes(data)) rmSync(file);
}

/**
 * Two things pass by themselves: another program taking the port after we found it free, and the last processes of a
 * killed server still leaving.
 */
async function startOnFreePort(place: Place): Promise<{ port: number; running: Running }> {
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const running = place.processes.start(postgresOn(port, place));
    try {
      await whenReady(running, () => accepts(urlAt(port, place.password)), START_TIMEOUT_SECONDS);
      place.processes.require(running);
      return { port, running };
    } catch (error) {
      const isPassing = PASSING.test(readFileSync(running.logFile, 'utf8'));
      if (!isPassing || tries === TRIES)
        throw new Error(`${(error as Error).message}\n${BEGIN_ANEW}`, { cause: error });
      await pause(200);
    }
  }
}

function postgresOn(port: number, { binaries, user, home, data, isThrowaway }: Place): Program {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    // Without Redis every queue and worker holds connections of its own.
    max_connections: 300,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // A failed statement and the details of a broken constraint hold phone numbers.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...(isThrowaway ? { fsync: 'off', full_page_writes: 'off' } : {}),
  };
  return {
    name: 'PostgreSQL',
    command: join(binaries.folder, 'bin/postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    folder: home,
    user,
    logFile: join(home, 'postgres.log'),
    // Fast shutdown: ends sessions and writes everything down. On SIGTERM it would wait for its clients to leave.
    stopSignal: 'SIGINT',
  };
}

function urlAt(port: number, password: string): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
}

/** False while it starts or recovers. Any other refusal would not change by waiting, and is thrown. */
async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    const isRefusal = code !== undefined && /^(28|3D|42)/.test(code);
    if (isRefusal) throw error;
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
