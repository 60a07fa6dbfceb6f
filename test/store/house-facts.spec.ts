import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import type { HouseFacts } from '#metrics/house-facts.js';
import { ACTIVE_STATES, ATTEMPT_STATES, FINAL_STATES } from '#policy/call-lifecycle.js';
import { OUTCOME_NAMES } from '#policy/outcomes.js';
import type { Campaign } from '#store/campaign.entity.js';
import { CampaignsStore } from '#store/campaigns.store.js';
import { API_LIMITS, database } from '#store/database.js';
import { FeedStore } from '#store/feed.store.js';
import { HouseFactsStore } from '#store/house-facts.store.js';
import { LeasesStore } from '#store/leases.store.js';
import { StatsFoldStore } from '#store/stats-fold.store.js';
import { emptyTables, freshDatabase } from '../database.js';
import {
  aCall,
  aCampaign,
  anEnvironment,
  asApi,
  asDialer,
  asMetrics,
  aWebhook,
  dialingSettings,
  type DialingOverrides,
} from '../factories.js';
import { anEnd, CampaignLife } from './campaign-life.js';

let source: DataSource;

beforeAll(async () => {
  source = await database(await freshDatabase(), API_LIMITS).initialize();
});

beforeEach(() =>
  emptyTables(
    source,
    `environments, slots, trunks, leases, dispatch, house_totals, stat_deltas, stat_quarters, stat_totals,
     provider_events`,
  ),
);

afterAll(() => source.destroy());

async function facts(settings: DialingOverrides = {}): Promise<HouseFacts> {
  while (await new StatsFoldStore(asDialer(source)).fold(5_000)) continue;
  return new HouseFactsStore(asMetrics(source), dialingSettings(settings)).read();
}

/** Rows of a table, counted one by one. */
async function counted(query: string): Promise<Map<string, number>> {
  const rows = await source.query<{ of: string; count: number }[]>(query);
  return new Map(rows.map(({ of, count }) => [of, count]));
}

function all(words: readonly string[], found: ReadonlyMap<string, number>): Map<string, number> {
  return new Map(words.map((word) => [word, found.get(word) ?? 0]));
}

/** An instant so many seconds ago by the database clock, which no test waits for. */
const ago = (seconds: number) => `clock_timestamp() - interval '${seconds} seconds'`;

