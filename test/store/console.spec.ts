import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { ACTIVE_STATES, FINAL_STATES } from '#policy/call-lifecycle.js';
import { OUTCOME_NAMES } from '#policy/outcomes.js';
import { ConsoleStore, MOST_ENVIRONMENTS, type CampaignLookedOn } from '#store/console.store.js';
import { ConsoleStores } from '#store/console-stores.js';
import { API_LIMITS, database } from '#store/database.js';
import { LeasesStore } from '#store/leases.store.js';
import { OperatorCallsStore } from '#store/operator-calls.store.js';
import { StatsFoldStore } from '#store/stats-fold.store.js';
import { WhyStore } from '#store/why.store.js';
import { ConsoleReader } from '../../apps/api/console/console-reader.js';
import { emptyTables, freshDatabase } from '../database.js';
import {
  aCall,
  aCampaign,
  anEnvironment,
  asApi,
  asConsole,
  asDialer,
  dialingSettings,
} from '../factories.js';
import { anEnd, CampaignLife } from './campaign-life.js';

let source: DataSource;

beforeAll(async () => {
  // What one connection has read is counted below.
  source = await database(await freshDatabase(), { ...API_LIMITS, poolSize: 1 }).initialize();
});

beforeEach(() =>
  emptyTables(
    source,
    'environments, slots, trunks, leases, house_totals, stat_deltas, stat_quarters, stat_totals',
  ),
);

afterAll(() => source.destroy());

function stores(): ConsoleStores {
  const settings = dialingSettings();
  return new ConsoleStores(
    new ConsoleStore(asConsole(source), settings),
    new OperatorCallsStore(asConsole(source), settings),
    new WhyStore(asApi(source), settings),
  );
}

async function onlyCampaign(): Promise<CampaignLookedOn> {
  const { campaigns } = await stores().house.read();
  expect(campaigns).toHaveLength(1);
  return campaigns[0]!;
}

/** Rows counted one by one, for each word that there is any of. */
async function counted(query: string, id: string): Promise<Record<string, number>> {
  const rows = await source.query<{ of: string; count: number }[]>(`${query} GROUP BY 1`, [id]);
  return Object.fromEntries(rows.map(({ of, count }) => [of, count]));
}

function some(words: readonly string[], of: (word: never) => number): Record<string, number> {
  return Object.fromEntries(
    words.map((word) => [word, of(word as never)]).filter(([, count]) => count !== 0),
  );
}

