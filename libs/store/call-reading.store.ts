import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import type { CallState } from '#policy/call-lifecycle.js';
import { nextOpening } from '#policy/calling-window.js';
import { nextLawfulOpening } from '#policy/lawful-hours.js';
import { Agent } from './agent.entity.js';
import { Attempt } from './attempt.entity.js';
import { Call } from './call.entity.js';
import { Campaign } from './campaign.entity.js';
import { Environment } from './environment.entity.js';
import type { Page, PageOf } from './page.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

/** A call's status as the API tells it: `waiting` is queued when due, scheduled when held for later. */
export type ToldStatus = Exclude<CallState, 'waiting'> | 'queued' | 'scheduled';

/** A call, with what only its campaign and the clock can say of it. */
export interface ReadCall {
  call: Call;
  status: ToldStatus;
  /** When its next attempt is expected, by the hours as they stand now; null once blocked. */
  expectedAt: Date | null;
}

export interface CallFilter {
  status?: ToldStatus | undefined;
  agentId?: string | undefined;
  campaignId?: string | undefined;
  to?: string | undefined;
  /** Created on or after this date, UTC. */
  dateFrom?: string | undefined;
  /** Created on or before this date, UTC. */
  dateTo?: string | undefined;
  /** A part of a number, or the whole id: a part of an id would be found in most of what is searched by digits. */
  search?: string | undefined;
  /** Every call is outbound; another direction finds none. */
  direction?: 'inbound' | 'outbound' | undefined;
}

/**
 * The status as told. A waiting call of a stopped campaign reads as ended at once; the finaliser writes it later. $2 is
 * when each closed campaign opens next: hours are read by the rules, never by SQL, and no call's row follows them.
 */
const TOLD_STATUS = `CASE
  WHEN call.status <> 'waiting' THEN call.status
  WHEN campaign.status = 'cancelled' THEN 'cancelled'
  WHEN campaign.status = 'completed' THEN 'expired'
  WHEN greatest(call.ready_at, ($2::jsonb ->> call.campaign_id::text)::timestamptz) > clock_timestamp() THEN 'scheduled'
  ELSE 'queued' END`;

/** Reads calls for people. Every method is scoped by the environment. */
@Injectable()
export class CallReadingStore {
  constructor(private readonly database: ScopedDatabase) {}

  async find(environmentId: string, id: string): Promise<ReadCall | null> {
    return this.database.within(environmentId, async (manager) => {
      const openings = await openingsOfClosed(manager, environmentId);
      const rows = await manager.query<{ id: string; status: ToldStatus }[]>(
        `SELECT call.id, ${TOLD_STATUS} AS status
         FROM calls AS call JOIN campaigns AS campaign ON campaign.id = call.campaign_id
         WHERE call.environment_id = $1 AND call.id = $3 AND campaign.deleted_at IS NULL`,
        [environmentId, openings, id],
      );
      const [read] = await readAll(manager, environmentId, rows);
      return read ?? null;
    });
  }

  /** The attempts of a call, in their order. */
  async attemptsOf(environmentId: string, callId: string): Promise<Attempt[]> {
    return this.database.within(environmentId, (manager) =>
      manager.find(Attempt, { where: { environmentId, callId }, order: { number: 'ASC' } }),
    );
  }

  async list(environmentId: string, filter: CallFilter, page: Page): Promise<PageOf<ReadCall>> {
    return this.database.within(environmentId, (manager) => listed(manager, environmentId, filter, page));
  }

  /** The agents of some calls, by id. */
  async agentsOf(environmentId: string, calls: ReadCall[]): Promise<Map<string, Agent>> {
    const agents = await this.database.within(environmentId, (manager) =>
      manager.findBy(Agent, {
        environmentId,
        id: In(calls.map(({ call }) => call.agentId)),
      }),
    );
    return new Map(agents.map((agent) => [agent.id, agent]));
  }
}