describe('what is counted of the house', () => {
  it('is what its rows say, whatever has happened to its calls', async () => {
    const life = await CampaignLife.begin(source);
    for (const outcome of ['answered', 'voicemail', 'busy', 'no_answer', 'invalid_number'] as const) {
      await life.tell(await life.dialled(), anEnd(outcome, 5));
    }
    await life.dialled();
    await life.park(await life.dialled());
    for (let nth = 0; nth < 60; nth += 1) {
      const chance = Math.imul(nth, 2_654_435_761) >>> 8;
      const step = (['intake', 'direct', 'list', 'cancel', 'dial', 'placement'] as const)[nth % 6]!;
      await life.take(step, chance);
    }
    const calls = await counted(`SELECT status AS of, count(*)::integer AS count FROM calls GROUP BY 1`);
    const attempts = await counted(
      `SELECT status AS of, count(*)::integer AS count FROM attempts GROUP BY 1`,
    );
    expect(calls.size).toBeGreaterThan(6);
    const told = await facts();
    expect(told.callsReceived).toBe([...calls.values()].reduce((sum, count) => sum + count, 0));
    expect(told.callsFinished).toEqual(all(FINAL_STATES, calls));
    expect(told.calls).toEqual(all(['waiting', ...ACTIVE_STATES, 'outcome_unknown'], calls));
    const open = ATTEMPT_STATES.filter((state) => state !== 'ended' && state !== 'released');
    expect(told.attemptsOpen).toEqual(all(open, attempts));
    expect(told.attemptsEnded).toEqual(
      all(
        OUTCOME_NAMES.filter((outcome) => outcome !== 'unknown'),
        await counted(
          `SELECT outcome AS of, count(*)::integer AS count FROM attempts WHERE status = 'ended' GROUP BY 1`,
        ),
      ),
    );
    const refused = await counted(
      `SELECT reason AS of, count(*)::integer AS count FROM calls WHERE status IN ('blocked', 'cancelled', 'expired') GROUP BY 1`,
    );
    expect(refused.size).toBeGreaterThan(0);
    expect(told.callsRefused).toEqual(refused);
  });

  it('never falls, when a campaign is deleted neither', async () => {
    const life = await CampaignLife.begin(source);
    const parked = await life.dialled();
    await life.park(parked);
    const { environmentId, id } = life.campaign;
    expect((await facts()).calls.get('outcome_unknown')).toBe(1);
    const campaigns = new CampaignsStore(asApi(source));
    await campaigns.changeStatus(environmentId, 'test', id, 'cancelled');
    await campaigns.confirmStop(environmentId, id);
    expect(await campaigns.remove(environmentId, 'test', id)).toMatchObject({ kind: 'removed' });
    await life.tell(parked, anEnd('answered', 5));
    const after = await facts();
    expect(after.callsReceived).toBe(1);
    expect(after.callsFinished.get('completed')).toBe(1);
    expect(after.attemptsEnded.get('answered')).toBe(1);
    expect(after.calls.get('waiting')).toBe(0);
  });

  it('tells slots by environment, who leads, and how fast the trunk is', async () => {
    const { id } = await anEnvironment(source, { maxConcurrentCalls: 7 });
    await source.query(`UPDATE slots SET in_use = 3`);
    const settings = { trunkCallsPerSecond: 8 };
    expect(await facts(settings)).toMatchObject({
      slots: [{ environmentId: id, inUse: 3, limit: 7 }],
      leaders: 0,
      trunks: [{ name: 'test', callsPerSecond: 8, limit: 8, rests: false }],
    });
    await new LeasesStore(asDialer(source)).hold('dialer', 'test', 60);
    await source.query(
      `INSERT INTO trunks (name, rate_share, slowed_at, credited_until) VALUES ('test', 0.5, ${ago(1)}, ${ago(1)})`,
    );
    expect(await facts(settings)).toMatchObject({ leaders: 1, trunks: [{ callsPerSecond: 4 }] });
    await source.query(`UPDATE trunks SET resumes_at = clock_timestamp() + interval '1 minute'`);
    expect(await facts(settings)).toMatchObject({ trunks: [{ callsPerSecond: 0, limit: 8, rests: false }] });
    await source.query(
      `UPDATE trunks SET resumes_at = NULL, rests_until = clock_timestamp() + interval '1 minute'`,
    );
    expect(await facts(settings)).toMatchObject({ trunks: [{ callsPerSecond: 0, limit: 8, rests: true }] });
  });
});

describe('ages', () => {
  it('are those of what is due the longest, whatever its campaign and priority, and of nothing that is not due', async () => {
    const { id } = await anEnvironment(source);
    expect((await facts()).oldestWait).toEqual(
      new Map(['due', 'claimed', 'sending', 'placed', 'unknown', 'callback'].map((state) => [state, 0])),
    );
    const campaigns = [await aCampaign(source, id), await aCampaign(source, id), await aCampaign(source, id)];
    for (const [nth, campaign] of campaigns.entries()) {
      for (const priority of [-5, 0, 5]) {
        const call = await aCall(source, campaign, { priority });
        const seconds = nth === 1 && priority === -5 ? 900 : 60 * (nth + 1) + priority;
        await source.query(`UPDATE calls SET ready_at = ${ago(seconds)} WHERE id = $1`, [call.id]);
      }
    }
    expect((await facts()).oldestWait.get('due')).toBeCloseTo(900, 0);
    await source.query(`UPDATE calls SET ready_at = clock_timestamp() + interval '1 hour'`);
    expect((await facts()).oldestWait.get('due')).toBe(0);
    await source.query(
      `INSERT INTO provider_events (provider, event_key, attempt_id, event, received_at)
       VALUES ('test', '1', gen_random_uuid(), '{}', ${ago(30)})`,
    );
    expect((await facts()).oldestWait.get('callback')).toBeCloseTo(30, 0);
  });

  it('of webhooks are how late the latest delivery is, but for endpoints that are left alone', async () => {
    const { id } = await anEnvironment(source);
    const campaign = await aCampaign(source, id);
    const ids = [await aWebhook(source, campaign), await aWebhook(source, campaign)].map(
      (webhook) => webhook.id,
    );
    const [early, late] = ids.sort();
    for (const [endpoint, seconds] of [
      [early, -60],
      [early, 20],
      [late, 40],
    ] as const) {
      await source.query(
        `WITH event AS (INSERT INTO webhook_events (environment_id, campaign_id, type, body) VALUES ($1, $2, 'x', '') RETURNING id)
         INSERT INTO webhook_deliveries (environment_id, event_id, endpoint_id, next_attempt_at)
         SELECT $1, event.id, $3, ${ago(seconds)} FROM event`,
        [id, campaign.id, endpoint],
      );
    }
    expect((await facts()).webhookLag).toBeCloseTo(40, 0);
    await source.query(
      `UPDATE webhook_endpoints SET paused_until = clock_timestamp() + interval '1 minute' WHERE id = $1`,
      [late],
    );
    expect((await facts()).webhookLag).toBeCloseTo(20, 0);
    await source.query(`UPDATE webhook_endpoints SET enabled = false`);
    expect((await facts()).webhookLag).toBe(0);
  });
});

