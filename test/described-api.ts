import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** What a client sent, and what it was answered. */
export interface Exchange {
  method: string;
  /** Without the prefix of the version, with its query. */
  path: string;
  /** What was sent as JSON; undefined where nothing was. */
  sent?: unknown;
  status: number;
  headers: Headers;
  body: unknown;
}

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; schema: object }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object; example?: unknown }> };
  responses: Record<string, Reference | Response>;
}

interface Reference {
  $ref: string;
}

interface Response {
  headers: Record<string, Reference>;
  content?: Record<string, { schema: object }>;
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Response>; headers: Record<string, { required?: boolean }> };
}

/** The description of the api in the checkout. Every command of the project runs in its top folder. */
const description = JSON.parse(readFileSync(resolve('docs/openapi.json'), 'utf8')) as Description;

/** What a reference within the description leads to. */
export function component(reference: string): object {
  const pieces = reference.replace('#/', '').split('/');
  return pieces.reduce<any>((inner, piece) => inner[piece], description) as object;
}

/** The name that schemas know the description by. */
const DOCUMENT = 'openapi';

export interface DescribedRoute {
  /** As in `GET /agents/{}`: without the prefix of the version, and with its parameters unnamed. */
  route: string;
  operation: Operation;
}

export const describedRoutes: DescribedRoute[] = Object.entries(description.paths).flatMap(
  ([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path.replace('/api/v1', '').replaceAll(/\{[^}]+\}/g, '{}')}`,
      operation,
    })),
);

/**
 * Judges an answer by the description: its status, its headers and its body, and of a success also what was sent.
 * @throws where the description does not say so
 */
export function judge(exchange: Exchange): void {
  const { method, path, status } = exchange;
  const fault = faultOf(exchange);
  if (fault !== null) throw new Error(`${method} ${path} → ${status} is not as described: ${fault}`);
}

function faultOf(exchange: Exchange): string | null {
  const { status, headers, body } = exchange;
  const operation = operationOf(exchange);
  if (operation === null) return status < 400 ? 'there is no such route' : null;
  const response = responseOf(operation, status);
  if (response === null) return 'no such status';
  const missing = Object.entries(response.headers).find(
    ([name, { $ref }]) => isRequiredHeader($ref) && !headers.has(name),
  );
  if (missing !== undefined) return `no header ${missing[0]}`;
  const schema = response.content?.['application/json']?.schema;
  if (schema === undefined) return body === null ? null : 'a body where none is';
  const fault = faultOfValue(strict, `${operation.operationId} ${status}`, schema, body);
  if (fault !== null) return `${fault} in ${JSON.stringify(body)}`;
  return status < 300 ? faultOfRequest(operation, exchange) : null;
}

/** What is taken has to be what is described, or clients that keep to the description cannot send it. */
function faultOfRequest({ operationId, parameters, requestBody }: Operation, { path, sent }: Exchange) {
  if (requestBody === undefined ? sent !== undefined : requestBody.required && sent === undefined) {
    return `the request ${sent === undefined ? 'needs a' : 'takes no'} body`;
  }
  // A file may be one of many things, and its rows are the api's to judge, one by one.
  const isFile = requestBody !== undefined && 'text/csv' in requestBody.content;
  const schema = isFile ? undefined : requestBody?.content['application/json']?.schema;
  if (schema !== undefined && sent !== undefined) {
    const fault = faultOfValue(strict, `${operationId} body`, schema, sent);
    if (fault !== null) return `the request: ${fault}`;
  }
  const named = parameters.filter((parameter) => parameter.in === 'query');
  const query = {
    type: 'object',
    properties: Object.fromEntries(named.map(({ name, schema: ofParameter }) => [name, ofParameter])),
    additionalProperties: false,
  };
  const asked = Object.fromEntries(new URL(path, 'http://house').searchParams);
  const fault = faultOfValue(lenient, `${operationId} query`, query, asked);
  return fault === null ? null : `the query: ${fault}`;
}

/** Where several paths fit, the one with the fewest parameters is meant. */
function operationOf({ method, path }: Exchange): Operation | null {
  const asked = `${method} ${path.split('?')[0]}`;
  const [first] = describedRoutes
    .filter(({ route }) => new RegExp(`^${route.replaceAll('{}', '[^/]+')}$`).test(asked))
    .sort((a, b) => a.route.split('{}').length - b.route.split('{}').length);
  return first?.operation ?? null;
}

function responseOf({ responses }: Operation, status: number): Response | null {
  const response = responses[status];
  if (response === undefined) return null;
  return '$ref' in response ? (description.components.responses[lastPiece(response.$ref)] ?? null) : response;
}

function isRequiredHeader(reference: string): boolean {
  return description.components.headers[lastPiece(reference)]?.required === true;
}

function lastPiece(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}

const strict = checker(false);
/** For what comes as text. */
const lenient = checker(true);

interface Checker {
  ajv: Ajv2020;
  compiled: Map<string, ValidateFunction>;
}

function checker(coerceTypes: boolean): Checker {
  const ajv = new Ajv2020({ strict: false, coerceTypes });
  formats.default(ajv);
  return { ajv: ajv.addSchema(description, DOCUMENT), compiled: new Map() };
}

function faultOfValue({ ajv, compiled }: Checker, name: string, schema: object, value: unknown) {
  const fits = compiled.get(name) ?? ajv.compile(inDocument(schema) as object);
  compiled.set(name, fits);
  return fits(value) ? null : ajv.errorsText(fits.errors, { dataVar: 'it' });
}

/** The schema with its references led into the document. */
function inDocument(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${DOCUMENT}#/components/`));
}
