import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { clusterProgram, NO_PROGRAM, RedisCluster } from '../redis-cluster.js';
import { House } from '../running-house.js';

const MASTERS = [0, 1, 2];
const SHARDS = 6;

const program = clusterProgram();
let cluster: RedisCluster | undefined;
let house: House;

afterEach(async () => {
  await house?.close();
  await cluster?.close();
});

interface Calls {
  numbers: string[];
  ids: string[];
}

async function houseOnCluster(on: RedisCluster): Promise<House> {
  const settings = { REDIS_URL: on.url, REDIS_CLUSTER: 'true', QUEUE_SHARDS: `${SHARDS}` };
  return House.open({ dialers: 1, settings });
}

async function callAll(campaignId: string, count: number): Promise<Calls> {
  const numbers = Array.from({ length: count }, () => aNumber());
  return { numbers, ids: await Promise.all(numbers.map((to) => house.call(campaignId, to))) };
}

async function rings(numbers: string[]): Promise<string[]> {
  const ledger = await house.ledger();
  return ledger.filter(({ kind, to }) => kind === 'ring' && numbers.includes(to)).map(({ to }) => to);
}

/** All of them end well, and everybody was rung exactly once. */
async function judge(...parts: Calls[]): Promise<void> {
  const settled = await house.settled(parts.flatMap(({ ids }) => ids));
  for (const { status } of settled.values()) expect(status).toBe('completed');
  const numbers = parts.flatMap((part) => part.numbers);
  expect((await rings(numbers)).sort()).toEqual(numbers.sort());
}

/** The dialer goes as it is asked to, and another comes: neither waits for a server that is away. */
async function replaceDialer(): Promise<void> {
  const leaving = house.dialers.shift()!;
  const exited = once(leaving, 'exit');
  leaving.kill('SIGTERM');
  expect(await house.inTime('the dialer ends', exited)).toEqual([0, null]);
  await house.startDialer();
}

/** Of how many shards on a master tickets to dial have been worked on since it was started. */
async function worked(on: RedisCluster, master: number): Promise<number> {
  return on.ask(master, async (redis) => (await redis.keys('*:dial:completed')).length);
}

async function queueState(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${house.apiAdminPort}/ready`);
  return ((await response.json()) as { queue: string }).queue;
}

describe('with queues in shards over a cluster', () => {
  it(
    'a master that dies with everything holds up no call, loses none, and has nobody rung twice',
    { timeout: 240_000 },
    async (test) => {
      if (program === null) return test.skip(NO_PROGRAM);
      const servers = (cluster = await RedisCluster.start(program));
      house = await houseOnCluster(servers);
      const campaignId = await house.campaign({ max_concurrent_calls: 12 });
      const first = await callAll(campaignId, 40);
      await house.until('it is under way', async () => (await rings(first.numbers)).length >= 10);
      expect(await queueState()).toBe('reached');

      await servers.kill(1);
      const second = await callAll(campaignId, 15);
      await house.until('it is seen', async () => (await queueState()) === 'partly_away');
      expect(await house.cli(['queue', 'rebuild'])).toMatchObject({ dropped: expect.any(Number) });
      await replaceDialer();
      await judge(first, second);

      const third = await callAll(campaignId, 15);
      await servers.bringBack(1);
      await house.until('it is seen to be back', async () => (await queueState()) === 'reached');
      const fourth = await callAll(campaignId, 30);
      await judge(first, second, third, fourth);

      const [before, back, after] = await Promise.all(MASTERS.map((nth) => worked(servers, nth)));
      expect([before, after]).toEqual([SHARDS / 3, SHARDS / 3]);
      expect(back).toBeGreaterThan(0);
    },
  );
});
