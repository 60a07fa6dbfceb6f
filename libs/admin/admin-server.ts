import type { RequestListener } from 'node:http';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import type { Queue } from 'bullmq';
import { fastify, type FastifyError, type FastifyInstance } from 'fastify';
import { NotReady } from '#environment/not-ready.js';
import { isSameSecret } from '#environment/same-secret.js';
import type { Settings } from '#environment/settings.js';
import type { Stopping } from '#environment/stopping.js';
import type { Vitals } from '#environment/vitals.js';
import type { AdminLoginsStore } from '#store/admin-logins.store.js';
import { AdminCookies } from './admin-cookies.js';
import { board, type AnswerToError } from './board.js';
import { Gate, type AdminPage } from './gate.js';
import { Logins, type LoginSettings } from './logins.js';
import type { OpenPort } from './open-port.js';

export interface AdminServerOptions {
  /** Where it answers from now on. */
  port: OpenPort;
  settings: AdminSettings;
  logins: AdminLoginsStore;
  /** Those of each shard. */
  queues: Queue[][];
  metrics: MetricsOptions;
  /** What this process stands on, each asked for its state in a word; one that rejects makes it not ready. */
  checks: Record<string, () => Promise<string>>;
  vitals: Vitals;
  stopping: Stopping;
  /** What else is to be seen behind the login. */
  pages?: AdminPage[];
  /** Told what nobody expected, for the log. */
  report: (error: unknown) => void;
}

export type AdminSettings = LoginSettings &
  Pick<Settings, 'ADMIN_QUEUES_WRITABLE' | 'METRICS_TOKEN' | 'NODE_ENV' | 'TRUST_PROXY'>;

/** What Prometheus is told. */
export interface MetricsOptions {
  contentType: string;
  text: () => Promise<string>;
}

/** The admin port: health and metrics for machines, and Bull Board, read-only and behind a login, for people. */
export async function startAdminServer(options: AdminServerOptions): Promise<void> {
  const { port, settings, logins, queues, report } = options;
  let listener: RequestListener = () => undefined;
  const server = fastify({
    trustProxy: settings.TRUST_PROXY ?? false,
    serverFactory: (made) => {
      listener = made;
      return port.server;
    },
  });
  const answerTo: AnswerToError = (error) => {
    const { statusCode = 500, message } = error as FastifyError;
    if (statusCode < 500) return { status: statusCode, message };
    report(error);
    return { status: 503, message: 'That cannot be done now.' };
  };
  server.setErrorHandler(async (error, _, reply) => {
    const { status, message } = answerTo(error);
    return reply.code(status).send({ message });
  });
  await server.register(helmet, SECURITY_HEADERS);
  await server.register(cookie);
  addHealth(server, options);
  addMetrics(server, options.metrics, settings.METRICS_TOKEN);

  const cookies = new AdminCookies(settings.NODE_ENV === 'production');
  const gate = new Gate(new Logins(logins, settings), logins, cookies, report);
  gate.install(server);
  const queuePage = board(queues, settings.ADMIN_QUEUES_WRITABLE, answerTo);
  for (const page of [queuePage, ...(options.pages ?? [])]) await gate.mount(server, page);
  await server.ready();
  port.handOver(listener);
}

/**
 * Nothing from elsewhere is loaded, and no other page frames these. Bull Board styles in place. Its pages say to their own
 * server where they come from: without that, browsers send a form's origin as `null`. Which names of this host are reached by
 * TLS is for whoever ends it to say.
 */
const SECURITY_HEADERS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'self'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  xFrameOptions: { action: 'deny' },
  referrerPolicy: { policy: 'same-origin' },
  strictTransportSecurity: false,
} as const;

/** For machines, without a login: no more is told than how each part is, in a word or a sentence of our own. */
function addHealth(server: FastifyInstance, { vitals, stopping, checks }: AdminServerOptions): void {
  server.get('/live', async (_, reply) => {
    const still = vitals.still();
    const isLive = Object.keys(still).length === 0;
    return reply.code(isLive ? 200 : 503).send({ status: isLive ? 'ok' : 'stands still', ...still });
  });
  server.get('/ready', async (_, reply) => {
    if (stopping.isStopping) return reply.code(503).send({ status: 'stopping' });
    const { isReady, states } = await ask(checks);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'not ready', ...states });
  });
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

function addMetrics(
  server: FastifyInstance,
  { contentType, text }: MetricsOptions,
  token: string | undefined,
): void {
  server.get('/metrics', async (request, reply) => {
    if (token !== undefined && !isSameSecret(request.headers.authorization ?? '', `Bearer ${token}`)) {
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
