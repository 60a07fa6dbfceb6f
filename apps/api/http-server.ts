import { randomUUID } from 'node:crypto';
import helmet from '@fastify/helmet';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '#environment/log.js';
import type { Settings } from '#environment/settings.js';
import { ApiModule } from './api.module.js';
import { answerClientError } from './client-errors.js';
import { sendError, toApiError } from './http-errors.js';
import { jsonBody } from './json-body.js';
import { API_PREFIX, EXCLUDED_FROM_PREFIX } from './paths.js';
import { RequestGate } from './request-gate.js';
import { takeStreamedBodies } from './streamed-body.js';

/** The largest body of an ordinary route. */
const MAX_BODY_BYTES = 256 * 1024;

/** The api, ready to listen. */
export async function httpServer(settings: Settings, log: Log): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: MAX_BODY_BYTES,
    // Whose address a request has: the peer's own, unless the operator says which proxies to believe.
    trustProxy: settings.TRUST_PROXY ?? false,
    genReqId: () => randomUUID(),
    forceCloseConnections: 'idle',
    // What no route is even looked for with is answered in the shape of errors too.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      void sendError(reply.header('x-request-id', request.id), request, toApiError(error));
    },
    clientErrorHandler: answerClientError,
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.for(settings), adapter, {
    logger: log,
    rawBody: true,
    bodyParser: false,
    abortOnError: false,
  });
  app.setGlobalPrefix(API_PREFIX, { exclude: EXCLUDED_FROM_PREFIX });
  // JSON only: a form would arrive as strings, and a number among them as a phone number gone wrong.
  adapter.getInstance().removeContentTypeParser('text/plain');
  app.useBodyParser('application/json', { bodyLimit: MAX_BODY_BYTES }, ({ headers }, body, done) => {
    done(null, jsonBody(headers, body));
  });
  takeStreamedBodies(adapter.getInstance());
  await app.register(helmet);
  app.get(RequestGate).install(adapter.getInstance(), log);
  await app.init();
  return app;
}
