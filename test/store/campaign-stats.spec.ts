import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { FINAL_STATES } from '#policy/call-lifecycle.js';
import { OUTCOME_NAMES } from '#policy/outcomes.js';
import type { AskedPeriods } from '#policy/reporting-periods.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignStatsStore, type CampaignReport, type Figures } from '#store/campaign-stats.store.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { API_LIMITS, COMMAND_LIMITS, database, migrate } from '#store/database.js';
import { StatsFoldStore } from '#store/stats-fold.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asApi, asDialer } from '../factories.js';
import { anEnd, CampaignLife } from './campaign-life.js';

let source: DataSource;
let stats: CampaignStatsStore;
let fold: StatsFoldStore;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
  stats = new CampaignStatsStore(asApi(source));
  fold = new StatsFoldStore(asDialer(source));
});

afterAll(() => source.destroy());

async function report({ environmentId, id }: Campaign, asked: AskedPeriods = {}) {
  const answer = await stats.report(environmentId, id, asked);
  if (answer.kind !== 'report') throw new Error(answer.kind);
  return answer;
}

function told(figures: Figures): Record<string, number> {
  return {
    calls: figures.calls,
    ...Object.fromEntries(FINAL_STATES.map((state) => [state, figures.finished(state)])),
    ...Object.fromEntries(OUTCOME_NAMES.map((outcome) => [`dialled ${outcome}`, figures.attempts(outcome)])),
    talk: figures.talkSeconds,
    average: figures.averageDurationSeconds,
  };
}

/** What the rows themselves say, counted one by one. */
async function recounted(campaign: Campaign, isTesting: boolean): Promise<Record<string, number>> {
  const calls = await source.query<{ status: string; seconds: number }[]>(
    `SELECT status, duration_seconds AS seconds FROM calls WHERE campaign_id = $1 AND is_testing = $2`,
    [campaign.id, isTesting],
  );
  const attempts = await source.query<{ status: string; outcome: string | null; seconds: number }[]>(
    `SELECT attempts.status, attempts.outcome, attempts.duration_seconds AS seconds
     FROM attempts JOIN calls ON calls.id = call_id WHERE calls.campaign_id = $1 AND is_testing = $2`,
    [campaign.id, isTesting],
  );
  const completed = calls.filter(({ status }) => status === 'completed');
  const seconds = (rows: { seconds: number }[]) => rows.reduce((sum, row) => sum + row.seconds, 0);
  const ended = attempts.filter(({ status }) => status === 'ended');
  return {
    calls: calls.length,
    ...Object.fromEntries(
      FINAL_STATES.map((state) => [state, calls.filter(({ status }) => status === state).length]),
    ),
    ...Object.fromEntries(
      OUTCOME_NAMES.map((name) => [
        `dialled ${name}`,
        ended.filter(({ outcome }) => outcome === name).length +
          (name === 'unknown' ? attempts.filter(({ status }) => status === 'unknown').length : 0),
      ]),
    ),
    talk: seconds(ended),
    average: completed.length === 0 ? 0 : Math.round(seconds(completed) / completed.length),
  };
}

async function expectExact(campaign: Campaign): Promise<Extract<CampaignReport, { kind: 'report' }>> {
  const answer = await report(campaign);
  expect(told(answer.totals)).toEqual(await recounted(campaign, false));
  expect(told(answer.testing)).toEqual(await recounted(campaign, true));
  return answer;
}

async function foldAll(): Promise<void> {
  while (await fold.fold(1000)) continue;
}

const rowsOf = async (campaign: Campaign) => {
  const [{ deltas, quarters, totals }] = await source.query<
    [{ deltas: number; quarters: number; totals: number }]
  >(
    `SELECT (SELECT count(*)::integer FROM stat_deltas WHERE campaign_id = $1) AS deltas,
       (SELECT count(*)::integer FROM stat_quarters WHERE campaign_id = $1) AS quarters,
       (SELECT count(*)::integer FROM stat_totals WHERE campaign_id = $1) AS totals`,
    [campaign.id],
  );
  return { deltas, quarters, totals };
};

