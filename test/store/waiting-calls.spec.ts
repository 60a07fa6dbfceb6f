import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { Call } from '#store/call.entity.js';
import { DIALER_LIMITS, database } from '#store/database.js';
import { FinaliseStore } from '#store/finalise.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer } from '../factories.js';

let source: DataSource;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
});

afterAll(() => source.destroy());

const call = (id: string) => source.manager.findOneByOrFail(Call, { id });

describe('the finaliser', () => {
  it('ends waiting calls as their campaign ended, and leaves those of a paused one', async () => {
    const environment = await anEnvironment(source);
    const ends = await Promise.all(
      (
        [
          [{ status: 'cancelled' }, 'cancelled', 'campaign_cancelled'],
          [{ status: 'completed' }, 'expired', 'campaign_completed'],
          [{ startDate: '2020-01-01', endDate: '2020-02-01' }, 'expired', 'campaign_ended'],
          [{ status: 'paused' }, 'waiting', null],
        ] as const
      ).map(async ([overrides, status, reason]) => {
        const waiting = await aCall(source, await aCampaign(source, environment.id, overrides));
        return { id: waiting.id, status, reason };
      }),
    );
    await new FinaliseStore(asDialer(source)).finaliseBatch(1000);
    for (const { id, status, reason } of ends) expect(await call(id)).toMatchObject({ status, reason });
  });
});

describe('the database itself', () => {
  it.each([
    ['a final call without a finishing time', `UPDATE calls SET status = 'completed' WHERE id = $1`],
    [
      'a finishing time on a call that is not final',
      `UPDATE calls SET finished_at = clock_timestamp() WHERE id = $1`,
    ],
    ['a state nobody knows', `UPDATE calls SET status = 'paused' WHERE id = $1`],
  ])('refuses %s', async (_, statement) => {
    const waiting = await aCall(source, await aCampaign(source, (await anEnvironment(source)).id));
    await expect(source.query(statement, [waiting.id])).rejects.toThrow(/violates check constraint/);
  });
});

it('what has outlived its use is forgotten by the dialer in its own role, and nothing younger', async () => {
  const { id } = await anEnvironment(source);
  const key = `INSERT INTO idempotency_keys (environment_id, route, key, fingerprint, created_at)
    VALUES ($1, 'r', $2, 'f', clock_timestamp() - $3::interval)`;
  await source.query(key, [id, 'old', '25 hours']);
  await source.query(key, [id, 'young', '23 hours']);
  const count = `INSERT INTO rate_counts (key, points, expire)
    VALUES ($1, 1, extract(epoch FROM clock_timestamp()) * 1000 - $2)`;
  await source.query(count, ['over', 120_000]);
  await source.query(count, ['running', -30_000]);
  const finalise = new FinaliseStore(asDialer(source));
  expect(await finalise.forgetKeys(10)).toBe(false);
  expect(await finalise.forgetCounts(10)).toBe(false);
  expect(await source.query(`SELECT key FROM idempotency_keys WHERE environment_id = $1`, [id])).toEqual([
    { key: 'young' },
  ]);
  expect(await source.query(`SELECT key FROM rate_counts`)).toEqual([{ key: 'running' }]);
});