describe('what the console sees of a campaign', () => {
  it('is what its rows say, whatever has happened to its calls, and folded or not', async () => {
    const life = await CampaignLife.begin(source);
    for (const outcome of ['answered', 'voicemail', 'busy', 'no_answer'] as const) {
      await life.tell(await life.dialled(), anEnd(outcome, 5));
    }
    await life.dialled();
    await life.dialled(true);
    await life.park(await life.dialled());
    for (let nth = 0; nth < 80; nth += 1) {
      await life.take(
        CampaignLife.STEPS[nth % CampaignLife.STEPS.length]!,
        Math.imul(nth, 2_654_435_761) >>> 8,
      );
    }
    const ofCalls = `SELECT status AS of, count(*)::integer AS count FROM calls WHERE campaign_id = $1 AND NOT is_testing`;
    const ofAttempts = `SELECT coalesce(attempts.outcome, attempts.status) AS of, count(*)::integer AS count
      FROM attempts JOIN calls ON calls.id = call_id
      WHERE attempts.campaign_id = $1 AND attempts.status IN ('ended', 'unknown') AND NOT is_testing`;
    const calls = await counted(ofCalls, life.campaign.id);
    const attempts = await counted(ofAttempts, life.campaign.id);
    expect(Object.keys(calls).length).toBeGreaterThan(5);
    expect(calls.waiting).toBeGreaterThan(0);
    for (const isFolded of [false, true]) {
      if (isFolded) while (await new StatsFoldStore(asDialer(source)).fold(5_000)) continue;
      const { figures, waiting, underWay } = await onlyCampaign();
      const told = {
        ...some(FINAL_STATES, (state) => figures.finished(state)),
        ...some(ACTIVE_STATES, (state) => underWay[state]),
        ...some(['waiting'], () => waiting),
        ...some(['outcome_unknown'], () => figures.attempts('unknown')),
      };
      expect(told).toEqual(calls);
      expect(some(OUTCOME_NAMES, (outcome) => figures.attempts(outcome))).toEqual(attempts);
    }
  });

  it('are its starts by the minute, its outcomes by the hour, and its busiest quarter of an hour', async () => {
    const life = await CampaignLife.begin(source);
    for (let nth = 0; nth < 3; nth += 1) await life.tell(await life.dialled(), anEnd('busy', 0));
    const { id } = life.campaign;
    const other = await aCampaign(source, life.campaign.environmentId);
    await source.query(
      `UPDATE attempts SET sending_at = date_trunc('minute', clock_timestamp()) - interval '3 minutes'`,
    );
    const minute = Math.floor(Date.now() / 60_000);
    const starts = await stores().house.startsSince([id, other.id], new Date((minute - 10) * 60_000));
    expect([...starts.get(other.id)!]).toEqual([]);
    expect([...starts.get(id)!.values()]).toEqual([3]);
    expect(minute - [...starts.get(id)!.keys()][0]!).toBeCloseTo(3, -0.5);
    // The counters, of which the update above has made others.
    await source.query(`TRUNCATE stat_deltas, stat_quarters`);
    await source.query(
      `INSERT INTO stat_quarters (environment_id, campaign_id, is_testing, quarter, figure, amount)
       SELECT $1, $2, is_testing, quarter::timestamptz, figure, amount FROM (VALUES
         (false, '2026-11-27 09:00Z', 'attempts:busy', 4), (false, '2026-11-27 09:45Z', 'attempts:busy', 20),
         (false, '2026-11-27 09:45Z', 'attempts:answered', 10), (false, '2026-11-27 09:45Z', 'calls', 500),
         (true, '2026-11-27 09:30Z', 'attempts:busy', 900), (false, '2026-11-27 10:00Z', 'attempts:answered', 3),
         (false, '2026-11-26 09:45Z', 'attempts:busy', 600)) AS told (is_testing, quarter, figure, amount)`,
      [life.campaign.environmentId, id],
    );
    const hours = await stores().house.hoursSince([id, other.id], new Date('2026-11-27T09:00:00Z'));
    expect(hours.get(other.id)).toEqual({ outcomes: [], busiestPerMinute: 0 });
    expect(hours.get(id)!.busiestPerMinute).toBe(2);
    const told = hours
      .get(id)!
      .outcomes.map(({ hour, outcome, count }) => `${hour.getUTCHours()} ${outcome} ${count}`);
    expect(told.sort()).toEqual(['10 answered 3', '9 answered 10', '9 busy 24']);
  });

  it('comes without those that are direct, or deleted, and those in use first', async () => {
    const { id } = await anEnvironment(source, { name: 'shop', killSwitch: true });
    const named = (name: string, overrides = {}) => aCampaign(source, id, { name, ...overrides });
    await named('over', { status: 'completed' });
    await named('paused', { status: 'paused' });
    await named('active');
    await named('deleted', { status: 'cancelled', deletedAt: new Date('2026-01-01') });
    await named('direct', { kind: 'direct' });
    await source.query(`UPDATE slots SET in_use = 4 WHERE scope LIKE 'environment:%'`);
    const { campaigns, campaignsLeftOut, environments, isLed } = await stores().house.read();
    expect(campaigns.map(({ name }) => name)).toEqual(['active', 'paused', 'over']);
    expect({ campaignsLeftOut, isLed }).toEqual({ campaignsLeftOut: 0, isLed: false });
    expect(environments).toEqual([{ id, name: 'shop', killSwitch: true, slots: { inUse: 4, limit: 100 } }]);
    await new LeasesStore(asDialer(source)).hold('dialer', 'test', 60);
    expect((await stores().house.read()).isLed).toBe(true);
  });
});

describe('what the console sees of very many environments', () => {
  it('is those that are stopped and the first by name, and how many more there are', async () => {
    await source.query(
      `WITH made AS (INSERT INTO environments (name) SELECT 'shop ' || lpad(nth::text, 3, '0') FROM generate_series(1, $1) AS nth
         RETURNING id)
       INSERT INTO slots (scope) SELECT 'environment:' || id FROM made`,
      [MOST_ENVIRONMENTS + 2],
    );
    await source.query(`UPDATE environments SET kill_switch = true WHERE name = 'shop 202'`);
    const { environments, environmentsLeftOut } = await stores().house.read();
    const names = environments.map(({ name }) => name);
    expect([names[0], names[1], names.at(-1)]).toEqual(['shop 202', 'shop 001', 'shop 199']);
    expect(environmentsLeftOut).toBe(2);
    const told = await new ConsoleReader(stores(), true).read();
    expect(JSON.parse(told.get('house')!)).toMatchObject({ environments_left_out: 2 });
  });
});

