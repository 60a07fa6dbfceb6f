import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ settings: { LOG_LEVEL: 'trace' } });
});

afterAll(() => house.close());

/** Everything that the queue keeps, as text. */
async function queueContents(): Promise<string> {
  const redisUrl = inject('redisUrl');
  if (redisUrl === null) {
    const source = await new DataSource({ type: 'postgres', url: inject('databaseUrl') }).initialize();
    const tables = await source.query<{ name: string }[]>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = $1`,
      [`${house.prefix}_queue`],
    );
    const rows = await Promise.all(tables.map(({ name }) => source.query(`SELECT * FROM ${name}`)));
    await source.destroy();
    return JSON.stringify(rows);
  }
  const redis = new Redis(redisUrl);
  const dumps = [];
  for (const key of await redis.keys(`${house.prefix}:*`)) {
    const kind = await redis.type(key);
    if (kind === 'hash') dumps.push(await redis.hgetall(key));
    else if (kind === 'list') dumps.push(await redis.lrange(key, 0, -1));
    else if (kind === 'zset') dumps.push(await redis.zrange(key, '0', '-1'));
    else if (kind === 'stream') dumps.push(await redis.xrange(key, '-', '+'));
    else dumps.push(await redis.get(key));
  }
  redis.disconnect();
  return JSON.stringify(dumps);
}

it('keeps numbers, payloads and contexts out of the queue and the logs', async () => {
  const campaignId = await house.campaign();
  const numbers = ['00', '70', '85', '88', '98'].map((digits) => aNumber(digits));
  const made = numbers.map((to) =>
    house.call(campaignId, to, { payload: { name: 'Zebediah' }, context: { note: 'Xanthippe' } }),
  );
  const ids = await Promise.all(made);
  await house.settled(ids);

  const kept = await queueContents();
  expect(kept).toContain(ids[0]);
  for (const text of [kept, house.log]) {
    for (const to of numbers) expect(text).not.toContain(to.slice(1));
    expect(text).not.toContain('Zebediah');
    expect(text).not.toContain('Xanthippe');
    expect(text).not.toMatch(/talq_/);
  }
});
