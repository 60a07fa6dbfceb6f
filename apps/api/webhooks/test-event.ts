import { randomUUID } from 'node:crypto';
import type { CallState } from '#policy/call-lifecycle.js';
import { fillTemplate } from '#policy/webhook-template.js';
import type { Campaign } from '#store/campaign.entity.js';
import { callEventBody, campaignEventBody, type ToldCall } from '#store/event-bodies.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';

/** A number that is nobody's: kept for fiction in the North American plan. */
const NOBODY = '+12025550143';

/** What a test of an agent's endpoint tells: the documented test event. */
export function agentTestBody(
  agent: { id: string; name: string },
  endpoint: WebhookEndpoint,
): (id: string, at: Date) => string {
  return (id, at) =>
    JSON.stringify({
      id,
      type: 'webhook.test',
      event: 'webhook.test',
      agent_id: agent.id,
      agent_name: agent.name,
      webhook_id: endpoint.id,
      webhook_name: endpoint.name,
      timestamp: at.toISOString(),
      test: true,
    });
}

/**
 * What a test of a campaign's endpoint tells: an event that it listens for, as it would be told, template and all, of a
 * call that does not exist; marked `test`.
 */
export function campaignTestBody(
  campaign: Campaign,
  endpoint: WebhookEndpoint,
  event: string,
): (id: string, at: Date) => string {
  return (id, at) => {
    const body = event.startsWith('campaign.')
      ? campaignEventBody(event, campaign, 1, at)
      : callEventBody(event, noCall(campaign, event, at), 1, at, null);
    const told = { id, ...body, test: true };
    const template = endpoint.payloadTemplates[event];
    return (template === undefined ? null : fillTemplate(template, told)) ?? JSON.stringify(told);
  };
}

const STATUS: Record<string, CallState> = {
  'campaign_call.queued': 'waiting',
  'campaign_call.started': 'initiated',
  'campaign_call.retry_scheduled': 'waiting',
  'campaign_call.failed': 'failed',
  'campaign_call.blocked': 'blocked',
  'campaign_call.cancelled': 'cancelled',
  'campaign_call.expired': 'expired',
};

function noCall(campaign: Campaign, event: string, at: Date): ToldCall {
  const status = STATUS[event] ?? 'completed';
  const isCompleted = status === 'completed';
  const isLive = status === 'waiting' || status === 'initiated';
  return {
    id: randomUUID(),
    campaignId: campaign.id,
    agentId: campaign.agentId,
    isDirect: false,
    to: NOBODY,
    from: null,
    status,
    outcome: isCompleted ? 'answered' : null,
    attemptsSpent: isCompleted ? 1 : 0,
    durationSeconds: isCompleted ? 42 : 0,
    isTesting: true,
    nextAttemptAt: status === 'waiting' ? at : null,
    finishedAt: isLive ? null : at,
    context: {},
  };
}
