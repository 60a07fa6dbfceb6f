import { AUTHORIZATION_SCHEMES } from '#store/agent-action.entity.js';
import {
  always,
  ANY_OBJECT,
  BOOLEAN,
  COUNT,
  ID,
  INSTANT,
  INTEGER,
  list,
  named,
  object,
  oneOf,
  orNull,
  TEXT,
  type Schema,
} from '../openapi/schema.js';
import {
  AGENT_EVENT_NAMES,
  AVAILABLE_AGENT_EVENTS,
  CAMPAIGN_EVENT_NAMES,
  HTTP_METHODS,
} from './webhook-endpoint.dto.js';

const WEBHOOK_FIELDS = {
  id: ID,
  name: TEXT,
  webhook_url: TEXT,
  timeout: INTEGER,
  max_retries: INTEGER,
  max_concurrent_deliveries: INTEGER,
  enabled: BOOLEAN,
  status: oneOf(['active', 'disabled', 'error']),
  health: named(
    'WebhookHealth',
    object({
      consecutive_failures: COUNT,
      failing_since: orNull(INSTANT),
      paused_until: orNull(INSTANT),
      disabled_because: orNull(oneOf(['gone', 'failing'])),
    }),
  ),
  http_method: oneOf(HTTP_METHODS),
  has_secret: BOOLEAN,
  previous_secret_until: orNull(INSTANT),
  authorization_scheme: oneOf(AUTHORIZATION_SCHEMES),
  has_authorization_credential: BOOLEAN,
  custom_headers: list(object({ key: TEXT, value: { type: 'null' } })),
  payload_templates: { type: 'object', additionalProperties: { type: ['object', 'string'] } },
  created_at: INSTANT,
  updated_at: INSTANT,
};

const agentEvent = named('AgentEventName', oneOf(AGENT_EVENT_NAMES));
const campaignEvent = named('CampaignEventName', oneOf(CAMPAIGN_EVENT_NAMES));

export const agentWebhookSchema = named(
  'AgentWebhook',
  object({ ...WEBHOOK_FIELDS, agent_id: ID, events: list(agentEvent), events_count: COUNT }),
);

/** An agent's webhooks, and what each event there is means. */
export const agentWebhooksSchema = object({
  webhooks: list(agentWebhookSchema),
  available_events: object(
    Object.fromEntries(Object.keys(AVAILABLE_AGENT_EVENTS).map((name) => [name, TEXT])),
  ),
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

const MILLISECONDS: Schema = { ...COUNT, description: 'Milliseconds.' };

/** A test that the receiver did not take is no error of the request: `success` says what came of it. */
const TEST_FIELDS = { success: BOOLEAN, message: TEXT };

export const agentWebhookTestSchema = object({
  ...TEST_FIELDS,
  data: object({ status_code: orNull(INTEGER), response_time: orNull(MILLISECONDS) }),
});

export const campaignWebhookTestSchema = object(TEST_FIELDS);

const webhookLogSchema = named(
  'WebhookLog',
  object({
    id: ID,
    webhook_id: ID,
    event: TEXT,
    attempt: INTEGER,
    status: oneOf(['pending', 'success', 'failed', 'retrying']),
    http_status: orNull(INTEGER),
    // What a template makes of an event may be a list.
    request_payload: { type: ['object', 'array'] },
    response_body: orNull(TEXT),
    response_headers: orNull({ ...ANY_OBJECT, additionalProperties: TEXT }),
    error: orNull(TEXT),
    duration_ms: orNull(MILLISECONDS),
    delivered_at: orNull(INSTANT),
    created_at: INSTANT,
  }),
);

/** A page of logs, which has no bounds. */
export const webhookLogsSchema = object({
  success: always(true),
  data: list(webhookLogSchema),
  pagination: object({ current_page: INTEGER, last_page: INTEGER, per_page: INTEGER, total: COUNT }),
});

/** What a replay has made due: deliveries not taken, and events never owed. More: ask again. */
export const webhookReplaySchema = object({ replayed: COUNT, missed: COUNT, more: BOOLEAN });

const RETRY_FIELDS = { log_id: ID, original_log_id: ID };

export const agentWebhookRetrySchema = object({ ...RETRY_FIELDS, queued_at: INSTANT });
export const campaignWebhookRetrySchema = object(RETRY_FIELDS);