describe('a glance at why', () => {
  it.each<[string, string]>([
    ['calls that are due', `UPDATE calls SET priority = 1`],
    [
      'calls that are due behind others that are not',
      `UPDATE calls SET priority = -1 WHERE ready_at < now()`,
    ],
    ['calls for later alone', `DELETE FROM calls WHERE ready_at < now()`],
    [
      'calls that a rule holds',
      `UPDATE calls SET ready_at = now() + interval '2 hours', reason = 'number_cooling_down'`,
    ],
    ['no calls', `DELETE FROM calls`],
    ['a kill switch', `UPDATE environments SET kill_switch = true`],
  ])('finds what the whole look finds: %s', async (_, statement) => {
    const campaign = await aCampaign(source, (await anEnvironment(source)).id);
    const inAnHour = new Date(Date.now() + 3_600_000);
    for (let nth = 0; nth < 3; nth += 1) await aCall(source, campaign);
    await aCall(source, campaign, { readyAt: inAnHour, nextAttemptAt: inAnHour });
    await source.query(statement);
    const [{ waiting }] = await source.query<[{ waiting: number }]>(
      `SELECT count(*)::integer AS waiting FROM calls`,
    );
    const { why } = stores();
    const whole = (await why.campaign(campaign.environmentId, campaign.id))!;
    const glance = (await why.glance(campaign.environmentId, campaign.id, waiting))!;
    expect(glance.reasons).toEqual(whole.reasons);
    expect(glance).toMatchObject({ due: whole.facts.due, isAllDue: true, nextDueAt: whole.facts.nextDueAt });
  });
});

