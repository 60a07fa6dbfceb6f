import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CarrierUnderTest, numberEnding, readLines, type CallbackBody } from './carrier-under-test.js';

let carrier: CarrierUnderTest;
beforeEach(async () => {
  carrier = await CarrierUnderTest.started();
});
afterEach(() => carrier.stop());

const types = (received: CallbackBody[]) => received.map(({ type }) => type);
const TALK = ['initiated', 'ringing', 'answered', 'completed'];

describe('the digits of the number', () => {
  it.each([
    [0, 201, 1, TALK],
    [59, 201, 1, TALK],
    [60, 201, 1, ['initiated', 'ringing', 'no_answer']],
    [70, 201, 0, ['initiated', 'busy']],
    [80, 201, 1, ['initiated', 'ringing', 'answered', 'machine', 'completed']],
    [85, 201, 0, ['initiated', 'failed']],
    [89, 201, 1, ['initiated', 'ringing', 'rejected']],
    [90, null, 1, TALK],
    [91, 500, 1, TALK],
    [95, 201, 1, TALK],
    [96, 201, 0, ['initiated', 'busy']],
    [97, 201, 1, ['initiated', 'ringing', 'no_answer']],
    [99, 201, 0, ['initiated', 'failed']],
  ])('%i: answers %s, rings %i times and tells %j in order', async (digits, status, rings, events) => {
    const id = randomUUID();
    expect(await carrier.postedStatus(numberEnding(digits), { id })).toBe(status);
    const received = await carrier.receiver.whenReceived(id, events.length);
    expect(types(received)).toEqual(events);
    expect(received.map(({ sequence }) => sequence)).toEqual(events.map((_type, index) => index + 1));
    expect(new Set(received.map((body) => body.event_id)).size).toBe(events.length);
    expect(carrier.receiver.unsigned).toBe(0);
    expect(carrier.of(id, 'ring')).toHaveLength(rings);

    const { at, type, ...told } = received.at(-1)!;
    const { provider_call_id, duration_seconds, answered_by = null, sip_code, q850 = null, converted } = told;
    expect(converted).toBe(digits === 95);
    const common = { provider_call_id, duration_seconds, sip_code, converted };
    const state = { ...common, id, answered_by, q850, status: type, ended_at: at, sequence: events.length };
    expect((await carrier.lookUp(id)).body).toMatchObject(state);
    expect(carrier.of(id, 'end')).toMatchObject([{ ...common, status: type, at }]);
  });

  it('90 and 91: lose the answer after the phone rang, not before', async () => {
    const slow = await CarrierUnderTest.started({ speed: 10 });
    for (const digits of [90, 91]) {
      const id = randomUUID();
      expect(await slow.postedStatus(numberEnding(digits), { id })).not.toBe(201);
      expect(slow.of(id, 'ring')).toHaveLength(1);
    }
    await slow.stop();
  });

  it('88: says no at once', async () => {
    const refused = await carrier.post(numberEnding(88));
    expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'invalid_number' }]);
    expect(carrier.lines).toMatchObject([{ kind: 'request', result: 'invalid_number' }]);
  });

  it('92: never answers, never rings, and has never heard of the call', async () => {
    const [id, later, leaving] = [randomUUID(), randomUUID(), new AbortController()];
    const answer = carrier.postedStatus(numberEnding(92), { id }, leaving.signal);
    expect((await carrier.whenLine(id, 'request')).result).toBe('hung');
    await carrier.post(numberEnding(0), { id: later });
    await carrier.whenLine(later, 'end');
    expect((await carrier.lookUp(id)).status).toBe(404);
    leaving.abort();
    expect(await answer).toBeNull();
    expect(carrier.lines.filter((line) => line.id === id)).toHaveLength(1);
  });

  it('93: completes in silence', async () => {
    const [id, later] = [randomUUID(), randomUUID()];
    await carrier.post(numberEnding(93), { id });
    await carrier.whenLine(id, 'end');
    await carrier.post(numberEnding(0), { id: later });
    await carrier.receiver.whenReceived(later, 4);
    expect(carrier.receiver.of(id)).toEqual([]);
    expect((await carrier.lookUp(id)).body).toMatchObject({
      status: 'completed',
      answered_by: 'human',
      sequence: 4,
    });
  });

  it('94: tells everything three times, in shuffled order', async () => {
    const id = randomUUID();
    await carrier.post(numberEnding(94), { id });
    const received = await carrier.receiver.whenReceived(id, 12);
    expect(types(received).toSorted()).toEqual([...TALK, ...TALK, ...TALK].toSorted());
    expect(new Set(received.map((body) => body.event_id)).size).toBe(4);
    const order = received.map(({ sequence }) => sequence);
    expect(order).not.toEqual(order.toSorted());
  });

  it('96 and 97: are answered at the second and at the third attempt', async () => {
    for (const [digits, ends] of [
      [96, ['busy', 'completed']],
      [97, ['no_answer', 'no_answer', 'completed']],
    ] as const) {
      const to = numberEnding(digits);
      for (const end of ends) {
        const id = randomUUID();
        await carrier.post(to, { id });
        expect((await carrier.whenLine(id, 'end')).status).toBe(end);
      }
    }
  });

  it('98: asks twice to come back later', async () => {
    const to = numberEnding(98);
    for (const [status, retryAfter] of [
      [429, '1'],
      [429, '1'],
      [201, null],
    ]) {
      const response = await carrier.post(to);
      expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter]);
    }
  });
});

