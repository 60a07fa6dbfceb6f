import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { clusterProgram, RedisCluster } from '../redis-cluster.js';
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

async function houseOnCluster(on: RedisCluster): Promise<House> {
  const settings = { REDIS_URL: on.url, REDIS_CLUSTER: 'true', QUEUE_SHARDS: `${SHARDS}` };
  return House.open({ dialers: 2, settings });
}

async function rings(numbers: string[]): Promise<string[]> {
  const ledger = await house.ledger();
  return ledger.filter(({ kind, to }) => kind === 'ring' && numbers.includes(to)).map(({ to }) => to);
}

async function callAll(campaignId: string, count: number): Promise<{ numbers: string[]; ids: string[] }> {
  const numbers = Array.from({ length: count }, () => aNumber());
  return { numbers, ids: await Promise.all(numbers.map((to) => house.call(campaignId, to))) };
}

/** Tickets to dial that were worked on and are kept on a master, by the shard's prefix. */
async function dialledOn(on: RedisCluster, master: number): Promise<Map<string, number>> {
  return on.ask(master, async (redis) => {
    const keys = await redis.keys('*:dial:completed');
    const counts = await Promise.all(keys.map((key) => redis.zcard(key)));
    return new Map(keys.map((key, nth) => [key.split(':')[0] ?? '', counts[nth] ?? 0]));
  });
}

async function queueState(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${house.apiAdminPort}/ready`);
  return ((await response.json()) as { queue: string }).queue;
}

describe('with queues in shards over a cluster', () => {
  it.skipIf(program === null)(
    'a master that dies with everything holds up no other, loses no call, and has nobody rung twice',
    { timeout: 120_000 },
    async () => {
      const servers = (cluster = await RedisCluster.start(program!));
      house = await houseOnCluster(servers);
      const campaignId = await house.campaign({ max_concurrent_calls: 12 });
      const first = await callAll(campaignId, 60);
      await house.until('it is under way', async () => (await rings(first.numbers)).length >= 15);
      expect(await queueState()).toBe('reached');

      await servers.kill(1);
      const before = (await rings(first.numbers)).length;
      const second = await callAll(campaignId, 20);
      await house.until(
        'the others go on',
        async () => (await rings(first.numbers)).length >= Math.min(before + 15, 60),
      );
      await house.until('it is seen', async () => (await queueState()) === 'partly_away');

      // A dialer is not held up by it at its end either.
      const [leaving] = house.dialers;
      const exited = once(leaving!, 'exit');
      leaving!.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);

      await servers.bringBack(1);
      await house.until('it is seen to be back', async () => (await queueState()) === 'reached');
      const third = await callAll(campaignId, 20);
      const numbers = [first, second, third].flatMap((part) => part.numbers);
      const ids = [first, second, third].flatMap((part) => part.ids);
      const settled = await house.settled(ids);
      for (const id of ids) expect(settled.get(id).status).toBe('completed');
      expect((await rings(numbers)).sort()).toEqual([...numbers].sort());

      const worked = await Promise.all(MASTERS.map((master) => dialledOn(servers, master)));
      expect(worked.map((shards) => shards.size)).toEqual([2, 2, 2]);
      expect(worked.flatMap((shards) => [...shards.values()]).every((count) => count > 0)).toBe(true);
    },
  );
});
