import { Queue, Worker } from 'bullmq';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest';
import { Vitals } from '#environment/vitals.js';
import { QueueConnection } from '#jobs/queue-connection.js';
import { TicketWatch } from './ticket-watch.js';

let queue: Queue;
let connection: QueueConnection;
let nowMs = 0;

beforeAll(async () => {
  connection = new QueueConnection({
    redisUrl: inject('redisUrl') ?? undefined,
    databaseUrl: inject('databaseUrl'),
    isCluster: false,
    prefix: `rf_${inject('runId')}_watch`,
    shards: 1,
  });
  queue = new Queue('dial', connection.shards[0]);
  await queue.waitUntilReady();
});

afterEach(() => queue.drain());

afterAll(async () => {
  await queue.obliterate({ force: true });
  await queue.close();
});

/** Looks for two minutes, after each `between`. Returns what stands still then. */
async function watched(between: (watch: TicketWatch) => Promise<unknown> = () => Promise.resolve()) {
  const vitals = new Vitals(() => nowMs);
  const watch = new TicketWatch(queue, vitals.loop('worker', 5));
  for (let look = 0; look < 8; look += 1) {
    nowMs += 15_000;
    await watch.look();
    await between(watch);
  }
  return Object.keys(vitals.still());
}

const ticket = (id: string) => queue.add('dial', { callId: id }, { jobId: `${id}-1-1` });

it('a ticket that nobody takes says that the worker stands still', async () => {
  expect(await watched()).toEqual([]);
  await ticket('a');
  expect(await watched()).toEqual(['worker']);
});

it('tickets that others take, or that an admin has paused, say nothing of this worker', async () => {
  let made = 0;
  const others = async () => {
    await queue.drain();
    await ticket(`b${(made += 1)}`);
  };
  expect(await watched(others)).toEqual([]);
  await queue.pause();
  expect(await watched()).toEqual([]);
  await queue.resume();
});

it('a worker that takes some lives, whatever waits behind them', async () => {
  await ticket('c');
  expect(await watched((watch) => Promise.resolve(watch.noteTaken()))).toEqual([]);
});

it('a worker that runs leaves nothing waiting', async () => {
  await ticket('d');
  const worker = new Worker('dial', () => Promise.resolve(), connection.shards[0]);
  await once(worker, 'completed');
  expect(await watched()).toEqual([]);
  await worker.close();
});
