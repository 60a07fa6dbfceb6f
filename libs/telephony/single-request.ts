import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export interface SingleRequest {
  url: URL;
  method: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON, or as it is where it is a form. */
  body?: unknown;
  headers?: Record<string, string>;
  /** For the whole exchange, connecting included. */
  timeoutSeconds: number;
  /** Of a longer answer nothing is read. Without: 64 KiB. */
  mostBytes?: number;
}

export type SingleAnswer =
  /** `body` is null where it is no JSON. */
  | { kind: 'answered'; status: number; headers: IncomingHttpHeaders; body: unknown }
  /** No connection ever stood: not a byte of the request has left. */
  | { kind: 'not_connected'; because: string }
  /** The request, or a part of it, may have arrived. */
  | { kind: 'no_answer'; because: string };

/** A longer answer to a request about one call is no answer of a carrier. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** A connection each: one kept open may be closed by the other side just as a request leaves on it. */
const agents = { 'http:': new HttpAgent(), 'https:': new HttpsAgent() };

/**
 * Sends one request, once: no retry, no redirect. Never rejects. Node's fetch will not do, for it repeats a POST by
 * itself when it is answered 421 (WHATWG Fetch, HTTP-network-or-cache fetch), and a repeated originate rings twice.
 */
export function sendSingle({
  url,
  method,
  body,
  headers,
  timeoutSeconds,
  mostBytes = MAX_ANSWER_BYTES,
}: SingleRequest): Promise<SingleAnswer> {
  const { payload, contentType } = payloadOf(body);
  const secure = url.protocol === 'https:';
  return new Promise((resolve) => {
    let connected = false;
    const fail = (error: NodeJS.ErrnoException) =>
      resolve({ kind: connected ? 'no_answer' : 'not_connected', because: error.code ?? error.name });
    const outgoing = (secure ? httpsRequest : httpRequest)(url, {
      method,
      agent: agents[secure ? 'https:' : 'http:'],
      headers: {
        ...headers,
        ...(body === undefined
          ? {}
          : { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) }),
      },
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    outgoing.on('socket', (socket) => socket.once('connect', () => (connected = true)));
    outgoing.on('error', fail);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > mostBytes) incoming.destroy();
        else chunks.push(chunk);
      });
      incoming.on('error', () => undefined);
      incoming.on('close', () =>
        resolve(
          incoming.complete
            ? {
                kind: 'answered',
                status: incoming.statusCode ?? 0,
                headers: incoming.headers,
                body: readJson(Buffer.concat(chunks)),
              }
            : { kind: 'no_answer', because: 'answer_cut_off' },
        ),
      );
    });
    outgoing.end(payload);
  });
}

function payloadOf(body: unknown): { payload: string; contentType: string } {
  if (body instanceof URLSearchParams)
    return { payload: body.toString(), contentType: 'application/x-www-form-urlencoded' };
  return { payload: body === undefined ? '' : JSON.stringify(body), contentType: 'application/json' };
}

function readJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