describe('requests', () => {
  it('ring again when their id is repeated, and not when the carrier is idempotent', async () => {
    const [id, to] = [randomUUID(), numberEnding(1)];
    const answers = [await carrier.post(to, { id }), await carrier.post(to, { id })];
    await carrier.putFaults({ idempotent: true });
    answers.push(await carrier.post(to, { id, not_after: '2020-01-01T00:00:00Z' }));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 200]);
    const bodies = await Promise.all(answers.map((answer) => answer.json() as Promise<CallbackBody>));
    const [first, second] = bodies.map((body) => String(body.provider_call_id));
    expect(bodies[1]).toEqual({ id, provider_call_id: second, status: 'accepted' });
    expect(bodies[2]).toEqual(bodies[1]);
    expect(first).not.toBe(second);
    await carrier.whenLine(id, 'end', 2);
    expect(carrier.of(id, 'ring')).toHaveLength(2);
    expect((await carrier.lookUp(id)).body.provider_call_id).toBe(second);
    expect((await carrier.lookUp(first!)).body.provider_call_id).toBe(first);
    const results = carrier.of(id, 'request').map(({ result }) => result);
    expect(results).toEqual(['accepted', 'accepted', 'replayed']);
  });

  it('do not ring after their not_after', async () => {
    const id = randomUUID();
    const fromNow = (offsetMs: number) => ({ not_after: new Date(Date.now() + offsetMs).toISOString() });
    const late = await carrier.post(numberEnding(1), { id, ...fromNow(-1) });
    expect([late.status, await late.json()]).toMatchObject([422, { code: 'too_late' }]);
    expect((await carrier.lookUp(id)).status).toBe(404);
    expect((await carrier.post(numberEnding(1), fromNow(60_000))).status).toBe(201);
  });

  it.each([
    { id: undefined },
    { id: '' },
    { to: '12025550100' },
    { to: undefined },
    { callback_url: 'ftp://example.com' },
    { callback_url: 'not a url' },
    { not_after: 'tomorrow' },
    { ring_timeout_seconds: 0 },
  ])('are refused and written down with %j', async (wrong) => {
    const response = await carrier.post(numberEnding(1), wrong);
    const refusal: unknown = { code: 'invalid_request', message: expect.any(String) };
    expect([response.status, await response.json()]).toEqual([400, refusal]);
    expect(carrier.lines).toMatchObject([{ kind: 'request', result: 'invalid' }]);
  });

  it('that are no JSON are refused and written down', async () => {
    expect((await carrier.send('POST', '/calls', '{')).status).toBe(400);
    expect(carrier.lines).toMatchObject([{ kind: 'request', id: null, to: null, result: 'invalid' }]);
  });
});

