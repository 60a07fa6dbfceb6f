import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { readMessage } from '#telephony/ari/ari-events.js';
import { AriProvider } from '#telephony/ari/ari.provider.js';
import type { CallConnection, SocketEars, WaitingCall } from '#telephony/telephony-provider.js';
import { AriDescription, type OperationName } from '../ari-twin/description.js';
import { requestTo } from './provider-contract.js';

const LOGIN = { user: 'ringfence', password: 'a password' };
const TRUNK = { app: 'ringfence', endpoint: 'PJSIP/{to}@trunk', from: '+12025550188' };
const PLAIN = requestTo('00');
const REQUEST = { ...PLAIN, agent: { ...PLAIN.agent, connectTo: 'stasis:voice-agent' } };
const ID = REQUEST.attemptId;

let peer: Server | undefined;

afterEach(() => {
  peer?.closeAllConnections();
  peer?.close();
  peer = undefined;
});

interface Asked {
  of: OperationName;
  path: string;
  query: Record<string, string>;
  body: Record<string, unknown>;
  authorization: string | undefined;
}

/** What is answered to one kind of request: a status, with a body; `lost`: the connection is cut; `never`: nothing at all. */
type Answer = number | [number, object] | [number, object, Record<string, string>] | 'lost' | 'never';

const channel = (state: string, app = 'Stasis') => ({ id: ID, state, dialplan: { app_name: app } });

/** Asterisk, answering each kind of request in turn (the last answer again and again), and what it was asked. */
async function answering(
  answers: Partial<Record<OperationName, Answer | Answer[]>>,
): Promise<{ provider: AriProvider; asked: Asked[]; of: (name: OperationName) => Asked[] }> {
  const asked: Asked[] = [];
  const left = new Map(
    Object.entries(answers).map(([name, given]) => [name, isList(given) ? [...given] : [given]]),
  );
  peer = createServer((request, response) => {
    let text = '';
    request.on('data', (piece: Buffer) => (text += piece.toString()));
    request.on('end', () => {
      const of = operationOf(request);
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://here');
      const { authorization } = request.headers;
      const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
      asked.push({ of, path: pathname, query: Object.fromEntries(searchParams), body, authorization });
      const turns = left.get(of) ?? [204];
      reply(response, (turns.length > 1 ? turns.shift() : turns[0]) as Answer);
    });
  }).listen(0, '127.0.0.1');
  await once(peer, 'listening');
  const { port } = peer.address() as AddressInfo;
  const provider = new AriProvider({ ...LOGIN, url: `http://127.0.0.1:${port}` }, TRUNK);
  return { provider, asked, of: (name) => asked.filter((one) => one.of === name) };
}

function isList(given: Answer | Answer[]): given is Answer[] {
  return Array.isArray(given) && (Array.isArray(given[0]) || typeof given[1] !== 'object');
}

