import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '#environment/log.js';
import type { Settings } from '#environment/settings.js';
import { Stopping } from '#environment/stopping.js';
import { Vitals } from '#environment/vitals.js';
import { Metrics } from '#metrics/metrics.js';
import { Carriers } from '#telephony/carriers.js';
import type { Tracing } from '#tracing/tracing.js';
import { ApiModule } from './api.module.js';
import { answerClientError } from './client-errors.js';
import { sendError, toApiError } from './http-errors.js';
import { traceIntake } from './intake-traces.js';
import { jsonBody, refuseEncoded } from './json-body.js';
import { API_PREFIX, EXCLUDED_FROM_PREFIX, isCalledByCarriers } from './paths.js';
import { CallbackGate } from './provider-callbacks/callback-gate.js';
import { RequestGate } from './request-gate.js';
import { measureRequests } from './request-metrics.js';
import { watchRequests } from './request-vitals.js';
import { boundRequests, MAX_FILE_MS, takeStreamedBodies } from './streamed-body.js';

/** The largest body of an ordinary route. */
const MAX_BODY_BYTES = 256 * 1024;

/** The api, ready to listen. */
export async function httpServer(
  settings: Settings,
  log: Log,
  tracing: Tracing,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: MAX_FILE_MS,
    // Whose address a request has: the peer's own, unless the operator says which proxies to believe.
    trustProxy: settings.TRUST_PROXY ?? false,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    // What has come is answered, and not by 503: nobody on its way has to send it again.
    return503OnClosing: false,
    // What no route is even looked for with is answered in the shape of errors too.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      void sendError(reply.header('x-request-id', request.id), request, toApiError(error));
    },
    clientErrorHandler: answerClientError,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.for(settings, tracing), adapter, {
    logger: log,
    rawBody: true,
    bodyParser: false,
    abortOnError: false,
  });
  app.setGlobalPrefix(API_PREFIX, { exclude: EXCLUDED_FROM_PREFIX });
  // JSON only: a form would arrive as strings, and a number among them as a phone number gone wrong.
  adapter.getInstance().removeContentTypeParser('text/plain');
  app.useBodyParser('application/json', { bodyLimit: MAX_BODY_BYTES }, (request, body, done) => {
    const { headers, routeOptions } = request as FastifyRequest;
    refuseEncoded(headers);
    // A callback is bytes until its signature is verified.
    done(null, isCalledByCarriers(routeOptions.url) ? undefined : jsonBody(body));
  });
  const contentTypes = app.get(Carriers).all.map(({ callbackContentType }) => callbackContentType);
  for (const contentType of new Set(contentTypes)) {
    if (contentType === 'application/json') continue;
    // What carriers send, and nobody else.
    app.useBodyParser(contentType, { bodyLimit: MAX_BODY_BYTES }, (request, _body, done) => {
      const { headers, routeOptions } = request as FastifyRequest;
      if (!isCalledByCarriers(routeOptions.url)) throw new UnsupportedMediaTypeException();
      refuseEncoded(headers);
      done(null, undefined);
    });
  }
  boundRequests(adapter.getInstance());
  takeStreamedBodies(adapter.getInstance());
  await app.register(helmet);
  measureRequests(adapter.getInstance(), app.get(Metrics));
  traceIntake(adapter.getInstance(), tracing);
  watchRequests(adapter.getInstance(), app.get(Vitals));
  endConnectionsOnceStopping(adapter.getInstance(), app.get(Stopping));
  app.get(RequestGate).install(adapter.getInstance(), log);
  app.get(CallbackGate).install(adapter.getInstance());
  await app.init();
  return app;
}

/** Each connection ends with its next answer, so that its client turns to another api before this one is gone. */
function endConnectionsOnceStopping(server: FastifyInstance, stopping: Stopping): void {
  server.addHook('onSend', (_, reply, __, done) => {
    if (stopping.isStopping) reply.header('connection', 'close');
    done();
  });
}
