import fc, { type Arbitrary } from 'fast-check';
import { component } from '../described-api.js';

/** A JSON Schema, as the description of the api has them. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  examples?: unknown[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
}

/** Stands in a planned request for the id of something that is there by the time it is sent. */
export interface Wanted {
  $wanted: string;
  whose: 'own' | 'theirs' | 'nobodys';
  /** Which of them, modulo how many there are. */
  pick: number;
}

/** An id of a kind: mostly one's own, at times another environment's, at times nobody's. */
export function anId(kind: string): Arbitrary<Wanted> {
  const whose = fc.oneof(
    { weight: 8, arbitrary: fc.constant('own' as const) },
    { weight: 1, arbitrary: fc.constant('theirs' as const) },
    { weight: 1, arbitrary: fc.constant('nobodys' as const) },
  );
  return fc.record({ $wanted: fc.constant(kind), whose, pick: fc.nat(1_000) });
}

/** The kind of thing that an id in a field of this name is of. */
const KIND_OF_FIELD: Record<string, string> = { call_sid: 'call_id', cursor: 'call_id' };

/** What a schema allows. @param name of the field it stands in */
export function valid(schema: Schema, name = ''): Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valid(component(schema.$ref), name);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) {
    const { anyOf, ...rest } = schema;
    return fc.oneof(...anyOf.map((one) => valid({ ...rest, ...one }, name)));
  }
  const types = [schema.type ?? ['object', 'array', 'string', 'integer', 'boolean', 'null']].flat();
  return fc.oneof(...types.map((type) => ofType(type, schema, name)));
}

function ofType(type: string, schema: Schema, name: string): Arbitrary<unknown> {
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return aNumberOf(type, schema);
    case 'array':
      return aListOf(schema, name);
    case 'object':
      return anObjectOf(schema);
    default:
      return aTextOf(schema, name);
  }
}

function aNumberOf(type: string, schema: Schema): Arbitrary<number> {
  const min = schema.minimum ?? -1_000_000;
  const max = schema.maximum ?? 1_000_000;
  const ends = fc.constantFrom(min, max);
  if (type === 'integer') return fc.oneof(ends, fc.integer({ min, max }));
  const open = {
    min: schema.exclusiveMinimum ?? min,
    max: schema.exclusiveMaximum ?? max,
    minExcluded: schema.exclusiveMinimum !== undefined,
    maxExcluded: schema.exclusiveMaximum !== undefined,
    noNaN: true,
  };
  return open.minExcluded || open.maxExcluded ? fc.double(open) : fc.oneof(ends, fc.double(open));
}

function aListOf({ items = {}, minItems = 0, maxItems = 4, uniqueItems }: Schema, name: string) {
  const lengths = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 4)) };
  const item = valid(items, name.replace(/s$/, ''));
  if (uniqueItems !== true) return fc.array(item, lengths);
  return fc.uniqueArray(item, { ...lengths, selector: (value) => JSON.stringify(value) });
}

function anObjectOf({ properties = {}, required = [], additionalProperties, propertyNames }: Schema) {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([field, schema]) => [field, valid(schema, field)]),
  );
  const named = fc.record(fields, { requiredKeys: required });
  if (additionalProperties === undefined || additionalProperties === false) return named;
  const keys = propertyNames === undefined ? fc.stringMatching(/^[a-z_]{1,12}$/) : valid(propertyNames);
  const values = additionalProperties === true ? fc.jsonValue({ maxDepth: 2 }) : valid(additionalProperties);
  const others = fc.dictionary(keys as Arbitrary<string>, values, { maxKeys: 3 });
  return fc.tuple(named, others).map(([own, more]) => ({ ...more, ...own }));
}

function aTextOf(schema: Schema, name: string): Arbitrary<unknown> {
  const examples = (schema.examples ?? []).map((example) => fc.constant(example));
  return fc.oneof(
    ...examples.flatMap((example) => Array<typeof example>(4).fill(example)),
    anyTextOf(schema, name),
  );
}

function anyTextOf(
  { format, pattern, minLength = 0, maxLength = 60 }: Schema,
  name: string,
): Arbitrary<unknown> {
  if (format === 'uuid' || name.endsWith('_id')) return anId(KIND_OF_FIELD[name] ?? name);
  if (format === 'date') return aDay.map((day) => day.toISOString().slice(0, 10));
  if (format === 'date-time') return aDay.map((day) => day.toISOString());
  if (format === 'uri') return fc.webUrl({ validSchemes: ['https'] });
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' });
  return fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)), unit: 'grapheme' });
}

const aDay = fc.date({ min: new Date('2026-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });

/** Text that some layer, somewhere, takes for something else. */
export const NASTY = [
  '',
  ' ',
  '\0',
  '\ud800',
  '\u202e+12025550100',
  "'; DROP TABLE calls; --",
  '" OR ""="',
  '../../../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  '${jndi:ldap://127.0.0.1/a}',
  '{{constructor.constructor}}',
  '__proto__',
  '<script>alert(1)</script>',
  '\r\nSet-Cookie: a=b',
  '9'.repeat(400),
  'e\u0301'.repeat(300),
  '😀'.repeat(300),
  '00000000-0000-0000-0000-000000000000',
  '2026-02-30',
  '24:01',
  '-0',
  '1e309',
  'NaN',
  'null',
];

/** Anything at all. */
export const hostile: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(...NASTY),
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e300,
    -1e300,
    2 ** 53,
    2 ** 31,
    [],
    {},
    [[]],
    [null],
  ),
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.dictionary(
    fc.constantFrom('__proto__', 'constructor', 'prototype', 'a.b', '', 'id', '0'),
    fc.jsonValue(),
  ),
  fc.integer({ min: 1, max: 40 }).map((levels) => nested(levels)),
);

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? { a: value } : [value];
  return value;
}

/** Something right in which one thing is wrong: left out, more, or of another kind. */
export function nearlyValid(schema: Schema): Arbitrary<unknown> {
  return fc
    .tuple(valid(schema), fc.nat(1_000), fc.constantFrom('drop', 'replace', 'add'), hostile)
    .map(([value, pick, how, wrong]) => spoilt(value, pick, how, wrong));
}

function spoilt(value: unknown, pick: number, how: string, wrong: unknown): unknown {
  if (typeof value !== 'object' || value === null || '$wanted' in value) return wrong;
  const keys = Object.keys(value);
  const key = keys[pick % Math.max(1, keys.length)];
  if (how === 'add' || key === undefined) {
    return Array.isArray(value) ? [...(value as unknown[]), wrong] : { ...value, [`more_${pick}`]: wrong };
  }
  const inner = (value as Record<string, unknown>)[key];
  const goesDeeper = pick % 3 === 0 && typeof inner === 'object' && inner !== null;
  const put = goesDeeper ? spoilt(inner, Math.floor(pick / 3), how, wrong) : wrong;
  if (Array.isArray(value)) {
    const items = value as unknown[];
    return how === 'drop' && !goesDeeper
      ? items.filter((_, place) => String(place) !== key)
      : items.map((item, place) => (String(place) === key ? put : item));
  }
  const { [key]: _dropped, ...rest } = value as Record<string, unknown>;
  return how === 'drop' && !goesDeeper ? rest : { ...rest, [key]: put };
}
