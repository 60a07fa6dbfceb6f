import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateRoomRequest,
  CreateSIPParticipantRequest,
  DeleteRoomRequest,
  ListParticipantsRequest,
} from '@livekit/protocol';
import { AccessToken, TokenVerifier, type ClaimGrants } from 'livekit-server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { LiveKitProvider, type LiveKitAccess } from '#telephony/livekit/livekit.provider.js';
import { MalformedCallback, type IncomingRequest } from '#telephony/telephony-provider.js';
import { requestTo } from './provider-contract.js';

const ACCOUNT = { apiKey: 'APIringfence', apiSecret: 'a secret of LiveKit and the house' };
const REQUEST = requestTo('00');
const ROOM = REQUEST.attemptId;

const CREATE_ROOM = 'RoomService/CreateRoom';
const DELETE_ROOM = 'RoomService/DeleteRoom';
const LIST = 'RoomService/ListParticipants';
const CALL = 'SIP/CreateSIPParticipant';

const PLACED = { participantId: 'PA_1', participantIdentity: ROOM, roomName: ROOM, sipCallId: 'SCL_1' };

let peer: Server | undefined;

afterEach(() => {
  peer?.closeAllConnections();
  peer?.close();
  peer = undefined;
});

interface Asked {
  method: string;
  body: Record<string, unknown>;
  claims: ClaimGrants;
}

/** `cut`: the connection breaks instead of an answer. */
type Answer = 'cut' | { status: number; body?: unknown; headers?: Record<string, string> };

function livekitAt(port: number, more: Partial<LiveKitAccess> = {}): LiveKitProvider {
  const url = `ws://127.0.0.1:${port}/`;
  return new LiveKitProvider({ ...ACCOUNT, url, sipTrunkId: 'ST_trunk', agentName: 'reminder', ...more });
}

/** LiveKit, answering each method the one thing, and what it was asked. */
async function answering(
  answers: Record<string, Answer>,
  more: Partial<LiveKitAccess> = {},
): Promise<{ provider: LiveKitProvider; asked: Asked[] }> {
  const asked: Asked[] = [];
  const verifier = new TokenVerifier(ACCOUNT.apiKey, ACCOUNT.apiSecret);
  const usual: Record<string, Answer> = {
    [CREATE_ROOM]: { status: 200, body: { name: ROOM } },
    [DELETE_ROOM]: { status: 200, body: {} },
    [CALL]: { status: 200, body: PLACED },
  };
  peer = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const method = (request.url ?? '').replace('/twirp/livekit.', '');
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      void verifier.verify(token).then((claims) => {
        asked.push({ method, body: JSON.parse(text) as Record<string, unknown>, claims });
        const answer = answers[method] ?? usual[method] ?? { status: 404 };
        if (answer === 'cut') return response.destroy();
        const { status, body = {}, headers = {} } = answer;
        return response
          .writeHead(status, { 'content-type': 'application/json', ...headers })
          .end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
  }).listen(0, '127.0.0.1');
  await once(peer, 'listening');
  return { provider: livekitAt((peer.address() as AddressInfo).port, more), asked };
}

const strictly = { ignoreUnknownFields: false };
const twirp = (status: number, code: string, meta?: object): Answer => ({
  status,
  body: { code, msg: 'no +12025550100', ...(meta === undefined ? {} : { meta }) },
});

