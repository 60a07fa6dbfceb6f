import type { IncomingHttpHeaders } from 'node:http';
import twilio from 'twilio';
import type { FailedRequest } from '../failed-request.js';
import { sendSingle } from '../single-request.js';

/** What kept a request of the SDK from its answer. */
export class TwilioRequestFailed extends Error {
  constructor(readonly failure: FailedRequest<number>) {
    super('because' in failure ? failure.because : `status_${failure.status}`);
    this.name = 'TwilioRequestFailed';
  }
}

interface SdkRequest {
  method: string;
  uri: string;
  username?: string;
  password?: string;
  headers?: Record<string, string>;
  params?: Record<string, unknown>;
  data?: Record<string, unknown>;
}

/**
 * The SDK's client, its requests sent by `sendSingle`: its own transport cannot tell a connection that never stood from
 * one that broke, keeps connections open between requests, and reads settings of its own from the environment.
 */
export function twilioClient(
  { accountSid, authToken, baseUrl }: { accountSid: string; authToken: string; baseUrl: string | null },
  timeoutSeconds: number,
): twilio.Twilio {
  const httpClient = { request: (request: SdkRequest) => send(request, timeoutSeconds) };
  const client = twilio(accountSid, authToken, {
    // The SDK asks for its own class, and uses this method of it.
    httpClient: httpClient as unknown as twilio.RequestClient,
    autoRetry: false,
    env: {},
  });
  if (baseUrl !== null) client.api.baseUrl = baseUrl.replace(/\/+$/, '');
  return client;
}

async function send(
  { method, uri, username = '', password = '', headers = {}, params, data }: SdkRequest,
  timeoutSeconds: number,
): Promise<{ statusCode: number; body: unknown; headers: IncomingHttpHeaders }> {
  const url = new URL(uri);
  for (const [name, value] of pairsOf(params)) url.searchParams.append(name, value);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const answer = await sendSingle({
    url,
    method: method.toUpperCase() as 'GET' | 'POST' | 'DELETE',
    headers: { ...headers, authorization },
    ...(data === undefined ? {} : { body: new URLSearchParams(pairsOf(data)) }),
    timeoutSeconds,
  });
  if (answer.kind !== 'answered') throw new TwilioRequestFailed(answer);
  const { status, body } = answer;
  if (status < 200 || status > 299) {
    const code = (body as { code?: unknown } | null)?.code;
    throw new TwilioRequestFailed({
      kind: 'refused',
      status,
      code: Number.isInteger(code) ? (code as number) : null,
      headers: answer.headers,
    });
  }
  return { statusCode: status, body, headers: answer.headers };
}

/** As forms are written: a list repeats its key. */
function pairsOf(fields: Record<string, unknown> = {}): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((each) => each !== undefined && each !== null)
      .map((each): [string, string] => [name, String(each)]),
  );
}
