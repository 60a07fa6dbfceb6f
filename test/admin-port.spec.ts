import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { Queue } from 'bullmq';
import type { FastifyPluginCallback } from 'fastify';
import type { DataSource } from 'typeorm';
import { startAdminServer, type AdminServerOptions } from '#admin/admin-server.js';
import type { Admin, AdminPage } from '#admin/gate.js';
import { OpenPort } from '#admin/open-port.js';
import { NotReady } from '#environment/not-ready.js';
import { Stopping } from '#environment/stopping.js';
import { Vitals } from '#environment/vitals.js';
import { QueueConnection } from '#jobs/queue-connection.js';
import { AdminLoginsStore } from '#store/admin-logins.store.js';
import { API_LIMITS, database } from '#store/database.js';
import { AdminClient } from './admin-client.js';
import { freshDatabase } from './database.js';
import { asApi } from './factories.js';

let source: DataSource;
let logins: AdminLoginsStore;
let queue: Queue;
let admin: OpenPort;
/** As an operator who asked for it has it. */
let writable: OpenPort;
const started: OpenPort[] = [];
const reported: unknown[] = [];
let ready = true;
let nowMs = 0;
const vitals = new Vitals(() => nowMs);
const stopping = new Stopping();
let scrapes = 0;

const metrics = {
  contentType: 'text/plain; version=0.0.4',
  text: () => Promise.resolve(`scrapes_total ${(scrapes += 1)}\n`),
};

const SETTINGS: AdminServerOptions['settings'] = {
  NODE_ENV: 'test',
  ADMIN_USER: 'ada',
  ADMIN_PASSWORD: 'correct',
  ADMIN_QUEUES_WRITABLE: false,
  ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
  METRICS_TOKEN: 'of-the-scraper',
};

async function start(
  settings: Partial<AdminServerOptions['settings']> = {},
  rest: Partial<AdminServerOptions> = {},
): Promise<OpenPort> {
  const port = await OpenPort.on(0);
  started.push(port);
  await startAdminServer({
    port,
    vitals,
    stopping,
    settings: { ...SETTINGS, ...settings },
    logins,
    queues: [[queue]],
    metrics,
    checks: {},
    report: (error) => reported.push(error),
    ...rest,
  });
  return port;
}

beforeAll(async () => {
  const access = {
    redisUrl: inject('redisUrl') ?? undefined,
    databaseUrl: inject('databaseUrl'),
    isCluster: false,
    prefix: `rf_${inject('runId')}_admin`,
    shards: 1,
  };
  source = await database(await freshDatabase(), API_LIMITS).initialize();
  logins = new AdminLoginsStore(asApi(source));
  queue = new Queue('dial', new QueueConnection(access).shards[0]);
  await queue.add('dial', { callId: 'c1', attempt: 1, offer: 1 }, { jobId: 'c1-1-1' });
  admin = await start(
    {},
    {
      checks: {
        database: () => (ready ? Promise.resolve('reached') : Promise.reject(new Error('of +12025550100'))),
        queue: () => (ready ? Promise.resolve('reached') : Promise.reject(new NotReady('it may evict'))),
      },
    },
  );
  writable = await start({ ADMIN_QUEUES_WRITABLE: true });
});

beforeEach(() => source.query(`TRUNCATE admin_tries, admin_sessions`));

afterAll(async () => {
  await Promise.all(started.map((server) => server.close()));
  await queue.obliterate({ force: true });
  await queue.close();
  await source.destroy();
});

const originOf = ({ port }: OpenPort) => `http://127.0.0.1:${port}`;
const clientAt = (server: OpenPort, headers?: Record<string, string>) =>
  new AdminClient(originOf(server), headers);

async function loggedIn(server: OpenPort, headers?: Record<string, string>): Promise<AdminClient> {
  const client = clientAt(server, headers);
  expect((await client.logIn('ada', 'correct')).status).toBe(303);
  return client;
}

/** As a script asks: with a name and a password, or none. */
function ask(path: string, login?: string, method = 'GET', server = admin): Promise<Response> {
  const headers = new Headers();
  if (login !== undefined) headers.set('authorization', `Basic ${Buffer.from(login).toString('base64')}`);
  return fetch(`${originOf(server)}${path}`, { method, headers });
}

