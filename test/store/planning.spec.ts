import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { database, DIALER_LIMITS } from '#store/database.js';
import { isIn } from '#store/reading.js';
import type { ScopedDatabase } from '#store/scoped-database.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, asOperator } from '../factories.js';

const CALLS = 60;

let source: DataSource;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
  const campaign = await aCampaign(source, (await anEnvironment(source)).id);
  for (let nth = 0; nth < CALLS; nth += 1) await aCall(source, campaign);
  await source.query('ANALYZE calls');
});

afterAll(() => source.destroy());

async function expectedRows(of: ScopedDatabase, condition: string): Promise<number> {
  const [row] = await of.everywhere((manager) =>
    manager.query<[{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }]>(
      `EXPLAIN (FORMAT JSON) SELECT FROM calls WHERE ${condition}`,
    ),
  );
  return row['QUERY PLAN'][0].Plan['Plan Rows'];
}

describe('what the planner expects', () => {
  it('of a role that has all rows is all of them: it would walk tables for what it takes for next to nothing', async () => {
    expect(await expectedRows(asDialer(source), 'true')).toBeGreaterThan(CALLS * 0.9);
    expect(await expectedRows(asOperator(source), 'true')).toBeGreaterThan(CALLS * 0.9);
  });

  it('of rows that are in a state, found by their ids, is all of them, whatever it knew of that state', async () => {
    expect(await expectedRows(asDialer(source), isIn('status', 'initiated'))).toBeGreaterThan(CALLS * 0.9);
  });
});
