import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
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
  /** Its beginning, as text that a database keeps. */
  responseBody: string | null;
  responseHeaders: Record<string, string> | null;
  /** One word for what went wrong before an answer came. */
  error: string | null;
  retryAfterSeconds: number | null;
  durationMs: number;
}

/** What is read of an answer before the connection is dropped: the status is all that counts. */
const MAX_ANSWER_BYTES = 16 * 1024;

/** What of it is kept for the customer to look at. */
const KEPT_ANSWER_BYTES = 4 * 1024;
const KEPT_HEADERS = 30;
const KEPT_HEADER_CHARACTERS = 500;

/** Sends one delivery. Follows no redirect, and resolves to data whatever happens. */
export async function sendWebhook(delivery: WebhookRequest): Promise<WebhookAnswer> {
  const startedMs = performance.now();
  const answered = (answer: Partial<WebhookAnswer>): WebhookAnswer => ({
    httpStatus: null,
    responseBody: null,
    responseHeaders: null,
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
      const kept: Buffer[] = [];
      const httpStatus = incoming.statusCode ?? null;
      const retryAfter = Number(incoming.headers['retry-after']);
      const retryAfterSeconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
      incoming.on('data', (chunk: Buffer) => {
        if (bytes < KEPT_ANSWER_BYTES) kept.push(chunk.subarray(0, KEPT_ANSWER_BYTES - bytes));
        bytes += chunk.length;
        if (bytes > MAX_ANSWER_BYTES) incoming.destroy();
      });
      const end = () =>
        resolve(
          answered({
            httpStatus,
            responseBody: keptText(Buffer.concat(kept)),
            responseHeaders: keptHeaders(incoming.headers),
            retryAfterSeconds,
          }),
        );
      incoming.on('close', end);
      incoming.on('error', end);
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

/** Bytes that are no text, and the one character that PostgreSQL does not keep, become the mark for such. */
function keptText(bytes: Buffer): string {
  return bytes.toString('utf8').replaceAll('\0', '\ufffd');
}

function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      // A session of the receiver's is nobody's to look at.
      .filter(([name]) => name !== 'set-cookie')
      .slice(0, KEPT_HEADERS)
      .map(([name, value]) => [name, String(value).slice(0, KEPT_HEADER_CHARACTERS)]),
  );
}