function scrape(authorization?: string): Promise<Response> {
  const headers = new Headers(authorization === undefined ? {} : { authorization });
  return fetch(`${originOf(admin)}/metrics`, { headers });
}

async function audited(action: string): Promise<{ actor: string; detail: Record<string, unknown> }[]> {
  return source.query(`SELECT actor, detail FROM audit_log WHERE action = $1 ORDER BY id`, [action]);
}

const PROMOTE = '/queues/api/queues/dial/c1-1-1/promote';
const CLEAN = '/queues/api/queues/dial/c1-1-1/clean';

describe('a page of the admin port', () => {
  it.each([
    '/queues',
    '/queues/',
    '/queues/api/queues',
    '/queues/queue/dial',
    '/queues/api/queues/dial/c1-1-1',
  ])('is shown at %s to a script with name and password, and to nobody without', async (path) => {
    const unknown = await ask(path);
    expect(unknown.status).toBe(401);
    expect(unknown.headers.get('www-authenticate')).toMatch(/^Basic /);
    expect((await ask(path, 'ada:wrong')).status).toBe(401);
    expect((await ask(path, 'bob:correct')).status).toBe(401);
    expect((await ask(path, 'ada:correct')).status).toBe(200);
  });

  it('keeps even its files behind the login, and no cache keeps any of it', async () => {
    const page = await ask('/queues', 'ada:correct');
    const found =
      /(?:src|href)="([^"]*static\/[^"]+)"/.exec(await page.text())?.[1] ?? 'no static path on the page';
    const path = new URL(found, `${originOf(admin)}/queues/`).pathname;
    expect((await ask(path)).status).toBe(401);
    const file = await ask(path, 'ada:correct');
    expect(file.status).toBe(200);
    for (const { headers } of [page, file, await ask('/login')]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none';.*frame-ancestors 'none'/);
      expect(headers.get('content-security-policy')).not.toMatch(/script-src [^;]*unsafe/);
    }
  });

  it('asks a browser for a login of its own, and takes it back to where it was going', async () => {
    const client = clientAt(admin);
    const refused = await client.open('/queues/queue/dial?status=failed');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, null]);
    expect(await refused.text()).toContain('type="password"');
    const inside = await client.logIn('ada', 'correct', '/queues/queue/dial?status=failed');
    expect([inside.status, inside.headers.get('location')]).toEqual([
      303,
      '/queues/queue/dial?status=failed',
    ]);
    expect((await client.open('/queues/api/queues')).status).toBe(200);
    expect((await client.press('/queues/api/queues', { cookie: 'ringfence_session=x' }, 'GET')).status).toBe(
      401,
    );
  });

  it.each([
    'https://evil.example/queues',
    '//evil.example/queues',
    '/\\evil.example',
    'javascript:alert(1)',
    '/live',
  ])('sends nobody on to %s', async (next) => {
    const answer = await clientAt(admin).submit('/login', { user: 'ada', password: 'correct', next });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/queues']);
  });

  it('shows the ticket, and lets nobody change it unless that was asked for', async () => {
    const { queues } = (await (await ask('/queues/api/queues', 'ada:correct')).json()) as {
      queues: { name: string }[];
    };
    expect(queues.map(({ name }) => name)).toEqual(['dial']);
    const client = await loggedIn(admin);
    for (const action of ['retry', 'promote', 'clean'])
      expect((await client.press(`/queues/api/queues/dial/c1-1-1/${action}`)).status, action).toBe(405);
    for (const all of ['/queues/api/queues/pause', '/queues/api/queues/dial/obliterate'])
      expect((await client.press(all)).status, all).toBe(405);
    expect(await queue.getJob('c1-1-1')).toBeDefined();
    expect(await queue.isPaused()).toBe(false);
  });

  it('shows the queues of every shard, told apart', async () => {
    const sharded = await start({}, { queues: [[queue], [queue]] });
    const answer = await ask('/queues/api/queues', 'ada:correct', 'GET', sharded);
    const { queues } = (await answer.json()) as { queues: { name: string; counts: object }[] };
    expect(queues.map(({ name }) => name)).toEqual(['shard-0.dial', 'shard-1.dial']);
  });

  it('says no more of what has failed than that it has, and reports it', async () => {
    const error = new Error('of redis://10.0.0.7');
    const broken = Object.create(queue, { getJob: { value: () => Promise.reject(error) } }) as Queue;
    const server = await start({}, { queues: [[broken]] });
    const answer = await ask('/queues/api/queues/dial/c1-1-1', 'ada:correct', 'GET', server);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ message: 'That cannot be done now.' });
    expect(reported).toContain(error);
  });

  it('may be another one, behind the same login, and is read-only unless it says what a change is', async () => {
    const done: unknown[] = [];
    const routes: FastifyPluginCallback = (scope, _, next) => {
      scope.get('/', (request) => ({ name: request.admin?.name }));
      scope.post('/', (request) => ({ done: done.push(request.body) }));
      next();
    };
    const pages: AdminPage[] = [
      { path: '/looked-at', routes },
      { path: '/changed', routes, changes: () => ({ what: 'a word' }) },
    ];
    const server = await start({}, { pages });
    const client = await loggedIn(server);
    for (const { path } of pages) {
      expect((await ask(path, undefined, 'GET', server)).status).toBe(401);
      expect(await (await client.open(path)).json()).toEqual({ name: 'ada' });
    }
    expect((await client.press('/looked-at', {}, 'POST')).status).toBe(405);
    const csrf = client.cookie('XSRF-TOKEN') ?? '';
    expect((await client.post('/changed', { csrf: `${csrf}x`, field: '1' })).status).toBe(403);
    expect((await client.post('/changed', { csrf, field: '1' })).status).toBe(200);
    expect(done).toEqual([{ csrf, field: '1' }]);
    expect((await audited('admin.changed')).at(-1)).toMatchObject({
      actor: 'admin:ada',
      detail: { what: 'a word' },
    });
  });
});

