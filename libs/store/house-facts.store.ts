import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { HouseFacts } from '#metrics/house-facts.js';
import { ACTIVE_STATES, FINAL_STATES } from '#policy/call-lifecycle.js';
import { isOpen, nextOpening, type CallingSchedule } from '#policy/calling-window.js';
import { OUTCOME_NAMES } from '#policy/outcomes.js';
import { isResting } from '#policy/trunk-health.js';
import { hasStart } from '#policy/trunk-pace.js';
import { DialingSettings, type Trunk } from './dialing-settings.js';
import { heardTrunks } from './hearing.js';
import { LEADING } from './leases.store.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';
import { rateOf, readTrunks, type TrunkNow } from './trunks.js';

/** Environments whose slots are told, those with the most in use. */
const MOST_ENVIRONMENTS = 500;

/** Steps of a walk along an index from one campaign, priority or endpoint to the next. */
const MOST_STEPS = 5_000;

/** Whoever feeds says every second how it is getting on: unheard of for longer, nobody feeds. */
const FED_WITHIN_SECONDS = 5;

/** States of attempts that are not over. */
const OPEN = ['claimed', 'sending', 'placed', 'unknown'] as const;

/**
 * Counts the whole house without walking what waits in it: totals are kept as they change, ages are found at the ends of
 * indexes. In a role that sees states and times, and no number.
 */
@Injectable()
export class HouseFactsStore {
  /** @param database in the role `ringfence_metrics` */
  constructor(
    private readonly database: ScopedDatabase,
    private readonly settings: DialingSettings,
  ) {}

  async read(): Promise<HouseFacts> {
    return this.database.everywhere(async (manager) => {
      const now = await databaseClock(manager);
      const totals = await houseTotals(manager);
      const attempts = await openAttempts(manager);
      const calls = await callsUnderWay(manager);
      const { trunks } = this.settings;
      const known = await readTrunks(manager, trunks);
      const heard = await heardTrunks(manager, trunks);
      const unknown = attempts.get('unknown')?.count ?? 0;
      return {
        ...countsOf(totals),
        calls: new Map([...waitingIn(totals, calls, unknown), ...calls, ['outcome_unknown', unknown]]),
        attemptsOpen: new Map([...attempts].map(([state, { count }]) => [state, count])),
        oldestWait: new Map([
          ['due', await oldestDueSeconds(manager)],
          ...[...attempts].map(([state, { oldest }]) => [state, oldest] as const),
          ['callback', await oldestCallbackSeconds(manager)],
        ]),
        dispatchLag: await dispatchLagSeconds(
          manager,
          heard.some((trunk) => hasRoom(trunk, known)),
          now,
        ),
        webhookLag: await webhookLagSeconds(manager),
        slots: await slotsInUse(manager),
        trunks: trunks.map((trunk) => rateOf(trunk, known, heard)),
        leaders: await countLeaders(manager),
      };
    });
  }
}

/** Whether a claim could reserve a start on it. */
function hasRoom({ name, callsPerSecond }: Trunk, known: ReadonlyMap<string, TrunkNow>): boolean {
  const { pace, health, nowMs } = known.get(name)!;
  return !isResting(health, nowMs) && hasStart(pace, callsPerSecond, nowMs);
}

/**
 * As whoever feeds has it, who sees every limit four times a second. While nobody does, as the rows have it: since the last
 * look there was, for as long as a call could have been offered.
 * @param hasStarts whether some trunk has a start
 */
async function dispatchLagSeconds(manager: EntityManager, hasStarts: boolean, now: Date): Promise<number> {
  const [told] = await manager.query<{ lookedAt: Date; lag: number }[]>(
    `SELECT looked_at AS "lookedAt", lag_seconds AS lag FROM dispatch ORDER BY looked_at DESC LIMIT 1`,
  );
  const lookedAtMs = told?.lookedAt.getTime() ?? -Infinity;
  if (told !== undefined && now.getTime() - lookedAtMs <= FED_WITHIN_SECONDS * 1000) return told.lag;
  if (!hasStarts) return 0;
  const since = (await startableCampaigns(manager))
    .filter(({ schedule }) => isOpen(schedule, now))
    .map(({ schedule, readyAt }) => {
      const from = new Date(Math.max(readyAt.getTime(), lookedAtMs));
      return nextOpening(schedule, from)?.getTime() ?? now.getTime();
    });
  return Math.max(0, now.getTime() - Math.min(now.getTime(), ...since)) / 1000;
}

