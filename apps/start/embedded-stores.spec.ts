import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';
import { startEmbeddedRedis } from './embedded-redis.js';
import { removeFolder } from './postgres-place.js';
import { Processes } from './processes.js';

let folder: string;
let processes: Processes;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rf-'));
  chmodSync(folder, 0o755);
  processes = new Processes(join(folder, 'processes.json'));
});

afterEach(async () => {
  await processes.stopAll();
  await removeFolder(join(folder, 'postgres'));
  rmSync(folder, { recursive: true });
});

describe('embedded PostgreSQL', () => {
  it('keeps its data over a restart', async () => {
    const first = await postgres();
    await ask(first, 'CREATE TABLE kept (word text)');
    await ask(first, `INSERT INTO kept VALUES ('ring')`);
    await first.stop();

    const second = await postgres();
    expect(await ask(second, 'SELECT word FROM kept')).toEqual([{ word: 'ring' }]);
  });

  it('is the version it says', async () => {
    const database = await postgres();
    const [row] = await ask(database, 'SHOW server_version');
    expect(row).toEqual({ server_version: expect.stringMatching(`^${database.majorVersion}[.]`) });
  });

  it('lets nobody in without its password', async () => {
    const stranger = new URL((await postgres()).url);
    stranger.password = 'guessed';
    const client = new Client({ connectionString: stranger.href });
    await expect(client.connect()).rejects.toThrow(/password authentication failed/);
  });

  it('starts over the pid file of a process that is gone', async () => {
    await (await postgres()).stop();
    leavePidFile(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim());
    expect(await ask(await postgres(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('starts over a pid file whose id another program of the same user has by now', async () => {
    await (await postgres()).stop();
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
    const sleeper = processes.start({
      ...{ name: 'sleeper', command: 'sleep', args: ['600'], user, logFile: join(folder, 'sleeper.log') },
    });
    const [recorded] = JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8'));
    leavePidFile(String(recorded.pid));
    expect(await ask(await postgres(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await sleeper.stop();
  });

  it('recovers when all of it was killed', async () => {
    await ask(await postgres(), 'CREATE TABLE kept (word text)');
    processes.killAll();
    await processes.stopAll();

    processes = new Processes(join(folder, 'processes.json'));
    expect(await ask(await postgres(), 'SELECT count(*)::int AS count FROM kept')).toEqual([{ count: 0 }]);
  });

  it('makes its data anew where an interrupted initdb left half of it', async () => {
    await (await postgres()).stop();
    rmSync(join(folder, 'postgres/data'), { recursive: true });
    mkdirSync(join(folder, 'postgres/data.half'));
    writeFileSync(join(folder, 'postgres/data.half/PG_VERSION'), '18\n');
    expect(await ask(await postgres(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(readdirSync(join(folder, 'postgres'))).not.toContain('data.half');
  });

  it('names the version and the way out when the data is of another one', async () => {
    await (await postgres()).stop();
    writeFileSync(join(folder, 'postgres/data/PG_VERSION'), '15\n');
    await expect(postgres()).rejects.toThrow(
      /is of PostgreSQL 15, and this is PostgreSQL 18.*npm start -- --fresh/s,
    );
  });

  it('shows its last words and the way out when it does not start', async () => {
    await (await postgres()).stop();
    rmSync(join(folder, 'postgres/data/global'), { recursive: true });
    await expect(postgres()).rejects.toThrow(/could not open.*npm start -- --fresh/s);
  });

  it.runIf(process.getuid?.() === 0)('keeps its data elsewhere where only root may go', async () => {
    chmodSync(folder, 0o700);
    await ask(await postgres(), 'CREATE TABLE kept (word text)');
    expect(lstatSync(join(folder, 'postgres')).isSymbolicLink()).toBe(true);
    await processes.stopAll();

    processes = new Processes(join(folder, 'processes.json'));
    expect(await ask(await postgres(), 'SELECT count(*)::int AS count FROM kept')).toEqual([{ count: 0 }]);
  });
});

describe('embedded Redis', () => {
  it('keeps its data over a restart, and evicts nothing', async (test) => {
    const first = await startEmbeddedRedis({ dataFolder: join(folder, 'redis'), processes });
    if (first === null) return test.skip('neither valkey-server nor redis-server is on the PATH');
    const writer = new Redis(first.url);
    await writer.set('word', 'ring');
    expect(await writer.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    writer.disconnect();
    await first.stop();

    const second = await startEmbeddedRedis({ dataFolder: join(folder, 'redis'), processes });
    const reader = new Redis(second!.url);
    expect(await reader.get('word')).toBe('ring');
    reader.disconnect();
  });

  it('is null where none is installed', async () => {
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      expect(await startEmbeddedRedis({ dataFolder: join(folder, 'redis'), processes })).toBeNull();
      expect(existsSync(join(folder, 'redis'))).toBe(false);
    } finally {
      process.env.PATH = path;
    }
  });
});

async function postgres(): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataFolder: join(folder, 'postgres'), processes, isThrowaway: true });
}

async function ask({ url }: EmbeddedPostgres, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

/** As a crashed server leaves it: its id, its data, when it began, its port. */
function leavePidFile(pid: string): void {
  const data = join(folder, 'postgres/data');
  writeFileSync(join(data, 'postmaster.pid'), `${pid}\n${data}\n1763900000\n5432\n\n127.0.0.1\n\nready   \n`);
}
