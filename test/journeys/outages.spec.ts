import { afterEach, describe, expect, inject, it } from 'vitest';
import { BreakableProxy } from '../breakable-proxy.js';
import { freePort } from '../../apps/start/free-port.js';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House | undefined;
let proxy: BreakableProxy | undefined;
let redisProxy: BreakableProxy | undefined;

afterEach(async () => {
  await house?.close();
  await proxy?.cut();
  await redisProxy?.cut();
});

/** What a process says of itself at its admin port. */
async function healthAt(adminPort: number): Promise<{ live: number; ready: unknown }> {
  const at = `http://127.0.0.1:${adminPort}`;
  const live = await fetch(`${at}/live`);
  return { live: live.status, ready: await (await fetch(`${at}/ready`)).json() };
}

async function proxyBefore(url: string, defaultPort: number): Promise<BreakableProxy> {
  const { hostname, port } = new URL(url);
  const made = new BreakableProxy({ host: hostname, port: Number(port || defaultPort) });
  await made.mend();
  return made;
}

describe('while Redis is away', () => {
  it.runIf(inject('redisUrl') !== null)(
    'calls are taken in, and dialled once it is back, each of them once',
    { timeout: 90_000 },
    async () => {
      const redisUrl = inject('redisUrl') ?? '';
      proxy = await proxyBefore(redisUrl, 6379);
      house = await House.open({ dialers: 2, settings: { REDIS_URL: proxy.through(redisUrl) } });
      const campaignId = await house.campaign();
      await house.settled([await house.call(campaignId, aNumber())]);

      await proxy.cut();
      const numbers = Array.from({ length: 5 }, () => aNumber());
      const ids: string[] = [];
      for (const to of numbers) ids.push(await house.call(campaignId, to));
      await proxy.mend();

      const settled = await house.settled(ids);
      for (const id of ids) expect(settled.get(id).status).toBe('completed');
      const rang = (await house.ledger()).filter(({ kind, to }) => kind === 'ring' && numbers.includes(to));
      expect(rang.map(({ to }) => to).sort()).toEqual([...numbers].sort());
    },
  );
});

describe('while PostgreSQL is away', () => {
  it('the api says so and takes nothing in, and heals by itself', { timeout: 90_000 }, async () => {
    proxy = await proxyBefore(inject('databaseUrl'), 5432);
    const through = proxy;
    house = await House.open({ dialers: 1, throughDatabase: (url) => through.through(url) });
    const running = house;
    const campaignId = await house.campaign();
    const to = aNumber();

    await proxy.cut();
    const { status, body } = await house.api('POST', `/campaigns/${campaignId}/call`, { to });
    expect([status, body.code, body.success]).toEqual([503, 'STORE_UNAVAILABLE', false]);
    expect(JSON.stringify(body)).not.toMatch(/ECONN|postgres|at .*\(/);
    // Nothing stands still: to start it anew would not bring the database back.
    expect(await healthAt(house.apiAdminPort)).toMatchObject({
      live: 200,
      ready: { status: 'not ready', database: 'away', migrations: 'away' },
    });
    await proxy.mend();

    const id = await house.until('a call is taken in again', async () => {
      const answer = await running.api('POST', `/campaigns/${campaignId}/call`, { to });
      return answer.status === 201 ? (answer.body.campaign_call.id as string) : null;
    });
    expect((await house.settled([id])).get(id).status).toBe('completed');
  });
});

describe('started before their stores', () => {
  it(
    'api and dialer live and wait, and do their work once the stores are there',
    { timeout: 90_000 },
    async () => {
      const redisUrl = inject('redisUrl');
      proxy = await proxyBefore(inject('databaseUrl'), 5432);
      redisProxy = redisUrl === null ? undefined : await proxyBefore(redisUrl, 6379);
      const through = proxy;
      house = await House.open({
        dialers: 0,
        throughDatabase: (url) => through.through(url),
        settings: redisUrl === null ? {} : { REDIS_URL: redisProxy!.through(redisUrl) },
      });
      const campaignId = await house.campaign();
      const { apiProcess, apiAdminPort } = house;
      const ended = new Promise((resolve) => apiProcess.once('exit', resolve));
      apiProcess.kill('SIGTERM');
      expect(await ended).toBe(0);

      await proxy.cut();
      await redisProxy?.cut();
      const dialerPort = await freePort();
      const starting = [house.startApi(), house.startDialer({ ADMIN_PORT: dialerPort.toString() })];
      for (const port of [apiAdminPort, dialerPort]) {
        const health = await house.until('it lives', () => healthAt(port).catch(() => null));
        expect(health).toEqual({ live: 200, ready: { status: 'not ready', database: 'away' } });
      }
      await proxy.mend();
      await Promise.all(starting);
      const id = await house.call(campaignId, aNumber());
      await redisProxy?.mend();
      expect((await house.settled([id])).get(id).status).toBe('completed');
      for (const port of [apiAdminPort, dialerPort])
        expect(await healthAt(port)).toMatchObject({
          live: 200,
          ready: { status: 'ok', migrations: 'current' },
        });
    },
  );
});
