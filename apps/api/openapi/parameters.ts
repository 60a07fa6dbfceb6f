import type { Components } from './components.js';
import type { OperationDescription } from './operation.js';
import { requestSchema } from './request-schemas.js';
import { ID, TEXT, type Schema } from './schema.js';

/** The parameters of a route: of its path, its query and, where it takes a key, its header. */
export function parametersOf(
  pattern: string,
  { query, takesIdempotencyKey }: OperationDescription,
  components: Components,
): Schema[] {
  return [
    ...pathParameters(pattern),
    ...(query === undefined ? [] : queryParameters(requestSchema(components.requests, query))),
    ...(takesIdempotencyKey === true ? [IDEMPOTENCY_KEY] : []),
  ];
}

/** `/calls/:id` as `/calls/{call_id}`. */
export function pathInBraces(pattern: string): string {
  return pieces(pattern)
    .map(({ piece, parameter }) => (parameter === null ? piece : `{${parameter}}`))
    .join('/');
}

function pathParameters(pattern: string): Schema[] {
  return pieces(pattern).flatMap(({ parameter }) => {
    if (parameter === null) return [];
    const schema = OTHER_PARAMETERS[parameter] ?? ID;
    return [{ name: parameter, in: 'path', required: true, schema }];
  });
}

const NUMBER_IN_PATH: Schema = { ...TEXT, description: 'E.164, with + as %2B.', examples: ['+12025550123'] };

/** Parameters of paths that are no ids. */
const OTHER_PARAMETERS: Record<string, Schema> = {
  number: NUMBER_IN_PATH,
  phone: NUMBER_IN_PATH,
  trunk: TEXT,
  file: TEXT,
};

/** The pieces of a path, each with the name it has as a parameter: an id is called by what it is the id of. */
function pieces(pattern: string): { piece: string; parameter: string | null }[] {
  const all = pattern.split('/');
  return all.map((piece, index) => {
    if (!piece.startsWith(':')) return { piece, parameter: null };
    const name = piece.slice(1);
    const owner = (all[index - 1] ?? '').replace(/s$/, '').replaceAll('-', '_');
    return { piece, parameter: name in OTHER_PARAMETERS ? name : `${owner}_id` };
  });
}

function queryParameters({ properties }: Schema): Schema[] {
  return Object.entries(properties as Record<string, Schema>).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: withoutNull(schema),
  }));
}

/** A query knows no null: what is not there is left out. */
function withoutNull({ type, enum: words, ...schema }: Schema): Schema {
  const [first, ...others] = [type].flat().filter((name) => name !== 'null');
  return {
    type: others.length === 0 ? first : [first, ...others],
    ...(Array.isArray(words) ? { enum: words.filter((word) => word !== null) as unknown[] } : {}),
    ...schema,
  };
}

const IDEMPOTENCY_KEY: Schema = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key and body within a day give the answer that was given before.',
  schema: { ...TEXT, pattern: '^[!-~]{1,255}$' },
};