function reply(response: ServerResponse, answer: Answer): void {
  if (answer === 'never') return;
  if (answer === 'lost') return void response.destroy();
  const [status, body = {}, headers = {}] = Array.isArray(answer) ? answer : [answer];
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function operationOf({ method, url = '' }: IncomingMessage): OperationName {
  const path = url.replace(/\?.*$/, '');
  if (path.endsWith('/create')) return 'create';
  if (path.includes('/applications/')) return 'application';
  if (path.endsWith('/variable')) return method === 'GET' ? 'getVariable' : 'setVariable';
  for (const verb of ['dial', 'continue', 'move'] as const) if (path.endsWith(`/${verb}`)) return verb;
  return method === 'DELETE' ? 'hangUp' : 'show';
}

const CREATED: Answer = [200, channel('Down')];

describe('a call through Asterisk', () => {
  it('is two requests that ARI’s description lets pass, and holds no number in an address', async () => {
    const { provider, asked } = await answering({ create: CREATED });
    expect(await provider.originate(REQUEST)).toEqual({ kind: 'accepted', providerCallId: ID });
    const [create, dial] = asked as [Asked, Asked];
    expect(asked.map(({ path }) => path)).toEqual(['/ari/channels/create', `/ari/channels/${ID}/dial`]);
    expect(create).toMatchObject({ query: {}, authorization: `Basic ${btoa('ringfence:a password')}` });
    expect(create.body).toEqual({
      endpoint: `PJSIP/${REQUEST.to}@trunk`,
      app: 'ringfence',
      channelId: ID,
      variables: {
        'CONNECTEDLINE(num,i)': '+12025550123',
        'CALLERID(num)': '+12025550123',
        'TIMEOUT(absolute)': '90',
        RINGFENCE_CALL_ID: REQUEST.callId,
        RINGFENCE_ATTEMPT_ID: ID,
        RINGFENCE_AGENT_ID: REQUEST.agent.id,
        RINGFENCE_LANGUAGE: 'en-US',
      },
    });
    expect(dial.query).toEqual({ timeout: '30' });
    const description = new AriDescription();
    expect(description.mistakesInRequest('create', create.body)).toEqual([]);
    expect(description.mistakesInRequest('dial', dial.query)).toEqual([]);
  });

  it('dials the number as the trunk wants it', async () => {
    const { provider, asked } = await answering({ create: CREATED });
    Object.assign(provider, { trunk: { ...TRUNK, endpoint: 'PJSIP/{digits}@trunk' } });
    await provider.originate(REQUEST);
    expect(asked[0]?.body.endpoint).toBe(`PJSIP/${REQUEST.to.slice(1)}@trunk`);
  });

  it.each([
    ['no place', null, 'agent_has_no_place'],
    ['the application that the house itself listens as', 'stasis:ringfence', 'agent_place_is_ari_app'],
    ['a place that Asterisk does not reach', 'wss://voice.example.com', 'agent_place_is_of_another_carrier'],
  ])('is not made at all for an agent that has %s: our fault', async (_, connectTo, because) => {
    const { provider, asked } = await answering({});
    const request = { ...REQUEST, agent: { ...REQUEST.agent, connectTo } };
    expect(await provider.originate(request)).toMatchObject({ outcome: 'our_fault', because });
    expect(asked).toHaveLength(0);
  });
});

const LIMIT = { kind: 'refused', outcome: 'carrier_limit', retryAfterSeconds: 7 };
const PAUSE: [object, Record<string, string>] = [{}, { 'retry-after': '7' }];

describe('a channel that is not created', () => {
  it.each<[string, Answer, object, boolean]>([
    [
      'Asterisk fails, as where the trunk is not there',
      500,
      { kind: 'not_sent', because: 'create_status_500' },
      true,
    ],
    ['the answer is lost', 'lost', { kind: 'not_sent', because: 'ECONNRESET' }, true],
    ['a proxy waited too long', 504, { kind: 'not_sent', because: 'create_status_504' }, true],
    ['a redirect, which would be followed elsewhere', 307, { kind: 'not_sent' }, true],
    ['too many requests', [429, ...PAUSE], LIMIT, false],
    ['Asterisk, or a proxy, has no room', [503, ...PAUSE], LIMIT, false],
    [
      'the request is wrong',
      400,
      { kind: 'refused', outcome: 'our_fault', because: 'create_status_400' },
      false,
    ],
    [
      'the password is wrong',
      401,
      { kind: 'refused', outcome: 'our_fault', because: 'create_status_401' },
      false,
    ],
    ['ARI is not there', 404, { kind: 'refused', outcome: 'our_fault', because: 'create_status_404' }, false],
    [
      'another request of the same attempt made one',
      409,
      { kind: 'unknown', because: 'channel_exists' },
      false,
    ],
  ])(
    'since %s is never dialled, and taken away where it may be there',
    async (_, answer, expected, isTaken) => {
      const { provider, of } = await answering({ create: answer });
      expect(await provider.originate(REQUEST)).toMatchObject(expected);
      expect(of('create')).toHaveLength(1);
      expect(of('dial')).toHaveLength(0);
      expect(of('hangUp').map(({ query }) => query.reason)).toEqual(isTaken ? ['answered_elsewhere'] : []);
    },
  );
});

describe('a channel that was created and is to be dialled', () => {
  it.each<[string, Answer, object, boolean]>([
    ['the answer is lost', 'lost', { kind: 'unknown', because: 'ECONNRESET' }, false],
    ['Asterisk fails', 500, { kind: 'unknown', because: 'dial_status_500' }, false],
    [
      'a proxy is overloaded',
      [503, ...PAUSE],
      { kind: 'unknown', slowDown: { retryAfterSeconds: 7 } },
      false,
    ],
    ['a proxy redirects', 307, { kind: 'unknown' }, false],
    ['the channel has ended meanwhile', 404, { kind: 'not_sent', because: 'channel_gone' }, false],
    ['too many requests', [429, ...PAUSE], LIMIT, true],
    [
      'the password has changed',
      401,
      { kind: 'refused', outcome: 'our_fault', because: 'dial_status_401' },
      true,
    ],
  ])('comes to what follows: %s', async (_, answer, expected, isTaken) => {
    const { provider, of } = await answering({ create: CREATED, dial: answer });
    expect(await provider.originate(REQUEST)).toMatchObject(expected);
    expect(of('dial')).toHaveLength(1);
    expect(of('hangUp')).toHaveLength(isTaken ? 1 : 0);
  });

  it('is dialled again where Asterisk refused because the channel was too young', async () => {
    const { provider, of } = await answering({
      create: CREATED,
      dial: [409, 409, 204],
      show: [200, channel('Down')],
    });
    expect(await provider.originate(REQUEST)).toMatchObject({ kind: 'accepted' });
    expect(of('dial')).toHaveLength(3);
  });

  it('is given up where it never comes into the application', async () => {
    const { provider, of } = await answering({ create: CREATED, dial: 409, show: [200, channel('Down')] });
    expect(await provider.originate(REQUEST)).toEqual({
      kind: 'not_sent',
      because: 'channel_not_in_application',
    });
    expect(of('hangUp')).toHaveLength(1);
  });

  it.each<[string, Answer, object]>([
    [
      'it rings: somebody has dialled it',
      [200, channel('Ringing')],
      { kind: 'unknown', because: 'dialled_before' },
    ],
    ['nobody can tell', 500, { kind: 'unknown', because: 'dialled_before' }],
    ['it is gone', 404, { kind: 'not_sent', because: 'channel_gone' }],
  ])('is not dialled again where Asterisk refused and %s', async (_, shown, expected) => {
    const { provider, of } = await answering({ create: CREATED, dial: 409, show: shown });
    expect(await provider.originate(REQUEST)).toEqual(expected);
    expect(of('dial')).toHaveLength(1);
    expect(of('hangUp')).toHaveLength(0);
  });
});

describe('a look-up at Asterisk', () => {
  it.each<[string, Answer, object]>([
    ['rings', [200, channel('Ringing')], { kind: 'found', event: { kind: 'ringing', providerCallId: ID } }],
    ['was answered', [200, channel('Up')], { kind: 'found', event: { kind: 'answered', source: 'lookup' } }],
    [
      'was not dialled, or does not ring yet',
      [200, channel('Down')],
      { kind: 'cannot_tell', because: 'not_ringing' },
    ],
    [
      'is in a state nobody knows',
      [200, channel('Levitating')],
      { kind: 'cannot_tell', because: 'unknown_status' },
    ],
    ['is another’s', [200, { ...channel('Up'), id: REQUEST.callId }], { kind: 'cannot_tell' }],
    ['is not there, or not any more', 404, { kind: 'not_found' }],
    ['cannot be asked about', 500, { kind: 'cannot_tell', because: 'status_500' }],
  ])('of a channel that %s', async (_, shown, expected) => {
    const { provider } = await answering({ show: shown });
    expect(await provider.lookUp({ attemptId: ID })).toMatchObject(expected);
  });
});

const EVENT = { application: 'ringfence', timestamp: '2026-11-28T12:00:00.250+0000' };

describe('a message of Asterisk', () => {
  const read = (message: object) => readMessage(JSON.stringify({ ...EVENT, ...message }), 0);
  const whole = { ...channel('Up'), state: 'Ringing' };

  it.each<[string, object, object]>([
    ['a dial', { type: 'Dial', peer: channel('Down'), dialstatus: '' }, { kind: 'initiated' }],
    ['ringing', { type: 'ChannelStateChange', channel: whole }, { kind: 'ringing' }],
    ['an answer', { type: 'ChannelStateChange', channel: channel('Up') }, { kind: 'answered' }],
    [
      'an end',
      { type: 'ChannelDestroyed', channel: whole, cause: 21, cause_txt: '', tech_cause: 603 },
      { kind: 'ended', outcome: 'rejected', q850: 21, sipCode: 603 },
    ],
    [
      'an end without a cause',
      { type: 'ChannelDestroyed', channel: channel('Down'), cause: 0, cause_txt: '' },
      { kind: 'ended', outcome: 'carrier_failure', q850: null, sipCode: null },
    ],
  ])('tells of %s', (_, message, expected) => {
    const { callback } = read(message);
    expect(callback).toMatchObject({
      attemptId: ID,
      event: { ...expected, providerCallId: ID, sequence: null },
    });
    expect(callback?.event.at).toEqual(new Date('2026-11-28T12:00:00.250Z'));
  });

  it('of an answer says that a call waits for its agent, and of another socket that this one is over', () => {
    expect(read({ type: 'ChannelStateChange', channel: channel('Up') }).answered).toEqual({
      attemptId: ID,
      providerCallId: ID,
    });
    expect(read({ type: 'ChannelStateChange', channel: whole }).answered).toBeNull();
    expect(read({ type: 'ApplicationReplaced' }).isReplaced).toBe(true);
  });

  it.each<[string, string]>([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['nothing', 'null'],
    ['a type nobody knows', JSON.stringify({ ...EVENT, type: 'constructor', channel: channel('Up') })],
    [
      'a channel of others',
      JSON.stringify({ ...EVENT, type: 'ChannelStateChange', channel: { id: '17.4', state: 'Up' } }),
    ],
    [
      'a state nobody knows',
      JSON.stringify({ ...EVENT, type: 'ChannelStateChange', channel: channel('Up!') }),
    ],
    ['no channel', JSON.stringify({ ...EVENT, type: 'ChannelDestroyed', cause: 16 })],
    [
      'a creation, which rings nobody',
      JSON.stringify({ ...EVENT, type: 'StasisStart', args: [], channel: channel('Down') }),
    ],
    [
      'a withdrawal, which is no end of a call',
      JSON.stringify({ ...EVENT, type: 'ChannelDestroyed', cause: 26, channel: channel('Down') }),
    ],
  ])('that is %s tells nothing', (_, text) => {
    expect(readMessage(text, 0)).toEqual({ callback: null, answered: null, isReplaced: false });
  });
});

describe('an answered call', () => {
  const connection = (connectTo: string | null): CallConnection => ({
    callId: 'c1',
    attemptId: ID,
    agent: { id: 'g1', language: 'en-US', connectTo },
    from: null,
    maxDurationSeconds: 60,
  });

  it.each<[string, string, OperationName, object]>([
    ['an application', 'stasis:voice-agent', 'move', { app: 'voice-agent', appArgs: `c1,${ID},g1,en-US` }],
    ['a context', 'dialplan:agents', 'continue', { context: 'agents', extension: 's', priority: '1' }],
    [
      'an extension',
      'dialplan:agents,reminder',
      'continue',
      { context: 'agents', extension: 'reminder', priority: '1' },
    ],
    [
      'a server',
      'audiosocket://10.0.0.7:9092',
      'continue',
      { context: 'ringfence-audiosocket', extension: 's', priority: '1' },
    ],
  ])('is handed to %s, with its longest time from now, once', async (_, connectTo, verb, query) => {
    const { provider, asked, of } = await answering({});
    expect(await provider.listening.connect(connection(connectTo))).toBe('connected');
    expect(of(verb).map((one) => one.query)).toEqual([query]);
    expect(new AriDescription().mistakesInRequest(verb, query)).toEqual([]);
    const before = asked
      .slice(
        0,
        asked.findIndex((one) => one.of === verb),
      )
      .map((one) => one.query);
    expect(before).toContainEqual({ variable: 'TIMEOUT(absolute)', value: '60' });
    if (connectTo.startsWith('audiosocket'))
      expect(before).toContainEqual({ variable: 'RINGFENCE_AUDIOSOCKET', value: '10.0.0.7:9092' });
    expect(asked.at(-1)?.query).toEqual({ variable: 'RINGFENCE_CONNECTED', value: '1' });
  });

  it.each<[string, Answer, string]>([
    ['has ended', 404, 'over'],
    ['was handed over before', 409, 'over'],
    ['cannot be handed over now', 500, 'failed'],
    ['was perhaps handed over', 'lost', 'failed'],
  ])('that %s', async (_, answer, expected) => {
    const { provider } = await answering({ move: answer });
    expect(await provider.listening.connect(connection('stasis:voice-agent'))).toBe(expected);
  });

  it('waits where it cannot be told what it is to go by', async () => {
    const { provider, of } = await answering({ setVariable: 500 });
    const connectTo = 'audiosocket://10.0.0.7:9092';
    expect(await provider.listening.connect(connection(connectTo))).toBe('failed');
    expect(of('continue')).toEqual([]);
  });

  it('is hung up where its agent has lost its place', async () => {
    const { provider, of } = await answering({});
    expect(await provider.listening.connect(connection(null))).toBe('over');
    expect(of('hangUp')).toHaveLength(1);
  });

  it.each<[string, Partial<Record<OperationName, Answer>>, boolean]>([
    ['answered, and nobody has it', { show: [200, channel('Up')], getVariable: 404 }, true],
    [
      'answered, and its agent has it in an application',
      { show: [200, channel('Up')], getVariable: [200, { value: '1' }] },
      false,
    ],
    ['answered, and in the dialplan', { show: [200, channel('Up', 'AudioSocket')] }, false],
    ['ringing', { show: [200, channel('Ringing')] }, false],
    ['gone', { show: 404 }, false],
  ])('is found by whoever listens next where it is %s: %j', async (_, answers, isWaiting) => {
    const ids = { channel_ids: [ID, '17.4'] };
    const { provider } = await answering({ application: [200, ids], ...answers });
    const found: WaitingCall[] = [];
    await provider.listening.waiting((call) => found.push(call));
    expect(found).toEqual(isWaiting ? [{ attemptId: ID, providerCallId: ID }] : []);
  });

  it('is found though Asterisk cannot say so of others, which it is asked about again', async () => {
    const other = '00000000-0000-4000-8000-000000000000';
    const { provider, of } = await answering({ application: [200, { channel_ids: [ID, other] }], show: 503 });
    const waits = provider.listening.waiting(() => undefined);
    await expect(waits).rejects.toThrow('of 2 channels nobody knows');
    expect(of('show')).toHaveLength(6);
  });
});

describe('the socket of events', () => {
  /** Asterisk with a socket: what it does with whoever comes. */
  async function socketPeer(isApplicationThere: boolean, autoPong = true) {
    const { provider } = await answering({
      application: isApplicationThere ? [200, { channel_ids: [] }] : 404,
    });
    const server = new WebSocketServer({ server: peer as Server, path: '/ari/events', autoPong });
    const opened = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
    return { provider, opened };
  }

  function ears() {
    const heard: string[] = [];
    let tell = () => undefined as void;
    const something = () => new Promise<void>((resolve) => (tell = resolve));
    const note = (what: string) => {
      heard.push(what);
      tell();
    };
    const these: SocketEars = {
      told: (callbacks) => note(callbacks.map(({ eventKey }) => eventKey).join()),
      answered: ({ attemptId }) => note(`answered ${attemptId}`),
      closed: (because) => note(`closed: ${because}`),
    };
    return { heard, something, these };
  }

  it('is opened for the application, with a password in no address, and hands on what it is told', async () => {
    const { provider, opened } = await socketPeer(true);
    const { heard, something, these } = ears();
    const socket = await provider.listening.open(these);
    const [served, { url, headers }] = await opened;
    expect(url).toBe('/ari/events?app=ringfence');
    expect(headers.authorization).toBe(`Basic ${btoa('ringfence:a password')}`);
    expect(socket.isAlive()).toBe(true);
    const told = something();
    served.send(JSON.stringify({ ...EVENT, type: 'ChannelStateChange', channel: channel('Ringing') }));
    await told;
    expect(heard).toEqual([`${ID}:ringing`]);
    const replaced = something();
    served.send(JSON.stringify({ ...EVENT, type: 'ApplicationReplaced' }));
    await replaced;
    expect(heard.at(-1)).toBe('closed: replaced');
    expect(socket.isAlive()).toBe(false);
  });

  it('does not stand where Asterisk does not know the application then', async () => {
    const { provider } = await socketPeer(false);
    await expect(provider.listening.open(ears().these)).rejects.toThrow('application_status_404');
  });

  it('does not stand where nobody takes it', async () => {
    const { provider } = await answering({});
    await expect(provider.listening.open(ears().these)).rejects.toThrow();
  });

  it('is over when the other side ends it, and says so once', async () => {
    const { provider, opened } = await socketPeer(true);
    const { heard, something, these } = ears();
    const socket = await provider.listening.open(these);
    const over = something();
    (await opened)[0].terminate();
    await over;
    socket.close();
    expect(heard).toEqual([expect.stringMatching(/^closed: /)]);
    expect(socket.isAlive()).toBe(false);
  });
});
