import { RequestMethod, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { SCOPE } from '../caller.js';
import { hasNestedErrors, type ErrorName } from '../http-errors.js';
import { needsToken, wholePath } from '../paths.js';
import { Components } from './components.js';
import { describedError, type DescribedError } from './error-schemas.js';
import { OPERATION, SECTION, SECTIONS, type OperationDescription } from './operation.js';
import { parametersOf, pathInBraces } from './parameters.js';
import { requestSchema } from './request-schemas.js';
import type { Schema } from './schema.js';

/** A route as Nest and its description know it. */
interface Route {
  method: string;
  /** In Nest's form: `/api/v1/calls/:id`. */
  pattern: string;
  status: number;
  section: string;
  /** The scope that a token needs, where one is needed. */
  scope: string | null;
  description: OperationDescription;
}

/** Of the paths' `/v1`; not that of the program. */
const API_VERSION = '1';

/** The OpenAPI description of some controllers, as JSON: the same for the same code. */
export function openApiText(controllers: Type[]): string {
  return `${JSON.stringify(openApiDocument(controllers), null, 1)}\n`;
}

function openApiDocument(controllers: Type[]): Schema {
  const components = new Components();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of controllers.flatMap(routesOf)) {
    const path = pathInBraces(route.pattern);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ringfence',
      version: API_VERSION,
      description:
        'Outbound campaign calls, placed inside the fence. Send the environment’s token as a bearer token.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This Ringfence.' }],
    tags: Object.entries(SECTIONS).map(([name, description]) => ({ name, description })),
    paths: sorted(paths),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'talq_…' } },
      headers: HEADERS,
      responses: sorted(components.responses()),
      schemas: sorted(components.schemas()),
    },
  };
}

function routesOf(controller: Type): Route[] {
  const section = Reflect.getMetadata(SECTION, controller) as string;
  const ofController = Reflect.getMetadata(PATH_METADATA, controller) as string;
  const prototype = controller.prototype as Record<string, object>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name] as object;
    const description = Reflect.getMetadata(OPERATION, handler) as OperationDescription | undefined;
    if (description === undefined) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number] ?? '';
    const code = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined;
    const pattern = wholePath(ofController, Reflect.getMetadata(PATH_METADATA, handler) as string);
    const needed: unknown = Reflect.getMetadata(SCOPE, handler) ?? Reflect.getMetadata(SCOPE, controller);
    return {
      method,
      pattern,
      status: code ?? (method === 'POST' ? 201 : 200),
      section,
      scope: description.scope ?? (needed === 'none' ? null : (needed as string)),
      description,
    };
  });
}

function operation(route: Route, components: Components): Record<string, unknown> {
  const { method, pattern, section, scope, description } = route;
  const { id, does, body, file } = description;
  return {
    operationId: id,
    summary: does,
    tags: [section],
    security: needsToken(pattern) ? [{ token: scope === null ? [] : [scope] }] : [],
    parameters: parametersOf(pattern, description, components),
    ...(body === undefined ? {} : { requestBody: requestBody(description, components) }),
    ...(file === undefined ? {} : { requestBody: fileBody(file) }),
    responses: {
      ...success(route, components),
      ...failures(method, pattern, description, scope, components),
    },
  };
}

function requestBody({ body, isBodyOptional }: OperationDescription, components: Components) {
  if (body === undefined) return undefined;
  const schema = components.refer(body.name, requestSchema(components.requests, body));
  const example = body.example === undefined ? {} : { example: body.example };
  return { required: isBodyOptional !== true, content: { 'application/json': { schema, ...example } } };
}

function fileBody(mediaTypes: readonly string[]) {
  const content = mediaTypes.map((mediaType) => [mediaType, { schema: fileSchema(mediaType) }]);
  return { required: true, content: Object.fromEntries(content) as Schema };
}

/** Rows in JSON are judged one by one, and so described by the route that takes one of them. */
function fileSchema(mediaType: string): Schema {
  return mediaType === 'application/json' ? { type: 'array', items: { type: 'object' } } : { type: 'string' };
}