async function houseTotals(manager: EntityManager): Promise<Map<string, number>> {
  const rows = await manager.query<{ figure: string; amount: number }[]>(
    `SELECT figure, amount::double precision AS amount FROM house_totals`,
  );
  return new Map(rows.map(({ figure, amount }) => [figure, amount]));
}

/** Figures by the names that triggers and the fold give them; one that never was is 0. */
function countsOf(
  totals: ReadonlyMap<string, number>,
): Pick<HouseFacts, 'callsReceived' | 'talkSeconds' | 'callsFinished' | 'callsRefused' | 'attemptsEnded'> {
  const of = (figure: string) => totals.get(figure) ?? 0;
  const refused = [...totals].filter(([figure]) => figure.startsWith('refused:'));
  return {
    callsReceived: of('calls'),
    talkSeconds: of('seconds:talk'),
    callsFinished: new Map(FINAL_STATES.map((state) => [state, of(`calls:${state}`)])),
    callsRefused: new Map(refused.map(([figure, amount]) => [figure.slice('refused:'.length), amount])),
    // What is unknown may yet become known: it is no end.
    attemptsEnded: new Map(
      OUTCOME_NAMES.filter((outcome) => outcome !== 'unknown').map((outcome) => [
        outcome,
        of(`attempts:${outcome}`),
      ]),
    ),
  };
}

/** All that were taken in, less those that are over or under way: nobody counts millions of rows for it. */
function waitingIn(
  totals: ReadonlyMap<string, number>,
  underWay: ReadonlyMap<string, number>,
  unknown: number,
): [string, number][] {
  const { callsReceived, callsFinished } = countsOf(totals);
  const elsewhere = [...callsFinished.values(), ...underWay.values(), unknown].reduce(
    (sum, count) => sum + count,
    0,
  );
  return [['waiting', Math.max(0, callsReceived - elsewhere)]];
}

async function openAttempts(manager: EntityManager): Promise<Map<string, { count: number; oldest: number }>> {
  const rows = await manager.query<{ status: string; count: number; oldest: number }[]>(
    `SELECT status, count(*)::integer AS count, ${secondsSince(`min(CASE status WHEN 'claimed' THEN claimed_at
        WHEN 'placed' THEN coalesce(placed_at, sending_at) ELSE sending_at END)`)} AS oldest
     FROM attempts WHERE status IN ('claimed', 'sending', 'placed', 'unknown') GROUP BY status`,
  );
  const found = new Map(rows.map(({ status, ...rest }) => [status, rest]));
  return new Map(OPEN.map((state) => [state, found.get(state) ?? { count: 0, oldest: 0 }]));
}

/** Calls with an attempt that is under way: as many as there are slots, at most. */
async function callsUnderWay(manager: EntityManager): Promise<Map<string, number>> {
  const rows = await manager.query<{ status: string; count: number }[]>(
    `SELECT calls.status, count(*)::integer AS count
     FROM attempts JOIN calls ON calls.id = attempts.call_id
     WHERE attempts.status IN ('claimed', 'sending', 'placed') GROUP BY calls.status`,
  );
  const found = new Map(rows.map(({ status, count }) => [status, count]));
  return new Map(ACTIVE_STATES.map((state) => [state, found.get(state) ?? 0]));
}

/**
 * The first due call of each campaign and priority, found by steps from one to the next: of a million that wait, or are to be
 * tried again next week, one is looked at.
 */
const FIRST_DUE = `WITH RECURSIVE line AS (
    (SELECT campaign_id, priority FROM calls WHERE status = 'waiting' ORDER BY campaign_id, priority DESC LIMIT 1)
    UNION ALL
    SELECT next.* FROM line CROSS JOIN LATERAL (
      SELECT * FROM (
        (SELECT campaign_id, priority FROM calls
         WHERE status = 'waiting' AND campaign_id = line.campaign_id AND priority < line.priority
         ORDER BY campaign_id, priority DESC LIMIT 1)
        UNION ALL
        (SELECT campaign_id, priority FROM calls WHERE status = 'waiting' AND campaign_id > line.campaign_id
         ORDER BY campaign_id, priority DESC LIMIT 1)) AS either
      ORDER BY campaign_id, priority DESC LIMIT 1) AS next
  ), first_due AS (
    SELECT line.campaign_id, min(first.ready_at) AS ready_at
    FROM (SELECT * FROM line LIMIT ${MOST_STEPS}) AS line CROSS JOIN LATERAL (
      SELECT ready_at FROM calls
      WHERE status = 'waiting' AND campaign_id = line.campaign_id AND priority = line.priority
      ORDER BY ready_at LIMIT 1) AS first
    WHERE first.ready_at <= clock_timestamp() GROUP BY line.campaign_id
  )`;

