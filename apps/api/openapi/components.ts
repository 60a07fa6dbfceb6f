import { requestSchemas } from './request-schemas.js';
import type { Schema } from './schema.js';

const PREFIX = '#/components/schemas/';

/** The named schemas of a description, gathered as they are referred to. */
export class Components {
  readonly requests = requestSchemas();
  private readonly kept = new Map<string, Schema>();
  private readonly keptResponses = new Map<string, Schema>();

  schemas(): Record<string, Schema> {
    return Object.fromEntries(this.kept);
  }

  responses(): Record<string, Schema> {
    return Object.fromEntries(this.keptResponses);
  }

  /** A reference to a response, which is kept. */
  respond(name: string, response: Schema): Schema {
    this.keptResponses.set(name, response);
    return { $ref: `#/components/responses/${name}` };
  }

  /** A schema with each titled one inside it replaced by a reference to the component of that name. */
  put(schema: Schema): Schema {
    const { title, ...rest } = schema;
    if (typeof title === 'string') return this.refer(title, rest);
    return mapValues(schema, (inner) => this.put(inner));
  }

  /** A reference to a component, which is kept. Two of one name have to be the same. */
  refer(name: string, schema: Schema): Schema {
    const whole = mapValues(schema, (inner) => this.put(inner));
    const before = this.kept.get(name);
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(whole)) {
      throw new Error(`Two schemas are named ${name}.`);
    }
    this.kept.set(name, whole);
    this.keepRequestsIn(whole);
    return { $ref: `${PREFIX}${name}` };
  }

  /** Classes that a request's class refers to. */
  private keepRequestsIn(schema: Schema): void {
    const { $ref: reference } = schema;
    const name = typeof reference === 'string' ? reference.slice(PREFIX.length) : '';
    const request = this.requests.get(name);
    if (request !== undefined && !this.kept.has(name)) this.refer(name, request);
    mapValues(schema, (inner) => (this.keepRequestsIn(inner), inner));
  }
}

/** Applies `change` to every object inside, be it in a list or under a key. */
function mapValues(schema: Schema, change: (inner: Schema) => Schema): Schema {
  const changed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(changed);
    return typeof value === 'object' && value !== null ? change(value as Schema) : value;
  };
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, changed(value)]));
}
