import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { RandomStream } from '../apps/carrier/random-stream.js';

/**
 * A carrier that takes every call and notes when it came. Where TALK_MS is given, as in `200-600`, it ends each call after
 * a time between the two, the same for the same number, and says so once. A process of its own: nobody's clock but one.
 * `GET /starts` tells `[number, came at, ended at or null]` of each, in epoch milliseconds; `GET /count` how many there are.
 */
const { PORT, SECRET = '', TALK_MS = '', SEED = '7' } = process.env;

type Start = [to: string, atMs: number, endedAtMs: number | null];

/** How often the end of a call is told to somebody who does not take it. */
const TELLINGS = 5;

let starts: Start[] = [];
let isUntold = false;

const [leastMs, mostMs] = TALK_MS.split('-').map(Number) as [number, number?];

const server = createServer((incoming, response) => {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (incoming.method === 'DELETE') return answer(202, {});
  if (incoming.method === 'GET') {
    if (incoming.url === '/health') return answer(200, {});
    if (incoming.url === '/count') return answer(200, starts.length);
    if (incoming.url === '/starts') return answer(200, starts);
    return answer(404, {});
  }
  if (incoming.url === '/forget') {
    starts = [];
    return answer(200, {});
  }
  const atMs = nowMs();
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => {
    const { id, to, callback_url } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Request;
    const start: Start = [to, atMs, null];
    starts.push(start);
    const providerCallId = `timing-${id}`;
    answer(201, { id, provider_call_id: providerCallId, status: 'accepted' });
    if (mostMs === undefined) return;
    const talkMs = new RandomStream(Number(SEED), to).between(leastMs, mostMs);
    setTimeout(() => {
      start[2] = nowMs();
      void tellEnd(callback_url, id, providerCallId);
    }, talkMs);
  });
});
server.listen(Number(PORT), '127.0.0.1');

interface Request {
  id: string;
  to: string;
  callback_url: string;
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

async function tellEnd(url: string, id: string, providerCallId: string): Promise<void> {
  const at = new Date().toISOString();
  const body = JSON.stringify({
    event_id: randomUUID(),
    id,
    provider_call_id: providerCallId,
    type: 'completed',
    at,
    sequence: 1,
    duration_seconds: 1,
  });
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-carrier-signature': signature };
  for (let telling = 1; telling <= TELLINGS; telling += 1) {
    const answer = await fetch(url, { method: 'POST', headers, body }).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await pause(100 * telling);
  }
  // Once is enough: whoever was ended with calls under way takes none of their ends.
  if (!isUntold) process.stderr.write('The end of a call was not taken by its dialer.\n');
  isUntold = true;
}
