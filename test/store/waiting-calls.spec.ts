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