describe('a call through LiveKit', () => {
  it('is a room with the agent in it, and then the callee, in messages that LiveKit’s own package reads', async () => {
    const { provider, asked } = await answering({});
    const agent = { ...REQUEST.agent, initialMessage: 'Hello Ada' };
    expect(await provider.originate({ ...REQUEST, agent, variables: { name: 'Ada' } })).toEqual({
      kind: 'accepted',
      providerCallId: 'SCL_1',
    });
    expect(asked.map(({ method }) => method)).toEqual([CREATE_ROOM, CALL]);
    const [room, callee] = asked as [Asked, Asked];
    const opened = CreateRoomRequest.fromJson(room.body as never, strictly);
    expect(opened).toMatchObject({ name: ROOM, metadata: '', emptyTimeout: 60, departureTimeout: 20 });
    expect(opened.agents).toHaveLength(1);
    expect(opened.agents[0]?.agentName).toBe('reminder');
    expect(JSON.parse(opened.agents[0]?.metadata ?? '')).toEqual({
      call_id: REQUEST.callId,
      attempt_id: ROOM,
      agent: {
        id: agent.id,
        name: 'Reminder',
        label: 'reminder',
        language: 'en-US',
        prompt: 'You remind people.',
        initial_message: 'Hello Ada',
        who_speaks_first: 'agent',
        enable_recording: false,
      },
      variables: { name: 'Ada' },
    });
    expect(room.claims.video).toEqual({ roomCreate: true });
    const called = CreateSIPParticipantRequest.fromJson(callee.body as never, strictly);
    expect(called).toMatchObject({
      sipTrunkId: 'ST_trunk',
      sipCallTo: REQUEST.to,
      sipNumber: REQUEST.from,
      roomName: ROOM,
      participantIdentity: ROOM,
      ringingTimeout: { seconds: 30n },
      maxCallDuration: { seconds: 60n },
      waitUntilAnswered: false,
    });
    expect(callee.claims).toMatchObject({ sip: { call: true } });
    expect(callee.claims.video).toBeUndefined();
  });

  it('leaves the number to the trunk where none is named', async () => {
    const { provider, asked } = await answering({});
    await provider.originate({ ...REQUEST, from: null });
    expect(asked[1]?.body).not.toHaveProperty('sipNumber');
  });

  it('tells agents that come by themselves through the room, where none is named', async () => {
    const { provider, asked } = await answering({}, { agentName: null });
    await provider.originate(REQUEST);
    const opened = CreateRoomRequest.fromJson(asked[0]?.body as never, strictly);
    expect(opened.agents).toEqual([]);
    expect(JSON.parse(opened.metadata)).toMatchObject({ attempt_id: ROOM });
  });

  it.each<[string, Answer, object, string[]]>([
    ['cannot be told from lost', 'cut', { kind: 'not_sent' }, [CREATE_ROOM, DELETE_ROOM]],
    [
      'failed inside',
      twirp(500, 'internal'),
      { kind: 'not_sent', because: 'room: livekit_internal' },
      [CREATE_ROOM],
    ],
    ['timed out inside', twirp(408, 'deadline_exceeded'), { kind: 'not_sent' }, [CREATE_ROOM]],
    [
      'found no node',
      twirp(503, 'unavailable'),
      { kind: 'refused', outcome: 'carrier_limit' },
      [CREATE_ROOM],
    ],
    [
      'was one too many',
      twirp(429, 'resource_exhausted'),
      { kind: 'refused', outcome: 'carrier_limit' },
      [CREATE_ROOM],
    ],
    [
      'is not ours to open',
      { status: 401, body: 'invalid API key' },
      { kind: 'refused', outcome: 'our_fault' },
      [CREATE_ROOM],
    ],
    [
      'is told too much',
      twirp(400, 'invalid_argument'),
      { kind: 'refused', outcome: 'our_fault' },
      [CREATE_ROOM],
    ],
    [
      'is somewhere else',
      { status: 307, headers: { location: '/elsewhere' } },
      { kind: 'not_sent' },
      [CREATE_ROOM],
    ],
  ])('rings nobody where the room %s', async (_, answer, expected, methods) => {
    const { provider, asked } = await answering({ [CREATE_ROOM]: answer });
    expect(await provider.originate(REQUEST)).toMatchObject(expected);
    expect(asked.map(({ method }) => method)).toEqual(methods);
  });

  it.each<[string, Answer, object]>([
    [
      'is no such trunk',
      twirp(404, 'not_found'),
      { kind: 'refused', outcome: 'our_fault', because: 'livekit_not_found' },
    ],
    ['is not allowed', twirp(401, 'unauthenticated'), { kind: 'refused', outcome: 'our_fault' }],
    [
      'is a limit with a pause',
      { status: 429, body: { code: 'resource_exhausted' }, headers: { 'retry-after': '7' } },
      { kind: 'refused', outcome: 'carrier_limit', retryAfterSeconds: 7 },
    ],
    [
      'is an end that nobody was to wait for',
      twirp(412, 'failed_precondition', { sip_status_code: '486' }),
      { kind: 'refused', outcome: 'busy' },
    ],
  ])('sends the agent home where the callee %s', async (_, answer, expected) => {
    const { provider, asked } = await answering({ [CALL]: answer });
    expect(await provider.originate(REQUEST)).toMatchObject(expected);
    expect(asked.map(({ method }) => method)).toEqual([CREATE_ROOM, CALL, DELETE_ROOM]);
    expect(DeleteRoomRequest.fromJson(asked[2]?.body as never, strictly).room).toBe(ROOM);
  });

  it.each<[string, Answer, object]>([
    ['the answer is lost', 'cut', { kind: 'unknown' }],
    ['something failed inside', twirp(500, 'internal'), { kind: 'unknown', because: 'livekit_internal' }],
    ['it timed out inside', twirp(408, 'deadline_exceeded'), { kind: 'unknown' }],
    [
      'no node is there to say',
      { status: 503, body: { code: 'unavailable' }, headers: { 'retry-after': '7' } },
      { kind: 'unknown', slowDown: { retryAfterSeconds: 7 } },
    ],
    ['a gateway is in trouble', { status: 502, body: '<html>' }, { kind: 'unknown', because: 'status_502' }],
    ['the answer has no id', { status: 200, body: {} }, { kind: 'unknown', because: 'unreadable_answer' }],
    [
      'the answer is none',
      { status: 200, body: '<html>' },
      { kind: 'unknown', because: 'unreadable_answer' },
    ],
    [
      'it is a redirect, which would be followed to a second call',
      { status: 307, headers: { location: `/twirp/livekit.${CALL}` } },
      { kind: 'unknown' },
    ],
  ])('is asked for once, and left alone, where %s', async (_, answer, expected) => {
    const { provider, asked } = await answering({ [CALL]: answer });
    expect(await provider.originate(REQUEST)).toMatchObject(expected);
    expect(asked.map(({ method }) => method)).toEqual([CREATE_ROOM, CALL]);
  });
});

