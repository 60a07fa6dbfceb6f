import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BreakableProxy } from '../breakable-proxy.js';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

/** How many forged callbacks come while real ones do. */
const FLOOD = 5_000;

/** What a real one may take beside them: the simulated carrier gives up after five seconds, others after ten to fifteen. */
const IN_TIME_MS = 2_000;

let house: House;
let source: DataSource;
/** Before the database, for the api alone. */
let toDatabase: BreakableProxy;

beforeAll(async () => {
  house = await House.open();
  const { hostname: host, port } = new URL(house.databaseUrl);
  toDatabase = new BreakableProxy({ host, port: Number(port || 5432) });
  await toDatabase.mend();
  const ended = once(house.apiProcess, 'exit');
  house.apiProcess.kill('SIGTERM');
  await ended;
  await house.startApi({ DATABASE_URL: toDatabase.through(house.databaseUrl) });
  source = await new DataSource({ type: 'postgres', url: house.databaseUrl }).initialize();
});

afterAll(async () => {
  await source.destroy();
  await house.close();
  await toDatabase.cut();
});

interface Told {
  status: number;
  headers: Headers;
  body: any;
}

const path = '/callbacks/simulated';

function event(fields: Record<string, unknown> = {}): string {
  return JSON.stringify({
    event_id: `real-${randomUUID()}`,
    id: randomUUID(),
    provider_call_id: 'sim-1',
    type: 'ringing',
    at: new Date().toISOString(),
    sequence: 2,
    ...fields,
  });
}

function signature(body: string, secret = house.variables.CARRIER_SECRET ?? ''): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

