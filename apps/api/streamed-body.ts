import type { IncomingMessage } from 'node:http';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { errors, sendError } from './http-errors.js';

/** What a file of numbers may be sent as; whether it is packed, its first bytes say. */
export const FILE_TYPES = ['text/csv', 'text/plain', 'application/gzip'] as const;

/** What a file of contacts may be sent as; what it is, its first bytes say. */
export const CONTACT_FILE_TYPES = [...FILE_TYPES, 'application/x-ndjson', 'application/json'] as const;

/** A file in JSON, under a name that no ordinary body has: under its own it would be read whole, and no larger than those. */
const STREAMED_JSON = 'application/x-ndjson';

/** Routes whose body is read as it comes, and may be larger than memory: patterns with their prefix, and their types. */
const STREAMED_ROUTES = new Map<string, readonly string[]>([
  ['/api/v1/do-not-call/import', FILE_TYPES],
  ['/api/v1/do-not-call/scrub', FILE_TYPES],
  ['/api/v1/campaigns/:id/contacts', CONTACT_FILE_TYPES],
]);

/** After the answer, what a client still sends is read and thrown away up to here, so that it sees the answer. */
const MOST_BYTES_UNREAD = 64 * 1024 * 1024;

/** A request that is not whole by then is given up: one that drips would keep its connection for ever. */
export const MAX_REQUEST_MS = 60_000;

/** The same for a file. */
export const MAX_FILE_MS = 30 * 60_000;

/** Hands files to those routes as they come. Everywhere else they are refused, as what is not JSON is. */
export function takeStreamedBodies(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _, done) => {
    const isJson = /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
    if (isJson && typesTaken(request).includes('application/json'))
      request.headers['content-type'] = STREAMED_JSON;
    done();
  });
  server.addContentTypeParser([...FILE_TYPES, STREAMED_JSON], (request, payload, done) => {
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
    done(typesTaken(request).includes(type) ? null : new UnsupportedMediaTypeException(), payload);
  });
}

/**
 * Gives up ordinary requests whose body takes too long. The server's own bound is one for all its requests, and is that of
 * files.
 */
export function boundRequests(server: FastifyInstance, mostMs = MAX_REQUEST_MS): void {
  server.addHook('onRequest', (request, reply, done) => {
    const { raw } = request;
    if (!raw.complete && typesTaken(request).length === 0) {
      const timer = setTimeout(() => {
        if (raw.complete || reply.sent) return;
        void sendError(reply.header('connection', 'close'), request, errors.requestTimeout());
      }, mostMs);
      raw.once('close', () => clearTimeout(timer));
    }
    done();
  });
}

function typesTaken({ method, routeOptions }: FastifyRequest): readonly string[] {
  return method === 'POST' ? (STREAMED_ROUTES.get(routeOptions.url ?? '') ?? []) : [];
}

/** @throws ApiError 415 for a body that is no file, JSON included */
export function fileIn(body: unknown, types: readonly string[] = FILE_TYPES): IncomingMessage {
  const isFile = typeof body === 'object' && body !== null && 'pipe' in body;
  if (!isFile) throw errors.unsupportedFileType(types);
  return body as IncomingMessage;
}

/**
 * The pieces of a file. A reader that stops before its end, for a fault that is to be answered, leaves the connection as
 * it is: to end it would keep the answer from the client.
 */
export async function* piecesOf(file: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* file.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } finally {
    let unread = 0;
    file.on('data', ({ length }: Buffer) => {
      unread += length;
      if (unread > MOST_BYTES_UNREAD) file.destroy();
    });
    file.resume();
  }
}