describe('counters', () => {
  it('equal a recount of calls and attempts after whatever is done, folded or not', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.noBias(
          fc.array(fc.tuple(fc.nat(CampaignLife.STEPS.length), fc.nat(1000)), {
            minLength: 20,
            maxLength: 40,
          }),
        ),
        async (steps) => {
          const life = await CampaignLife.begin(source, { maxRetries: 1, retryOnNoConversion: true });
          for (const [nth, [step, chance]] of steps.entries()) {
            const name = CampaignLife.STEPS[step];
            if (name === undefined) await fold.fold(1 + (chance % 3));
            else await life.take(name, chance);
            if (name === undefined || nth % 3 === 0) await expectExact(life.campaign);
          }
          await life.close();
          const { totals, testing } = await expectExact(life.campaign);
          for (const figures of [totals, testing])
            for (const [name, amount] of Object.entries(told(figures))) if (amount > 0) seen.add(name);
          await foldAll();
          expect((await rowsOf(life.campaign)).deltas).toBe(0);
          await expectExact(life.campaign);
          const { periods, ...ofWeek } = await report(life.campaign, { by: 'hour' });
          expect(told(ofWeek.totals)).toEqual(told(totals));
          expect(periods.reduce((sum, { figures }) => sum + figures.calls, 0)).toBe(totals.calls);
        },
      ),
      { numRuns: 15, endOnFailure: true },
    );
    // A property that met next to nothing would prove next to nothing.
    for (const name of ['completed', 'blocked', 'cancelled', 'talk']) expect([...seen]).toContain(name);
  });

  it('lose nothing and double nothing while many calls end at once and two fold beside', async () => {
    const life = await CampaignLife.begin(source);
    const attempts = await Promise.all(Array.from({ length: 40 }, () => life.dialled()));
    let isOver = false;
    const folders = [1, 7].map(async (limit) => {
      while (!isOver) await fold.fold(limit);
    });
    const reads: number[] = [];
    const reader = (async () => {
      while (!isOver) reads.push((await report(life.campaign)).totals.calls);
    })();
    const ends = attempts.flatMap((attempt, nth) => {
      const end = anEnd(nth % 3 === 0 ? 'busy' : 'answered', nth);
      return [life.tell(attempt, end), life.tell(attempt, end)];
    });
    await Promise.all(ends).finally(() => (isOver = true));
    await Promise.all([...folders, reader]);
    const { totals } = await expectExact(life.campaign);
    expect([totals.calls, totals.finished('completed'), totals.finished('busy')]).toEqual([40, 26, 14]);
    expect(reads.length).toBeGreaterThan(0);
    expect([...new Set(reads)]).toEqual([40]);
  });

  it('take one row for a statement that makes many calls, and none for a move that counts for nothing', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    await source.query(
      `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, next_attempt_at)
       SELECT $1, $2, $3, '+1202555' || n, 'waiting', clock_timestamp() FROM generate_series(1000, 1999) AS n`,
      [campaign.environmentId, campaign.id, campaign.agentId],
    );
    await source.query(
      `UPDATE calls SET offers = offers + 1, reason = 'held', duration_seconds = 7 WHERE campaign_id = $1`,
      [campaign.id],
    );
    expect((await rowsOf(campaign)).deltas).toBe(1);
    await expectExact(campaign);
  });

  it('are there for rows that were made before there were any', async () => {
    const own = await database(await freshDatabase(), COMMAND_LIMITS).initialize();
    try {
      const life = await CampaignLife.begin(own);
      for (const [nth, outcome] of (['answered', 'busy', 'answered'] as const).entries())
        await life.tell(await life.dialled(nth === 2), anEnd(outcome, 30));
      await life.take('intake', 1);
      const counted = async () => {
        const answer = await new CampaignStatsStore(asApi(own)).report(
          life.campaign.environmentId,
          life.campaign.id,
          { by: 'hour' },
        );
        return answer.kind === 'report' ? [told(answer.totals), told(answer.testing)] : answer;
      };
      const before = await counted();
      expect(before).toMatchObject([{ completed: 1, busy: 1, talk: 30 }, { completed: 1 }]);
      const isCounting = async () =>
        (await own.query<unknown[]>(`SELECT FROM migrations WHERE name LIKE 'CampaignStats%'`)).length > 0;
      while (await isCounting()) await own.undoLastMigration();
      await migrate(own);
      expect(await counted()).toEqual(before);
    } finally {
      await own.destroy();
    }
  });
});

