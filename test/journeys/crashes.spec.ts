import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;

afterEach(() => house.close());

/** Makes a campaign of ordinary numbers that keeps a few dialling at any time. */
async function aBusyCampaign(calls: number, slots = 8): Promise<{ numbers: string[]; ids: string[] }> {
  const campaignId = await house.campaign({ max_concurrent_calls: slots });
  const numbers = Array.from({ length: calls }, () => aNumber());
  const ids = await Promise.all(numbers.map((to) => house.call(campaignId, to)));
  await house.until('it is under way', async () => (await rings(numbers)).length >= 5);
  return { numbers, ids };
}

async function rings(numbers: string[]): Promise<string[]> {
  const ledger = await house.ledger();
  return ledger.filter(({ kind, to }) => kind === 'ring' && numbers.includes(to)).map(({ to }) => to);
}

/** What FLUSHALL does, to this house alone: others share the server. */
async function emptyQueue(): Promise<void> {
  const redisUrl = inject('redisUrl');
  if (redisUrl === null) {
    const source = await new DataSource({ type: 'postgres', url: inject('databaseUrl') }).initialize();
    await source.query(`DELETE FROM ${house.prefix}_queue.job`);
    await source.destroy();
    return;
  }
  const redis = new Redis(redisUrl);
  const keys = await redis.keys(`${house.prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}

/** Everybody was rung exactly once, except those whose fate is openly unknown, who were rung at most once. */
async function judge(numbers: string[], ids: string[]): Promise<void> {
  const settled = await house.settled(ids);
  const rang = await rings(numbers);
  expect(new Set(rang).size, 'numbers rung twice').toBe(rang.length);
  for (const [index, to] of numbers.entries()) {
    const { status } = settled.get(ids[index] ?? '');
    expect(['completed', 'outcome_unknown']).toContain(status);
    if (status === 'completed') expect(rang).toContain(to);
  }
}

describe('in mid-campaign', () => {
  it('a queue that loses everything loses no call and rings nobody twice', { timeout: 120_000 }, async () => {
    house = await House.open({ dialers: 2, speed: 60 });
    const { numbers, ids } = await aBusyCampaign(50);
    for (let round = 0; round < 3; round += 1) {
      const before = (await rings(numbers)).length;
      await emptyQueue();
      await house.until('it goes on', async () => (await rings(numbers)).length >= Math.min(before + 5, 50));
    }
    await judge(numbers, ids);
    expect((await rings(numbers)).length).toBe(50);
  });

  it(
    'a dialer killed again and again loses no call and rings nobody twice',
    { timeout: 120_000 },
    async () => {
      // What a dialer had fenced and not sent as it died keeps its slot for minutes: one after the other, that is a call or two.
      const settings = { TRUNK_CALLS_PER_SECOND: '8' };
      house = await House.open({ dialers: 2, speed: 60, settings });
      const { numbers, ids } = await aBusyCampaign(100, 20);
      for (let round = 0; round < 3; round += 1) {
        const before = (await rings(numbers)).length;
        house.dialers.shift()?.kill('SIGKILL');
        await house.startDialer();
        // Those lost on the way are never rung.
        await house.until(
          'it goes on',
          async () => (await rings(numbers)).length >= Math.min(before + 3, 90),
        );
      }
      await judge(numbers, ids);
    },
  );

  it(
    'a queue that loses everything, and a dialer that dies with webhooks in hand, lose no event',
    { timeout: 120_000 },
    async () => {
      house = await House.open({ dialers: 0 });
      const campaignId = await house.campaign({}, {}, 'draft');
      await house.must('POST', `/campaigns/${campaignId}/webhooks`, {
        name: 'All',
        webhook_url: house.receiver.url('/'),
        events: ['campaign.updated'],
        timeout: 5,
      });
      for (let nth = 0; nth < 5; nth += 1)
        await house.must('PUT', `/campaigns/${campaignId}`, { name: `Name ${nth}` });
      await emptyQueue();
      for (const point of ['after_webhook_take', 'after_delivery']) {
        const dies = house.spawnDialer({ FAULT_POINT: point });
        await new Promise((resolve) => dies.once('exit', resolve));
      }
      await house.startDialer();
      const names = () => new Set(house.receiver.deliveries.map(({ body }) => body.campaign.name as string));
      await house.until('all is told', async () => names().size === 5);
      const ids = house.receiver.deliveries.map(({ headers }) => headers['webhook-id']);
      expect(new Set(ids).size).toBe(5);
    },
  );

  it('a dialer asked to stop finishes what is in hand and exits with 0', { timeout: 120_000 }, async () => {
    house = await House.open({ dialers: 1, speed: 60 });
    const { numbers, ids } = await aBusyCampaign(20);
    const [first] = house.dialers;
    const exited = new Promise<number | null>((resolve) => first?.once('exit', (code) => resolve(code)));
    await house.startDialer();
    first?.kill('SIGTERM');
    expect(await exited).toBe(0);
    await judge(numbers, ids);
    expect((await rings(numbers)).length).toBe(20);
  });
});
