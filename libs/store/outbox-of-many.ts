import type { EntityManager } from 'typeorm';
import { fillTemplate, type PayloadTemplate } from '#policy/webhook-template.js';
import type { Call } from './call.entity.js';
import { callEventBody } from './event-bodies.js';

interface Listener {
  id: string;
  campaignId: string | null;
  agentId: string | null;
  template: PayloadTemplate | null;
}

/**
 * Writes what webhooks are owed about one event of many calls of an environment, with as many statements as for one.
 * The calls are as the change left them, `eventSequence` included: raise it in the statement that changes them.
 * @returns the ids of the deliveries
 */
export async function oweEventOfMany(
  manager: EntityManager,
  environmentId: string,
  calls: Call[],
  type: 'campaign_call.blocked',
  occurredAt: Date,
): Promise<string[]> {
  const listeners = await listenersTo(manager, environmentId, calls, type);
  const told = calls.flatMap((call) => {
    const mine = listeners.filter(
      ({ campaignId, agentId }) => campaignId === call.campaignId || agentId === call.agentId,
    );
    return mine.length === 0 ? [] : [{ call, listeners: mine }];
  });
  if (told.length === 0) return [];
  const ids = await manager.query<{ id: string }[]>(
    `SELECT gen_random_uuid() AS id FROM generate_series(1, $1)`,
    [told.length],
  );
  const events = told.map((one, index) => ({
    ...one,
    event: { id: ids[index]!.id, ...callEventBody(type, one.call, one.call.eventSequence, occurredAt, null) },
  }));
  await manager.query(
    `INSERT INTO webhook_events (environment_id, type, id, campaign_id, call_id, body)
     SELECT $1, $2, * FROM unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[])`,
    [
      environmentId,
      type,
      events.map(({ event }) => event.id),
      events.map(({ call }) => call.campaignId),
      events.map(({ call }) => call.id),
      events.map(({ event }) => JSON.stringify(event)),
    ],
  );
  const owed = events.flatMap(({ event, listeners: mine }) =>
    mine.map(({ id, template }) => ({
      event: event.id,
      endpoint: id,
      body: template === null ? null : fillTemplate(template, event),
    })),
  );
  const rows = await manager.query<{ id: string }[]>(
    `INSERT INTO webhook_deliveries (environment_id, event_id, endpoint_id, body)
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[]) RETURNING id`,
    [
      environmentId,
      owed.map(({ event }) => event),
      owed.map(({ endpoint }) => endpoint),
      owed.map(({ body }) => body),
    ],
  );
  return rows.map(({ id }) => id);
}

function listenersTo(
  manager: EntityManager,
  environmentId: string,
  calls: Call[],
  type: string,
): Promise<Listener[]> {
  return manager.query(
    `SELECT id, campaign_id AS "campaignId", agent_id AS "agentId", payload_templates -> $4 AS template
     FROM webhook_endpoints
     WHERE environment_id = $1 AND enabled AND $4 = ANY (events)
       AND (campaign_id = ANY ($2) OR agent_id = ANY ($3))
     -- One deleted in between would be owed what nobody sends any more.
     FOR KEY SHARE`,
    [
      environmentId,
      [...new Set(calls.map(({ campaignId }) => campaignId))],
      [...new Set(calls.map(({ agentId }) => agentId))],
      type,
    ],
  );
}
