import type { EntityManager } from 'typeorm';
import { ACTIVE_STATES, type CampaignState } from '#policy/call-lifecycle.js';
import type { CallingSchedule } from '#policy/calling-window.js';
import type { Outcome } from '#policy/outcomes.js';
import { Figures } from './campaign-stats.store.js';
import type { DialingSettings } from './dialing-settings.js';
import { heardTrunks } from './hearing.js';
import { IS_LED } from './leases.store.js';
import { databaseClock } from './reading.js';
import type { ScopedDatabase } from './scoped-database.js';
import { rateOf, readTrunks, type TrunkRate } from './trunks.js';

/** Campaigns that are looked at: those that dial before those that are over. */
export const MOST_CAMPAIGNS = 100;

/** Environments, those with a thrown kill switch first. */
export const MOST_ENVIRONMENTS = 200;

export interface LookedOn {
  now: Date;
  isLed: boolean;
  trunks: TrunkLookedOn[];
  environments: EnvironmentLookedOn[];
  /** Those that there are beside these. */
  environmentsLeftOut: number;
  campaigns: CampaignLookedOn[];
  /** Those that there are beside these. */
  campaignsLeftOut: number;
}

export interface TrunkLookedOn extends TrunkRate {
  /** Whether some dialer hears what its carrier tells; always, of one that tells by requests. */
  isHeard: boolean;
}

export interface EnvironmentLookedOn {
  id: string;
  name: string;
  killSwitch: boolean;
  slots: { inUse: number; limit: number };
}

export interface CampaignLookedOn {
  id: string;
  environmentId: string;
  name: string;
  status: CampaignState;
  schedule: CallingSchedule;
  maxRetries: number;
  /** Test calls are in none of its figures. */
  figures: Figures;
  waiting: number;
  underWay: Record<(typeof ACTIVE_STATES)[number], number>;
}

/** What a campaign has come to by the hour, and how fast it was. */
export interface HoursOfCampaign {
  /** Dials that came to this in the hour that begins then. */
  outcomes: { hour: Date; outcome: Outcome; count: number }[];
  /** Starts a minute in the busiest quarter of an hour of the last day that it dialled; 0: it never has. */
  busiestPerMinute: number;
}

/**
 * The whole house for people who look on, again and again: no row of a call that waits is counted or read, whatever waits. In a role that
 * sees states, times and counters, and no number.
 */
export class ConsoleStore {
  /** @param database in the role `ringfence_console` */
  constructor(
    private readonly database: ScopedDatabase,
    private readonly settings: DialingSettings,
  ) {}

  async read(): Promise<LookedOn> {
    return this.database.everywhere(async (manager) => {
      const now = await databaseClock(manager);
      const [{ isLed }] = await manager.query<[{ isLed: boolean }]>(`SELECT ${IS_LED} AS "isLed"`);
      const { trunks } = this.settings;
      const known = await readTrunks(manager, trunks);
      const heard = await heardTrunks(manager, trunks);
      return {
        ...{ now, isLed },
        trunks: trunks.map((trunk) => ({ ...rateOf(trunk, known, heard), isHeard: heard.includes(trunk) })),
        ...(await environmentsLookedOn(manager)),
        ...(await campaignsLookedOn(manager)),
      };
    });
  }

  /**
   * Dials that began since an instant, by campaign and the minute since 1970 that they began in. Those of test calls too: the index
   * alone answers, and to look up the call of each dial takes ten times as long, or reads all calls.
   */
  async startsSince(ids: string[], since: Date): Promise<Map<string, Map<number, number>>> {
    const rows = await this.database.everywhere((manager) =>
      manager.query<{ id: string; minute: number; count: number }[]>(
        `SELECT asked.id, floor(extract(epoch FROM dialled.sending_at) / 60)::integer AS minute, count(*)::integer AS count
         FROM unnest($1::uuid[]) AS asked (id) CROSS JOIN LATERAL (
           SELECT sending_at FROM attempts WHERE campaign_id = asked.id AND sending_at >= $2) AS dialled
         GROUP BY 1, 2`,
        [ids, since],
      ),
    );
    const starts = new Map(ids.map((id) => [id, new Map<number, number>()]));
    for (const { id, minute, count } of rows) starts.get(id)?.set(minute, count);
    return starts;
  }

  /** By hours that begin at or after an instant. */
  async hoursSince(ids: string[], since: Date): Promise<Map<string, HoursOfCampaign>> {
    return this.database.everywhere(async (manager) => {
      const hours = await manager.query<{ id: string; hour: Date; outcome: Outcome; count: number }[]>(
        `SELECT asked.id, date_bin('1 hour', counted.quarter, 'epoch') AS hour, substr(counted.figure, 10) AS outcome,
           sum(counted.amount)::integer AS count
         FROM unnest($1::uuid[]) AS asked (id) CROSS JOIN LATERAL (${COUNTED('asked.id', 'quarter >= $2')}) AS counted
         GROUP BY 1, 2, 3 HAVING sum(counted.amount) > 0`,
        [ids, since],
      );
      const busiest = await manager.query<{ id: string; perMinute: number }[]>(BUSIEST, [ids]);
      const told = new Map(
        ids.map((id): [string, HoursOfCampaign] => [id, { outcomes: [], busiestPerMinute: 0 }]),
      );
      for (const { id, ...hour } of hours) told.get(id)?.outcomes.push(hour);
      for (const { id, perMinute } of busiest) told.get(id)!.busiestPerMinute = perMinute;
      return told;
    });
  }
}

