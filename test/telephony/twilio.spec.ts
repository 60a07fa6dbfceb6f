import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { afterEach, describe, expect, it } from 'vitest';
import { MalformedCallback, type CallConnection } from '#telephony/telephony-provider.js';
import { TwilioProvider } from '#telephony/twilio/twilio.provider.js';
import { TwilioDescription } from '../twilio-twin/description.js';
import { requestTo } from './provider-contract.js';

const ACCOUNT = { accountSid: `AC${'0a'.repeat(16)}`, authToken: 'a token' };
const SID = `CA${'0b'.repeat(16)}`;
const PUBLIC_URL = 'https://calls.example.com/ringfence/';
const REQUEST = requestTo('00');

let peer: Server | undefined;

afterEach(() => {
  peer?.closeAllConnections();
  peer?.close();
  peer = undefined;
});

interface Asked {
  method: string;
  path: string;
  form: URLSearchParams;
}

function twilioAt(port: number, more: { detectsMachines?: boolean } = {}): TwilioProvider {
  return new TwilioProvider({
    ...ACCOUNT,
    from: '+12025550188',
    baseUrl: `http://127.0.0.1:${port}`,
    publicUrl: PUBLIC_URL,
    detectsMachines: true,
    ...more,
  });
}

/** Twilio, answering the one thing, and what it was asked. */
async function answering(
  status: number,
  body: object,
  headers: Record<string, string> = {},
  more: { detectsMachines?: boolean } = {},
): Promise<{ provider: TwilioProvider; asked: Asked[] }> {
  const asked: Asked[] = [];
  peer = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const { method = '', url = '' } = request;
      asked.push({ method, path: url, form: new URLSearchParams(text) });
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(peer, 'listening');
  return { provider: twilioAt((peer.address() as AddressInfo).port, more), asked };
}

const CREATED = {
  sid: SID,
  status: 'queued',
  queue_time: '0',
  date_created: 'Sat, 28 Nov 2026 12:00:00 +0000',
};

describe('a request to Twilio', () => {
  it('is one that Twilio’s own description lets pass, with every field filled', async () => {
    const { provider, asked } = await answering(201, CREATED);
    await provider.originate({ ...REQUEST, agent: { ...REQUEST.agent, enableRecording: true } });
    const [{ method, path, form }] = asked as [Asked];
    expect(`${method} ${path}`).toBe(`POST /2010-04-01/Accounts/${ACCOUNT.accountSid}/Calls.json`);
    const fields = Object.fromEntries(
      [...new Set(form.keys())].map((name) => [
        name,
        form.getAll(name).length > 1 ? form.getAll(name) : form.get(name),
      ]),
    );
    expect(new TwilioDescription().mistakes('create', fields)).toEqual([]);
    const { attemptId, environmentId, to } = REQUEST;
    const at = 'https://calls.example.com/ringfence/callbacks/twilio';
    expect(fields).toEqual({
      To: to,
      From: '+12025550123',
      Url: `${at}/answer?attempt=${attemptId}&environment=${environmentId}`,
      Method: 'POST',
      StatusCallback: `${at}?attempt=${attemptId}&detects=machines`,
      StatusCallbackMethod: 'POST',
      StatusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
      Timeout: '30',
      TimeLimit: '60',
      Record: 'true',
      MachineDetection: 'Enable',
      AsyncAmd: 'true',
      AsyncAmdStatusCallback: `${at}?attempt=${attemptId}&verdict=machine`,
      AsyncAmdStatusCallbackMethod: 'POST',
    });
  });

  it('asks for no machine detection where that is switched off', async () => {
    const { provider, asked } = await answering(201, CREATED, {}, { detectsMachines: false });
    await provider.originate(REQUEST);
    expect([...(asked[0]?.form.keys() ?? [])].join()).not.toMatch(/Amd|MachineDetection/);
    expect(asked[0]?.form.get('StatusCallback')).not.toContain('detects');
  });

  it.each([
    ['no place', null, 'agent_has_no_place'],
    ['a place that another carrier reaches', 'stasis:voice-agent', 'agent_place_is_of_another_carrier'],
  ])('is not sent at all for an agent that has %s: our fault', async (_, connectTo, because) => {
    const { provider, asked } = await answering(201, CREATED);
    expect(await provider.originate({ ...REQUEST, agent: { ...REQUEST.agent, connectTo } })).toMatchObject({
      kind: 'refused',
      outcome: 'our_fault',
      because,
    });
    expect(asked).toHaveLength(0);
  });

  it.each<[string, number, object, Record<string, string>, object]>([
    [
      'it is queued there: too fast',
      201,
      { ...CREATED, queue_time: '7000' },
      {},
      { kind: 'accepted', slowDown: { retryAfterSeconds: null } },
    ],
    ['there is no id in the answer', 201, {}, {}, { kind: 'unknown' }],
    [
      'it is a limit with a pause',
      429,
      { code: 20429 },
      { 'retry-after': '7' },
      { kind: 'refused', outcome: 'carrier_limit', because: 'twilio_20429', retryAfterSeconds: 7 },
    ],
    [
      'it is a server that asks for a pause',
      503,
      {},
      { 'retry-after': '7' },
      { kind: 'unknown', because: 'status_503', slowDown: { retryAfterSeconds: 7 } },
    ],
    [
      'it is a redirect, which would be followed to a second call',
      307,
      {},
      { location: '/elsewhere' },
      { kind: 'unknown' },
    ],
    [
      'it is a code that nobody knows',
      400,
      { code: 29999, message: 'no +12025550100' },
      {},
      { kind: 'refused', outcome: 'our_fault', because: 'twilio_29999' },
    ],
  ])('came to what follows from its answer: %s', async (_, status, body, headers, expected) => {
    const { provider, asked } = await answering(status, body, headers);
    expect(await provider.originate(REQUEST)).toMatchObject(expected);
    expect(asked).toHaveLength(1);
  });
});