describe('what the console reads', () => {
  const WAITING = 20_000;

  async function readCampaign(id: string): Promise<Record<'campaign' | 'hours', any>> {
    const told = await new ConsoleReader(stores(), false).read();
    return {
      campaign: JSON.parse(told.get(`campaign:${id}`)!),
      hours: JSON.parse(told.get(`hours:${id}`) ?? 'null'),
    };
  }

  async function tuplesOfCalls(): Promise<number> {
    await source.query(`SELECT pg_stat_force_next_flush()`);
    const [{ tuples }] = await source.query<[{ tuples: number }]>(
      `SELECT ((SELECT seq_tup_read FROM pg_stat_user_tables WHERE relid = 'calls'::regclass)
         + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relid = 'calls'::regclass))::integer AS tuples`,
    );
    return tuples;
  }

  it.each([
    ['due', `interval '-1 minute'`],
    ['due later', `interval '1 hour'`],
  ])('does not grow with what waits: %s', async (_, ahead) => {
    const life = await CampaignLife.begin(source);
    await life.park(await life.dialled());
    const { environmentId, id, agentId } = life.campaign;
    await source.query(
      `INSERT INTO calls (environment_id, campaign_id, agent_id, to_number, status, ready_at, next_attempt_at, reason)
       SELECT $1, $2, $3, '+1202' || lpad(nth::text, 7, '0'), 'waiting', at, at, 'outside_legal_hours'
       FROM generate_series(1, ${WAITING}) AS nth CROSS JOIN (SELECT clock_timestamp() + ${ahead} AS at) AS told`,
      [environmentId, id, agentId],
    );
    await source.query(`ANALYZE calls, attempts, campaigns`);
    const reader = new ConsoleReader(stores(), false);
    const before = await tuplesOfCalls();
    const told = await reader.read();
    expect((await tuplesOfCalls()) - before).toBeLessThan(WAITING / 5);
    const campaign = JSON.parse(told.get(`campaign:${id}`)!);
    expect(campaign).toMatchObject({ waiting: WAITING, unknown: 1, total: WAITING + 1 });
    expect(JSON.parse(told.get('unknown')!).calls).toMatchObject([{ campaign_id: id }]);
    const sentences = campaign.why.map(({ sentence }: { sentence: string }) => sentence);
    if (ahead.startsWith(`interval '-`)) expect(campaign.due).toEqual({ count: 1_000, is_all: false });
    else
      expect(sentences).toContain('Held for the legal hours of the people called: 1000 of the first 1000.');
  });

  it('is the pace of a campaign, and what is left to dial at it by the dials that its calls take', async () => {
    const life = await CampaignLife.begin(source, { maxRetries: 2 });
    for (let nth = 0; nth < 3; nth += 1) await life.tell(await life.dialled(), anEnd('answered', 5));
    for (let nth = 0; nth < 3; nth += 1) await life.tell(await life.dialled(), anEnd('busy', 5));
    await life.take('intake', 1);
    const { campaign } = await readCampaign(life.campaign.id);
    expect(campaign).toMatchObject({ waiting: 4, hours: { open: true, until: null, timezone: 'UTC' } });
    // Six starts in a minute, or in a little more where the next one has begun.
    expect(campaign.per_minute).toBeCloseTo(6, -0.3);
    // Seven dials for four calls, as though one more had finished one more.
    expect(campaign.forecast).toMatchObject({ kind: 'reckoned', dials: 7, open_minutes: 2, left: 0 });
    const minutesAhead = (Date.parse(campaign.forecast.ends_at) - Date.now()) / 60_000;
    expect(minutesAhead).toBeGreaterThan(1);
    expect(minutesAhead).toBeLessThan(2);
  });

  const DAY_MS = 86_400_000;
  const tomorrow = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS);
  const dayAfter = (day: Date) => new Date(day.getTime() + DAY_MS).toISOString().slice(0, 10);
  const twoDaysAndAHalfOn = new Date(tomorrow.getTime() + 2.5 * DAY_MS).toISOString();

  it.each([
    ['no last day', null, { ends_at: twoDaysAndAHalfOn, left: 0 }],
    ['a last day that comes first', dayAfter(tomorrow), { ends_at: null, left: 360 }],
  ])(
    'is, before a campaign dials, the pace of its busiest quarter of an hour: with %s',
    async (_, endDate, end) => {
      const startDate = tomorrow.toISOString().slice(0, 10);
      const { id, environmentId } = await aCampaign(source, (await anEnvironment(source)).id, {
        ...{ maxRetries: 2, startDate, endDate },
      });
      await source.query(
        `INSERT INTO stat_totals (environment_id, campaign_id, is_testing, figure, amount)
       SELECT $1, $2, false, figure, amount FROM (VALUES ('calls', 2199), ('calls:completed', 399),
         ('attempts:answered', 399), ('attempts:busy', 400)) AS told (figure, amount)`,
        [environmentId, id],
      );
      const hour = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 23 * 3_600_000);
      await source.query(
        `INSERT INTO stat_quarters (environment_id, campaign_id, is_testing, quarter, figure, amount)
       SELECT $1, $2, false, $3::timestamptz + minutes * interval '1 minute', figure, amount FROM (VALUES
         (-15, 'attempts:busy', 14), (0, 'attempts:busy', 9), (0, 'attempts:answered', 6),
         (45, 'attempts:answered', 7)) AS told (minutes, figure, amount)`,
        [environmentId, id, hour],
      );
      const { campaign, hours } = await readCampaign(id);
      expect(campaign).toMatchObject({
        per_minute: 0,
        waiting: 1_800,
        starts: Array.from({ length: 15 }, () => 0),
      });
      expect(campaign.hours).toEqual({ open: false, until: tomorrow.toISOString(), timezone: 'UTC' });
      expect(campaign.forecast).toEqual({ kind: 'reckoned', dials: 3_600, open_minutes: 3_600, ...end });
      expect(hours).toEqual({ [hour.toISOString()]: { busy: 9, answered: 13 } });
    },
  );

  it('carries on from reading to reading, and names no number', async () => {
    const life = await CampaignLife.begin(source);
    const key = `campaign:${life.campaign.id}`;
    const reader = new ConsoleReader(stores(), true);
    await life.dialled();
    const first = await reader.read();
    await life.tell(await life.dialled(), anEnd('answered', 5));
    const second = await reader.read();
    const [before, after] = [first, second].map((parts) => JSON.parse(parts.get(key)!));
    const sum = (starts: number[]) => starts.reduce((total, some) => total + some, 0);
    expect([sum(before.starts), sum(after.starts)]).toEqual([1, 2]);
    expect([before.finished, after.finished]).toEqual([{}, { completed: 1 }]);
    expect(after.under_way).toEqual({ initiated: 1, ringing: 0, answered: 0 });
    expect([...second.values()].join()).not.toMatch(/\+1\d{10}/);
  });
});