describe('a change', () => {
  it('is made by a page of this server with its token, and written down with who made it', async () => {
    const client = await loggedIn(writable);
    await queue.add('dial', { callId: 'c2', attempt: 1, offer: 1 }, { jobId: 'c2-1-1' });
    expect((await client.press('/queues/api/queues/dial/c2-1-1/clean')).status).toBe(204);
    expect(await queue.getJob('c2-1-1')).toBeUndefined();
    expect((await audited('admin.changed')).at(-1)).toEqual({
      actor: 'admin:ada',
      detail: {
        route: 'PUT /queues/api/queues/:queueName/:jobId/clean',
        queueName: 'dial',
        jobId: 'c2-1-1',
        from: '127.0.0.1',
      },
    });
  });

  it.each<[string, Record<string, string>]>([
    ['without a token', { 'x-xsrf-token': '' }],
    ['with the token of another session', { 'x-xsrf-token': 'A'.repeat(43) }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another port of this host', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }],
    [
      'from another origin, as an older browser tells it',
      { 'sec-fetch-site': '', origin: 'http://127.0.0.1:1' },
    ],
    ['from nowhere', { 'sec-fetch-site': '', origin: 'null' }],
    ['from who does not say', { 'sec-fetch-site': '', origin: '' }],
  ])('%s is not made', async (_, headers) => {
    const client = await loggedIn(writable);
    expect((await client.press(CLEAN, headers)).status).toBe(403);
    expect(await queue.getJob('c1-1-1')).toBeDefined();
    if ('x-xsrf-token' in headers) return;
    expect((await client.submit('/logout', {}, headers)).status).toBe(403);
    expect((await client.open('/queues/api/queues')).status).toBe(200);
    const stranger = clientAt(writable);
    expect((await stranger.submit('/login', { user: 'ada', password: 'correct' }, headers)).status).toBe(403);
    expect(stranger.cookie('session')).toBeUndefined();
  });

  it('is made by no script with name and password, and by nobody whose login form is another’s', async () => {
    expect((await ask(PROMOTE, 'ada:correct', 'PUT', writable)).status).toBe(401);
    const [mine, other] = [clientAt(writable), clientAt(writable)];
    await other.open('/login');
    const csrf = { csrf: 'A'.repeat(43) };
    expect((await mine.submit('/login', { user: 'ada', password: 'correct', ...csrf })).status).toBe(403);
    mine.cookies.clear();
    expect((await mine.post('/login', { user: 'ada', password: 'correct' })).status).toBe(403);
  });

  it('is not made where it cannot be written down', async () => {
    const forgetful = Object.create(logins, { note: { value: () => Promise.reject(new Error('full')) } });
    const client = await loggedIn(
      await start({ ADMIN_QUEUES_WRITABLE: true }, { logins: forgetful as AdminLoginsStore }),
    );
    expect((await client.press(CLEAN)).status).toBe(503);
    expect(await queue.getJob('c1-1-1')).toBeDefined();
  });
});

describe('a session', () => {
  it('is never the one that a browser was given before, and cannot be had by its row', async () => {
    const planted = 'B'.repeat(43);
    const client = clientAt(admin);
    client.cookies.set('ringfence_session', planted);
    expect((await client.logIn('ada', 'correct')).status).toBe(303);
    expect(client.cookie('session')).toMatch(/^[\w-]{43}$/);
    expect(client.cookie('session')).not.toBe(planted);
    const [{ id }] = await source.query<[{ id: string }]>(`SELECT id_hash AS id FROM admin_sessions`);
    const thief = clientAt(admin);
    for (const shown of [planted, id]) {
      thief.cookies.set('ringfence_session', shown);
      expect((await thief.open('/queues/api/queues')).status).toBe(401);
    }
  });

  it('ends with the logout, wherever its cookie was copied to, and both are written down', async () => {
    const client = await loggedIn(admin);
    const copy = clientAt(writable);
    copy.cookies.set('ringfence_session', client.cookie('session') ?? '');
    expect((await copy.open('/queues/api/queues')).status).toBe(200);
    const left = await client.submit('/logout', {});
    expect([left.status, left.headers.get('location')]).toEqual([303, '/login']);
    expect(client.cookies.size).toBe(0);
    expect((await copy.open('/queues/api/queues')).status).toBe(401);
    for (const action of ['admin.logged_in', 'admin.logged_out'])
      expect((await audited(action)).at(-1)).toEqual({ actor: 'admin:ada', detail: { from: '127.0.0.1' } });
  });

  it('is known to be over where an answer still goes on, and does not last by being asked for', async () => {
    const admitted: Admin[] = [];
    const routes: FastifyPluginCallback = (scope, _, next) => {
      scope.get('/', (request) => ({ admitted: admitted.push(request.admin!) }));
      next();
    };
    const server = await start({}, { pages: [{ path: '/watched', routes }] });
    const browser = await loggedIn(server);
    await browser.open('/watched');
    const used = () => source.query(`SELECT used_at FROM admin_sessions`);
    const before = await used();
    expect(await admitted[0]!.isStillIn()).toBe(true);
    expect(await used()).toEqual(before);
    await source.query(`UPDATE admin_sessions SET used_at = used_at - interval '31 minutes'`);
    expect(await admitted[0]!.isStillIn()).toBe(false);
    await source.query(`UPDATE admin_sessions SET used_at = clock_timestamp()`);
    await browser.submit('/logout', {});
    expect(await admitted[0]!.isStillIn()).toBe(false);
  });

  it('ends when the password is changed', async () => {
    const client = await loggedIn(admin);
    const renewed = await start({ ADMIN_PASSWORD: 'another' });
    const same = clientAt(renewed);
    same.cookies.set('ringfence_session', client.cookie('session') ?? '');
    expect((await same.open('/queues/api/queues')).status).toBe(401);
  });

  it('has cookies that no other site, no program and no plain connection gets', async () => {
    const plain = await loggedIn(admin);
    for (const line of plain.set) expect(line).toMatch(/Path=\/;.*SameSite=Strict/i);
    const proxied = await start({ TRUST_PROXY: 'loopback' });
    const production = await start({ NODE_ENV: 'production' });
    for (const secure of [
      await loggedIn(production),
      await loggedIn(proxied, { 'x-forwarded-proto': 'https', origin: `https://127.0.0.1:${proxied.port}` }),
    ]) {
      const [session = ''] = secure.set.filter((line) => line.startsWith('__Host-ringfence_session='));
      expect(session).toMatch(/Path=\/; HttpOnly; Secure; SameSite=Strict/i);
      expect(secure.set.filter((line) => !/; Secure/i.test(line))).toEqual([]);
      expect(
        secure.set.filter((line) => !/; HttpOnly/i.test(line)).every((line) => line.startsWith('XSRF')),
      ).toBe(true);
    }
    const downgraded = clientAt(production);
    downgraded.cookies.set('ringfence_session', plain.cookie('session') ?? '');
    expect((await downgraded.open('/queues/api/queues')).status).toBe(401);
  });
});

describe('five wrong tries', () => {
  it('lock their address out, form and scripts, the right password too, and nobody who is in', async () => {
    const inside = await loggedIn(admin);
    const client = clientAt(admin);
    for (let tries = 0; tries < 3; tries += 1) expect((await client.logIn('ada', 'wrong')).status).toBe(401);
    for (let tries = 0; tries < 2; tries += 1) expect((await ask('/queues', 'ada:wrong')).status).toBe(401);
    for (const answer of [await client.logIn('ada', 'correct'), await ask('/queues', 'ada:correct')]) {
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(800);
    }
    expect(client.cookie('session')).toBeUndefined();
    expect((await inside.open('/queues/api/queues')).status).toBe(200);
    expect((await audited('admin.locked_out')).at(-1)).toMatchObject({ detail: { locked: 'address' } });
  });

  it('are those of one address, as the proxies tell it that are believed', async () => {
    const proxied = await start({ TRUST_PROXY: 'loopback' });
    const from = (address: string) => clientAt(proxied, { 'x-forwarded-for': address });
    for (let tries = 0; tries < 5; tries += 1)
      expect((await from(`2001:db8::${tries}`).logIn('ada', 'wrong')).status).toBe(401);
    expect((await from('2001:db8::99').logIn('ada', 'correct')).status).toBe(429);
    expect((await from('203.0.113.7').logIn('ada', 'correct')).status).toBe(303);
    // Elsewhere nobody says by a header where they come from.
    for (let tries = 0; tries < 6; tries += 1)
      await clientAt(admin, { 'x-forwarded-for': `203.0.113.${tries}` }).logIn('ada', 'wrong');
    expect((await clientAt(admin).logIn('ada', 'correct')).status).toBe(429);
  });

  it('are not what a script does that asks for much at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask('/queues/api/queues', 'ada:correct', 'GET', writable)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  });
});

it('nobody is let in, and nothing told, while the database is away', async () => {
  const away = await database(await freshDatabase(), API_LIMITS).initialize();
  const server = await start({}, { logins: new AdminLoginsStore(asApi(away)) });
  const client = await loggedIn(server);
  await away.destroy();
  for (const answer of [
    await client.open('/queues'),
    await ask('/queues', 'ada:correct', 'GET', server),
    await clientAt(server).logIn('ada', 'correct'),
  ]) {
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ message: expect.stringMatching(/ now\.$/) });
  }
  expect(reported.length).toBeGreaterThan(0);
});