describe('hanging up', () => {
  it('cancels a call before its answer and completes it afterwards', async () => {
    // Slow enough that nobody answers before the request to hang up has come.
    const slow = await CarrierUnderTest.started({ speed: 20 });
    const hangUp = async (id: string) => (await slow.send('DELETE', `/calls/${id}`)).status;
    const [unanswered, answered] = [randomUUID(), randomUUID()];
    await slow.post(numberEnding(60), { id: unanswered });
    expect(await hangUp(unanswered)).toBe(202);
    expect(await slow.whenLine(unanswered, 'end')).toMatchObject({ status: 'canceled', duration_seconds: 0 });
    await slow.post(numberEnding(1), { id: answered });
    await slow.whenLine(answered, 'answer');
    expect(await hangUp(answered)).toBe(202);
    expect(await slow.whenLine(answered, 'end')).toMatchObject({
      status: 'completed',
      answered_by: 'human',
      duration_seconds: expect.any(Number) as number,
    });
    expect(types(await slow.receiver.whenReceived(answered, 4))).toEqual(TALK);
    expect(await hangUp(answered)).toBe(202);
    expect(slow.of(answered, 'end')).toHaveLength(1);
    expect(await hangUp(randomUUID())).toBe(404);
    await slow.stop();
  });
});

describe('outcomes', () => {
  it('are the same for the same seed, whatever runs at the same time', async () => {
    const all = Array.from({ length: 30 }, (_, index) => `+4420794601${String(index * 3).padStart(2, '0')}`);
    const outcomes = async (seed: number, order: string[]) => {
      const own = await CarrierUnderTest.started({ seed });
      await own.putFaults({ error_before_ring: 0.2 });
      const outcomeOf = async (to: string) => {
        const id = randomUUID();
        const status = await own.postedStatus(to, { id });
        if (status !== 201) return [to, status];
        const end = await own.whenLine(id, 'end');
        return [to, [end.status, end.duration_seconds]];
      };
      const pairs = await Promise.all(order.map(outcomeOf));
      await own.stop();
      return Object.fromEntries(pairs) as Record<string, unknown>;
    };
    const first = await outcomes(5, all);
    expect(await outcomes(5, all.toReversed())).toEqual(first);
    expect(await outcomes(6, all)).not.toEqual(first);
  });
});

describe('the ledger', () => {
  it('is the same over HTTP and in its file, and can be asked for one number or id', async () => {
    const [id, to] = [randomUUID(), numberEnding(80)];
    await carrier.post(to, { id, agent: { id: 'a' }, variables: { name: 'Ada' } });
    await carrier.post(numberEnding(88));
    await carrier.whenLine(id, 'callback', 5);
    const read = async (query: string) =>
      readLines(await (await carrier.send('GET', `/ledger${query}`)).text());
    const all = await read('');
    const ofCall = all.filter((line) => line.id === id);
    const kinds = ofCall.map(({ kind }) => kind).filter((kind) => kind !== 'callback');
    expect(kinds).toEqual(['request', 'ring', 'answer', 'end']);
    expect(all).toHaveLength(ofCall.length + 1);
    expect(ofCall[0]).toMatchObject({ result: 'accepted', agent: { id: 'a' }, variables: { name: 'Ada' } });
    for (const query of [`?id=${id}`, `?to=${to}`, `?to=${encodeURIComponent(to)}`]) {
      expect(await read(query)).toEqual(ofCall);
    }
    await carrier.close();
    expect(carrier.linesInFile()).toEqual(all);
  });
});