describe('a look-up at LiveKit', () => {
  const sent = { ...REQUEST, providerCallId: null, sentAt: new Date() };
  const callee = (status: string | null, fields: object = {}) => ({
    identity: ROOM,
    kind: 'SIP',
    joinedAtMs: '1764331200000',
    attributes: { 'sip.callID': 'SCL_1', ...(status === null ? {} : { 'sip.callStatus': status }) },
    ...fields,
  });
  const agent = { identity: 'agent-1', kind: 'AGENT', attributes: {} };

  it.each<[string, object[], object]>([
    ['nobody', [], { kind: 'not_found' }],
    ['the agent alone', [agent], { kind: 'not_found' }],
    [
      'somebody of that name who was not called',
      [{ ...callee('active'), kind: 'STANDARD' }],
      { kind: 'not_found' },
    ],
    ['a callee who is dialled', [agent, callee('dialing')], { kind: 'found', event: { kind: 'initiated' } }],
    [
      'a callee whose phone rings',
      [callee('ringing')],
      { kind: 'found', event: { kind: 'ringing', outcome: null } },
    ],
    [
      'a callee who talks',
      [agent, callee('active')],
      {
        kind: 'found',
        event: { kind: 'answered', providerCallId: 'SCL_1', sequence: null, source: 'lookup' },
      },
    ],
    [
      'a callee in a state nobody knows',
      [callee('levitating')],
      { kind: 'cannot_tell', because: 'unknown_status' },
    ],
    ['a callee without a state', [callee(null)], { kind: 'cannot_tell', because: 'unknown_status' }],
  ])('finds in the attempt’s room %s, and tells so', async (_, participants, expected) => {
    const { provider, asked } = await answering({ [LIST]: { status: 200, body: { participants } } });
    expect(await provider.lookUp(sent)).toMatchObject(expected);
    expect(ListParticipantsRequest.fromJson(asked[0]?.body as never, strictly).room).toBe(ROOM);
    expect(asked[0]?.claims.video).toEqual({ roomAdmin: true, room: ROOM });
  });

  it('takes a second call of the attempt for another one', async () => {
    const { provider } = await answering({
      [LIST]: { status: 200, body: { participants: [callee('ringing')] } },
    });
    expect(await provider.lookUp({ ...sent, providerCallId: 'SCL_1' })).toMatchObject({ kind: 'found' });
    expect(await provider.lookUp({ ...sent, providerCallId: 'SCL_0' })).toEqual({
      kind: 'cannot_tell',
      because: 'another_call_of_the_attempt',
    });
  });

  it.each<[string, Answer, object]>([
    ['there is no room', twirp(404, 'not_found'), { kind: 'not_found' }],
    ['there is no LiveKit', { status: 404, body: '<html>' }, { kind: 'cannot_tell', because: 'status_404' }],
    ['no node answers', twirp(503, 'unavailable'), { kind: 'cannot_tell', because: 'livekit_unavailable' }],
    [
      'the key is not known',
      { status: 401, body: 'invalid API key' },
      { kind: 'cannot_tell', because: 'status_401' },
    ],
    [
      'the answer is none',
      { status: 200, body: '[]' },
      { kind: 'cannot_tell', because: 'unreadable_answer' },
    ],
  ])('tells so where %s', async (_, answer, expected) => {
    const { provider } = await answering({ [LIST]: answer });
    expect(await provider.lookUp(sent)).toEqual(expected);
  });
});

