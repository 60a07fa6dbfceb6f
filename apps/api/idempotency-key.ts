import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { IdempotentRequest } from '#store/idempotency.js';
import { errors } from './http-errors.js';

/**
 * The request's Idempotency-Key, if it has one. The same key on another path or of another environment is another key;
 * with another body it is refused (draft-ietf-httpapi-idempotency-key-header-07).
 */
export function idempotencyOf(environmentId: string, request: FastifyRequest): IdempotentRequest | null {
  const key = idempotencyKeyOf(request);
  if (key === null) return null;
  const route = `${request.method} ${request.url.split('?')[0]}`;
  const fingerprint = createHash('sha256').update(canonical(request.body)).digest('hex');
  return { environmentId, route, key, fingerprint };
}

/** The header, if the request has it. */
export function idempotencyKeyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw errors.invalid({
      'Idempotency-Key': ['The header must be 1 to 255 visible ASCII characters.'],
    });
  }
  return key;
}

/** The body as text, the same for any order of its keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(',')}}`;
}
