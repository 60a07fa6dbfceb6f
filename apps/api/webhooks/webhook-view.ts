import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import type { ReadLog } from '#store/webhook-logs.store.js';
import type { ReplayResult } from '#store/webhook-replays.store.js';
import type { WebhookAnswer } from '#webhooks/webhook-request.js';

/** An endpoint as both kinds show it; its secrets and the values of its headers never. */
export function webhookView(endpoint: WebhookEndpoint): Record<string, unknown> {
  return {
    id: endpoint.id,
    name: endpoint.name,
    webhook_url: endpoint.webhookUrl,
    events: endpoint.events,
    timeout: endpoint.timeoutSeconds,
    max_retries: endpoint.maxRetries,
    max_concurrent_deliveries: endpoint.maxConcurrentDeliveries,
    enabled: endpoint.enabled,
    status: statusOf(endpoint),
    health: healthView(endpoint),
    http_method: endpoint.httpMethod,
    has_secret: endpoint.sealedSecret !== null,
    previous_secret_until: endpoint.previousSecretUntil?.toISOString() ?? null,
    authorization_scheme: endpoint.authorizationScheme,
    has_authorization_credential: endpoint.sealedAuthorizationCredential !== null,
    custom_headers: endpoint.customHeaders.map(({ key }) => ({ key, value: null })),
    payload_templates: endpoint.payloadTemplates,
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  };
}

/** `error`: the last try failed, or we switched it off; `health` says which. */
function statusOf({
  enabled,
  disabledBecause,
  failingSince,
}: WebhookEndpoint): 'active' | 'disabled' | 'error' {
  if (disabledBecause !== null) return 'error';
  if (!enabled) return 'disabled';
  return failingSince === null ? 'active' : 'error';
}

/** How it has taken its deliveries of late, and what was done about it. */
function healthView(endpoint: WebhookEndpoint): Record<string, unknown> {
  return {
    consecutive_failures: endpoint.consecutiveFailures,
    failing_since: endpoint.failingSince?.toISOString() ?? null,
    paused_until: endpoint.pausedUntil?.toISOString() ?? null,
    disabled_because: endpoint.disabledBecause,
  };
}

/** One try, as logs show it. */
export function webhookLogView(log: ReadLog): Record<string, unknown> {
  return {
    id: log.id,
    webhook_id: log.endpointId,
    event: log.event,
    attempt: log.attempt,
    status: log.status,
    http_status: log.httpStatus,
    request_payload: JSON.parse(log.requestBody) as unknown,
    response_body: log.responseBody,
    response_headers: log.responseHeaders,
    error: log.error,
    duration_ms: log.durationMs,
    delivered_at: log.deliveredAt?.toISOString() ?? null,
    created_at: log.createdAt.toISOString(),
  };
}

/** What a replay has made due. */
export function webhookReplayView({
  again,
  missed,
  more,
}: Extract<ReplayResult, { kind: 'queued' }>): Record<string, unknown> {
  return { replayed: again, missed, more };
}

/** What a test came to, in a sentence. */
export function testMessage({
  succeeded,
  httpStatus,
  error,
}: Pick<WebhookAnswer, 'httpStatus' | 'error'> & { succeeded: boolean }): string {
  if (succeeded) return 'The webhook took the test.';
  if (error === 'redirect_not_followed') {
    return `The webhook answered the test with a redirect (${httpStatus}), which is not followed.`;
  }
  if (httpStatus !== null) return `The webhook answered the test with status ${httpStatus}.`;
  if (error === 'timeout') return 'The webhook did not answer the test in time.';
  if (error === 'secret_unreadable') return 'A stored secret of the webhook cannot be read: send it again.';
  return 'The webhook could not be reached.';
}
