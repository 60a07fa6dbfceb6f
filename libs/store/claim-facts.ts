import { In, type EntityManager } from 'typeorm';
import type { DialFacts } from '#policy/decide-dial.js';
import { Agent } from './agent.entity.js';
import { Call } from './call.entity.js';
import { callerIdFacts } from './caller-ids.js';
import { Campaign } from './campaign.entity.js';
import { callsBeingUndone } from './contact-import-rows.js';
import type { DialingSettings } from './dialing-settings.js';
import { doNotCallFactsOf } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import type { DialLocks } from './locks.js';
import { byId, databaseClock, isIn, numberHistories, numbersBusySince, of } from './reading.js';
import { callerIdsOfRoutes, routesOf, type Route } from './routes.js';
import { preparing, together } from './scoped-database.js';
import { spendingFactsOf, type Reservation } from './spending.js';

/** What a ticket names: a call, and the attempt that is to be made of it. */
export interface Ticket {
  callId: string;
  attempt: number;
}

/** All that the rules look at, and the rows that a claim writes. */
export interface Snapshot extends DialFacts {
  call: Call;
  campaign: Campaign;
  agent: Agent;
  environment: Environment;
  reservation: Reservation | null;
  trunks: Route[];
}

/** The calls that tickets name and that wait for that attempt, with what is to be locked for each. */
export async function ticketedCalls(
  manager: EntityManager,
  tickets: Ticket[],
): Promise<(DialLocks & { id: string })[]> {
  return preparing(manager).query(
    `SELECT calls.id, calls.environment_id AS "environmentId", calls.campaign_id AS "campaignId", calls.to_number AS "to"
     FROM unnest($1::uuid[], $2::integer[]) AS ticket (call_id, attempt)
       JOIN calls ON calls.id = ticket.call_id AND ${isIn('calls.status', 'waiting')}
         AND calls.attempt_count = ticket.attempt - 1`,
    [tickets.map(({ callId }) => callId), tickets.map(({ attempt }) => attempt)],
  );
}

/**
 * The facts of the calls that wait, and are due, for the attempt their ticket names; their rows locked, in the order of their
 * ids. The locks of the claims are held already, so that what is read here is what they waited for.
 */
export async function readSnapshots(
  manager: EntityManager,
  tickets: Ticket[],
  settings: DialingSettings,
): Promise<Snapshot[]> {
  const { cooldownHourSeconds } = settings;
  const attempts = new Map(tickets.map(({ callId, attempt }) => [callId, attempt]));
  const [rows, now] = await together([
    manager.find(Call, {
      where: { id: In([...attempts.keys()]) },
      order: { id: 'ASC' },
      lock: { mode: 'pessimistic_write' },
    }),
    databaseClock(manager),
  ]);
  const due = rows.filter(
    ({ id, status, attemptCount, readyAt }) =>
      status === 'waiting' && attempts.get(id) === attemptCount + 1 && readyAt <= now,
  );
  if (due.length === 0) return [];
  const [undone, campaigns, environments] = await together([
    callsBeingUndone(manager, due),
    byId(
      manager,
      Campaign,
      due.map(({ campaignId }) => campaignId),
    ),
    byId(
      manager,
      Environment,
      due.map(({ environmentId }) => environmentId),
    ),
  ]);
  const calls = due.filter(({ id }) => !undone.has(id));
  // The campaign's agent of today, as the feed judges it: the one of the call's intake may have been replaced.
  const agents = await byId(
    manager,
    Agent,
    [...campaigns.values()].map(({ agentId }) => agentId),
  );
  const whose = calls.map((call) => {
    const campaign = of(campaigns, call.campaignId);
    const agent = of(agents, campaign.agentId);
    return { call, campaign, agent, environment: of(environments, call.environmentId) };
  });
  const quick = preparing(manager);
  const [doNotCall, spending, histories, busySince, callerIds, routes] = await together([
    doNotCallFactsOf(quick, calls),
    spendingFactsOf(quick, whose, now),
    numberHistories(quick, calls, cooldownHourSeconds),
    numbersBusySince(quick, calls),
    callerIdFacts(manager, whose),
    routesOf(quick, whose, settings.trunks),
  ]);
  return whose.map((rowsOfCall, place) => ({
    now,
    ...rowsOfCall,
    doNotCall: doNotCall[place]!,
    ...spending[place]!,
    history: histories[place]!,
    cooldownHourSeconds,
    numberBusySince: busySince[place] ?? null,
    callerIds: callerIdsOfRoutes(callerIds[place] ?? null, routes[place]!, now),
    trunks: routes[place]!,
  }));
}