describe('a campaign’s days and hours', () => {
  it('are those of its own zone, whatever its offset and whatever its clock does', async () => {
    const { id } = await anEnvironment(source);
    const at = async (timezone: string, ...instants: string[]) => {
      const campaign = await aCampaign(source, id, { timezone });
      for (const instant of instants) await aCall(source, campaign, { createdAt: new Date(instant) });
      await fold.fold(1);
      return campaign;
    };
    const periodsOf = async (campaign: Campaign, asked: AskedPeriods) =>
      (await report(campaign, asked)).periods.map(({ date, hour, figures }) => [date, hour, figures.calls]);

    // 1:30 comes twice in New York on the first of November 2026.
    const newYork = await at(
      'America/New_York',
      '2026-11-01T03:59:59Z',
      '2026-11-01T04:00:00Z',
      '2026-11-01T05:30:00Z',
      '2026-11-01T06:30:00Z',
      '2026-11-02T04:59:59Z',
      '2026-11-02T05:00:00Z',
    );
    const inNovember = { from: '2026-11-01', to: '2026-11-01' };
    expect(await periodsOf(newYork, { ...inNovember, by: 'day' })).toEqual([['2026-11-01', null, 4]]);
    expect(await periodsOf(newYork, { ...inNovember, by: 'hour' })).toEqual([
      ['2026-11-01', 0, 1],
      ['2026-11-01', 1, 1],
      ['2026-11-01', 1, 1],
      ['2026-11-01', 23, 1],
    ]);
    const nepal = await at('Asia/Kathmandu', '2026-03-01T18:14:59Z', '2026-03-01T18:15:00Z');
    expect(await periodsOf(nepal, { from: '2026-03-01', to: '2026-03-02', by: 'day' })).toEqual([
      ['2026-03-01', null, 1],
      ['2026-03-02', null, 1],
    ]);
  });

  it('count a dial where it was made, and a call where it ended', async () => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    const call = await aCall(source, campaign, {
      createdAt: new Date('2026-02-01T10:00:00Z'),
      status: 'completed',
      durationSeconds: 90,
      finishedAt: new Date('2026-02-01T12:01:00Z'),
    });
    const insert = `INSERT INTO attempts (environment_id, campaign_id, call_id, number, to_number, status, outcome, evidence,
        rules_version, claimed_at, start_at, open_until, sending_at, ended_at, duration_seconds)
      VALUES ($1, $2, $3, 1, $4, 'ended', 'answered', '{}', 1, $5, $5, $5, $5, $6, 90)`;
    const times = ['2026-02-01T11:59:00Z', '2026-02-01T12:01:00Z'];
    await source.query(insert, [campaign.environmentId, campaign.id, call.id, call.to, ...times]);
    const { periods } = await report(campaign, { from: '2026-02-01', to: '2026-02-01', by: 'hour' });
    expect(
      periods.map(({ hour, figures }) => [
        hour,
        figures.calls,
        figures.attempts('answered'),
        figures.talkSeconds,
        figures.finished('completed'),
      ]),
    ).toEqual([
      [10, 1, 0, 0, 0],
      [11, 0, 1, 90, 0],
      [12, 0, 0, 0, 1],
    ]);
  });
});

describe('a deleted campaign', () => {
  it('has no counters any more, whatever becomes known of it later', async () => {
    const life = await CampaignLife.begin(source);
    const parked = await life.dialled();
    await life.park(parked);
    await foldAll();
    expect((await rowsOf(life.campaign)).totals).toBeGreaterThan(0);
    const campaigns = new CampaignsStore(asApi(source));
    const { environmentId, id } = life.campaign;
    await campaigns.changeStatus(environmentId, 'test', id, 'cancelled');
    await campaigns.confirmStop(environmentId, id);
    const [removal] = await Promise.all([campaigns.remove(environmentId, 'test', id), foldAll()]);
    expect(removal.kind).toBe('removed');
    await life.tell(parked, anEnd('answered', 5));
    await foldAll();
    expect(await rowsOf(life.campaign)).toEqual({ deltas: 0, quarters: 0, totals: 0 });
    expect(await stats.report(environmentId, id, {})).toEqual({ kind: 'not_found' });
  });

  it('is left alone by a fold while it is being deleted, or changed', async () => {
    const life = await CampaignLife.begin(source);
    await life.dialled();
    const deciding = source.createQueryRunner();
    await deciding.startTransaction();
    await deciding.query(`SELECT FROM campaigns WHERE id = $1 FOR UPDATE`, [life.campaign.id]);
    await foldAll();
    expect(await rowsOf(life.campaign)).toEqual({ deltas: 1, quarters: 0, totals: 0 });
    await deciding.rollbackTransaction();
    await deciding.release();
    await foldAll();
    expect(await rowsOf(life.campaign)).toEqual({ deltas: 0, quarters: 1, totals: 1 });
  });

  it('is nobody else’s either: figures are shown to its own environment alone', async () => {
    const life = await CampaignLife.begin(source);
    await life.dialled();
    const other = await anEnvironment(source);
    expect(await stats.report(other.id, life.campaign.id, {})).toEqual({ kind: 'not_found' });
    const shown = await stats.ofCampaigns(other.id, [life.campaign.id]);
    expect(shown.get(life.campaign.id)?.calls).toBe(0);
    await foldAll();
    const seen = await asApi(source).within(other.id, (manager) => manager.query(`TABLE stat_totals`));
    expect(seen).toEqual([]);
  });
});