async function oldestDueSeconds(manager: EntityManager): Promise<number> {
  return oneNumber(manager, `${FIRST_DUE} SELECT ${secondsSince('min(ready_at)')} AS value FROM first_due`);
}

async function oldestCallbackSeconds(manager: EntityManager): Promise<number> {
  return oneNumber(
    manager,
    `SELECT ${secondsSince('min(received_at)')} AS value FROM provider_events WHERE applied_at IS NULL`,
  );
}

/** Steps from endpoint to endpoint, as whoever delivers does; what is in hand is due only when its try has had its time. */
async function webhookLagSeconds(manager: EntityManager): Promise<number> {
  return oneNumber(
    manager,
    `WITH RECURSIVE owed AS (
       (SELECT endpoint_id, next_attempt_at FROM webhook_deliveries WHERE next_attempt_at IS NOT NULL
        ORDER BY endpoint_id, next_attempt_at LIMIT 1)
       UNION ALL
       SELECT next.* FROM owed CROSS JOIN LATERAL (
         SELECT endpoint_id, next_attempt_at FROM webhook_deliveries
         WHERE next_attempt_at IS NOT NULL AND endpoint_id > owed.endpoint_id
         ORDER BY endpoint_id, next_attempt_at LIMIT 1) AS next
     )
     SELECT ${secondsSince('min(owed.next_attempt_at)')} AS value
     FROM (SELECT * FROM owed LIMIT ${MOST_STEPS}) AS owed
       JOIN webhook_endpoints AS endpoint ON endpoint.id = owed.endpoint_id
     WHERE endpoint.enabled AND (endpoint.paused_until IS NULL OR endpoint.paused_until <= clock_timestamp())
       AND owed.next_attempt_at <= clock_timestamp()`,
  );
}

async function slotsInUse(manager: EntityManager): Promise<HouseFacts['slots']> {
  return manager.query(
    `SELECT environments.id AS "environmentId", slots.in_use AS "inUse", environments.max_concurrent_calls AS limit
     FROM environments JOIN slots ON slots.scope = 'environment:' || environments.id
     ORDER BY slots.in_use DESC, environments.id LIMIT ${MOST_ENVIRONMENTS}`,
  );
}

async function countLeaders(manager: EntityManager): Promise<number> {
  return oneNumber(
    manager,
    `SELECT count(*)::double precision AS value FROM leases WHERE name = '${LEADING}' AND expires_at > clock_timestamp()`,
  );
}

/** Campaigns that nothing but their hours and the trunk may keep from starting a call, and since when one is due. */
async function startableCampaigns(
  manager: EntityManager,
): Promise<{ schedule: CallingSchedule; readyAt: Date }[]> {
  const rows = await manager.query<(CallingSchedule & { readyAt: Date })[]>(
    `${FIRST_DUE}
     SELECT campaigns.start_date::text AS "startDate", campaigns.end_date::text AS "endDate",
       campaigns.days_of_week AS "daysOfWeek", campaigns.call_time_ranges AS "callTimeRanges", campaigns.timezone,
       campaigns.holidays, first_due.ready_at AS "readyAt"
     FROM first_due JOIN campaigns ON campaigns.id = first_due.campaign_id
       JOIN environments ON environments.id = campaigns.environment_id AND NOT environments.kill_switch
       JOIN agents ON agents.id = campaigns.agent_id AND agents.current_status = 'published'
       JOIN slots AS own ON own.scope = 'campaign:' || campaigns.id
         AND own.in_use < coalesce(campaigns.max_concurrent_calls, 2147483647)
       JOIN slots AS whole ON whole.scope = 'environment:' || environments.id
         AND whole.in_use < environments.max_concurrent_calls
     WHERE campaigns.status = 'active'`,
  );
  return rows.map(({ readyAt, ...schedule }) => ({ schedule, readyAt }));
}

/** Seconds by the database clock; 0 where there is no instant. */
function secondsSince(instant: string): string {
  return `greatest(0, coalesce(extract(epoch FROM clock_timestamp() - ${instant}), 0))::double precision`;
}

async function oneNumber(manager: EntityManager, query: string): Promise<number> {
  const [row] = await manager.query<{ value: number }[]>(query);
  return row?.value ?? 0;
}
