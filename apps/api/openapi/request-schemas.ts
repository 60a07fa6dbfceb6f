import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { IS_OPTIONAL, IS_URL, ValidationTypes } from 'class-validator';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import type { RequestShape } from './operation.js';
import type { Schema } from './schema.js';

/** Stands for "or null" until the whole property is known. */
const NULL_MARK = 'x-or-null';

interface Metadata {
  name?: string;
  constraints?: unknown[];
}

/** Beside those of class-validator-jsonschema. */
const CONVERTERS: Record<string, Schema | ((metadata: Metadata) => unknown)> = {
  [ValidationTypes.CUSTOM_VALIDATION]: ({ constraints }) => constraints?.[0],
  [ValidationTypes.CONDITIONAL_VALIDATION]: ({ name }) => (name === IS_OPTIONAL ? { [NULL_MARK]: true } : {}),
  [IS_URL]: { type: 'string', format: 'uri' },
};

/**
 * The schemas of all classes that requests are judged by, read from their rules: class-validator's own, and those of
 * `rules.ts`, which carry their schema with them.
 */
export function requestSchemas(): Map<string, Schema> {
  const read = validationMetadatasToSchemas({
    refPointerPrefix: '#/components/schemas/',
    classTransformerMetadataStorage: defaultMetadataStorage as never,
    additionalConverters: CONVERTERS as never,
  });
  return new Map(Object.entries(read).map(([name, schema]) => [name, closed(schema as Schema)]));
}

/** The schema of one class. */
export function requestSchema(schemas: Map<string, Schema>, { name }: RequestShape): Schema {
  const schema = schemas.get(name);
  if (schema === undefined) throw new Error(`${name} has no rules to describe it by.`);
  return schema;
}

/** Fields that are not named are refused. */
function closed(schema: Schema): Schema {
  const properties = Object.entries(schema.properties as Record<string, Schema>);
  return {
    ...schema,
    properties: Object.fromEntries(properties.map(([name, property]) => [name, finished(property)])),
    additionalProperties: false,
  };
}

function finished({ [NULL_MARK]: mayBeNull, ...schema }: Schema): Schema {
  const typed: Schema = isTextEnum(schema) ? { type: 'string', ...schema } : schema;
  if (mayBeNull !== true) return typed;
  if (typed.type === undefined || '$ref' in typed) return { anyOf: [typed, { type: 'null' }] };
  const words = Array.isArray(typed.enum) ? { enum: [...(typed.enum as unknown[]), null] } : {};
  return { ...typed, type: [typed.type, 'null'].flat(), ...words };
}

function isTextEnum({ enum: words }: Schema): boolean {
  return Array.isArray(words) && words.every((word) => typeof word === 'string');
}