async function tell(body: string, headers: Record<string, string>, to = path): Promise<Told> {
  const response = await fetch(house.url(to), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

const signed = (body: string) => tell(body, { 'x-carrier-signature': signature(body) });

/** Callbacks in the inbox, which keeps what look-ups say too. */
async function keptEvents(): Promise<number> {
  const [{ kept }] = await source.query(
    `SELECT count(*)::integer AS kept FROM provider_events WHERE event->>'source' = 'callback'`,
  );
  return kept as number;
}

describe('a callback', () => {
  it.each([
    ['without a signature', (body: string) => [body, {}]],
    [
      'with half a signature',
      (body: string) => [body, { 'x-carrier-signature': signature(body).slice(0, -1) }],
    ],
    [
      'signed with another secret',
      (body: string) => [body, { 'x-carrier-signature': signature(body, 'guessed') }],
    ],
    [
      'signed before it was changed',
      (body: string) => [`${body} `, { 'x-carrier-signature': signature(body) }],
    ],
    ['that is no JSON and not signed', () => ['{"id":', { 'x-carrier-signature': signature('other') }]],
    ['that is nothing', () => ['', {}]],
  ] as [string, (body: string) => [string, Record<string, string>]][])(
    '%s is refused as not signed, and its connection ends',
    async (_, forged) => {
      const before = await keptEvents();
      const { status, headers, body } = await tell(...forged(event()));
      expect([status, body.code]).toEqual([401, 'INVALID_SIGNATURE']);
      expect(headers.get('connection')).toBe('close');
      expect(await keptEvents()).toBe(before);
    },
  );

  it.each([
    ['that is no JSON', '{"id":', 422, 'MALFORMED_CALLBACK'],
    ['that lacks its fields', '{}', 422, 'MALFORMED_CALLBACK'],
    ['of 70 kB', JSON.stringify({ filler: 'x'.repeat(70_000) }), 413, 'PAYLOAD_TOO_LARGE'],
  ])('%s is refused though it is signed', async (_, text, status, code) => {
    const before = await keptEvents();
    const told = await signed(text);
    expect([told.status, told.body.code]).toEqual([status, code]);
    expect(await keptEvents()).toBe(before);
  });

  it.each([
    ['content-type', 'application/x-www-form-urlencoded'],
    ['content-encoding', 'gzip'],
  ])('with the %s %s is refused unread', async (header, value) => {
    const body = event();
    const told = await tell(body, { 'x-carrier-signature': signature(body), [header]: value });
    expect([told.status, told.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('for a carrier that is not there finds nothing, signed or not', async () => {
    const body = event();
    for (const headers of [{}, { 'x-carrier-signature': signature(body) }] as Record<string, string>[]) {
      const told = await tell(body, headers, '/callbacks/nobody');
      expect([told.status, told.body.code]).toEqual([404, 'NOT_FOUND']);
    }
  });

  it('that comes again is answered alike, and kept once', async () => {
    const before = await keptEvents();
    const body = event();
    const statuses = await Promise.all([1, 2, 3, 4].map(async () => (await signed(body)).status));
    expect(statuses).toEqual([204, 204, 204, 204]);
    expect(await keptEvents()).toBe(before + 1);
  });

  it('from years ago about a call that has ended is kept, and changes nothing of it', async () => {
    const callId = await house.call(await house.campaign(), aNumber('70'));
    const before = (await house.settled([callId])).get(callId);
    const body = event({
      id: before.attempts[0].id,
      type: 'answered',
      at: '2001-01-01T00:00:00Z',
      sequence: 1,
    });
    expect((await signed(body)).status).toBe(204);
    await house.until('it is applied', async () => {
      const key = JSON.parse(body).event_id as string;
      const [row] = await source.query(`SELECT applied_at FROM provider_events WHERE event_key = $1`, [key]);
      return row?.applied_at !== null;
    });
    const { status, outcome, duration } = await house.readCall(callId);
    expect({ status, outcome, duration }).toEqual({
      status: before.status,
      outcome: before.outcome,
      duration: before.duration,
    });
  });
});

describe('a flood of forged callbacks', () => {
  // Without Redis the queue itself asks the database now and then.
  it.runIf(Boolean(inject('redisUrl')))('asks the database nothing at all', async () => {
    const rows = await keptEvents();
    await house.api('GET', '/campaigns');
    const before = toDatabase.bytesSent;
    expect(before).toBeGreaterThan(0);
    const statuses = await flood(1_000);
    // A pooled connection that is not needed any more says goodbye in five bytes; a transaction takes hundreds.
    expect(toDatabase.bytesSent - before).toBeLessThan(100);
    expect(await keptEvents()).toBe(rows);
    expect(Object.keys(statuses).sort()).toEqual(['401', '429'].slice(statuses[401] === undefined ? 1 : 0));
  });

  it(
    'holds up no real one, from the same address, and leaves nothing behind',
    { timeout: 120_000 },
    async () => {
      const told = await house.ledger();
      const rows = await keptEvents();
      const campaignId = await house.campaign();
      const quiet = await timesOf(40);

      const flooded = flood(FLOOD);
      let isOver = false;
      void flooded.finally(() => (isOver = true));
      const calls = await Promise.all(
        Array.from({ length: 20 }, () => house.call(campaignId, aNumber('00'))),
      );
      const beside: number[] = [];
      do beside.push(...(await timesOf(10)));
      while (!isOver);
      const statuses = await flooded;
      const ended = await house.settled(calls);

      expect([...ended.values()].map(({ status }) => status)).toEqual(calls.map(() => 'completed'));
      expect(statuses[401] ?? 0).toBeLessThanOrEqual(60);
      expect((statuses[401] ?? 0) + (statuses[429] ?? 0)).toBe(FLOOD);
      expect(Math.max(...beside)).toBeLessThan(IN_TIME_MS);

      const later = (await house.ledger()).slice(told.length).filter(({ kind }) => kind === 'callback');
      expect(later.filter(({ http_status }) => http_status !== 204)).toEqual([]);
      const byCarrier = new Set(later.map(({ event_id }) => event_id)).size;
      expect(await keptEvents()).toBe(rows + quiet.length + beside.length + byCarrier);
      console.log(
        `real callbacks: ${quiet.length} alone ${figures(quiet)}; ${beside.length} beside ${FLOOD} forged ones ${figures(beside)}`,
      );
    },
  );

  it('is a line in the log for each until there are too many, and then one for all', () => {
    const lines = house.log.split('\n').filter((line) => line.includes('/callbacks/:provider'));
    const refused = lines.filter((line) => line.includes('"status":401') || line.includes('"status":429'));
    expect(refused.length).toBeLessThan(200);
    expect(house.log.match(/forgedCallbacksFrom/g)?.length).toBeGreaterThanOrEqual(1);
  });
});

/** How long so many real callbacks take, one after the other, in milliseconds. */
async function timesOf(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const startedAt = performance.now();
    const { status } = await signed(event());
    if (status !== 204) throw new Error(`A real callback was answered with ${status}.`);
    times.push(performance.now() - startedAt);
  }
  return times;
}

function figures(times: number[]): string {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (share: number) => `${sorted[Math.floor((sorted.length - 1) * share)]?.toFixed(1)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)}`;
}

/** Sends so many forged callbacks, of all kinds, from a thread of its own. Returns how often which status came back. */
async function flood(count: number): Promise<Record<number, number>> {
  const worker = new Worker(FLOODER, { eval: true, workerData: { url: house.url(path), count } });
  const [statuses] = (await once(worker, 'message')) as [Record<number, number>];
  await worker.terminate();
  return statuses;
}

const FLOODER = `
const { createHmac, randomUUID } = require('node:crypto');
const { request } = require('node:http');
const { parentPort, workerData: { url, count } } = require('node:worker_threads');

const statuses = {};
let begun = 0;
let ended = 0;
for (let lane = 0; lane < 32; lane += 1) next();

function next() {
  if (begun === count) return;
  begun += 1;
  const body = JSON.stringify({ event_id: 'forged-' + begun, id: randomUUID(), type: 'completed',
    at: new Date().toISOString(), sequence: 9, filler: 'x'.repeat(begun % 10 === 0 ? 60_000 : 0) });
  const forged = createHmac('sha256', 'guessed').update(body).digest('hex');
  const signatures = [undefined, 'sha256=' + forged, 'sha256=' + 'a'.repeat(64), 'sha256=', forged];
  const signature = signatures[begun % signatures.length];
  const outgoing = request(url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json',
    'content-length': Buffer.byteLength(body), ...(signature === undefined ? {} : { 'x-carrier-signature': signature }) } });
  outgoing.on('response', (incoming) => incoming.resume().on('close', () => done(incoming.statusCode)));
  outgoing.on('error', (error) => done(error.code));
  outgoing.end(body);
}

function done(status) {
  statuses[status] = (statuses[status] ?? 0) + 1;
  ended += 1;
  if (ended === count) parentPort.postMessage(statuses);
  else next();
}`;
