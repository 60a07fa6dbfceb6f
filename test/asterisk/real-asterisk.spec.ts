import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AriProvider } from '#telephony/ari/ari.provider.js';
import { AriRequests } from '#telephony/ari/ari-requests.js';
import { reduceEvents } from '#policy/reduce-events.js';
import type { CarrierCallback, EventSocket, OriginateRequest } from '#telephony/telephony-provider.js';
import { requestTo } from '../telephony/provider-contract.js';

const { ARI_URL, ARI_USER = 'ringfence', ARI_PASSWORD = '', SIPP_PORT = '5080' } = process.env;
const { ARI_ENDPOINT = 'PJSIP/{to}@trunk' } = process.env;

const ACCESS = { url: ARI_URL ?? '', user: ARI_USER, password: ARI_PASSWORD };

/** Applications of this test alone: of the house, and of the agent that calls are handed to. */
const APP = 'ringfence-test';
const AGENT_APP = 'ringfence-test-agent';

/** A call rings, is answered after a second, and lasts for two more. */
const PATIENCE_MS = 20_000;

/** Skipped unless ARI_URL leads to a real Asterisk: README.md beside this says how one is set up. */
describe.skipIf(ARI_URL === undefined)('a real Asterisk, dialling a SIP carrier', () => {
  const provider = new AriProvider(ACCESS, { app: APP, endpoint: ARI_ENDPOINT, from: '+12025550188' });
  const agent = new AriProvider(ACCESS, { app: AGENT_APP, endpoint: ARI_ENDPOINT, from: '+12025550188' });
  const requests = new AriRequests(ACCESS);
  const told: CarrierCallback[] = [];
  const news = new EventEmitter().setMaxListeners(0);
  const sockets: EventSocket[] = [];
  let carrier: ChildProcess;
  let maxDurationSeconds = 60;

  beforeAll(async () => {
    const scenario = resolve('test/asterisk/carrier.xml');
    const at = ['-i', '127.0.0.1', '-p', SIPP_PORT, '-mi', '127.0.0.1', '-mp', '16000'];
    carrier = spawn('sipp', ['-sf', scenario, ...at, '-nostdin'], { stdio: 'ignore' });
    await once(carrier, 'spawn');
    const hear = (of: AriProvider, answered: (attemptId: string) => void) =>
      of.listening.open({
        told: (callbacks) => {
          told.push(...callbacks);
          news.emit('news');
        },
        answered: ({ attemptId }) => answered(attemptId),
        closed: () => undefined,
      });
    sockets.push(await hear(agent, () => undefined));
    sockets.push(
      await hear(provider, (attemptId) => {
        const { callId, from, agent: known } = request('00');
        const connection = { callId, attemptId, from, agent: known, maxDurationSeconds };
        void provider.listening.connect(connection);
      }),
    );
  });

  afterAll(() => {
    for (const socket of sockets) socket.close();
    carrier.kill();
  });

  function request(digits: string): OriginateRequest {
    const plain = requestTo(digits);
    return {
      ...plain,
      ringTimeoutSeconds: 6,
      agent: { ...plain.agent, connectTo: `stasis:${AGENT_APP}` },
    };
  }

  const progressOf = (attemptId: string) =>
    reduceEvents(told.filter((one) => one.attemptId === attemptId).map(({ event }) => event));

  async function until(holds: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    while (!holds()) await once(news, 'news', { signal });
  }

  it.each([
    ['a conversation', '00', { outcome: 'answered', answeredAt: expect.any(Date) as Date }],
    ['no answer', '60', { outcome: 'no_answer' }],
    ['a busy line', '70', { outcome: 'busy', q850: 17 }],
    ['a congested network', '85', { outcome: 'carrier_failure' }],
    ['a call that was declined', '89', { outcome: 'rejected' }],
    ['a number that does not exist', '99', { outcome: 'invalid_number' }],
  ])(
    'tells of %s (…%s), to its end',
    async (_, digits, expected) => {
      const asked = request(digits);
      const { attemptId } = asked;
      expect(await provider.originate(asked)).toEqual({ kind: 'accepted', providerCallId: attemptId });
      await until(() => progressOf(attemptId)?.conclusive === true);
      expect(progressOf(attemptId)).toMatchObject(expected);
      expect(await provider.lookUp({ attemptId }), 'it has forgotten the call').toEqual({
        kind: 'not_found',
      });
    },
    PATIENCE_MS + 5_000,
  );

  it(
    'refuses a second creation and a second dial, finds the call meanwhile, and ends it when asked',
    async () => {
      const asked = request('61');
      const { attemptId } = asked;
      await provider.originate(asked);
      await until(() => progressOf(attemptId)?.phase === 'ringing');
      expect(await provider.originate(asked)).toEqual({ kind: 'unknown', because: 'channel_exists' });
      const dial = { method: 'POST', path: ['channels', attemptId, 'dial'], timeoutSeconds: 5 } as const;
      expect(await requests.send(dial)).toMatchObject({ status: 409 });
      expect(await provider.lookUp({ attemptId })).toMatchObject({ event: { kind: 'ringing' } });
      await provider.hangUp({ attemptId });
      await until(() => progressOf(attemptId)?.phase === 'ended');
      expect(progressOf(attemptId)).toMatchObject({ outcome: 'cancelled' });
    },
    PATIENCE_MS + 5_000,
  );

  it(
    'ends an answered call by itself when its longest time is over',
    async () => {
      maxDurationSeconds = 1;
      const asked = request('01');
      await provider.originate(asked);
      await until(() => progressOf(asked.attemptId)?.phase === 'ended');
      expect(progressOf(asked.attemptId)).toMatchObject({ outcome: 'answered', durationSeconds: 1 });
    },
    PATIENCE_MS + 5_000,
  );

  it(
    'withdraws a channel that was not dialled without telling of an end',
    async () => {
      const asked = request('62');
      const { attemptId } = asked;
      const body = { endpoint: ARI_ENDPOINT.replace('{to}', asked.to), app: APP, channelId: attemptId };
      const create = { method: 'POST', path: ['channels', 'create'], body, timeoutSeconds: 5 } as const;
      expect(await requests.send(create)).toMatchObject({ status: 200 });
      const query = { reason: 'answered_elsewhere' };
      const remove = { method: 'DELETE', path: ['channels', attemptId], query, timeoutSeconds: 5 } as const;
      expect(await requests.send(remove)).toMatchObject({ status: 204 });
      // A call after it: by its end, that of the withdrawn channel would have been told.
      const next = request('70');
      await provider.originate(next);
      await until(() => progressOf(next.attemptId)?.conclusive === true);
      expect(progressOf(attemptId)).toBeNull();
    },
    PATIENCE_MS + 5_000,
  );
});