describe('the dispatch lag', () => {
  let campaign: Campaign;

  beforeEach(async () => {
    campaign = await aCampaign(source, (await anEnvironment(source)).id, { maxConcurrentCalls: 2 });
    await aCall(source, campaign);
  });

  async function lastLook(secondsAgo: number): Promise<void> {
    await new FeedStore(asDialer(source)).noteLag(0.5);
    await source.query(`UPDATE dispatch SET looked_at = ${ago(secondsAgo)}`);
  }

  it('is what whoever feeds saw last, while somebody does', async () => {
    await lastLook(1);
    expect((await facts()).dispatchLag).toBe(0.5);
  });

  it('is the time since the last look, where nobody feeds any more and a call could go', async () => {
    await lastLook(30);
    expect((await facts()).dispatchLag).toBeCloseTo(30, 0);
  });

  it('is the age of the call where it came later, or nobody ever fed', async () => {
    await source.query(`UPDATE calls SET ready_at = ${ago(12)}`);
    expect((await facts()).dispatchLag).toBeCloseTo(12, 0);
    await lastLook(30);
    expect((await facts()).dispatchLag).toBeCloseTo(12, 0);
  });

  it.each([
    ['its campaign is paused', `UPDATE campaigns SET status = 'paused'`],
    ['its hours are closed', `UPDATE campaigns SET call_time_ranges = '[]'`],
    ['its agent is a draft', `UPDATE agents SET current_status = 'draft'`],
    ['the kill switch is on', `UPDATE environments SET kill_switch = true`],
    ['its campaign has no slot', `UPDATE slots SET in_use = 2 WHERE scope LIKE 'campaign:%'`],
    ['its environment has no slot', `UPDATE slots SET in_use = 100 WHERE scope LIKE 'environment:%'`],
    ['its time has not come', `UPDATE calls SET ready_at = clock_timestamp() + interval '1 hour'`],
    [
      'the trunk pauses',
      `INSERT INTO trunks (name, resumes_at) VALUES ('test', clock_timestamp() + interval '1 minute')`,
    ],
  ])('is 0 where no call could go: %s', async (_, statement) => {
    await lastLook(30);
    await source.query(statement);
    expect((await facts()).dispatchLag).toBe(0);
  });

  it('counts from when the hours opened, and not from when they were closed', async () => {
    // Today alone: shortly after midnight, the last look was in the hours of yesterday.
    await source.query(
      `UPDATE campaigns SET timezone = 'UTC',
         days_of_week = ARRAY[extract(isodow FROM clock_timestamp() AT TIME ZONE 'UTC')::integer], call_time_ranges = jsonb_build_array(jsonb_build_object(
         'start', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'HH24:MI'), 'end', '24:00'))`,
    );
    await lastLook(7_200);
    expect((await facts()).dispatchLag).toBeLessThan(61);
  });
});
