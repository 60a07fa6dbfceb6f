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
  return oweEventsOfCalls(manager, call.environmentId, [{ call, types, attempt }], occurredAt);
}

/** What happened to a call, to be told. */
export interface CallChange {
  /** The row as the change leaves it. */
  call: Call;
  types: CallEventType[];
  /** The attempt that it is about; null: none. */
  attempt: AttemptSummary | null;
}

/** The same for many calls of an environment, with as many statements as for one. */
export async function oweEventsOfCalls(
  manager: EntityManager,
  environmentId: string,
  changes: CallChange[],
  occurredAt: Date,
): Promise<string[]> {
  const owners = changes.map(({ call }) => call);
  const types = [...new Set(changes.flatMap((change) => change.types))];
  const listening = await listeners(manager, environmentId, owners, types);
  const heard = changes
    .map((change) => ({
      ...change,
      types: change.types.filter((type) => listening.some((listener) => hears(listener, change.call, type))),
    }))
    .filter((change) => change.types.length > 0);
  if (heard.length === 0) return [];
  const firstById = await raiseSequences(
    manager,
    'calls',
    heard.map(({ call, types: told }) => ({ id: call.id, count: told.length })),
  );
  const events = heard.flatMap(({ call, types: told, attempt }) =>
    told.map((type, nth) => ({
      owner: { ...ownerOf(call), callId: call.id },
      type,
      body: callEventBody(type, call, (firstById.get(call.id) ?? 0) + nth, occurredAt, attempt),
    })),
  );
  return owe(manager, environmentId, events, listening);
}

/** The same for calls of any environments. */
export async function oweEventsEverywhere(
  manager: EntityManager,
  changes: CallChange[],
  occurredAt: Date,
): Promise<string[]> {
  const deliveryIds: string[] = [];
  for (const environmentId of new Set(changes.map(({ call }) => call.environmentId))) {
    const own = changes.filter(({ call }) => call.environmentId === environmentId);
    deliveryIds.push(...(await oweEventsOfCalls(manager, environmentId, own, occurredAt)));
  }
  return deliveryIds;
}

/** Whether anybody hears of such events of a campaign's calls: where nobody does, its calls need not be read to be told of. */
export async function isAnyHeard(
  manager: EntityManager,
  environmentId: string,
  owner: Owner,
  types: CallEventType[],
): Promise<boolean> {
  return (await listeners(manager, environmentId, [owner], types)).length > 0;
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
  const { environmentId } = campaign;
  const owner = { campaignId: campaign.id, agentId: campaign.agentId, callId: null };
  const listening = await listeners(manager, environmentId, [owner], [type]);
  if (listening.length === 0 && type !== 'campaign.created') return [];
  const firstById = await raiseSequences(manager, 'campaigns', [{ id: campaign.id, count: 1 }]);
  const sequence = firstById.get(campaign.id) ?? 0;
  const body = campaignEventBody(type, campaign, sequence, occurredAt);
  return owe(manager, environmentId, [{ owner, type, body }], listening);
}

/** What an event is about, and so whose endpoints hear of it. */
interface Owner {
  campaignId: string;
  agentId: string;
}

/** An endpoint that hears of events of one type, switched off or not. */
interface Listener {
  id: string;
  campaignId: string | null;
  agentId: string | null;
  enabled: boolean;
  type: string;
  template: PayloadTemplate | null;
}

interface Event {
  owner: Owner & { callId: string | null };
  type: string;
  body: Record<string, unknown>;
}

function ownerOf({ campaignId, agentId }: Owner): Owner {
  return { campaignId, agentId };
}

function hears(listener: Listener, owner: Owner, type: string): boolean {
  const isOwn = listener.campaignId === owner.campaignId || listener.agentId === owner.agentId;
  return isOwn && listener.type === type;
}

function listeners(
  manager: EntityManager,
  environmentId: string,
  owners: Owner[],
  types: string[],
): Promise<Listener[]> {
  return manager.query(
    `SELECT endpoint.id, endpoint.campaign_id AS "campaignId", endpoint.agent_id AS "agentId", endpoint.enabled,
            event.type, endpoint.payload_templates -> event.type AS template
     FROM webhook_endpoints AS endpoint JOIN unnest($4::text[]) AS event (type) ON ${HEARS}
     WHERE endpoint.environment_id = $1 AND (endpoint.campaign_id = ANY ($2) OR endpoint.agent_id = ANY ($3))
       AND endpoint.deleted_at IS NULL
     -- One deleted in between would be owed what nobody sends any more.
     FOR KEY SHARE OF endpoint`,
    [
      environmentId,
      [...new Set(owners.map(({ campaignId }) => campaignId))],
      [...new Set(owners.map(({ agentId }) => agentId))],
      types,
    ],
  );
}

/** Whether an endpoint, of the campaign or the agent in question, has asked for an event. */
export const HEARS = `(event.type = ANY (endpoint.events)
  OR endpoint.campaign_id IS NOT NULL AND endpoint.include_call_events AND starts_with(event.type, 'event_'))`;

/** Takes the next `count` numbers of each row, and returns the first of them by the row's id. */
async function raiseSequences(
  manager: EntityManager,
  table: 'calls' | 'campaigns',
  raised: { id: string; count: number }[],
): Promise<Map<string, number>> {
  const [rows] = await manager.query<[{ id: string; first: number }[], number]>(
    `UPDATE ${table} AS owner SET event_sequence = event_sequence + raised.count
     FROM unnest($1::uuid[], $2::integer[]) AS raised (id, count)
     WHERE owner.id = raised.id RETURNING owner.id, event_sequence - raised.count + 1 AS first`,
    [raised.map(({ id }) => id), raised.map(({ count }) => count)],
  );
  return new Map(rows.map(({ id, first }) => [id, first]));
}

async function owe(
  manager: EntityManager,
  environmentId: string,
  events: Event[],
  listening: Listener[],
): Promise<string[]> {
  const made = events.map(({ owner, type, body }) => ({
    owner,
    type,
    told: { id: randomUUID(), ...body },
  }));
  await manager.query(
    `INSERT INTO webhook_events (environment_id, id, campaign_id, agent_id, call_id, type, body)
     SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[])`,
    [
      environmentId,
      made.map(({ told }) => told.id),
      made.map(({ owner }) => owner.campaignId),
      made.map(({ owner }) => owner.agentId),
      made.map(({ owner }) => owner.callId),
      made.map(({ type }) => type),
      made.map(({ told }) => JSON.stringify(told)),
    ],
  );
  const owed = made.flatMap(({ owner, type, told }) =>
    listening
      .filter((listener) => listener.enabled && hears(listener, owner, type))
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
