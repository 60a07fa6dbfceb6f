import autocannon from 'autocannon';
import { numberAt } from './numbers.js';

/** What is to be asked of a server, by a process of its own: as JSON, its only argument. */
export interface LoadPlan {
  url: string;
  headers: Record<string, string>;
  connections: number;
  /** Requests in all; a whole multiple of the connections. */
  amount: number;
  /** The first place of the numbers to ask for; each request asks for the next one. */
  from: number;
}

/** What came of it: as JSON, on standard output. */
export interface LoadResult {
  seconds: number;
  statuses: Record<string, number>;
  /** Ids of the calls that were taken in. */
  acceptedIds: string[];
  p50Ms: number;
  p99Ms: number;
}

const plan = process.argv[2];
if (import.meta.filename === process.argv[1] && plan !== undefined) {
  process.stdout.write(JSON.stringify(await load(JSON.parse(plan) as LoadPlan)));
}

async function load({ url, headers, connections, amount, from }: LoadPlan): Promise<LoadResult> {
  let next = from;
  const statuses: Record<string, number> = {};
  const bodies: string[] = [];
  const latencies: number[] = [];
  const startedAt = performance.now();
  let endedAt = startedAt;
  await autocannon({
    url,
    connections,
    amount,
    timeout: 60,
    requests: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        setupRequest: (request) => {
          const place = next++;
          const payload = { name: `Person ${place}`, city: `City ${place % 500}` };
          const body = JSON.stringify({ to: numberAt(place), payload, context: { order: `A-${place}` } });
          return { ...request, body };
        },
        onResponse: (status, body) => {
          statuses[status] = (statuses[status] ?? 0) + 1;
          if (status === 201) bodies.push(body);
        },
      },
    ],
    setupClient: (client) => {
      client.on('response', (_status: number, _bytes: number, milliseconds: number) => {
        latencies.push(milliseconds);
        endedAt = performance.now();
      });
    },
  });
  latencies.sort((a, b) => a - b);
  const quantile = (share: number) => latencies[Math.ceil(latencies.length * share) - 1] ?? NaN;
  return {
    seconds: (endedAt - startedAt) / 1000,
    statuses,
    acceptedIds: bodies.map(idOf),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };
}

/** Read after the work: it is not to be measured. */
function idOf(body: string): string {
  const answer = JSON.parse(body) as { id: string } | { campaign_call: { id: string } };
  return 'campaign_call' in answer ? answer.campaign_call.id : answer.id;
}
