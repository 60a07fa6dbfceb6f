import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StandInHouse, stillRunning } from '../../test/stand-in-house.js';

/** Nobody listens there; the launcher itself does not look. */
const ELSEWHERE = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' };
const HANGING = `setInterval(() => {}, 1000);`;

let house: StandInHouse;

beforeEach(() => {
  house = new StandInHouse();
});

afterEach(() => house.remove());

describe('npm start', () => {
  it('brings up a database and the house, shows the calls, and leaves nothing running after Ctrl-C', async () => {
    const launcher = house.start();
    await house.saying(/call [^ ]+ {2}[+]1•••••0170 {2}queued/);
    expect(house.output).toContain('talq_demo');
    expect(house.output).not.toContain('2025550170');
    const running = house.recorded();
    expect(running.map(({ name }) => name)).toEqual(['PostgreSQL', 'carrier', 'api', 'dialer']);
    expect(stillRunning(running)).toHaveLength(4);
    expect(await answer(house.told('dialer').DATABASE_URL)).toBe(1);

    launcher.kill('SIGINT');
    expect(await exit(launcher)).toBe(0);
    expect(stillRunning(running)).toEqual([]);
    expect(house.recorded()).toEqual([]);
  });

  it('tells other commands how to reach the running house, and nobody else', async () => {
    const launcher = house.start([], ELSEWHERE);
    await house.saying('Ringfence is running');
    const file = join(house.folder, '.ringfence/running.json');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      databaseUrl: ELSEWHERE.DATABASE_URL,
      redisUrl: null,
      queuePrefix: 'ringfence',
      apiUrl: `http://127.0.0.1:${house.told('api').PORT}`,
      adminUrl: `http://127.0.0.1:${house.told('api').ADMIN_PORT}`,
    });
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(statSync(join(house.folder, '.ringfence/demo.json')).mode & 0o077).toBe(0);

    launcher.kill('SIGTERM');
    expect(await exit(launcher)).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  it('gives every process a port of its own, and both ends of a conversation the same secret', async () => {
    house.start([], { ...ELSEWHERE, NODE_ENV: 'production' });
    await house.saying('Ringfence is running');
    const [api, dialer, carrier] = [house.told('api'), house.told('dialer'), house.told('carrier')];
    const ports = [api.PORT, api.ADMIN_PORT, dialer.ADMIN_PORT, carrier.PORT];
    expect(new Set(ports).size).toBe(4);
    expect(dialer).toMatchObject({
      CARRIER_URL: `http://127.0.0.1:${carrier.PORT}`,
      CARRIER_SECRET: carrier.CARRIER_SECRET,
      PUBLIC_URL: `http://127.0.0.1:${api.PORT}`,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      NODE_ENV: 'development',
    });
    expect(carrier).toMatchObject({ SPEED: '10' });
  });

  it('uses the seeds of the last start again', async () => {
    const first = house.start([], ELSEWHERE);
    await house.saying('Ringfence is running');
    const seeded = readFileSync(join(house.folder, '.ringfence/demo.json'), 'utf8');
    first.kill('SIGINT');
    await exit(first);

    house.output = '';
    house.replace('cli', `if (process.argv[2] !== 'migrate') process.exit(9);`);
    house.start([], ELSEWHERE);
    await house.saying('Ringfence is running');
    expect(readFileSync(join(house.folder, '.ringfence/demo.json'), 'utf8')).toBe(seeded);
  });

  it('refuses a second start in the same folder', async () => {
    const first = house.start([], ELSEWHERE);
    await house.saying('Ringfence is running');
    house.output = '';
    expect(await exit(house.start([], ELSEWHERE))).toBe(1);
    expect(house.output).toContain(`already running in this folder, as process ${first.pid}`);
    expect(stillRunning(house.recorded())).toEqual(['carrier', 'api', 'dialer']);
  });

  it('stops what a killed launcher left behind, and starts', async () => {
    const killed = house.start();
    await house.saying('Ringfence is running');
    const left = house.recorded();
    killed.kill('SIGKILL');
    await exit(killed);
    expect(stillRunning(left)).toHaveLength(4);

    house.output = '';
    const launcher = house.start();
    await house.saying('Ringfence is running');
    expect(stillRunning(left)).toEqual([]);
    launcher.kill('SIGINT');
    expect(await exit(launcher)).toBe(0);
  });

  it('names the port that was asked for and is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await exit(house.start([], { ...ELSEWHERE, PORT: String(port) }))).toBe(1);
    expect(house.output).toContain(`Port ${port} (PORT) is taken`);
    other.close();
  });

  it('says which process ended by itself, with its last words, and stops the rest', async () => {
    house.replace('dialer', `console.error('no settings, no dialling'); process.exit(78);`);
    expect(await exit(house.start([], ELSEWHERE))).toBe(1);
    expect(house.output).toMatch(/dialer ended with status 78[.] .*no settings, no dialling/s);
    expect(house.recorded()).toEqual([]);
  });

  it('notices a process that ends later on', async () => {
    const launcher = house.start([], ELSEWHERE);
    await house.saying('Ringfence is running');
    const running = house.recorded();
    process.kill(running.find(({ name }) => name === 'api')!.pid, 'SIGKILL');
    expect(await exit(launcher)).toBe(1);
    expect(house.output).toContain('api was ended by SIGKILL');
    expect(stillRunning(running)).toEqual([]);
  });

  it.each([
    ['migrations', 'cli', /Applying migrations/],
    ['the start of the processes', 'api', /Starting carrier/],
  ])('is stopped in the middle of %s', async (_step, program, words) => {
    house.replace(program, HANGING);
    const launcher = house.start();
    await house.saying(words);
    await house.until('the step is under way', () => existsSync(join(house.folder, 'told', program)));
    const running = house.recorded();
    launcher.kill('SIGTERM');
    expect(await exit(launcher)).toBe(0);
    expect(stillRunning(running)).toEqual([]);
  });

  it('is stopped in the middle of making the database', async () => {
    const launcher = house.start();
    await house.until('initdb runs', () => house.recorded().some(({ name }) => name === 'initdb'));
    const running = house.recorded();
    launcher.kill('SIGINT');
    expect(await exit(launcher)).toBe(0);
    expect(stillRunning(running)).toEqual([]);

    house.start();
    await house.saying('Ringfence is running');
  });

  it('kills at the second Ctrl-C what does not end at the first', async () => {
    house.replace('dialer', `process.on('SIGTERM', () => {});\n${ANSWERING_DIALER}`);
    const launcher = house.start([], ELSEWHERE);
    await house.saying('Ringfence is running');
    const running = house.recorded();
    launcher.kill('SIGINT');
    await house.saying('Stopping');
    launcher.kill('SIGINT');
    expect(await exit(launcher)).toBe(1);
    await house.until('everything is gone', () => stillRunning(running).length === 0);
  });

  it('forgets with --fresh what it kept, and has nothing to forget of a database of somebody else', async () => {
    const first = house.start();
    await house.saying('Ringfence is running');
    expect(await answer(house.told('api').DATABASE_URL, 'CREATE TABLE kept (one int)')).toBeUndefined();
    first.kill('SIGINT');
    await exit(first);

    house.output = '';
    house.start(['--fresh']);
    await house.saying('Ringfence is running');
    const tables = `SELECT count(*)::int FROM pg_tables WHERE tablename = 'kept'`;
    expect(await answer(house.told('api').DATABASE_URL, tables)).toBe(0);
  });

  it('refuses --fresh with a database of somebody else', async () => {
    expect(await exit(house.start(['--fresh'], ELSEWHERE))).toBe(1);
    expect(house.output).toContain('--fresh forgets the embedded stores');
  });
});

const ANSWERING_DIALER = `import { createServer } from 'node:http';
createServer((request, response) => response.end()).listen(process.env.ADMIN_PORT, '127.0.0.1');`;

async function exit(launcher: ReturnType<StandInHouse['start']>): Promise<number | null> {
  if (launcher.exitCode === null && launcher.signalCode === null) await once(launcher, 'close');
  return launcher.exitCode;
}

/** The first column of the first row. */
async function answer(url: string | undefined, sql = 'SELECT 1'): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}
