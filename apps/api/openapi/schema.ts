/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. One with a `title` becomes a component of that name. */
export type Schema = Readonly<Record<string, unknown>>;

/** The fields of an object, by name. */
export type Fields = Readonly<Record<string, Schema>>;

export const TEXT: Schema = { type: 'string' };
export const BOOLEAN: Schema = { type: 'boolean' };
export const NUMBER: Schema = { type: 'number' };
export const COUNT: Schema = { type: 'integer', minimum: 0 };
export const INTEGER: Schema = { type: 'integer' };
export const ID: Schema = { type: 'string', format: 'uuid' };
export const DATE: Schema = { type: 'string', format: 'date' };
export const INSTANT: Schema = { type: 'string', format: 'date-time' };
/** What belongs to the client, or to a rule, and has no fixed fields. */
export const ANY_OBJECT: Schema = { type: 'object', additionalProperties: true };

export function oneOf(words: readonly string[]): Schema {
  return { type: 'string', enum: [...words] };
}

export function always(value: string | boolean): Schema {
  return { type: typeof value, const: value };
}

export function list(items: Schema): Schema {
  return { type: 'array', items };
}

/** The same, or null. */
export function orNull(schema: Schema): Schema {
  const { type, enum: words } = schema;
  if (typeof type !== 'string' || 'title' in schema) return { anyOf: [schema, { type: 'null' }] };
  return {
    ...schema,
    type: [type, 'null'],
    ...(Array.isArray(words) ? { enum: [...(words as string[]), null] } : {}),
  };
}

/** An object of exactly these fields, all of them there but for those named as optional. */
export function object(fields: Fields, optional: Fields = {}): Schema {
  return {
    type: 'object',
    properties: { ...fields, ...optional },
    required: Object.keys(fields),
    additionalProperties: false,
  };
}

/** An object that has a name of its own in the description. */
export function named(title: string, schema: Schema): Schema {
  return { title, ...schema };
}