async function listed(
  manager: EntityManager,
  environmentId: string,
  filter: CallFilter,
  page: Page,
): Promise<PageOf<ReadCall>> {
  const openings = await openingsOfClosed(manager, environmentId);
  const { conditions, parameters } = conditionsOf([environmentId, openings], filter);
  const from = `FROM calls AS call JOIN campaigns AS campaign ON campaign.id = call.campaign_id
    WHERE ${conditions.join(' AND ')}`;
  const [{ total }] = await manager.query<[{ total: number }]>(
    `SELECT count(*)::integer AS total ${from}`,
    parameters,
  );
  const begin =
    page.after === undefined
      ? { condition: '', offset: `OFFSET ${(page.number - 1) * page.size}`, parameters }
      : {
          condition: `AND (call.created_at, call.id) < (SELECT created_at, id FROM calls
            WHERE environment_id = $1 AND id = $${parameters.length + 1})`,
          offset: '',
          parameters: [...parameters, page.after],
        };
  const rows = await manager.query<{ id: string; status: ToldStatus }[]>(
    `SELECT call.id, ${TOLD_STATUS} AS status ${from} ${begin.condition}
     ORDER BY call.created_at DESC, call.id DESC LIMIT ${page.size} ${begin.offset}`,
    begin.parameters,
  );
  return { items: await readAll(manager, environmentId, rows), total, page };
}

/** When each campaign that may still dial, and is closed now, opens next: campaign id → ISO instant. */
async function openingsOfClosed(
  manager: EntityManager,
  environmentId: string,
): Promise<Record<string, string>> {
  const now = await databaseClock(manager);
  const campaigns = await manager.findBy(Campaign, { environmentId, status: In(['active', 'paused']) });
  const openings = campaigns.map((campaign) => [campaign.id, nextOpening(campaign, now)] as const);
  return Object.fromEntries(
    openings.flatMap(([id, at]) => (at === null || at <= now ? [] : [[id, at.toISOString()] as const])),
  );
}

/** Reads rows whole, in their order. */
async function readAll(
  manager: EntityManager,
  environmentId: string,
  rows: { id: string; status: ToldStatus }[],
): Promise<ReadCall[]> {
  const now = await databaseClock(manager);
  const calls = await manager.findBy(Call, { environmentId, id: In(rows.map(({ id }) => id)) });
  const campaigns = await manager.findBy(Campaign, {
    environmentId,
    id: In(calls.map(({ campaignId }) => campaignId)),
  });
  const environment = await manager.findOneByOrFail(Environment, { id: environmentId });
  const callOf = new Map(calls.map((call) => [call.id, call]));
  const campaignOf = new Map(campaigns.map((campaign) => [campaign.id, campaign]));
  return rows.flatMap(({ id, status }) => {
    const call = callOf.get(id);
    if (call === undefined) return [];
    return [
      { call, status, expectedAt: expectedAt(call, campaignOf.get(call.campaignId), environment, now) },
    ];
  });
}

/** A call that is due with the hours open was expected when it became due, not at the moment of reading. */
function expectedAt(
  call: Call,
  campaign: Campaign | undefined,
  environment: Environment,
  now: Date,
): Date | null {
  if (call.status !== 'waiting' || campaign === undefined) return call.nextAttemptAt;
  const facts = { call, campaign, environment };
  const opening = nextLawfulOpening(facts, call.readyAt > now ? call.readyAt : now);
  return opening === null || opening <= now ? call.nextAttemptAt : opening;
}

function conditionsOf(given: unknown[], filter: CallFilter): { conditions: string[]; parameters: unknown[] } {
  const parameters = [...given];
  // The second parameter is named where no status is asked for, too, so that its place is always there.
  const conditions = ['call.environment_id = $1', '$2::jsonb IS NOT NULL', 'campaign.deleted_at IS NULL'];
  const add = (value: string | undefined, condition: (place: string) => string) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(condition(`$${parameters.length}`));
  };
  add(filter.direction, (place) => `${place} = 'outbound'`);
  add(filter.status, (place) => `${TOLD_STATUS} = ${place}`);
  add(filter.agentId, (place) => `call.agent_id = ${place}`);
  add(filter.campaignId, (place) => `call.campaign_id = ${place}`);
  add(filter.to, (place) => `call.to_number = ${place}`);
  add(filter.dateFrom, (place) => `call.created_at >= ${place}::date`);
  add(filter.dateTo, (place) => `call.created_at < ${place}::date + 1`);
  add(
    filter.search,
    (place) =>
      `(strpos(call.to_number, ${place}) > 0 OR strpos(call.from_number, ${place}) > 0 OR call.id::text = lower(${place}))`,
  );
  return { conditions, parameters };
}