/** Dials by what they came to, in the quarters that a condition names. */
const COUNTED = (id: string, condition: string) => `
  SELECT quarter, figure, amount FROM stat_quarters
    WHERE campaign_id = ${id} AND ${condition} AND NOT is_testing AND starts_with(figure, 'attempts:')
  UNION ALL SELECT quarter, figure, amount FROM stat_deltas
    WHERE campaign_id = ${id} AND ${condition} AND NOT is_testing AND starts_with(figure, 'attempts:')`;

/** By steps along the counters' key: the last quarter with a dial in it, and the day up to it. */
const BUSIEST = `SELECT last.id, max(busy.dials)::double precision / 15 AS "perMinute"
  FROM (SELECT asked.id, (
          SELECT quarter FROM stat_quarters
          WHERE campaign_id = asked.id AND NOT is_testing AND starts_with(figure, 'attempts:')
          ORDER BY quarter DESC LIMIT 1) AS quarter
        FROM unnest($1::uuid[]) AS asked (id)) AS last
    CROSS JOIN LATERAL (
      SELECT sum(amount) AS dials FROM (${COUNTED('last.id', `quarter > last.quarter - interval '1 day'`)}) AS counted
      GROUP BY quarter) AS busy
  GROUP BY last.id`;

async function environmentsLookedOn(
  manager: EntityManager,
): Promise<Pick<LookedOn, 'environments' | 'environmentsLeftOut'>> {
  const rows = await manager.query<(EnvironmentLookedOn & { inAll: number })[]>(
    `SELECT environments.id, environments.name, environments.kill_switch AS "killSwitch",
       json_build_object('inUse', slots.in_use, 'limit', environments.max_concurrent_calls) AS slots,
       count(*) OVER ()::integer AS "inAll"
     FROM environments JOIN slots ON slots.scope = 'environment:' || environments.id
     ORDER BY environments.kill_switch DESC, environments.name, environments.id LIMIT ${MOST_ENVIRONMENTS}`,
  );
  const environments = rows.map(({ inAll: _, ...environment }) => environment);
  return { environments, environmentsLeftOut: (rows[0]?.inAll ?? 0) - rows.length };
}

async function campaignsLookedOn(
  manager: EntityManager,
): Promise<Pick<LookedOn, 'campaigns' | 'campaignsLeftOut'>> {
  const rows = await manager.query<CampaignRow[]>(
    `SELECT id, environment_id AS "environmentId", name, status, max_retries AS "maxRetries",
       start_date::text AS "startDate", end_date::text AS "endDate", days_of_week AS "daysOfWeek",
       call_time_ranges AS "callTimeRanges", timezone, holidays, count(*) OVER ()::integer AS "inAll"
     FROM campaigns WHERE kind = 'campaign' AND deleted_at IS NULL
     ORDER BY status = 'active' DESC, status = 'paused' DESC, updated_at DESC, id LIMIT ${MOST_CAMPAIGNS}`,
  );
  const counts = await countsOf(
    manager,
    rows.map(({ id }) => id),
  );
  const campaigns = rows.map(({ inAll, id, environmentId, name, status, maxRetries, ...schedule }) => {
    const amounts = counts.get(id) ?? new Map<string, number>();
    return { id, environmentId, name, status, schedule, maxRetries, ...standingOf(amounts) };
  });
  return { campaigns, campaignsLeftOut: (rows[0]?.inAll ?? 0) - rows.length };
}

type CampaignRow = Pick<CampaignLookedOn, 'id' | 'environmentId' | 'name' | 'status' | 'maxRetries'> &
  CallingSchedule & { inAll: number };

/** What a call counts for while an attempt of it is open. */
const NOW = 'now:';

/**
 * Counters and what is under way, in one statement: so that what waits can be told by what does not. Only open attempts are looked
 * up one by one, as many as there are slots.
 */
async function countsOf(manager: EntityManager, ids: string[]): Promise<Map<string, Map<string, number>>> {
  const rows = await manager.query<{ id: string; figure: string; amount: number }[]>(
    `SELECT campaign_id AS id, figure, sum(amount)::double precision AS amount
     FROM (SELECT campaign_id, figure, amount FROM stat_totals WHERE campaign_id = ANY ($1) AND NOT is_testing
           UNION ALL SELECT campaign_id, figure, amount FROM stat_deltas
             WHERE campaign_id = ANY ($1) AND NOT is_testing
           UNION ALL SELECT attempts.campaign_id, '${NOW}' || calls.status, 1
             FROM attempts JOIN calls ON calls.id = attempts.call_id
             WHERE attempts.status IN ('claimed', 'sending', 'placed') AND attempts.campaign_id = ANY ($1)
               AND NOT calls.is_testing) AS counted
     GROUP BY 1, 2`,
    [ids],
  );
  const counts = new Map(ids.map((id) => [id, new Map<string, number>()]));
  for (const { id, figure, amount } of rows) counts.get(id)?.set(figure, amount);
  return counts;
}

/** All that were taken in, less those that are over, under way or parked. */
function standingOf(
  amounts: ReadonlyMap<string, number>,
): Pick<CampaignLookedOn, 'figures' | 'waiting' | 'underWay'> {
  const figures = new Figures(amounts);
  const [initiated, ringing, answered] = ACTIVE_STATES.map((state) => amounts.get(`${NOW}${state}`) ?? 0);
  const underWay = { initiated: initiated ?? 0, ringing: ringing ?? 0, answered: answered ?? 0 };
  const inHand = underWay.initiated + underWay.ringing + underWay.answered + figures.attempts('unknown');
  return { figures, underWay, waiting: Math.max(0, figures.calls - figures.finishedCalls - inHand) };
}
