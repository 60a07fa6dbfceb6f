import fc, { type Arbitrary } from 'fast-check';
import { describedRoutes, type DescribedRoute } from '../described-api.js';
import { anId, hostile, NASTY, nearlyValid, valid, type Schema, type Wanted } from './values.js';

/** A request as it is drawn; ids stand in it as wishes, for what there is will only be known as it is sent. */
export interface PlannedRequest {
  route: DescribedRoute;
  /** How it was made. */
  kind: 'valid' | 'nearly valid' | 'hostile';
  /** In the order of the path. */
  pathValues: (string | Wanted)[];
  query: Record<string, unknown>;
  headers: Record<string, string>;
  /** Undefined: none. */
  body: unknown;
  /** Sent instead of the body, as it is. */
  rawBody: string | null;
  contentType: string;
  hasToken: boolean;
}

/** What carriers call is signed, and fuzzed where its adapters are; and a page is no API. */
export const FUZZED_ROUTES = describedRoutes.filter(({ route }) =>
  / \/(?!callbacks|docs|openapi)/.test(route),
);

/** A request to any route: half of them right, a third nearly so, the rest anything. */
export const aRequest: Arbitrary<PlannedRequest> = fc
  .tuple(fc.constantFrom(...FUZZED_ROUTES), kindOfRequest())
  .chain(([route, kind]) => requestTo(route, kind));

function kindOfRequest(): Arbitrary<PlannedRequest['kind']> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant('valid' as const) },
    { weight: 3, arbitrary: fc.constant('nearly valid' as const) },
    { weight: 2, arbitrary: fc.constant('hostile' as const) },
  );
}

/** To draw from is quick, to make is not. */
const made = new Map<string, Arbitrary<PlannedRequest>>();

function requestTo(route: DescribedRoute, kind: PlannedRequest['kind']): Arbitrary<PlannedRequest> {
  const name = `${kind} ${route.route}`;
  const request = made.get(name) ?? newRequestTo(route, kind);
  made.set(name, request);
  return request;
}

function newRequestTo(route: DescribedRoute, kind: PlannedRequest['kind']): Arbitrary<PlannedRequest> {
  const { parameters, requestBody } = route.operation;
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  const takesFile = requestBody !== undefined && 'text/csv' in requestBody.content;
  const schema = takesFile
    ? undefined
    : (requestBody?.content['application/json']?.schema as Schema | undefined);
  const withToken = { weight: 49, arbitrary: fc.constant(true) };
  return fc.record({
    route: fc.constant(route),
    kind: fc.constant(kind),
    pathValues: fc.tuple(...inPath.map(({ name, schema: ofName }) => pathValue(name, ofName, kind))),
    query: queryOf(route, kind),
    headers: headersOf(route, kind),
    body:
      schema === undefined ? fc.constant(undefined) : bodyOf(schema, requestBody?.required === true, kind),
    rawBody: takesFile ? aFile() : kind === 'hostile' && schema !== undefined ? rawBody() : fc.constant(null),
    contentType: fc.constant(takesFile ? 'text/csv' : 'application/json'),
    hasToken: fc.oneof(withToken, { weight: 1, arbitrary: fc.constant(false) }),
  });
}

function pathValue(name: string, schema: object, kind: PlannedRequest['kind']): Arbitrary<string | Wanted> {
  const right =
    (schema as Schema).format === 'uuid' ? anId(name) : fc.constantFrom('+12025550123', '+493012345');
  if (kind !== 'hostile') return right;
  const wrong = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 20 }));
  return fc.oneof({ weight: 2, arbitrary: right }, { weight: 1, arbitrary: wrong.filter(isPathSegment) });
}

/** Others are read as another path by every client and server there is. */
function isPathSegment(text: string): boolean {
  return !['', '.', '..'].includes(text);
}

function queryOf({ operation }: DescribedRoute, kind: PlannedRequest['kind']) {
  const named = operation.parameters.filter((parameter) => parameter.in === 'query');
  const fields = named.map(({ name, schema }): [string, Arbitrary<unknown>] => [
    name,
    kind === 'valid' ? valid(schema as Schema, name) : fc.oneof(valid(schema as Schema, name), hostile),
  ]);
  const asked = fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  if (kind !== 'hostile') return asked;
  const unknown = fc.dictionary(fc.constantFrom('__proto__', 'a[b]', 'page', 'constructor', ''), hostile, {
    maxKeys: 2,
  });
  return fc.tuple(asked, unknown).map(([own, more]) => ({ ...own, ...more }));
}

function headersOf({ operation }: DescribedRoute, kind: PlannedRequest['kind']) {
  const takesKey = operation.parameters.some(({ name }) => name === 'Idempotency-Key');
  if (!takesKey) return fc.constant({});
  const key =
    kind === 'hostile' ? fc.constantFrom('a b', 'x'.repeat(300), 'ü') : fc.stringMatching(/^[!-~]{1,9}$/);
  return fc.option(
    key.map((value) => ({ 'idempotency-key': value })),
    { nil: {} },
  );
}

function bodyOf(schema: Schema, isRequired: boolean, kind: PlannedRequest['kind']): Arbitrary<unknown> {
  const body = { valid: valid, 'nearly valid': nearlyValid, hostile: () => hostile }[kind](schema);
  return isRequired && kind === 'valid' ? body : fc.option(body, { nil: undefined, freq: 8 });
}

/** Files of numbers, and such that are none. */
function aFile(): Arbitrary<string> {
  const lines = fc.array(
    fc.constantFrom(
      '+12025550123',
      '212,5550123',
      'phone',
      '"',
      ',,',
      'a;b',
      '\0',
      '+1',
      '{"to":"+1"}',
      '[{',
      '{}]',
    ),
    {
      minLength: 1,
    },
  );
  return fc.oneof(
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        '+12025550123\n',
        'phone,reason\n+12025550123,asked\n',
        'to,payload.x\n+12025550123,y\n',
      ),
    },
    { weight: 1, arbitrary: lines.map((some) => some.join('\n')) },
  );
}

function rawBody(): Arbitrary<string | null> {
  return fc.option(
    fc.oneof(
      fc.constantFrom(
        '{',
        '{"to":',
        '[',
        '"',
        '{"a":1}}',
        '{"__proto__":{"a":1}}',
        '{"to":"\\u0000"}',
        '\ufeff{}',
      ),
      fc.constant(`{"a":${'['.repeat(5_000)}`),
      fc.constant(`{"a":"${'x'.repeat(270_000)}"}`),
      fc.string({ unit: 'binary', maxLength: 40 }),
    ),
    { nil: null, freq: 2 },
  );
}
