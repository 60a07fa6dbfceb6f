import { createHash, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import { NotReady } from '#environment/not-ready.js';
import { fastify, type FastifyInstance } from 'fastify';

export interface AdminServerOptions {
  /** 0 takes any free one. */
  port: number;
  user: string;
  password: string;
  /** Those of each shard. */
  queues: Queue[][];
  metrics: MetricsOptions;
  /** What this process stands on, each asked for its state in a word; one that rejects makes it not ready. */
  checks: Record<string, () => Promise<string>>;
}

/** What Prometheus is told. */
export interface MetricsOptions {
  contentType: string;
  text: () => Promise<string>;
  /** Asked for as a bearer token; undefined: from nobody. */
  token: string | undefined;
}

export interface AdminServer {
  port: number;
  close: () => Promise<void>;
}

const BOARD_PATH = '/queues';

/** The admin port: health and metrics for machines, and Bull Board, read-only and behind a login, for people. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const server = fastify({ forceCloseConnections: true });
  server.get('/live', () => ({ status: 'ok' }));
  server.get('/ready', async (_, reply) => {
    const { isReady, states } = await ask(options.checks);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not ready', ...states });
  });
  addMetrics(server, options.metrics);
  await addBoard(server, options);
  await server.listen({ port: options.port, host: '0.0.0.0' });
  return { port: (server.server.address() as AddressInfo).port, close: () => server.close() };
}

async function ask(
  checks: AdminServerOptions['checks'],
): Promise<{ isReady: boolean; states: Record<string, string> }> {
  const asked = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return { name, passed: true, state: await check() };
      } catch (error) {
        // A database error's own words may hold what was asked of it: only our own go out.
        const state = error instanceof NotReady ? error.message : 'away';
        return { name, passed: false, state };
      }
    }),
  );
  return {
    isReady: asked.every(({ passed }) => passed),
    states: Object.fromEntries(asked.map(({ name, state }) => [name, state])),
  };
}

function addMetrics(server: FastifyInstance, { contentType, text, token }: MetricsOptions): void {
  server.get('/metrics', async (request, reply) => {
    if (token !== undefined && !isSame(request.headers.authorization, `Bearer ${token}`)) {
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer realm="Ringfence"')
        .send({ message: 'Show the token of METRICS_TOKEN.' });
    }
    return reply
      .header('content-type', contentType)
      .header('cache-control', 'no-store')
      .send(await text());
  });
}

async function addBoard(
  server: FastifyInstance,
  { queues, user, password }: AdminServerOptions,
): Promise<void> {
  const board = new FastifyAdapter();
  board.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.flatMap((ofShard, shard) =>
      ofShard.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, ...placeOf(shard, queues) })),
    ),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: 'Ringfence' } },
  });
  await server.register(async (scope) => {
    // In this scope, so that the page, its API and its files are all behind the login: a hook on the page's own route
    // would leave the API open.
    scope.addHook('onRequest', async (request, reply) => {
      if (isAdmin(request.headers.authorization, user, password)) return;
      await reply
        .code(401)
        .header('www-authenticate', 'Basic realm="Ringfence"')
        .send({ message: 'Log in.' });
    });
    await scope.register(board.registerPlugin(), { prefix: BOARD_PATH });
  });
}

/** Bull Board knows queues by their names, which are the same in every shard. */
function placeOf(shard: number, { length }: Queue[][]): { prefix?: string; delimiter?: string } {
  return length === 1 ? {} : { prefix: `shard-${shard}.`, delimiter: '.' };
}

function isAdmin(header: string | undefined, user: string, password: string): boolean {
  return isSame(header, `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
}

/** Compares digests, so that neither the time nor the length tells anything. */
function isSame(header: string | undefined, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(expected));
}
