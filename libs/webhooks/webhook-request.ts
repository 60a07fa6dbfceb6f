import {
  request as httpRequest,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { retryAfterSeconds } from '#policy/retry-after.js';
import { isOwnHeader } from './own-headers.js';
import { hostOf, type WebhookReach } from './webhook-reach.js';

export interface WebhookRequest {
  url: string;
  method: string;
  /** What the customer wants to be sent. Headers that are not free to set are left out, whoever stored them. */
  customHeaders: Record<string, string>;
  /** Ours: they come last, so that what the receiver verifies is never what somebody typed in. */
  headers: Record<string, string>;
  body: string;
  /** For the whole exchange, from looking up the name to the last byte read. */
  timeoutSeconds: number;
  /** Texts that are shown to nobody, should the receiver send them back. */
  secrets: string[];
}

export interface WebhookAnswer {
  /** Null: no answer. */
  httpStatus: number | null;
  /** Its beginning, as text that a database keeps. */
  responseBody: string | null;
  responseHeaders: Record<string, string> | null;
  /** One word for what went wrong, where the status does not say it. */
  error: string | null;
  retryAfterSeconds: number | null;
  /** From the first byte to the last; 0 where no connection was tried. */
  durationMs: number;
}

/** What is read of an answer before the connection is dropped: the status is all that counts. */
const MAX_ANSWER_BYTES = 16 * 1024;
const MAX_ANSWER_HEADER_BYTES = 16 * 1024;

/** What of it is kept for the customer to look at. */
const KEPT_ANSWER_BYTES = 4 * 1024;
const KEPT_HEADERS = 30;
const KEPT_HEADER_CHARACTERS = 500;

/** Stands in what is kept for what is shown to nobody. What is shorter than this is no secret, and is in many words. */
const HIDDEN = '[hidden]';
const SHORTEST_SECRET = 8;

/** What there is to tell of a delivery for which no connection was tried. */
export function unsent(error: string): WebhookAnswer {
  return {
    httpStatus: null,
    responseBody: null,
    responseHeaders: null,
    error,
    retryAfterSeconds: null,
    durationMs: 0,
  };
}

/** Sends one delivery, once, where webhooks may go. Follows no redirect, and resolves to data whatever happens. */
export async function sendWebhook(delivery: WebhookRequest, reach: WebhookReach): Promise<WebhookAnswer> {
  const url = URL.canParse(delivery.url) ? new URL(delivery.url) : null;
  if (url === null || reach.faultOf(url) !== null) return unsent('address_not_allowed');
  const startedMs = performance.now();
  const deadline = AbortSignal.timeout(delivery.timeoutSeconds * 1000);
  const took = () => Math.round(performance.now() - startedMs);
  const failed = (error: string) => ({
    ...unsent(error),
    durationMs: error === 'address_not_allowed' ? 0 : took(),
  });
  return new Promise((resolve) => {
    let outgoing: ClientRequest;
    try {
      outgoing = requestTo(url, delivery, reach, deadline);
    } catch (error) {
      return resolve(unsent(failureWord(error as NodeJS.ErrnoException)));
    }
    let isAnswered = false;
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(failed(failureWord(error))));
    // Without a listener Node drops the connection and says no more: no answer, no error, and no end at the deadline.
    outgoing.on('upgrade', (incoming, socket) => {
      socket.destroy();
      const answer = answerOf(incoming, Buffer.alloc(0), delivery.secrets);
      resolve({ ...answer, error: 'upgrade_not_followed', durationMs: took() });
    });
    outgoing.on('close', () => {
      if (!isAnswered) resolve(failed(deadline.aborted ? 'timeout' : 'connection_failed'));
    });
    outgoing.on('response', (incoming) => {
      isAnswered = true;
      void beginningOf(incoming).then(({ bytes, isCutOff }) => {
        // One that is not through in its time, or breaks off, is none, whatever its first line said.
        if (deadline.aborted) return resolve(failed('timeout'));
        if (isCutOff) return resolve(failed('answer_cut_off'));
        resolve({ ...answerOf(incoming, bytes, delivery.secrets), durationMs: took() });
      });
    });
    outgoing.end(delivery.body);
  });
}

/** A connection of its own, to the addresses that were judged: none kept open, and none through a proxy. */
function requestTo(
  url: URL,
  delivery: WebhookRequest,
  reach: WebhookReach,
  signal: AbortSignal,
): ClientRequest {
  const isSecure = url.protocol === 'https:';
  const host = hostOf(url);
  return (isSecure ? httpsRequest : httpRequest)(url, {
    method: delivery.method,
    headers: {
      'user-agent': 'Ringfence',
      ...Object.fromEntries(Object.entries(delivery.customHeaders).filter(([name]) => !isOwnHeader(name))),
      ...delivery.headers,
      'content-length': Buffer.byteLength(delivery.body),
    },
    agent: false,
    lookup: reach.lookup,
    // Said here, for an environment variable of Node's switches it off for all who do not say it.
    rejectUnauthorized: true,
    ...(isSecure && isIP(host) === 0 ? { servername: host } : {}),
    maxHeaderSize: MAX_ANSWER_HEADER_BYTES,
    signal,
  });
}

/** Reads until the end, the limit or the time-out, whichever comes first; or until the other side breaks off. */
function beginningOf(incoming: IncomingMessage): Promise<{ bytes: Buffer; isCutOff: boolean }> {
  const kept: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve) => {
    incoming.on('data', (chunk: Buffer) => {
      kept.push(chunk.subarray(0, MAX_ANSWER_BYTES - bytes));
      bytes += chunk.length;
      if (bytes >= MAX_ANSWER_BYTES) incoming.destroy();
    });
    incoming.on('close', () =>
      resolve({ bytes: Buffer.concat(kept), isCutOff: !incoming.complete && bytes < MAX_ANSWER_BYTES }),
    );
    incoming.on('error', () => undefined);
  });
}

function answerOf(
  incoming: IncomingMessage,
  bytes: Buffer,
  secrets: string[],
): Omit<WebhookAnswer, 'durationMs'> {
  const httpStatus = incoming.statusCode ?? null;
  const isRedirect = httpStatus !== null && httpStatus >= 300 && httpStatus < 400;
  return {
    httpStatus,
    responseBody: keptText(bytes, secrets),
    responseHeaders: keptHeaders(incoming.headers, secrets),
    error: isRedirect ? 'redirect_not_followed' : null,
    retryAfterSeconds: retryAfterSeconds(incoming.headers['retry-after'], Date.now()),
  };
}

function failureWord(error: NodeJS.ErrnoException): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  return error.code ?? 'connection_failed';
}

/** Bytes that are no text, and the one character that PostgreSQL does not keep, become the mark for such. */
function keptText(bytes: Buffer, secrets: string[]): string {
  const text = hidden(bytes.toString('utf8').replaceAll('\0', '\ufffd'), secrets);
  return Buffer.from(text).subarray(0, KEPT_ANSWER_BYTES).toString('utf8');
}

function keptHeaders(headers: IncomingHttpHeaders, secrets: string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      // A session of the receiver's is nobody's to look at.
      .filter(([name]) => name !== 'set-cookie')
      .slice(0, KEPT_HEADERS)
      .map(([name, value]) => [name, hidden(String(value), secrets).slice(0, KEPT_HEADER_CHARACTERS)]),
  );
}

/** Whoever may point a webhook at an echo must not read there what was typed in by another. */
function hidden(text: string, secrets: string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((left, secret) => left.replaceAll(secret, HIDDEN), text);
}
