import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedProvider } from './simulated.provider.js';
import { MalformedCallback, type OriginateRequest } from './telephony-provider.js';

const SECRET = 'shared';

let peer: Server | undefined;
let requests = 0;

afterEach(() => {
  peer?.closeAllConnections();
  peer?.close();
  peer = undefined;
});

/** A carrier that does one thing, and counts what it is asked. */
async function carrierThat(
  answers: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<SimulatedProvider> {
  requests = 0;
  peer = createServer((request, response) => {
    request.resume().on('end', () => {
      requests += 1;
      answers(request, response);
    });
  }).listen(0, '127.0.0.1');
  await once(peer, 'listening');
  return providerAt((peer.address() as AddressInfo).port);
}

function providerAt(port: number): SimulatedProvider {
  return new SimulatedProvider({
    url: `http://127.0.0.1:${port}`,
    secret: SECRET,
    publicUrl: 'http://127.0.0.1:3000',
  });
}

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  return (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

const REQUEST: OriginateRequest = {
  attemptId: randomUUID(),
  callId: randomUUID(),
  environmentId: randomUUID(),
  to: '+12025550100',
  from: null,
  ringTimeoutSeconds: 30,
  maxDurationSeconds: 60,
  agent: {
    id: randomUUID(),
    name: 'a',
    label: 'a',
    language: 'en-US',
    description: null,
    initialMessage: null,
    whoSpeaksFirst: 'agent',
    enableRecording: false,
    connectTo: null,
  },
  variables: {},
  notAfter: new Date('2099-01-01'),
};

describe('an originate request', () => {
  it.each<[string, ReturnType<typeof answering>, object]>([
    ['accepted', answering(201, { provider_call_id: 'p1' }), { kind: 'accepted', providerCallId: 'p1' }],
    [
      'accepted as a repetition',
      answering(200, { provider_call_id: 'p1' }),
      { kind: 'accepted', providerCallId: 'p1' },
    ],
    [
      'refused for an invalid number',
      answering(422, { code: 'invalid_number' }),
      { kind: 'refused', outcome: 'invalid_number' },
    ],
    ['not sent when the carrier says too late', answering(422, { code: 'too_late' }), { kind: 'not_sent' }],
    [
      'refused for the rate, with the pause asked for',
      answering(429, { code: 'rate_limited' }, { 'retry-after': '7' }),
      { kind: 'refused', outcome: 'carrier_limit', retryAfterSeconds: 7 },
    ],
    [
      'refused for the rate without a pause',
      answering(429, { code: 'rate_limited' }),
      { kind: 'refused', outcome: 'carrier_limit', retryAfterSeconds: null },
    ],
    [
      'refused by a carrier that says itself that it is overloaded',
      answering(503, { code: 'overloaded' }),
      { kind: 'refused', outcome: 'carrier_limit', retryAfterSeconds: null },
    ],
    [
      'refused as our fault',
      answering(400, { code: 'bad_request' }),
      { kind: 'refused', outcome: 'our_fault' },
    ],
    ['unknown after a 500', answering(500, {}), { kind: 'unknown' }],
    ['unknown after a 408, which may follow a dial', answering(408, {}), { kind: 'unknown' }],
    ['unknown after a 409', answering(409, { code: 'conflict' }), { kind: 'unknown' }],
    [
      'unknown after a 421, which fetch would answer with a second request',
      answering(421, {}),
      { kind: 'unknown' },
    ],
    ['unknown after a redirect', answering(307, {}, { location: '/calls' }), { kind: 'unknown' }],
    [
      'told without the words of the carrier, which may hold a number',
      answering(400, { code: 'cannot call +12025550100' }),
      { kind: 'refused', outcome: 'our_fault', because: 'status_400' },
    ],
    [
      'unknown when the answer stops in the middle',
      (_, response) => {
        response.writeHead(201, { 'content-length': '100' }).write('{');
        setImmediate(() => response.destroy());
      },
      { kind: 'unknown' },
    ],
    [
      'unknown after a 503, which may come from a proxy behind the dial',
      answering(503, {}, { 'retry-after': '5' }),
      { kind: 'unknown', slowDown: { retryAfterSeconds: 5 } },
    ],
    ['unknown when the answer cannot be read', answering(201, {}), { kind: 'unknown' }],
    [
      'unknown when the connection is dropped after the request',
      (request) => request.socket.destroy(),
      { kind: 'unknown' },
    ],
  ])('is %s, after exactly one request', async (_, behaviour, expected) => {
    const provider = await carrierThat(behaviour);
    expect(await provider.originate(REQUEST)).toMatchObject(expected);
    expect(requests).toBe(1);
  });

  it('is not sent when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await providerAt(port).originate(REQUEST)).toEqual({ kind: 'not_sent', because: 'ECONNREFUSED' });
  });
});

describe('a look-up', () => {
  const call = {
    id: REQUEST.attemptId,
    provider_call_id: 'p1',
    status: 'completed',
    started_at: '2026-11-23T12:00:00Z',
    answered_at: '2026-11-23T12:00:05Z',
    ended_at: '2026-11-23T12:00:35Z',
    duration_seconds: 30,
    answered_by: 'machine',
    sequence: 4,
    converted: false,
  };

  it('tells the state as an event that concludes', async () => {
    const provider = await carrierThat(answering(200, call));
    expect(await provider.lookUp(REQUEST)).toEqual({
      kind: 'found',
      event: {
        source: 'lookup',
        kind: 'ended',
        at: new Date('2026-11-23T12:00:35Z'),
        answeredAt: new Date('2026-11-23T12:00:05Z'),
        sequence: 4,
        providerCallId: 'p1',
        outcome: 'answered',
        durationSeconds: 30,
        answeredBy: 'machine',
        converted: false,
        sipCode: null,
        q850: null,
      },
    });
  });

  it.each<[string, ReturnType<typeof answering>, string]>([
    ['not found is not found', answering(404, {}), 'not_found'],
    ['a carrier in trouble cannot tell', answering(503, {}), 'cannot_tell'],
    ['a state nobody knows cannot tell', answering(200, { ...call, status: 'levitating' }), 'cannot_tell'],
    ['a dropped connection cannot tell', (request) => request.socket.destroy(), 'cannot_tell'],
  ])('%s', async (_, behaviour, kind) => {
    const provider = await carrierThat(behaviour);
    expect((await provider.lookUp(REQUEST)).kind).toBe(kind);
  });
});

describe('a callback', () => {
  const provider = providerAt(1);
  const body = {
    event_id: 'e1',
    id: REQUEST.attemptId,
    provider_call_id: 'p1',
    at: '2026-11-23T12:00:00Z',
    sequence: 2,
  };
  const sign = (raw: string) => `sha256=${createHmac('sha256', SECRET).update(raw).digest('hex')}`;
  const told = (fields: object) => {
    const raw = JSON.stringify({ ...body, ...fields });
    return provider.readCallbacks({
      rawBody: Buffer.from(raw),
      headers: { 'x-carrier-signature': sign(raw) },
    })?.[0];
  };

  it.each<[object, object]>([
    [{ type: 'initiated' }, { kind: 'initiated', outcome: null }],
    [{ type: 'ringing' }, { kind: 'ringing', outcome: null }],
    [{ type: 'answered' }, { kind: 'answered', outcome: null }],
    [{ type: 'machine' }, { kind: 'machine', outcome: null }],
    [
      { type: 'completed', converted: true },
      { kind: 'ended', outcome: 'answered', converted: true },
    ],
    [{ type: 'busy' }, { kind: 'ended', outcome: 'busy' }],
    [{ type: 'no_answer' }, { kind: 'ended', outcome: 'no_answer' }],
    [{ type: 'canceled' }, { kind: 'ended', outcome: 'cancelled' }],
    [
      { type: 'rejected', sip_code: 603 },
      { kind: 'ended', outcome: 'rejected' },
    ],
    [
      { type: 'failed', sip_code: 503 },
      { kind: 'ended', outcome: 'carrier_failure' },
    ],
    [
      { type: 'failed', sip_code: 404 },
      { kind: 'ended', outcome: 'invalid_number' },
    ],
    [
      { type: 'failed', sip_code: 503, q850: 17 },
      { kind: 'ended', outcome: 'busy' },
    ],
    [
      { type: 'failed', sip_code: 608 },
      { kind: 'ended', outcome: 'blocked_by_carrier' },
    ],
    [{ type: 'failed' }, { kind: 'ended', outcome: 'carrier_failure' }],
  ])('%j means %j', (fields, expected) => {
    expect(told(fields)).toMatchObject({ eventKey: 'e1', attemptId: REQUEST.attemptId, event: expected });
  });

  it('that the carrier did not sign is nobody: wrong key, changed byte, no header', () => {
    const raw = JSON.stringify({ ...body, type: 'ringing' });
    const forged = `sha256=${createHmac('sha256', 'other').update(raw).digest('hex')}`;
    for (const header of [forged, sign(`${raw} `), sign(raw).slice(0, -1), undefined]) {
      expect(
        provider.readCallbacks({ rawBody: Buffer.from(raw), headers: { 'x-carrier-signature': header } }),
      ).toBeNull();
    }
  });

  it.each([
    '[]',
    'null',
    '{}',
    'no json',
    JSON.stringify({ ...body, type: 'busy', q850: 2 ** 31 }),
    JSON.stringify({ ...body, type: 'levitating' }),
  ])('signed but unreadable is refused: %s', (raw) => {
    expect(() =>
      provider.readCallbacks({ rawBody: Buffer.from(raw), headers: { 'x-carrier-signature': sign(raw) } }),
    ).toThrow(MalformedCallback);
  });
});
