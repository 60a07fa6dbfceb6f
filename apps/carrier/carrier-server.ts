import { Readable } from 'node:stream';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { CALL_REQUEST_SCHEMA, CallIntake, type CallRequest, type Verdict } from './call-intake.js';
import { CallbackSender } from './callbacks.js';
import type { CarrierSettings } from './carrier-settings.js';
import { FAULTS_SCHEMA, FaultSwitches, type Faults } from './faults.js';
import { Ledger } from './ledger.js';
import { LiveCalls } from './live-calls.js';
import { RandomStream } from './random-stream.js';

export interface Carrier {
  /** Not listening yet. */
  http: FastifyInstance;
  /** What really happened; emits `line`. */
  ledger: Ledger;
  /** Stops every call and connection and resolves when the ledger's file is whole. */
  close(): Promise<void>;
}

type CarrierOptions = Pick<CarrierSettings, 'CARRIER_SECRET' | 'SPEED' | 'SEED' | 'LEDGER_FILE'>;

/** Builds the simulated carrier. Throws the system's error when the ledger's file cannot be opened. */
export async function buildCarrier(settings: CarrierOptions, log: Logger): Promise<Carrier> {
  const { CARRIER_SECRET: secret, SPEED: speed, SEED: seed } = settings;
  const ledger = await Ledger.open(settings.LEDGER_FILE);
  const faults = new FaultSwitches();
  const callbacks = new CallbackSender({ secret, speed, ledger });
  const calls = new LiveCalls({ seed, speed, ledger, callbacks, faults });
  const intake = new CallIntake({ seed, ledger, calls, faults });

  const http = emptyServer(log);
  addCallRoutes(http, intake, calls, faults, log);
  addLookUpRoute(http, calls, faults, seed);
  addFaultRoutes(http, faults);
  addLedgerRoute(http, ledger);
  http.get('/health', () => ({ status: 'ok' }));

  const close = async () => {
    calls.close();
    callbacks.close();
    await http.close();
    await ledger.close();
  };
  return { http, ledger, close };
}

/** A server that answers everything it does not know in the carrier's words. */
export function emptyServer(log: Logger): FastifyInstance {
  const http = fastify({
    bodyLimit: 1024 * 1024,
    // A request that is never answered keeps its connection until the client leaves or the carrier closes.
    forceCloseConnections: true,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, allowUnionTypes: true } },
  });
  // Some clients name a content type on every request; an empty body is then no body.
  http.removeContentTypeParser('application/json');
  const parseJson = http.getDefaultJsonParser('error', 'error');
  http.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body as string, done);
  });
  http.setErrorHandler<FastifyError>((error, _request, reply) => answerError(error, reply, log));
  http.setNotFoundHandler((_request, reply) =>
    refuse(reply, 404, 'not_found', 'There is nothing at this address.'),
  );
  return http;
}

function addCallRoutes(
  http: FastifyInstance,
  intake: CallIntake,
  calls: LiveCalls,
  faults: FaultSwitches,
  log: Logger,
): void {
  http.route<{ Body: CallRequest }>({
    method: 'POST',
    url: '/calls',
    schema: { body: CALL_REQUEST_SCHEMA },
    errorHandler: (error, request, reply) => {
      if (isClientsMistake(error)) intake.refuseUnreadable(request.body);
      void answerError(error, reply, log);
    },
    handler: (request, reply) => answerRequest(intake.receive(request.body), request.body.id, reply, faults),
  });

  http.delete<{ Params: { id: string } }>('/calls/:id', (request, reply) => {
    const call = calls.find(request.params.id);
    if (call === undefined) return refuse(reply, 404, 'not_found', 'There is no such call.');
    calls.hangUp(call);
    return reply.code(202).send({ id: call.id, provider_call_id: call.providerCallId });
  });
}