function success({ status, pattern, description }: Route, components: Components): Record<string, unknown> {
  const { answer, produces = ['application/json'], takesIdempotencyKey } = description;
  const headers = {
    ...headerRefs(['x-request-id', ...(needsToken(pattern) ? RATE_HEADERS : [])]),
    ...headerRefs(takesIdempotencyKey === true ? ['idempotent-replayed'] : []),
  };
  const schema = answer === null ? null : components.put(answer);
  const content = Object.fromEntries(produces.map((mediaType) => [mediaType, { schema }]));
  return { [status]: { description: 'Done.', headers, ...(schema === null ? {} : { content }) } };
}

/** Refused before a route is found for them, and so in no route's own shape. */
const WITHOUT_ROUTE: readonly ErrorName[] = ['badUrl', 'uriTooLong'];

function failures(
  method: string,
  pattern: string,
  description: OperationDescription,
  scope: string | null,
  components: Components,
): Record<string, unknown> {
  const names = errorNames(pattern, description, scope);
  const isNested = hasNestedErrors(method, pattern);
  const described = names.map((name) => describedError(name, isNested && !WITHOUT_ROUTE.includes(name)));
  const statuses = new Set(described.map(({ status }) => status));
  const responses = [...statuses].map((status) => [
    status,
    failure(
      described.filter((error) => error.status === status),
      components,
    ),
  ]);
  return Object.fromEntries(responses) as Record<string, unknown>;
}

/** The errors of a route: its own, and those of every route of its kind. */
function errorNames(
  pattern: string,
  { body, file, query, refuses = [], takesIdempotencyKey }: OperationDescription,
  scope: string | null,
): ErrorName[] {
  const names = new Set<ErrorName>([...refuses, 'serverError', 'storeUnavailable']);
  if (needsToken(pattern)) {
    for (const name of ['unauthenticated', 'tokenExpired', 'tooManyRequests'] as const) names.add(name);
  }
  if (scope !== null) names.add('forbidden');
  // What stands in a path may be unreadable, or too long to be an id.
  if (pattern.includes(':')) for (const name of WITHOUT_ROUTE) names.add(name);
  if (body !== undefined) {
    for (const name of ['invalidJson', 'payloadTooLarge', 'unsupportedMediaType'] as const) names.add(name);
  }
  if (file !== undefined) {
    for (const name of ['invalidJson', 'payloadTooLarge', 'unsupportedFileType'] as const) names.add(name);
  }
  if (body !== undefined || query !== undefined || takesIdempotencyKey === true) names.add('invalid');
  return [...names];
}

function failure(errors: DescribedError[], components: Components): Schema {
  const refs = new Map(errors.map(({ schema }) => [schema.title, components.put(schema)]));
  const [first, ...others] = refs.values();
  const name = errors.map((error) => error.name).join('Or');
  return components.respond(name, {
    description: [...new Set(errors.map(({ message }) => message))].join(' Or: '),
    headers: headerRefs(['x-request-id', ...new Set(errors.flatMap(({ headers }) => headers))]),
    content: { 'application/json': { schema: others.length === 0 ? first : { oneOf: [first, ...others] } } },
  });
}

const RATE_HEADERS = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'];

const HEADERS: Record<string, Schema> = {
  'X-Request-Id': header('The id that the request has in the log.', { type: 'string', format: 'uuid' }),
  'X-RateLimit-Limit': header('Requests that the token may make in a minute.', { type: 'integer' }),
  'X-RateLimit-Remaining': header('How many of them are left.', { type: 'integer' }),
  'X-RateLimit-Reset': header('When the minute ends, in epoch seconds.', { type: 'integer' }),
  'Retry-After': header('Seconds to wait before asking again.', { type: 'integer', minimum: 1 }),
  'WWW-Authenticate': header('How to ask: with a bearer token; as a carrier, with a signature.', {
    type: 'string',
  }),
  'Idempotent-Replayed': {
    description: 'There, and `true`, when the answer was given before to the same Idempotency-Key.',
    schema: { type: 'string', const: 'true' },
  },
};

function header(description: string, schema: Schema): Schema {
  return { description, required: true, schema };
}

/** @throws for a header that is not described above */
function headerRefs(names: string[]): Record<string, Schema> {
  const refs = names.map((name) => {
    const described = Object.keys(HEADERS).find((known) => known.toLowerCase() === name);
    if (described === undefined) throw new Error(`The header ${name} is not described.`);
    return [described, { $ref: `#/components/headers/${described}` }];
  });
  return Object.fromEntries(refs) as Record<string, Schema>;
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
