import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import type { ReadLog } from '#store/webhook-logs.store.js';
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
    enabled: endpoint.enabled,
    status: statusOf(endpoint),
    http_method: endpoint.httpMethod,
    authorization_scheme: endpoint.authorizationScheme,
    has_authorization_credential: endpoint.sealedAuthorizationCredential !== null,
    custom_headers: endpoint.customHeaders.map(({ key }) => ({ key, value: null })),
    payload_templates: endpoint.payloadTemplates,
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  };
}

/** `error`: the last delivery that was settled here was given up. */
function statusOf({ enabled, failingSince }: WebhookEndpoint): 'active' | 'disabled' | 'error' {
  if (!enabled) return 'disabled';
  return failingSince === null ? 'active' : 'error';
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