describe('a look-up at Twilio', () => {
  const sentAt = new Date('2026-11-28T12:00:00Z');
  const sent = { ...REQUEST, providerCallId: null, sentAt };
  const call = (createdAt: string, fields: object = {}) => ({
    ...{ sid: SID, status: 'completed', direction: 'outbound-api', date_created: createdAt },
    ...{
      start_time: createdAt,
      end_time: 'Sat, 28 Nov 2026 12:01:00 +0000',
      duration: '20',
      answered_by: null,
    },
    ...fields,
  });
  const inTime = 'Sat, 28 Nov 2026 12:00:02 +0000';
  const list = (...calls: object[]) => ({ calls, page: 0, page_size: 20, uri: '/', next_page_uri: null });

  it('without an id asks for calls between the two numbers, and not for a start time', async () => {
    const { provider, asked } = await answering(200, list(call(inTime)));
    expect(await provider.lookUp(sent)).toMatchObject({
      kind: 'found',
      event: { providerCallId: SID, outcome: 'answered', answeredAt: new Date('2026-11-28T12:00:40Z') },
    });
    const { pathname, searchParams } = new URL(asked[0]?.path ?? '', 'http://twilio');
    expect(pathname).toMatch(/Calls\.json$/);
    expect(Object.fromEntries(searchParams)).toEqual({
      To: REQUEST.to,
      From: '+12025550123',
      PageSize: '20',
    });
    expect(new TwilioDescription().mistakes('list', Object.fromEntries(searchParams))).toEqual([]);
  });

  it.each<[string, object[], object]>([
    ['none', [], { kind: 'not_found' }],
    ['one of an hour before', [call('Sat, 28 Nov 2026 11:00:00 +0000')], { kind: 'not_found' }],
    ['one of an hour later', [call('Sat, 28 Nov 2026 13:00:00 +0000')], { kind: 'not_found' }],
    ['one that came in', [call(inTime, { direction: 'inbound' })], { kind: 'not_found' }],
    ['two in time', [call(inTime), call(inTime)], { kind: 'cannot_tell', because: 'several_calls_alike' }],
    ['one in time, one not', [call(inTime), call('Sat, 28 Nov 2026 11:00:00 +0000')], { kind: 'found' }],
    ['one whose status nobody knows', [call(inTime, { status: 'levitating' })], { kind: 'cannot_tell' }],
  ])('without an id, with %s, tells so', async (_, calls, expected) => {
    const { provider } = await answering(200, list(...calls));
    expect(await provider.lookUp(sent)).toMatchObject(expected);
  });

  it('by an id tells who answered, as far as Twilio does', async () => {
    const { provider, asked } = await answering(200, call(inTime, { answered_by: 'machine_start' }));
    expect(await provider.lookUp({ ...sent, providerCallId: SID })).toMatchObject({
      event: { answeredBy: 'machine', sequence: null, durationSeconds: 20 },
    });
    expect(asked[0]?.path).toMatch(new RegExp(`/Calls/${SID}\\.json$`));
  });

  it.each<[number, object]>([
    [404, { kind: 'not_found' }],
    [500, { kind: 'cannot_tell', because: 'status_500' }],
    [401, { kind: 'cannot_tell', because: 'twilio_20003' }],
  ])('that is answered with %i tells so', async (status, expected) => {
    const { provider } = await answering(status, status === 401 ? { code: 20003 } : {});
    expect(await provider.lookUp({ ...sent, providerCallId: SID })).toEqual(expected);
  });
});

