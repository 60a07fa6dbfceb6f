import type { EntityManager } from 'typeorm';
import { fillTemplate, type PayloadTemplate } from '#policy/webhook-template.js';
import type { Call } from './call.entity.js';
import type { Campaign } from './campaign.entity.js';
import { callEventBody, campaignEventBody, type AttemptSummary } from './event-bodies.js';

/** Campaign-level events that an endpoint may subscribe to, with what each means. */
export const CAMPAIGN_EVENTS = {
  'campaign.created': 'A campaign was created.',
  'campaign.started': 'A campaign became active for the first time.',
  'campaign.paused': 'A campaign was paused.',
  'campaign.resumed': 'A paused campaign became active again.',
  'campaign.completed': 'A campaign was completed.',
  'campaign.cancelled': 'A campaign was cancelled.',
  'campaign.updated': 'The settings of a campaign changed.',
  'campaign_call.queued': 'A call was taken in.',
  'campaign_call.started': 'An attempt of a call was placed with the carrier.',
  'campaign_call.completed': 'A call ended with a conversation or a voicemail, and no retry follows.',
  'campaign_call.retry_scheduled': 'An attempt ended and the call will be tried again.',
  'campaign_call.failed': 'A call ended without a conversation, and no retry follows.',
  'campaign_call.blocked': 'A rule forbids the call; it is not dialled.',
  'campaign_call.cancelled': 'A waiting call was cancelled.',
  'campaign_call.expired': 'A waiting call outlived its campaign or its own deadline.',
} as const;

/** Agent-level events of calls, in the words of the contract. */
export const AGENT_EVENTS = {
  event_phone_call_started: 'An attempt was placed with the carrier.',
  event_phone_call_connected: 'Somebody, or a machine, took the call.',
  event_voicemail_detected: 'A machine took the call.',
  event_phone_call_ended: 'A call that had been taken ended.',
  event_phone_call_did_not_connect: 'An attempt ended without being taken.',
  event_phone_call_error: 'An attempt failed at the carrier.',
} as const;

export type CampaignEventType = keyof typeof CAMPAIGN_EVENTS;
export type AgentEventType = keyof typeof AGENT_EVENTS;
type CallEventType = Extract<CampaignEventType, `campaign_call.${string}`> | AgentEventType;

/**
 * Writes, in the caller's transaction, what webhooks are owed about a call: the event with its fixed body and a
 * delivery for every endpoint that listens. `call` is the row as the change leaves it. Returns the deliveries' ids.
 */
export async function oweCallEvents(
  manager: EntityManager,
  call: Call,
  types: CallEventType[],
  occurredAt: Date,
  attempt: AttemptSummary | null,
): Promise<string[]> {
  const deliveries: string[] = [];
  for (const type of types) {
    const sequence = await nextSequence(manager, call.id);
    const body = callEventBody(type, call, sequence, occurredAt, attempt);
    deliveries.push(...(await owe(manager, call, call.id, call.agentId, type, body)));
  }
  return deliveries;
}

/** The same for an event of the campaign itself. */
export async function oweCampaignEvent(
  manager: EntityManager,
  campaign: Campaign,
  type: Extract<CampaignEventType, `campaign.${string}`>,
  occurredAt: Date,
): Promise<string[]> {
  const body = campaignEventBody(type, campaign, occurredAt);
  const owner = { environmentId: campaign.environmentId, campaignId: campaign.id };
  return owe(manager, owner, null, campaign.agentId, type, body);
}

async function nextSequence(manager: EntityManager, callId: string): Promise<number> {
  const [rows] = await manager.query<[{ event_sequence: number }[], number]>(
    `UPDATE calls SET event_sequence = event_sequence + 1 WHERE id = $1 RETURNING event_sequence`,
    [callId],
  );
  return rows[0]?.event_sequence ?? 0;
}

async function owe(
  manager: EntityManager,
  owner: { environmentId: string; campaignId: string },
  callId: string | null,
  agentId: string,
  type: CampaignEventType | AgentEventType,
  body: Record<string, unknown>,
): Promise<string[]> {
  const listening = await manager.query<{ id: string; template: PayloadTemplate | null }[]>(
    `SELECT id, payload_templates -> $4 AS template FROM webhook_endpoints
     WHERE environment_id = $1 AND enabled
       AND ((campaign_id = $2 AND ($4 = ANY (events) OR (include_call_events AND $4 LIKE 'event\\_%')))
         OR (agent_id = $3 AND $4 = ANY (events)))
     -- One deleted in between would be owed what nobody sends any more.
     FOR KEY SHARE`,
    [owner.environmentId, owner.campaignId, agentId, type],
  );
  if (listening.length === 0) return [];
  const [{ id }] = await manager.query<[{ id: string }]>(`SELECT gen_random_uuid() AS id`);
  const event = { id, ...body };
  await manager.query(
    `INSERT INTO webhook_events (id, environment_id, campaign_id, call_id, type, body)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, owner.environmentId, owner.campaignId, callId, type, JSON.stringify(event)],
  );
  const rows = await manager.query<{ id: string }[]>(
    `INSERT INTO webhook_deliveries (environment_id, event_id, endpoint_id, body)
     SELECT $1, $2, * FROM unnest($3::uuid[], $4::text[]) RETURNING id`,
    [
      owner.environmentId,
      id,
      listening.map((endpoint) => endpoint.id),
      listening.map(({ template }) => (template === null ? null : fillTemplate(template, event))),
    ],
  );
  return rows.map((row) => row.id);
}
