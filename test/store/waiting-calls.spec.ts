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

  it('ends calls that are past their own deadline, and says of a closed campaign’s that it closed', async () => {
    const { id } = await anEnvironment(source);
    const [open, closed] = [
      await aCampaign(source, id),
      await aCampaign(source, id, { status: 'cancelled' }),
    ];
    const past = { expiresAt: new Date('2026-01-02T00:00:00Z') };
    const [late, inTime, closedLate] = [
      await aCall(source, open, past),
      await aCall(source, open, { expiresAt: new Date('2199-01-01T00:00:00Z') }),
      await aCall(source, closed, past),
    ];
    await new FinaliseStore(asDialer(source)).finaliseBatch(1000);
    expect(await call(late.id)).toMatchObject({ status: 'expired', reason: 'call_expired' });
    expect(await call(inTime.id)).toMatchObject({ status: 'waiting' });
    expect(await call(closedLate.id)).toMatchObject({ status: 'cancelled', reason: 'campaign_cancelled' });
  });

  it('ends those of many campaigns a batch at a time, and says when there are no more', async () => {
    const { id } = await anEnvironment(source);
    for (let nth = 0; nth < 3; nth += 1) {
      const campaign = await aCampaign(source, id, { status: nth === 1 ? 'active' : 'completed' });
      for (let each = 0; each < 4; each += 1) await aCall(source, campaign);
    }
    const finalise = new FinaliseStore(asDialer(source));
    const more = [];
    for (let turn = 0; turn < 3; turn += 1) more.push((await finalise.finaliseBatch(3)).more);
    expect(more).toEqual([true, true, false]);
    const left = await source.manager.countBy(Call, { environmentId: id, status: 'waiting' });
    expect(left).toBe(4);
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
