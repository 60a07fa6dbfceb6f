import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { useAgent as filteringAgent } from 'request-filtering-agent';

export interface WebhookRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
  /** For the whole exchange. */
  timeoutSeconds: number;
  /** Lets it reach private and loopback addresses, over plain http too. */
  allowPrivate: boolean;
}

export interface WebhookAnswer {
  /** Null: no answer. */
  httpStatus: number | null;
  /** One word for what went wrong before an answer came. */
  error: string | null;
  retryAfterSeconds: number | null;
  durationMs: number;
}

/** What is read of an answer before the connection is dropped: the status is all that counts. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** Sends one delivery. Follows no redirect, and resolves to data whatever happens. */
export async function sendWebhook(delivery: WebhookRequest): Promise<WebhookAnswer> {
  const startedMs = performance.now();
  const answered = (answer: Partial<WebhookAnswer>): WebhookAnswer => ({
    httpStatus: null,
    error: null,
    retryAfterSeconds: null,
    ...answer,
    durationMs: Math.round(performance.now() - startedMs),
  });
  const url = new URL(delivery.url);
  if (url.protocol !== 'https:' && !delivery.allowPrivate) return answered({ error: 'https_required' });

  return new Promise((resolve) => {
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: delivery.method,
      headers: {
        'user-agent': 'Ringfence',
        ...delivery.headers,
        'content-length': Buffer.byteLength(delivery.body),
      },
      // Judges every address a name resolves to, and literal ones, at the moment of connecting.
      agent: filteringAgent(delivery.url, {
        allowPrivateIPAddress: delivery.allowPrivate,
        allowMetaIPAddress: delivery.allowPrivate,
      }),
      signal: AbortSignal.timeout(delivery.timeoutSeconds * 1000),
    });
    outgoing.on('response', (incoming) => {
      let bytes = 0;
      const httpStatus = incoming.statusCode ?? null;
      const retryAfter = Number(incoming.headers['retry-after']);
      const retryAfterSeconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) incoming.destroy();
      });
      incoming.on('close', () => resolve(answered({ httpStatus, retryAfterSeconds })));
      incoming.on('error', () => resolve(answered({ httpStatus, retryAfterSeconds })));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(answered({ error: failureWord(error) })));
    outgoing.end(delivery.body);
  });
}

function failureWord(error: NodeJS.ErrnoException): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  if (error.message.includes('is not allowed')) return 'address_not_allowed';
  return error.code ?? 'connection_failed';
}
