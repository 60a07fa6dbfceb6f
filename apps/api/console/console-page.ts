import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorFields, type Log } from '#environment/log.js';
import type { Admin, AdminPage } from '#admin/gate.js';
import type { ConsoleStores } from '#store/console-stores.js';
import type { EnvironmentsStore } from '#store/environments.store.js';
import { RESOLUTIONS, type Resolution } from '#store/operator-calls.store.js';
import type { ChangeCall } from '../calls/change-call.js';
import { toApiError } from '../http-errors.js';
import { inFlightView } from '../stop-receipt.js';
import { ConsoleReader } from './console-reader.js';
import { LiveParts } from './live-parts.js';

export interface ConsoleOptions {
  stores: ConsoleStores;
  environments: EnvironmentsStore;
  calls: ChangeCall;
  /** Whether what is shown may also be changed. */
  mayChange: boolean;
  log: Log;
}

/** What the page is made of, as it is written: nothing is built of it. */
const FILES = join(import.meta.dirname, 'page');

const MOST_WATCHERS = 100;

/** Nobody looks on for longer at one stretch: whoever comes back shows his session anew, which is use of it. */
const MOST_WATCHED_MS = 5 * 60_000;

/** Whether the session is over is asked so often meanwhile. */
const SESSION_ASKED_MS = 30_000;

/** Whoever has lost his connection tries again after so long. */
const COME_AGAIN_MS = 2_000;

/** Somebody who takes this much more slowly than it comes is let go; his browser comes again. */
const MOST_BEHIND_BYTES = 4 * 1024 * 1024;

/** Stricter than the port's other pages need: nothing in the text of this page is run, and nothing in it is styled. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

const ID = { type: 'string', format: 'uuid' };
const BY_ID = { type: 'object', properties: { id: ID }, required: ['id'] };

const SWITCH_BODY = {
  type: 'object',
  properties: { kill_switch: { type: 'boolean' } },
  required: ['kill_switch'],
  additionalProperties: false,
};

const RESOLVE_BODY = {
  type: 'object',
  properties: {
    environment_id: ID,
    outcome: { enum: RESOLUTIONS },
    note: { type: ['string', 'null'], maxLength: 500 },
  },
  required: ['environment_id', 'outcome', 'note'],
  additionalProperties: false,
};

/** The page on which people look at the house, and change the little of it that cannot wait. */
export class ConsolePage implements AdminPage {
  readonly path = '/console';
  readonly changes?: AdminPage['changes'];
  private readonly live: LiveParts;

  constructor(private readonly options: ConsoleOptions) {
    const { stores, mayChange, log } = options;
    if (mayChange) this.changes = whatIsAsked;
    this.live = new LiveParts({
      beginReading: () => {
        const reader = new ConsoleReader(stores, mayChange);
        return () => reader.read();
      },
      pause: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
      clock: () => performance.now(),
      report: (error) => log.error({ console: 'reading', error: errorFields(error) }),
    });
  }

  readonly routes = async (scope: FastifyInstance): Promise<void> => {
    scope.addHook('onSend', async (request, reply) => {
      // Whoever is not let in yet gets the form of the login, which is to be sent.
      if (request.admin !== null) reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    });
    tellErrors(scope, this.options.log);
    scope.get('', (_, reply) => reply.redirect('/console/'));
    await scope.register(fastifyStatic, { root: FILES, decorateReply: false, cacheControl: false });
    // A HEAD would look on for ever.
    scope.get('/events', { exposeHeadRoute: false }, (request, reply) => this.tell(request, reply));
    this.addChanges(scope);
  };

  /** Ends what is shown live. Before the stores are closed. */
  close(): Promise<void> {
    return this.live.close();
  }

  private tell(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (this.live.watching >= MOST_WATCHERS) return reply.code(503).send({ message: 'Too many look on.' });
    const { isStillIn } = adminOf(request);
    const events = new Readable({ read: () => undefined });
    events.push(`retry: ${COME_AGAIN_MS}\n\n`);
    let isOver = false;
    const end = (...lastWords: string[]) => {
      if (!isOver) for (const words of [...lastWords, null]) events.push(words);
      isOver = true;
    };
    const leave = this.live.watch({
      send: (event) => {
        events.push(event);
        if (events.readableLength > MOST_BEHIND_BYTES) events.destroy();
      },
      end: () => end(),
    });
    // He shows his session again when he comes back, which he does at once. Told so, his page does not take it for a loss.
    const comeAgain = () => {
      leave();
      end('event: again\ndata:\n\n');
    };
    const longest = setTimeout(comeAgain, MOST_WATCHED_MS);
    const asking = setInterval(() => {
      // Where it cannot be asked, nothing can be read either, of which whoever looks on is told.
      isStillIn().then(
        (isIn) => isIn || comeAgain(),
        () => undefined,
      );
    }, SESSION_ASKED_MS);
    events.once('close', () => {
      clearTimeout(longest);
      clearInterval(asking);
      isOver = true;
      leave();
    });
    return reply.header('content-type', 'text/event-stream').header('x-accel-buffering', 'no').send(events);
  }

  private addChanges(scope: FastifyInstance): void {
    const { environments, calls } = this.options;
    scope.post<{ Params: { id: string }; Body: { kill_switch: boolean } }>(
      '/environments/:id/kill-switch',
      { schema: { params: BY_ID, body: SWITCH_BODY } },
      async (request) => {
        const { id } = request.params;
        const killSwitch = request.body.kill_switch;
        await environments.get(id);
        await environments.change(id, adminOf(request).actor, { killSwitch });
        if (!killSwitch) return { kill_switch: false };
        const { inFlight, stopped } = await environments.confirmStop(id);
        return { kill_switch: true, ...inFlightView(inFlight), stopped };
      },
    );
    scope.post<{
      Params: { id: string };
      Body: { environment_id: string; outcome: Resolution; note: string | null };
    }>('/calls/:id/resolve', { schema: { params: BY_ID, body: RESOLVE_BODY } }, async (request) => {
      const { environment_id: environmentId, outcome, note } = request.body;
      await calls.resolve({ environmentId, actor: adminOf(request).actor }, request.params.id, outcome, note);
      return { id: request.params.id, outcome };
    });
  }
}

/** What is asked for, and of what. */
function whatIsAsked({ method, routeOptions, params }: FastifyRequest): Record<string, unknown> {
  return { route: `${method} ${routeOptions.url ?? ''}`, ...(params as { id: string }) };
}

function adminOf({ admin }: FastifyRequest): Admin {
  if (admin === null) throw new Error('A request got past the login that nobody is known of.');
  return admin;
}

/** In our own words: those of a database may hold what was asked of it. */
function tellErrors(scope: FastifyInstance, log: Log): void {
  scope.setErrorHandler((error: Error & { validation?: unknown }, request, reply) => {
    if (error.validation !== undefined) return reply.code(400).send({ message: `${error.message}.` });
    if (error.name === 'EntityNotFoundError')
      return reply.code(404).send({ message: 'There is no such environment.' });
    const { status, message } = toApiError(error);
    if (status >= 500) log.error({ console: request.url, error: errorFields(error) });
    return reply.code(status).send({ message });
  });
}
