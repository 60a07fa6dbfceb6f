import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignCompletionStore } from '#store/campaign-completion.store.js';
import { database, DIALER_LIMITS } from '#store/database.js';
import { FeedStore } from '#store/feed.store.js';
import { FinaliseStore } from '#store/finalise.store.js';
import { isIn } from '#store/reading.js';
import type { ScopedDatabase } from '#store/scoped-database.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, asOperator } from '../factories.js';

const CALLS = 60;

let source: DataSource;

beforeAll(async () => {
  // Rows by the ten thousand take their time on a busy machine.
  const limits = { ...DIALER_LIMITS, statementTimeoutMs: 0 };
  source = await database(await freshDatabase(), limits).initialize();
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

/** The statements that some work sends, each as it goes when it is sent once more: the nodes of its plan, from the outermost in. */
async function plansOf(work: () => Promise<unknown>): Promise<PlanNode[][]> {
  const sent: { text: string; values: unknown[] }[] = [];
  const { logger } = source;
  source.logger = {
    ...SILENT,
    logQuery: (text, values) => void sent.push({ text, values: (values as unknown[] | undefined) ?? [] }),
  };
  await work().finally(() => (source.logger = logger));
  const about = sent.filter(({ text }) => /^\s*(SELECT|WITH|UPDATE)\b/i.test(text) && /\bcalls\b/.test(text));
  return asDialer(source).everywhere(async (manager) => {
    const plans: PlanNode[][] = [];
    for (const { text, values } of about) {
      const [row] = await manager.query<[{ 'QUERY PLAN': [{ Plan: PlanNode }] }]>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
        values,
      );
      plans.push(nodesOf(row['QUERY PLAN'][0].Plan));
    }
    return plans;
  });
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  /** Pages that it and all below it touched. */
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

const SILENT = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

describe('with many calls that wait', () => {
  let campaign: Campaign;

  beforeAll(async () => {
    campaign = await aCampaign(source, (await anEnvironment(source)).id, { autoComplete: true });
    const { environmentId, agentId, id } = campaign;
    await source.query(
      `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, ready_at, next_attempt_at)
       SELECT $1, $2, $3, '+1' || 2012000000 + place, 'waiting', clock_timestamp(), clock_timestamp()
       FROM generate_series(1, 30000) AS place`,
      [environmentId, id, agentId],
    );
    await source.query('ANALYZE calls');
  });

  it.each<[string, () => Promise<unknown>]>([
    ['looking for what is due', () => new FeedStore(asDialer(source)).dueCampaigns()],
    ['offering some of it', () => new FeedStore(asDialer(source)).offer(new Map([[campaign.id, 50]]))],
    [
      'offering what is urgent',
      () => new FeedStore(asDialer(source)).offer(new Map([[campaign.id, 5]]), 'urgent'),
    ],
    ['ending what closed campaigns left', () => new FinaliseStore(asDialer(source)).finaliseBatch(500)],
    ['completing what is done', () => new CampaignCompletionStore(asDialer(source)).processed()],
  ])('%s walks no table of them', async (_, work) => {
    const plans = await plansOf(work);
    expect(plans.length).toBeGreaterThan(0);
    const walks = plans
      .flat()
      .filter((node) => node['Relation Name'] === 'calls' && node['Node Type'] === 'Seq Scan');
    expect(walks).toEqual([]);
  });
});

it('what is due later, of whatever priority, is passed in a step, and not read on the way to what is due', async () => {
  const campaign = await aCampaign(source, (await anEnvironment(source)).id);
  const { environmentId, agentId, id } = campaign;
  await source.query(
    `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, priority, ready_at, next_attempt_at)
     SELECT $1, $2, $3, '+1' || 3012000000 + place, 'waiting', place % 3, '2199-01-01', '2199-01-01'
     FROM generate_series(1, 30000) AS place`,
    [environmentId, id, agentId],
  );
  await source.query('ANALYZE calls');
  const due = await aCall(source, campaign, { priority: -7 });
  const feed = new FeedStore(asDialer(source));
  // The campaigns of the other tests apart.
  await source.query(`UPDATE campaigns SET status = 'paused' WHERE id <> $1`, [id]);
  const [plan] = await plansOf(() => feed.dueCampaigns());
  expect(plan![0]!['Shared Hit Blocks'] + plan![0]!['Shared Read Blocks']).toBeLessThan(100);
  expect((await feed.dueCampaigns()).due.map((one) => one.campaign.id)).toEqual([id]);
  expect((await feed.offer(new Map([[id, 9]]))).map(({ callId }) => callId)).toEqual([due.id]);
});

describe('what the planner expects', () => {
  it('of a role that has all rows is all of them: it would walk tables for what it takes for next to nothing', async () => {
    expect(await expectedRows(asDialer(source), 'true')).toBeGreaterThan(CALLS * 0.9);
    expect(await expectedRows(asOperator(source), 'true')).toBeGreaterThan(CALLS * 0.9);
  });

  it('of rows that are in a state, found by their ids, is all of them, whatever it knew of that state', async () => {
    expect(await expectedRows(asDialer(source), isIn('status', 'initiated'))).toBeGreaterThan(CALLS * 0.9);
  });
});
