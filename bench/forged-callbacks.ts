import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { House } from '../test/house.js';
import { cpuMicroseconds } from './process-usage.js';
import type { Report } from './report.js';
import { spreadOf } from './spread.js';

/** Requests under way at once. */
const LANES = 32;

const FLOODS = {
  'forged callback': '/callbacks/simulated',
  'path that is not there': '/nothing/is/here',
};

type Flood = keyof typeof FLOODS;

/** What refusing a callback that a stranger has signed costs the api, beside a path that is not there. */
export async function measureForgedCallbacks(house: House, quick: boolean, report: Report): Promise<void> {
  const [rounds, requests] = quick ? [1, 500] : [5, 5_000];
  const names = Object.keys(FLOODS) as Flood[];
  const taken = Object.fromEntries(
    names.map((name) => [name, { cpu: [] as number[], rate: [] as number[] }]),
  );
  const statuses = new Set<string>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const cpuBefore = cpuMicroseconds([house.apiProcess]);
      const startedAt = performance.now();
      for (const status of await flood(house.url(FLOODS[name]), requests)) statuses.add(`${name}: ${status}`);
      if (round === 0) continue;
      taken[name]!.rate.push((requests * 1000) / (performance.now() - startedAt));
      taken[name]!.cpu.push((cpuMicroseconds([house.apiProcess]) - cpuBefore) / requests);
    }
  }
  for (const name of names) {
    report.figure(`refused per second, ${name}`, taken[name]!.rate, 'requests/s');
    report.cpu(`refusing, ${name}`, { api: taken[name]!.cpu });
  }
  const [forged, absent] = names.map((name) => taken[name]!.cpu);
  const times = forged!.map((cpu, round) => cpu / absent![round]!);
  report.ratio('cpu of refusing, forged callback / path that is not there', times);
  report.figure('cpu of refusing a forged callback, at most', spreadOf(forged!).max, 'µs');
  const expected = ['forged callback: 401', 'forged callback: 429', 'path that is not there: 404'];
  report.holds(
    'every one is refused',
    [...statuses].every((status) => expected.includes(status)),
  );
}

/** Sends so many, each over a connection of its own, in the body and headers of a callback. @returns the statuses */
async function flood(url: string, count: number): Promise<Set<number>> {
  const statuses = new Set<number>();
  let begun = 0;
  const lane = async () => {
    while (begun < count) {
      begun += 1;
      statuses.add(await post(url, callback(begun)));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return statuses;
}

function callback(nth: number): string {
  const at = new Date().toISOString();
  return JSON.stringify({ event_id: `forged-${nth}`, id: randomUUID(), type: 'completed', at, sequence: 9 });
}

function post(url: string, body: string): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-carrier-signature': `sha256=${createHmac('sha256', 'guessed').update(body).digest('hex')}`,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent: false, headers });
    outgoing.on('response', (incoming) =>
      incoming.resume().on('close', () => resolve(incoming.statusCode ?? 0)),
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
