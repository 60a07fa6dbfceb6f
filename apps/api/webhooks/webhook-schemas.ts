import { AGENT_EVENTS } from '#store/outbox.js';
import { BOOLEAN, COUNT, ID, INSTANT, INTEGER, list, named, object, oneOf, TEXT } from '../openapi/schema.js';
import { AGENT_EVENT_NAMES, CAMPAIGN_EVENT_NAMES, HTTP_METHODS } from './webhook-endpoint.dto.js';

const WEBHOOK_FIELDS = {
  id: ID,
  name: TEXT,
  webhook_url: TEXT,
  timeout: INTEGER,
  max_retries: INTEGER,
  enabled: BOOLEAN,
  http_method: oneOf(HTTP_METHODS),
  created_at: INSTANT,
  updated_at: INSTANT,
};

const agentEvent = named('AgentEventName', oneOf(AGENT_EVENT_NAMES));
const campaignEvent = named('CampaignEventName', oneOf(CAMPAIGN_EVENT_NAMES));

export const agentWebhookSchema = named(
  'AgentWebhook',
  object({
    ...WEBHOOK_FIELDS,
    agent_id: ID,
    events: list(agentEvent),
    events_count: COUNT,
    status: oneOf(['active', 'disabled', 'error']),
  }),
);

/** An agent's webhooks, and what each event there is means. */
export const agentWebhooksSchema = object({
  webhooks: list(agentWebhookSchema),
  available_events: object(Object.fromEntries(Object.keys(AGENT_EVENTS).map((name) => [name, TEXT]))),
});

export const campaignWebhookSchema = named(
  'CampaignWebhook',
  object({
    ...WEBHOOK_FIELDS,
    campaign_id: ID,
    events: list(campaignEvent),
    include_call_events: BOOLEAN,
  }),
);

/** A campaign's webhooks, and the events there are. */
export const campaignWebhooksSchema = object({
  webhooks: list(campaignWebhookSchema),
  available_events: list(campaignEvent),
});