describe('a callback of Twilio', () => {
  const provider = twilioAt(1);
  const path = `/callbacks/twilio?attempt=${REQUEST.attemptId}&detects=machines`;
  const told = (
    fields: Record<string, string>,
    at = path,
    signedFor = `https://calls.example.com/ringfence${at}`,
  ) => {
    const form = { CallSid: SID, AccountSid: ACCOUNT.accountSid, ...fields };
    const signature = getExpectedTwilioSignature(ACCOUNT.authToken, signedFor, form);
    return provider.readCallbacks({
      path: at,
      headers: { 'x-twilio-signature': signature },
      rawBody: Buffer.from(new URLSearchParams(form).toString()),
    });
  };

  it('is signed for the public address, whatever proxies make of it on the way', () => {
    const ringing = { CallStatus: 'ringing', SequenceNumber: '1' };
    expect(told(ringing)).toHaveLength(1);
    expect(told(ringing, path, `https://calls.example.com:443/ringfence${path}`)).toHaveLength(1);
    expect(told(ringing, path, `http://127.0.0.1:3000${path}`)).toBeNull();
    const elsewhere = path.replace(REQUEST.attemptId, requestTo('00').attemptId);
    expect(told(ringing, elsewhere, `https://calls.example.com/ringfence${path}`)).toBeNull();
  });

  it('counts from 0 there, and from 1 here', () => {
    expect(told({ CallStatus: 'initiated', SequenceNumber: '0' })?.[0]).toMatchObject({
      eventKey: `${SID}:0:initiated`,
      attemptId: REQUEST.attemptId,
      event: { sequence: 1, kind: 'initiated', providerCallId: SID },
    });
  });

  it('of an end leaves open who answered, where machines are detected and the call was answered', () => {
    const completed = { CallStatus: 'completed', SequenceNumber: '3', CallDuration: '20' };
    expect(told(completed)?.[0]?.event).toMatchObject({ detection: 'awaited', durationSeconds: 20 });
    expect(told({ ...completed, CallStatus: 'busy' })?.[0]?.event.detection).toBeUndefined();
    const undetected = `/callbacks/twilio?attempt=${REQUEST.attemptId}`;
    expect(told(completed, undetected)?.[0]?.event.detection).toBeUndefined();
  });

  it.each([
    ['machine_start', { kind: 'machine', answeredBy: 'machine' }],
    ['human', { kind: 'answered', answeredBy: 'human' }],
    ['unknown', { kind: 'answered', answeredBy: null }],
  ])('with a verdict (%s) tells it outside the count', (word, expected) => {
    const verdict = `/callbacks/twilio?attempt=${REQUEST.attemptId}&verdict=machine`;
    expect(told({ AnsweredBy: word }, verdict)?.[0]).toMatchObject({
      eventKey: `${SID}:verdict`,
      event: { ...expected, detection: 'told', sequence: null },
    });
  });

  it('with a word that nobody knows proves a call, and tells nothing of its end', () => {
    expect(told({ CallStatus: 'levitating', SequenceNumber: '1' })?.[0]?.event).toMatchObject({
      kind: 'initiated',
      outcome: null,
      providerCallId: SID,
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['no attempt', { CallStatus: 'busy' }, '/callbacks/twilio'],
    ['an attempt that is none', { CallStatus: 'busy' }, '/callbacks/twilio?attempt=1'],
    ['another id of a call', { CallSid: 'CA1', CallStatus: 'busy' }, path],
    ['no status', {}, path],
    ['a number too large', { CallStatus: 'busy', SequenceNumber: '9999999999' }, path],
    ['a time that is none', { CallStatus: 'busy', Timestamp: 'soon' }, path],
  ])('that is signed and has %s is refused', (_, fields, at) => {
    expect(() => told(fields, at)).toThrow(MalformedCallback);
  });

  it('with fields named like what every object has is still Twilio’s, or not', () => {
    expect(
      told({ CallStatus: 'ringing', SequenceNumber: '1', constructor: 'x', __proto__: 'y' }),
    ).toHaveLength(1);
  });
});

describe('an answered call', () => {
  const { answering: desk } = twilioAt(1);
  const connection = (connectTo: string | null): CallConnection => ({
    callId: 'c1',
    attemptId: 'a1',
    agent: { id: 'g1', language: 'en-US', connectTo },
    from: null,
    maxDurationSeconds: 60,
  });

  it.each<[string, string | null, string]>([
    [
      'its sound over a WebSocket',
      'wss://voice.example.com/agent?a=1&b=2',
      '<Connect><Stream url="wss://voice.example.com/agent?a=1&amp;b=2"><Parameter name="call_id" value="c1"/><Parameter name="attempt_id" value="a1"/><Parameter name="agent_id" value="g1"/><Parameter name="language" value="en-US"/></Stream></Connect>',
    ],
    [
      'a SIP address',
      'sip:agent@voice.example.com',
      '<Dial answerOnBridge="true" timeLimit="60"><Sip>sip:agent@voice.example.com?x-call-id=c1&amp;x-attempt-id=a1&amp;x-agent-id=g1&amp;x-language=en-US</Sip></Dial>',
    ],
    [
      'a document of its own',
      'https://voice.example.com/twiml',
      '<Redirect method="POST">https://voice.example.com/twiml?call_id=c1&amp;attempt_id=a1&amp;agent_id=g1&amp;language=en-US</Redirect>',
    ],
    ['an agent that has lost its place', null, '<Hangup/>'],
  ])('is connected to %s', (_, connectTo, expected) => {
    expect(desk?.connect(connection(connectTo))).toEqual({
      contentType: 'text/xml',
      body: `<?xml version="1.0" encoding="UTF-8"?><Response>${expected}</Response>`,
    });
  });

  it('that is one too many is hung up', () => {
    expect(desk?.hangUp().body).toContain('<Response><Hangup/></Response>');
  });

  it('is asked about by whoever Twilio signed for, and nobody else', () => {
    const { attemptId, environmentId } = REQUEST;
    const path = `/callbacks/twilio/answer?attempt=${attemptId}&environment=${environmentId}`;
    const form = { CallSid: SID, CallStatus: 'in-progress' };
    const signature = getExpectedTwilioSignature(
      ACCOUNT.authToken,
      `https://calls.example.com/ringfence${path}`,
      form,
    );
    const rawBody = Buffer.from(new URLSearchParams(form).toString());
    const headers = { 'x-twilio-signature': signature };
    expect(desk?.readQuestion({ path, headers, rawBody })).toEqual({
      attemptId,
      environmentId,
      providerCallId: SID,
    });
    const other = path.replace(environmentId, requestTo('00').environmentId);
    expect(desk?.readQuestion({ path: other, headers, rawBody })).toBeNull();
  });
});