async function answerRequest(
  { result, call, underWay }: Verdict,
  id: string,
  reply: FastifyReply,
  faults: FaultSwitches,
): Promise<unknown> {
  switch (result) {
    case 'accepted':
    case 'replayed':
      reply.code(result === 'accepted' ? 201 : 200);
      return { id, provider_call_id: call?.providerCallId, status: 'accepted' };
    case 'invalid_number':
      return refuse(reply, 422, result, 'There is no such number.');
    case 'too_late':
      return refuse(reply, 422, result, 'The request came after its not_after; nothing rang.');
    case 'rate_limited':
      return refuse(askPause(reply, faults), 429, result, 'Too many calls; try again later.');
    case 'overloaded':
      return refuse(askPause(reply, faults), 503, result, 'The carrier takes no calls; nothing rang.');
    case 'error':
      await underWay;
      return refuse(reply, 500, 'internal_error', 'Something went wrong.');
    case 'dropped':
      await underWay;
      reply.hijack();
      reply.raw.destroy();
      return undefined;
    case 'hung':
      reply.hijack();
      return undefined;
  }
}

function askPause(reply: FastifyReply, { current }: FaultSwitches): FastifyReply {
  const seconds = current.retry_after_seconds;
  return seconds ? reply.header('retry-after', seconds.toString()) : reply;
}

function addLookUpRoute(http: FastifyInstance, calls: LiveCalls, faults: FaultSwitches, seed: number): void {
  /** How often each id was asked for while look-ups failed by chance: the n-th asking fails or not by the seed. */
  const askings = new Map<string, number>();
  const isDown = (id: string): boolean => {
    const probability = Number(faults.current.lookup_down);
    if (probability === 0 || probability === 1) return probability === 1;
    const asking = (askings.get(id) ?? 0) + 1;
    askings.set(id, asking);
    return new RandomStream(seed, 'look-up', id, asking).chance(probability);
  };

  http.get<{ Params: { id: string } }>('/calls/:id', (request, reply) => {
    const { id } = request.params;
    if (isDown(id)) return refuse(reply, 503, 'unavailable', 'Look-ups do not work at the moment.');
    const state = calls.stateAt(id, Date.now() - faults.current.lookup_lag_ms);
    return state ?? refuse(reply, 404, 'not_found', 'There is no such call.');
  });
}

/** The routes by which tests switch faults. */
export function addFaultRoutes(http: FastifyInstance, faults: FaultSwitches): void {
  http.get('/faults', () => faults.current);
  http.put<{ Body: Partial<Faults> }>('/faults', { schema: { body: FAULTS_SCHEMA } }, (request) =>
    faults.change(request.body),
  );
  http.delete('/faults', () => faults.clear());
}

/** The route by which tests read what really happened. */
export function addLedgerRoute(http: FastifyInstance, ledger: Ledger): void {
  const querystring = { type: 'object', properties: { id: { type: 'string' }, to: { type: 'string' } } };
  http.get<{ Querystring: { id?: string; to?: string } }>(
    '/ledger',
    { schema: { querystring } },
    (request, reply) => {
      const { id, to } = request.query;
      // In a URL a plus sign means a space, and few people write %2B.
      const number = to?.replace(/^ /, '+');
      return reply.type('application/x-ndjson').send(Readable.from(ledger.read({ id, to: number })));
    },
  );
}

function answerError(error: FastifyError, reply: FastifyReply, log: Logger): FastifyReply {
  const status = error.statusCode ?? 500;
  if (!isClientsMistake(error)) {
    log.error({ err: error }, 'a request failed');
    return refuse(reply, status, 'internal_error', 'The carrier itself failed; its log says why.');
  }
  const unknownField = error.validation?.[0]?.params.additionalProperty;
  const named = typeof unknownField === 'string' ? `: ${unknownField}` : '';
  return refuse(reply, status, 'invalid_request', `${error.message}${named}`);
}

function isClientsMistake(error: FastifyError): boolean {
  return error.statusCode !== undefined && error.statusCode < 500;
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ code, message });
}