it('metrics are told to whoever shows their token, and counted for nobody else', async () => {
  const login = Buffer.from('ada:correct').toString('base64');
  for (const shown of [undefined, 'Bearer of-the-scrape', 'Bearer ', `Basic ${login}`, 'of-the-scraper']) {
    expect((await scrape(shown)).status, shown).toBe(401);
  }
  const answer = await scrape('Bearer of-the-scraper');
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/);
  expect(await answer.text()).toBe('scrapes_total 1\n');
});

it('whether a process is ready, is said to anybody, and that it stops before anything else', async () => {
  expect(await (await ask('/ready')).json()).toEqual({ status: 'ok', database: 'reached', queue: 'reached' });
  ready = false;
  const answer = await ask('/ready');
  expect(answer.status).toBe(503);
  // Our own words, and nobody else's: a database's may hold what was asked of it.
  expect(await answer.json()).toEqual({ status: 'not ready', database: 'away', queue: 'it may evict' });
  stopping.begin();
  const last = await ask('/ready');
  expect([last.status, await last.json()]).toEqual([503, { status: 'stopping' }]);
});

it('whether a process lives, is said by what it does, and also before it has its stores', async () => {
  const port = await OpenPort.on(0);
  started.push(port);
  expect(await (await ask('/live', undefined, 'GET', port)).json()).toEqual({ status: 'ok' });
  const unready = await ask('/ready', undefined, 'GET', port);
  expect([unready.status, await unready.json()]).toEqual([503, { status: 'not ready', database: 'away' }]);
  const turn = vitals.loop('feed', 0);
  expect((await ask('/live')).status).toBe(200);
  nowMs += 61_000;
  const still = await ask('/live');
  expect([still.status, await still.json()]).toEqual([
    503,
    { status: 'stands still', feed: 'no sign for 61 s' },
  ]);
  turn();
  expect((await ask('/live')).status).toBe(200);
});
