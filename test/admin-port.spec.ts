import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Queue } from 'bullmq';
import { startAdminServer, type AdminServer } from './admin-server.js';
import { NotReady } from '#environment/not-ready.js';
import { QueueConnection } from './queue-connection.js';

let queue: Queue;
let admin: AdminServer;
let ready = true;
let scrapes = 0;

const metrics = {
  contentType: 'text/plain; version=0.0.4',
  text: () => Promise.resolve(`scrapes_total ${(scrapes += 1)}\n`),
  token: 'of-the-scraper',
};

beforeAll(async () => {
  const access = {
    redisUrl: inject('redisUrl') ?? undefined,
    databaseUrl: inject('databaseUrl'),
    isCluster: false,
    prefix: `rf_${inject('runId')}_admin`,
    shards: 1,
  };
  queue = new Queue('dial', new QueueConnection(access).shards[0]);
  await queue.add('dial', { callId: 'c1', attempt: 1, offer: 1 }, { jobId: 'c1-1-1' });
  admin = await startAdminServer({
    port: 0,
    user: 'ada',
    password: 'correct',
    queues: [[queue]],
    metrics,
    checks: {
      database: () => (ready ? Promise.resolve('reached') : Promise.reject(new Error('of +12025550100'))),
      queue: () => (ready ? Promise.resolve('reached') : Promise.reject(new NotReady('it may evict'))),
    },
  });
});

afterAll(async () => {
  await admin.close();
  await queue.obliterate({ force: true });
  await queue.close();
});

function scrape(authorization?: string): Promise<Response> {
  const headers = new Headers(authorization === undefined ? {} : { authorization });
  return fetch(`http://127.0.0.1:${admin.port}/metrics`, { headers });
}

function ask(path: string, login?: string, method = 'GET'): Promise<Response> {
  const headers = new Headers();
  if (login !== undefined) headers.set('authorization', `Basic ${Buffer.from(login).toString('base64')}`);
  return fetch(`http://127.0.0.1:${admin.port}${path}`, { method, headers });
}

async function aStaticPath(): Promise<string> {
  const page = await (await ask('/queues', 'ada:correct')).text();
  const found = /(?:src|href)="([^"]*static\/[^"]+)"/.exec(page)?.[1] ?? 'no static path on the page';
  return new URL(found, `http://127.0.0.1:${admin.port}/queues/`).pathname;
}

describe('the admin port', () => {
  it.each([
    '/queues',
    '/queues/',
    '/queues/api/queues',
    '/queues/queue/dial',
    '/queues/api/queues/dial/c1-1-1',
  ])('shows %s to nobody without the login', async (path) => {
    expect((await ask(path)).status).toBe(401);
    expect((await ask(path, 'ada:wrong')).status).toBe(401);
    expect((await ask(path, 'bob:correct')).status).toBe(401);
    expect((await ask(path, 'ada:correct')).status).toBeLessThan(400);
  });

  it('keeps even its files behind the login', async () => {
    const path = await aStaticPath();
    expect((await ask(path)).status).toBe(401);
    expect((await ask(path, 'ada:correct')).status).toBe(200);
  });

  it('shows the ticket, and lets nobody change it', async () => {
    const { queues } = (await (await ask('/queues/api/queues', 'ada:correct')).json()) as {
      queues: { name: string }[];
    };
    expect(queues.map(({ name }) => name)).toEqual(['dial']);
    for (const action of ['retry', 'promote', 'clean']) {
      const answer = await ask(`/queues/api/queues/dial/c1-1-1/${action}`, 'ada:correct', 'PUT');
      expect(answer.status, action).toBe(405);
    }
    expect(await queue.getJob('c1-1-1')).toBeDefined();
  });

  it('shows the queues of every shard, told apart', async () => {
    const sharded = await startAdminServer({
      ...{ port: 0, user: 'ada', password: 'correct', checks: {}, metrics },
      queues: [[queue], [queue]],
    });
    try {
      const headers = { authorization: `Basic ${Buffer.from('ada:correct').toString('base64')}` };
      const answer = await fetch(`http://127.0.0.1:${sharded.port}/queues/api/queues`, { headers });
      const { queues } = (await answer.json()) as { queues: { name: string; counts: object }[] };
      expect(queues.map(({ name }) => name)).toEqual(['shard-0.dial', 'shard-1.dial']);
    } finally {
      await sharded.close();
    }
  });

  it('tells its metrics to whoever shows their token, and counts nothing for others', async () => {
    const login = Buffer.from('ada:correct').toString('base64');
    for (const shown of [undefined, 'Bearer of-the-scrape', 'Bearer ', `Basic ${login}`, 'of-the-scraper']) {
      expect((await scrape(shown)).status, shown).toBe(401);
    }
    const answer = await scrape('Bearer of-the-scraper');
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/);
    expect(await answer.text()).toBe('scrapes_total 1\n');
  });

  it('says whether it is ready, and that it lives, to anybody', async () => {
    expect((await ask('/live')).status).toBe(200);
    expect(await (await ask('/ready')).json()).toEqual({
      status: 'ok',
      database: 'reached',
      queue: 'reached',
    });
    ready = false;
    const answer = await ask('/ready');
    expect(answer.status).toBe(503);
    // Our own words, and nobody else's: a database's may hold what was asked of it.
    expect(await answer.json()).toEqual({ status: 'not ready', database: 'away', queue: 'it may evict' });
  });
});
