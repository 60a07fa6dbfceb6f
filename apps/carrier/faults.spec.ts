import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CarrierUnderTest, numberEnding } from './carrier-under-test.js';

let carrier: CarrierUnderTest;
beforeEach(async () => {
  carrier = await CarrierUnderTest.started();
});
afterEach(() => carrier.stop());

const TALK = ['initiated', 'ringing', 'answered', 'completed'];

describe('a drawn fault', () => {
  it.each([
    [{ error_before_ring: 1 }, 500, 0],
    [{ error_after_ring: 1 }, 500, 1],
    [{ answer_lost: 1 }, null, 1],
  ])('%j answers %s and rings %i times', async (faults, status, rings) => {
    await carrier.putFaults(faults);
    const id = randomUUID();
    expect(await carrier.postedStatus(numberEnding(1), { id })).toBe(status);
    expect(carrier.of(id, 'ring')).toHaveLength(rings);
    expect((await carrier.lookUp(id)).status).toBe(rings > 0 ? 200 : 404);
  });

  it('hang keeps the request unanswered until the carrier closes', async () => {
    await carrier.putFaults({ hang: 1 });
    const id = randomUUID();
    const answer = carrier.postedStatus(numberEnding(1), { id });
    await carrier.whenLine(id, 'request');
    await carrier.close();
    expect(await answer).toBeNull();
    expect(carrier.lines).toHaveLength(1);
  });

  it('does not make a refused number ring', async () => {
    await carrier.putFaults({ answer_lost: 1 });
    const id = randomUUID();
    expect(await carrier.postedStatus(numberEnding(88), { id })).toBeNull();
    expect(carrier.lines).toMatchObject([{ kind: 'request', result: 'dropped' }]);
  });
});

describe('callbacks', () => {
  const told = async (faults: object, count: number) => {
    await carrier.putFaults(faults);
    const [id, later] = [randomUUID(), randomUUID()];
    await carrier.post('+12025550101', { id });
    await carrier.whenLine(id, 'end');
    await carrier.receiver.whenReceived(id, count);
    await carrier.putFaults({});
    await carrier.post(numberEnding(0), { id: later });
    await carrier.receiver.whenReceived(later, 4);
    return carrier.receiver.of(id).map(({ type }) => type);
  };

  it('are dropped, doubled and shuffled', async () => {
    expect(await told({ drop_callbacks: 1 }, 0)).toEqual([]);
    expect(await told({ duplicate_callbacks: 1 }, 8)).toEqual(TALK.flatMap((type) => [type, type]));
    const shuffled = await told({ shuffle_callbacks: 1 }, 4);
    expect(shuffled.toSorted()).toEqual(TALK.toSorted());
    expect(shuffled).not.toEqual(TALK);
  });

  it('are tried again until they are taken, every try in the ledger', async () => {
    const id = randomUUID();
    carrier.receiver.refuseNext = 2;
    await carrier.post(numberEnding(70), { id });
    await carrier.whenLine(id, 'callback', 4);
    const tries = carrier.of(id, 'callback').map((line) => line.http_status);
    expect(tries.toSorted()).toEqual([204, 204, 503, 503]);
    expect(carrier.receiver.of(id)).toHaveLength(2);
  });

  it('are given up after five retries of an address where nobody listens', async () => {
    const id = randomUUID();
    carrier.receiver.stop();
    await carrier.post(numberEnding(70), { id });
    await carrier.whenLine(id, 'callback', 12);
    const ofEnd = carrier.of(id, 'callback').filter(({ type }) => type === 'busy');
    expect(ofEnd.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(ofEnd.every(({ error }) => error === 'ECONNREFUSED')).toBe(true);
  });
});

describe('delays', () => {
  it('hold back the start, the callbacks and what look-ups know', async () => {
    await carrier.putFaults({ late_start_ms: 250, callback_delay_ms: 50 });
    const id = randomUUID();
    const askedAtMs = Date.now();
    expect((await carrier.post(numberEnding(70), { id })).status).toBe(201);
    expect((await carrier.lookUp(id)).status).toBe(404);
    await carrier.receiver.whenReceived(id, 1);
    // A timer may fire a millisecond early.
    expect(Date.now() - askedAtMs).toBeGreaterThanOrEqual(295);
    expect((await carrier.lookUp(id)).status).toBe(200);
    await carrier.putFaults({ lookup_lag_ms: 3_600_000 });
    expect((await carrier.lookUp(id)).status).toBe(404);
  });
});

describe('look-ups', () => {
  it('fail always or now and then', async () => {
    await carrier.putFaults({ lookup_down: true });
    expect((await carrier.lookUp(randomUUID())).status).toBe(503);
    await carrier.putFaults({ lookup_down: 0.5 });
    const id = randomUUID();
    const statuses = new Set<number>();
    for (let asking = 0; asking < 40; asking++) statuses.add((await carrier.lookUp(id)).status);
    expect([...statuses].toSorted()).toEqual([404, 503]);
  });
});

describe('calls_per_second', () => {
  it('refuses what is more than that', async () => {
    await carrier.putFaults({ calls_per_second: 3 });
    const responses = await Promise.all(Array.from({ length: 5 }, () => carrier.post(numberEnding(1))));
    expect(responses.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, 429, 429]);
    expect(responses.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('1');
  });
});

describe('overloaded', () => {
  it('answers 503 with the pause that is set, rings nobody, and is over when switched off', async () => {
    await carrier.putFaults({ overloaded: 1, retry_after_seconds: 7 });
    const id = randomUUID();
    const refused = await carrier.post(numberEnding(1), { id });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '7']);
    expect(await refused.json()).toMatchObject({ code: 'overloaded' });
    await carrier.putFaults({ retry_after_seconds: 0 });
    expect((await carrier.post(numberEnding(1), { id })).headers.has('retry-after')).toBe(false);
    expect((await carrier.lookUp(id)).status).toBe(404);
    await carrier.putFaults({});
    expect(await carrier.postedStatus(numberEnding(1), { id })).toBe(201);
  });
});

describe('the fault switches', () => {
  it('are merged field by field, refused when they make no sense, and cleared together', async () => {
    await carrier.putFaults({ hang: 0.5 });
    const merged: unknown = await (await carrier.putFaults({ late_start_ms: 5 })).json();
    expect(merged).toMatchObject({ hang: 0.5, late_start_ms: 5 });
    const nonsense = [{ hang: 1.1 }, { hang: '0.5' }, { hangs: 1 }, { late_start_ms: -1 }, { idempotent: 1 }];
    for (const wrong of nonsense) expect((await carrier.putFaults(wrong)).status).toBe(400);
    expect(await (await carrier.send('GET', '/faults')).json()).toEqual(merged);
    const none: unknown = await (await carrier.send('DELETE', '/faults')).json();
    expect(none).toMatchObject({ hang: 0, late_start_ms: 0, idempotent: false });
  });
});