describe('a webhook of LiveKit', () => {
  const provider = livekitAt(1);

  async function signed(
    body: string,
    { apiKey, apiSecret } = ACCOUNT,
    ttl: string | number = '5m',
  ): Promise<IncomingRequest> {
    const token = new AccessToken(apiKey, apiSecret, { ttl });
    token.sha256 = createHash('sha256').update(body).digest('base64');
    const headers = { authorization: await token.toJwt(), 'content-type': 'application/webhook+json' };
    return { path: '/callbacks/livekit', headers, rawBody: Buffer.from(body) };
  }
  const about = (event: string, participant: object | null, more: object = {}) => ({
    event,
    id: 'EV_1',
    createdAt: '1764331260',
    room: { name: ROOM, sid: 'RM_1' },
    ...(participant === null ? {} : { participant }),
    ...more,
  });
  const callee = (more: object = {}) => ({
    identity: ROOM,
    kind: 'SIP',
    joinedAtMs: '1764331200500',
    attributes: { 'sip.callID': 'SCL_1', 'sip.callStatus': 'dialing' },
    ...more,
  });
  const read = async (body: object) => provider.readCallbacks(await signed(JSON.stringify(body)));

  it('tells of a callee who is dialled, by our reference and LiveKit’s own id, under the key of the event', async () => {
    expect(await read(about('participant_joined', callee()))).toEqual([
      {
        eventKey: 'EV_1',
        attemptId: ROOM,
        event: {
          source: 'callback',
          kind: 'initiated',
          at: new Date(1_764_331_200_500),
          sequence: null,
          providerCallId: 'SCL_1',
          answeredAt: null,
          outcome: null,
          durationSeconds: null,
          answeredBy: null,
          converted: false,
          sipCode: null,
          q850: null,
        },
      },
    ]);
  });

  it.each<[string, string, string, string | undefined, object]>([
    ['hung up', 'participant_left', 'CLIENT_INITIATED', 'hangup', { kind: 'ended', outcome: 'answered' }],
    [
      'did not answer',
      'participant_left',
      'USER_UNAVAILABLE',
      'ringing',
      { kind: 'ended', outcome: 'no_answer' },
    ],
    [
      'was never connected to the room',
      'participant_connection_aborted',
      'USER_REJECTED',
      'dialing',
      { kind: 'ended', outcome: 'rejected' },
    ],
    [
      'left for a reason of tomorrow while it rang',
      'participant_left',
      'BEAMED_UP',
      'ringing',
      { kind: 'ringing', outcome: null },
    ],
    [
      'lost the room in the conversation',
      'participant_left',
      'SIGNAL_CLOSE',
      'active',
      { kind: 'answered', outcome: null },
    ],
    [
      'left without a word',
      'participant_left',
      'UNKNOWN_REASON',
      undefined,
      { kind: 'initiated', outcome: null },
    ],
  ])('tells of a callee who %s', async (_, event, disconnectReason, status, expected) => {
    const attributes = {
      'sip.callID': 'SCL_1',
      ...(status === undefined ? {} : { 'sip.callStatus': status }),
    };
    expect((await read(about(event, callee({ attributes, disconnectReason }))))?.[0]?.event).toMatchObject({
      ...expected,
      at: new Date(1_764_331_260_000),
    });
  });

  it('with a reason that nobody knows proves a call, and is counted as such', async () => {
    const left = (disconnectReason: string) => read(about('participant_left', callee({ disconnectReason })));
    expect((await left('BEAMED_UP'))?.[0]).toMatchObject({ isIndeterminate: true, event: { outcome: null } });
    expect((await left('SIGNAL_CLOSE'))?.[0]).not.toHaveProperty('isIndeterminate');
  });

  it.each<[string, object]>([
    ['a room', about('room_started', null)],
    ['a room’s end', about('room_finished', null)],
    ['a track of a callee', about('track_published', callee())],
    ['an agent', about('participant_joined', { identity: 'agent-1', kind: 'AGENT' })],
    ['somebody who listens in', about('participant_joined', { identity: ROOM, kind: 'STANDARD' })],
    [
      'a callee in a room of somebody else',
      about('participant_left', callee(), { room: { name: 'support' } }),
    ],
    ['another callee in a room of ours', about('participant_left', callee({ identity: 'sip_1' }))],
    ['a callee in no room', about('participant_left', callee(), { room: undefined })],
    ['a word of tomorrow', about('participant_levitated', callee())],
  ])('about %s tells nothing of an attempt', async (_, body) => {
    expect(await read(body)).toEqual([]);
  });

  it('is LiveKit’s by key, secret, body and time', async () => {
    const body = JSON.stringify(about('participant_joined', callee()));
    const real = await signed(body);
    expect(await provider.readCallbacks(real)).toHaveLength(1);
    const another = { ...real, rawBody: Buffer.from(body.replace('SCL_1', 'SCL_2')) };
    expect(await provider.readCallbacks(another)).toBeNull();
    expect(await provider.readCallbacks(await signed(body, { ...ACCOUNT, apiKey: 'APIother' }))).toBeNull();
    expect(await provider.readCallbacks(await signed(body, { ...ACCOUNT, apiSecret: 'another' }))).toBeNull();
    expect(await provider.readCallbacks(await signed(body, ACCOUNT, -60))).toBeNull();
    const token = new AccessToken(ACCOUNT.apiKey, ACCOUNT.apiSecret, { ttl: '5m' });
    const withoutDigest = { ...real, headers: { authorization: await token.toJwt() } };
    expect(await provider.readCallbacks(withoutDigest), 'as of a client that joins a room').toBeNull();
    const [head, claims] = (real.headers.authorization as string).split('.');
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    for (const authorization of [`${head}.${claims}.`, `${unsigned}.${claims}.x`, 'Bearer x'])
      expect(await provider.readCallbacks({ ...real, headers: { authorization } })).toBeNull();
  });

  it.each<[string, string]>([
    ['is not JSON', '{'],
    ['is no event', '[]'],
    ['has another shape', JSON.stringify({ event: {}, id: 1 })],
    ['has no id', JSON.stringify(about('participant_joined', callee(), { id: '' }))],
  ])('that is signed and %s is refused', async (_, body) => {
    await expect(Promise.resolve(provider.readCallbacks(await signed(body)))).rejects.toThrow(
      MalformedCallback,
    );
  });
});
