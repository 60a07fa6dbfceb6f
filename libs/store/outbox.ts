import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { CallEventType, OfCampaign } from '#policy/webhook-events.js';
import { fillTemplate, type PayloadTemplate } from '#policy/webhook-template.js';
import type { Call } from './call.entity.js';
import type { Campaign } from './campaign.entity.js';
import { callEventBody, campaignEventBody, type AttemptSummary } from './event-bodies.js';

/**
 * Writes, in the caller's transaction, what webhooks are owed about a call: each event with its fixed body and a
 * delivery for every endpoint that listens. `call` is the row as the change leaves it. An event that only endpoints
 * which are switched off would hear is kept for a replay, and one that nobody listens to is not made: the call's
 * sequence counts those that are. Returns the deliveries' ids.
 */
export async function oweCallEvents(
  manager: EntityManager,
  call: Call,
  types: CallEventType[],
  occurredAt: Date,
  attempt: AttemptSummary | null,
): Promise<string[]> {
  const listening = await listeners(manager, call, types);
  const heard = types.filter((type) => listening.some((listener) => listener.type === type));
  if (heard.length === 0) return [];
  const first = await nextSequence(manager, 'calls', call.id, heard.length);
  const bodies = heard.map((type, nth) => ({
    type,
    body: callEventBody(type, call, first + nth, occurredAt, attempt),
  }));
  return owe(manager, { ...call, callId: call.id }, bodies, listening);
}

/**
 * The same for an event of the campaign itself. The campaign's row is the caller's to change, so its events take turns.
 * No endpoint can be there before its campaign: that one was created is kept for those that ask for a replay.
 */
export async function oweCampaignEvent(
  manager: EntityManager,
  campaign: Campaign,
  type: OfCampaign,
  occurredAt: Date,
): Promise<string[]> {
  const owner = { ...campaign, campaignId: campaign.id, callId: null };
  const listening = await listeners(manager, owner, [type]);
  if (listening.length === 0 && type !== 'campaign.created') return [];
  const sequence = await nextSequence(manager, 'campaigns', campaign.id, 1);
  const body = campaignEventBody(type, campaign, sequence, occurredAt);
  return owe(manager, owner, [{ type, body }], listening);
}

interface Owner {
  environmentId: string;
  campaignId: string;
  agentId: string;
  callId: string | null;
}

/** An endpoint that hears of events of one type, switched off or not. */
interface Listener {
  id: string;
  enabled: boolean;
  type: string;
  template: PayloadTemplate | null;
}

function listeners(
  manager: EntityManager,
  owner: Omit<Owner, 'callId'>,
  types: string[],
): Promise<Listener[]> {
  return manager.query(
    `SELECT endpoint.id, endpoint.enabled, event.type, endpoint.payload_templates -> event.type AS template
     FROM webhook_endpoints AS endpoint JOIN unnest($4::text[]) AS event (type) ON ${HEARS}
     WHERE endpoint.environment_id = $1 AND (endpoint.campaign_id = $2 OR endpoint.agent_id = $3)
       AND endpoint.deleted_at IS NULL
     -- One deleted in between would be owed what nobody sends any more.
     FOR KEY SHARE OF endpoint`,
    [owner.environmentId, owner.campaignId, owner.agentId, types],
  );
}

/** Whether an endpoint, of the campaign or the agent in question, has asked for an event. */
export const HEARS = `(event.type = ANY (endpoint.events)
  OR endpoint.campaign_id IS NOT NULL AND endpoint.include_call_events AND starts_with(event.type, 'event_'))`;

/** The first of the next `count` numbers. */
async function nextSequence(
  manager: EntityManager,
  table: 'calls' | 'campaigns',
  id: string,
  count: number,
): Promise<number> {
  const [rows] = await manager.query<[{ first: number }[], number]>(
    `UPDATE ${table} SET event_sequence = event_sequence + $2 WHERE id = $1 RETURNING event_sequence - $2 + 1 AS first`,
    [id, count],
  );
  return rows[0]?.first ?? 0;
}

async function owe(
  manager: EntityManager,
  { environmentId, campaignId, agentId, callId }: Owner,
  events: { type: string; body: Record<string, unknown> }[],
  listening: Listener[],
): Promise<string[]> {
  const made = events.map(({ type, body }) => ({ type, told: { id: randomUUID() as string, ...body } }));
  await manager.query(
    `INSERT INTO webhook_events (id, environment_id, campaign_id, agent_id, call_id, type, body)
     SELECT id, $1, $2, $3, $4, type, body FROM unnest($5::uuid[], $6::text[], $7::text[]) AS made (id, type, body)`,
    [
      environmentId,
      campaignId,
      agentId,
      callId,
      made.map(({ told }) => told.id),
      made.map(({ type }) => type),
      made.map(({ told }) => JSON.stringify(told)),
    ],
  );
  const owed = made.flatMap(({ type, told }) =>
    listening
      .filter((listener) => listener.enabled && listener.type === type)
      .map(({ id, template }) => ({
        eventId: told.id,
        endpointId: id,
        body: template === null ? null : fillTemplate(template, told),
      })),
  );
  if (owed.length === 0) return [];
  const rows = await manager.query<{ id: string }[]>(
    `INSERT INTO webhook_deliveries (environment_id, event_id, endpoint_id, body)
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::text[]) RETURNING id`,
    [
      environmentId,
      owed.map(({ eventId }) => eventId),
      owed.map(({ endpointId }) => endpointId),
      owed.map(({ body }) => body),
    ],
  );
  return rows.map(({ id }) => id);
}
