import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '#policy/outcomes.js';
import { reduceEvents } from '#policy/reduce-events.js';
import type { OriginateRequest, SentAttempt, TelephonyProvider } from '#telephony/telephony-provider.js';
import type { CarrierOnTrial, StartedCarrier } from './carrier-on-trial.js';

/** Where the agent runs, unless the carrier reaches others. */
const PLACE = 'wss://voice.example.com/agent';

/** A call is over in some tens of milliseconds; a slow one rings for ever, as far as a test is concerned. */
const QUICK = 2_000;
const SLOW = 0.1;
/** A phone begins to ring within a tenth of a second, and rings for a while. */
const LEISURELY = 10;

/** What a carrier tells less of than the network knows. */
export interface Coarseness {
  /** How many events it tells of a call that a machine answers. */
  events?: number;
  /** What the outcomes come to that it has no word of their own for. */
  words?: Partial<Record<Outcome, Outcome>>;
}

/**
 * What every adapter owes, whatever its carrier: run over a carrier that answers over HTTP, keeps its own ledger, and has
 * the faults and the digits of the simulated one (docs/carrier.md). An adapter without this suite is not finished.
 */
export function describeProvider(
  name: string,
  start: StartedCarrier,
  connectTo: string = PLACE,
  { events, words = {} }: Coarseness = {},
): void {
  const aRequestTo = (digits: string): OriginateRequest => {
    const request = requestTo(digits);
    return { ...request, agent: { ...request.agent, connectTo } };
  };
  let carrier: CarrierOnTrial;
  let provider: TelephonyProvider;

  const open = async (speed: number) => {
    carrier = await start(speed);
    provider = carrier.provider;
  };
  const sent = (request: OriginateRequest, providerCallId: string | null = null): SentAttempt => ({
    attemptId: request.attemptId,
    providerCallId,
    to: request.to,
    from: request.from,
    sentAt: new Date(),
  });
  const requests = () => carrier.lines.filter(({ kind }) => kind === 'request');
  const rings = () => carrier.lines.filter(({ kind }) => kind === 'ring');
  const progressOf = ({ attemptId }: OriginateRequest) =>
    reduceEvents(carrier.told.filter((told) => told.attemptId === attemptId).map(({ event }) => event));

  describe(`${name}, asked for a call`, () => {
    beforeEach(() => open(QUICK));
    afterEach(() => carrier.stop());

    it('accepts, by one request, and tells its own id of the call', async () => {
      const request = aRequestTo('00');
      expect(await provider.originate(request)).toMatchObject({
        kind: 'accepted',
        providerCallId: expect.stringMatching(/^[\x21-\x7e]{1,200}$/),
      });
      expect(requests()).toHaveLength(1);
      expect(requests()[0]).toMatchObject({ to: request.to, from: request.from });
    });

    it('keeps to the ring timeout and the longest call that it is given', async () => {
      await provider.originate({ ...aRequestTo('00'), ringTimeoutSeconds: 17, maxDurationSeconds: 93 });
      expect(requests()[0]).toMatchObject({ ring_timeout_seconds: 17, max_duration_seconds: 93 });
    });

    it('uses the account’s own number where none is named', async () => {
      await provider.originate({ ...aRequestTo('00'), from: null });
      expect(requests()[0]?.from).toMatch(/^\+\d+$/);
    });

    it('tells a limit, with its pause, and rings nobody', async () => {
      expect(await provider.originate(aRequestTo('98'))).toMatchObject({
        kind: 'refused',
        outcome: 'carrier_limit',
        retryAfterSeconds: 1,
      });
      expect(requests()).toHaveLength(1);
      expect(rings()).toHaveLength(0);
    });

    it('tells a definite no to the number, at once or by an event, and rings nobody', async () => {
      const request = aRequestTo('88');
      const placement = await provider.originate(request);
      if (placement.kind === 'accepted') {
        await carrier.whenTold(() => progressOf(request)?.conclusive === true);
        const outcome = words.invalid_number ?? 'invalid_number';
        expect(progressOf(request)).toMatchObject({ outcome, answeredAt: null });
      } else expect(placement).toMatchObject({ kind: 'refused', outcome: 'invalid_number' });
      expect(requests()).toHaveLength(1);
      expect(rings()).toHaveLength(0);
    });

    it.each([
      ['the answer is lost after it rang', '90'],
      ['the carrier fails after it rang', '91'],
    ])('knows nothing where %s, and asks no second time', async (_, digits) => {
      expect((await provider.originate(aRequestTo(digits))).kind).toBe('unknown');
      expect(requests()).toHaveLength(1);
      expect(rings()).toHaveLength(1);
    });

    it('knows nothing where the carrier never answers, and asks no second time', async () => {
      const placement = provider.originate(aRequestTo('92'));
      await carrier.whenLine(({ kind }) => kind === 'request');
      await carrier.stop();
      expect((await placement).kind).toBe('unknown');
      expect(requests()).toHaveLength(1);
    });

    it('has sent nothing where nobody listens', async () => {
      const closed = createServer().listen(0, '127.0.0.1');
      await once(closed, 'listening');
      const { port } = closed.address() as AddressInfo;
      closed.close();
      await once(closed, 'close');
      const unreachable = carrier.providerAt(`http://127.0.0.1:${port}`);
      expect(await unreachable.originate(aRequestTo('00'))).toEqual({
        kind: 'not_sent',
        because: 'ECONNREFUSED',
      });
    });
  });

  describe(`${name}, telling of a call`, () => {
    beforeEach(() => open(QUICK));
    afterEach(() => carrier.stop());

    it.each<[string, string, { outcome: Outcome; answeredBy?: 'machine' }]>([
      ['a conversation', '00', { outcome: 'answered' }],
      ['no answer', '60', { outcome: 'no_answer' }],
      ['a busy line', '70', { outcome: 'busy' }],
      ['a machine', '80', { outcome: 'voicemail', answeredBy: 'machine' }],
      ['a failure of the network', '85', { outcome: 'carrier_failure' }],
      ['a call that was declined', '89', { outcome: 'rejected' }],
      ['a number that does not exist', '99', { outcome: 'invalid_number' }],
    ])('tells of %s, to its end', async (_, digits, expected) => {
      const request = aRequestTo(digits);
      await provider.originate(request);
      await carrier.whenTold(() => progressOf(request)?.conclusive === true);
      const isUnheard = digits === '80' && provider.capabilities.machineDetection === 'none';
      const told = isUnheard ? { outcome: 'answered', answeredBy: null } : expected;
      const outcome = words[expected.outcome] ?? told.outcome;
      expect(progressOf(request)).toMatchObject({ phase: 'ended', ...told, outcome });
      expect(progressOf(request)?.providerCallId).not.toBeNull();
    });

    it('comes to the same when everything is told twice, each time under the same key', async () => {
      await carrier.setFaults({ duplicate_callbacks: 1 });
      const request = aRequestTo('80');
      await provider.originate(request);
      const timesTold = () =>
        [...new Set(carrier.told.map(({ eventKey }) => eventKey))].map(
          (key) => carrier.told.filter(({ eventKey }) => eventKey === key).length,
        );
      await carrier.whenTold(
        () => progressOf(request)?.conclusive === true && timesTold().every((times) => times === 2),
      );
      const isUnheard = provider.capabilities.machineDetection === 'none';
      expect(timesTold()).toEqual(Array(events ?? (isUnheard ? 4 : 5)).fill(2));
      expect(progressOf(request)).toMatchObject({ outcome: isUnheard ? 'answered' : 'voicemail' });
    });

    it('tells of a call whose request was never answered, by our reference and its own id', async () => {
      const request = aRequestTo('90');
      expect((await provider.originate(request)).kind).toBe('unknown');
      await carrier.whenTold(() => progressOf(request)?.conclusive === true);
      expect(progressOf(request)).toMatchObject({ outcome: 'answered' });
      expect(progressOf(request)?.providerCallId).not.toBeNull();
    });

    it('is not believed with a changed body, a changed signature or none', async () => {
      if (provider.capabilities.events === 'socket') {
        // Nothing of it comes by a request, so nobody who sends one is believed.
        expect(provider.claimsSignature({ authorization: 'Basic eA==' })).toBe(false);
        const anything = { path: `/callbacks/${provider.name}`, headers: {}, rawBody: Buffer.from('{}') };
        return expect(await provider.readCallbacks(anything)).toBeNull();
      }
      await provider.originate(aRequestTo('70'));
      await carrier.whenTold(() => carrier.told.length > 0);
      const real = carrier.received.at(-1) as (typeof carrier.received)[number];
      expect(await provider.readCallbacks(real)).toHaveLength(1);
      expect(provider.claimsSignature(real.headers)).toBe(true);
      const changed = Buffer.from(real.rawBody.toString().replace(/initiated|joined/, 'completed'));
      expect(changed).not.toEqual(real.rawBody);
      expect(await provider.readCallbacks({ ...real, rawBody: changed })).toBeNull();
      const forged = Object.fromEntries(
        Object.entries(real.headers).map(([header, value]) => [
          header,
          /signature|authorization/.test(header) ? String(value).replace(/.{5}=?$/, 'AAAA=') : value,
        ]),
      );
      expect(await provider.readCallbacks({ ...real, headers: forged })).toBeNull();
      expect(provider.claimsSignature({})).toBe(false);
      expect(await provider.readCallbacks({ ...real, headers: {} })).toBeNull();
    });
  });

  describe(`${name}, asked about a call`, () => {
    beforeEach(() => open(QUICK));
    afterEach(() => carrier.stop());

    it.each<[string, string]>([
      ['00', 'answered'],
      ['60', 'no_answer'],
      ['70', 'busy'],
      ['93', 'answered'],
    ])('tells by its own id how a call to …%s ended: %s, unless it forgets', async (digits, outcome) => {
      const request = aRequestTo(digits);
      const placement = await provider.originate(request);
      await carrier.whenLine(({ kind }) => kind === 'end');
      const providerCallId = placement.kind === 'accepted' ? placement.providerCallId : null;
      const found = await provider.lookUp(sent(request, providerCallId));
      if (provider.capabilities.lookUp === 'while_alive') return expect(found).toEqual({ kind: 'not_found' });
      expect(found).toMatchObject({
        kind: 'found',
        event: { source: 'lookup', kind: 'ended', outcome, providerCallId },
      });
    });

    it('finds a call whose answer was lost, as surely as it says it can', async () => {
      const request = aRequestTo('90');
      await provider.originate(request);
      await carrier.whenLine(({ kind }) => kind === 'end');
      const found = await provider.lookUp(sent(request));
      const { lookUp } = provider.capabilities;
      if (lookUp === 'none') expect(found.kind).toBe('cannot_tell');
      else if (lookUp === 'while_alive') expect(found).toEqual({ kind: 'not_found' });
      else expect(found).toMatchObject({ kind: 'found', event: { kind: 'ended', outcome: 'answered' } });
      // Under another reference nothing is found by the reference; by likeness the very same call is.
      const other = await provider.lookUp(sent({ ...request, attemptId: randomUUID() }));
      expect(other.kind).toBe(lookUp === 'exact' ? 'not_found' : found.kind);
    });

    it('does not find what was never there', async () => {
      expect(await provider.lookUp(sent(aRequestTo('00')))).toEqual({ kind: 'not_found' });
    });

    it('cannot tell while the carrier does not answer questions', async () => {
      await carrier.setFaults({ lookup_down: 1 });
      expect((await provider.lookUp(sent(aRequestTo('00')))).kind).toBe('cannot_tell');
      await carrier.stop();
      expect((await provider.lookUp(sent(aRequestTo('00')))).kind).toBe('cannot_tell');
    });
  });

  describe(`${name}, with a call that goes on`, () => {
    beforeEach(() => open(LEISURELY));
    afterEach(() => carrier.stop());

    it('finds it, also where the answer to its request was lost, unless it cannot be asked at all', async () => {
      const request = aRequestTo('90');
      expect((await provider.originate(request)).kind).toBe('unknown');
      const found = await provider.lookUp(sent(request));
      if (provider.capabilities.lookUp === 'none') return expect(found.kind).toBe('cannot_tell');
      expect(found).toMatchObject({ kind: 'found', event: { source: 'lookup', kind: 'ringing' } });
    });
  });

  describe(`${name}, asked to hang up`, () => {
    beforeEach(() => open(SLOW));
    afterEach(() => carrier.stop());

    it('ends a call that nobody has answered, and takes it calmly when asked again', async () => {
      const request = aRequestTo('60');
      const placement = await provider.originate(request);
      const providerCallId = placement.kind === 'accepted' ? placement.providerCallId : null;
      const call = { attemptId: request.attemptId, providerCallId };
      await provider.hangUp(call);
      expect(await carrier.whenLine(({ kind }) => kind === 'end')).toMatchObject({ status: 'canceled' });
      await carrier.whenTold(() => progressOf(request)?.phase === 'ended');
      expect(progressOf(request)).toMatchObject({ outcome: 'cancelled' });
      await provider.hangUp(call);
      expect(carrier.lines.filter(({ kind }) => kind === 'end')).toHaveLength(1);
    });

    it('does nothing for a call that it cannot name, or that is not there', async () => {
      await provider.originate(aRequestTo('60'));
      await provider.hangUp({ attemptId: randomUUID(), providerCallId: null });
      await provider.hangUp({ attemptId: randomUUID(), providerCallId: `CA${'0'.repeat(32)}` });
      expect(carrier.lines.filter(({ kind }) => kind === 'end')).toHaveLength(0);
    });
  });
}

let numbersMade = 0;

/** A request to a number nobody has called yet, with these last two digits. */
export function requestTo(digits: string): OriginateRequest {
  numbersMade += 1;
  return {
    attemptId: randomUUID(),
    callId: randomUUID(),
    environmentId: randomUUID(),
    to: `+1202555${String(numbersMade).padStart(2, '0')}${digits}`,
    from: '+12025550123',
    ringTimeoutSeconds: 30,
    maxDurationSeconds: 60,
    agent: {
      id: randomUUID(),
      name: 'Reminder',
      label: 'reminder',
      language: 'en-US',
      description: 'You remind people.',
      initialMessage: null,
      whoSpeaksFirst: 'agent',
      enableRecording: false,
      connectTo: PLACE,
    },
    variables: {},
    notAfter: new Date('2099-01-01'),
  };
}
