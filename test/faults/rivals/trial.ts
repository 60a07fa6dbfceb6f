import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { RandomStream } from '../../../apps/carrier/random-stream.js';
import { House } from '../../house.js';
import type { Figures } from '../figures.js';
import type { Servers } from '../trial.js';

export type Rival = 'naive' | 'tuned';

/** What happens to a row that nobody has moved for so long, nobody knows. */
const GIVE_UP_MS = 10_000;

let databases = 0;

/**
 * Lets a rival do the same work under the same kinds of faults: killed and frozen workers, an emptied Redis, lost
 * answers. Judged like ours, by the carrier's ledger and its own table.
 */
export async function rivalTrial(
  rival: Rival,
  plan: { seed: number; calls: number; seconds: number },
  { postgres, redis }: Servers,
): Promise<Figures> {
  databases += 1;
  const name = `rival_${process.pid}_${databases}`;
  const { direct } = await postgres.fresh(name);
  await postgres.query(
    direct,
    `CREATE TABLE rival_calls (id uuid PRIMARY KEY, to_number text NOT NULL, status text NOT NULL)`,
  );
  // Only the carrier of this house is used.
  const house = await House.on(
    { databaseUrl: direct, redisUrl: redis.url, prefix: name },
    { dialers: 0, speed: 120, settings: { SEED: plan.seed.toString(), LOG_LEVEL: 'warn' } },
  );
  const sink = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(sink, 'listening');
  const queue = new Queue('rival', {
    connection: { url: redis.url },
    prefix: name,
    defaultJobOptions: rival === 'naive' ? { attempts: 3, backoff: { type: 'fixed', delay: 300 } } : {},
  });
  queue.on('error', () => undefined);
  const random = new RandomStream(plan.seed, rival);
  const variables = {
    ...{ DATABASE_URL: direct, REDIS_URL: redis.url, QUEUE_PREFIX: name, RIVAL: rival },
    CARRIER_URL: house.variables.CARRIER_URL,
    CALLBACK_URL: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`,
  };
  const workers = new Set<ChildProcess>();
  let isOver = false;
  const keep = async () => {
    while (!isOver) {
      const worker = spawn(process.execPath, [resolve(import.meta.dirname, 'dialer.js')], {
        env: { ...process.env, ...variables },
        stdio: 'ignore',
      });
      workers.add(worker);
      await once(worker, 'exit');
      workers.delete(worker);
    }
  };
  const keepers = [keep(), keep(), keep()];
  const some = () => [...workers][Math.floor(random.next() * workers.size)];

  // Few calls need more trouble, or chance alone decides whether it shows.
  await house.setFaults({ answer_lost: plan.calls < 200 ? 0.2 : 0.05 });
  let faults = 0;
  let made = false;
  const making = (async () => {
    for (let place = 0; place < plan.calls; place += 1) {
      const id = randomUUID();
      const to = `+1${201 + Math.floor(place / 90)}555${10 + (place % 90)}${Math.floor(random.between(0, 60)).toString().padStart(2, '0')}`;
      await postgres.query(direct, `INSERT INTO rival_calls VALUES ($1, $2, 'queued')`, [id, to]);
      await queue.add('dial', { callId: id });
      await pause((plan.seconds * 600) / plan.calls);
    }
  })();
  const over = () => void (made = true);
  // Both: a failure that is only awaited after the harm would end the run as an unhandled one.
  making.then(over, over);
  while (!made) {
    faults += 1;
    const victim = some();
    if (faults % 10 === 9) await redis.ask('FLUSHALL');
    else if (faults % 2 === 0) victim?.kill('SIGKILL');
    else {
      victim?.kill('SIGSTOP');
      await pause(random.between(500, 5_000));
      victim?.kill('SIGCONT');
    }
    await pause(random.between(150, 450));
  }
  await making;
  await house.setFaults({});
  const until = Date.now() + GIVE_UP_MS;
  const queued = async () =>
    (await postgres.query(direct, `SELECT id FROM rival_calls WHERE status = 'queued'`)).length;
  while ((await queued()) > 0 && Date.now() < until) await pause(250);

  isOver = true;
  for (const worker of workers) {
    worker.kill('SIGCONT');
    worker.kill('SIGKILL');
  }
  await Promise.all(keepers);
  await queue.close();
  const rows = await postgres.query(direct, `SELECT to_number AS "to", status FROM rival_calls`);
  const ledger = await house.ledger();
  await house.close();
  sink.closeAllConnections();
  sink.close();
  const rings = new Map<string, number>();
  for (const { kind, to } of ledger) if (kind === 'ring') rings.set(to, (rings.get(to) ?? 0) + 1);
  const rang = (to: unknown) => (rings.get(to as string) ?? 0) > 0;
  return {
    scenario: `${rival} dialer`,
    calls: rows.length,
    faults,
    rungTwice: [...rings.values()].filter((times) => times > 1).length,
    lost: rows.filter(({ to, status }) => !rang(to) && status === 'queued').length,
    wrongState: rows.filter(
      ({ to, status }) => rang(to) !== (status === 'dialled') && (rang(to) || status === 'dialled'),
    ).length,
    unknown: 0,
    unknownThatRang: 0,
    ambiguous: 0,
    sameAsWithout: null,
    breaches: [],
    timings: [],
    recoveryMs: [],
  };
}
