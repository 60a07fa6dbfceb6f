import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';

const CALLS = '/2010-04-01/Accounts/{AccountSid}/Calls.json';
const CALL = '/2010-04-01/Accounts/{AccountSid}/Calls/{Sid}.json';
const CALL_SCHEMA = 'api.v2010.account.call';

/** What the description lets pass, and Twilio does not. */
const OWN_CHECKS = {
  create: [
    [/^\+[1-9]\d{6,14}$/, 'To'],
    [/^\+[1-9]\d{6,14}$/, 'From'],
    [/^https?:\/\//, 'Url'],
  ],
  update: [],
  list: [],
} as const;

interface Operation {
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  parameters?: { name: string; in: string; schema: object; required?: boolean }[];
}

/**
 * Twilio's own description of its Calls resource (see openapi/NOTICE), as a judge of requests and answers. Forms and
 * queries are text, so values are read as the types that the description gives them. Stricter than the description in two
 * things: a field that it does not name is a mistake, and numbers are in E.164.
 */
export class TwilioDescription {
  private readonly ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: 'array' });
  private readonly judges: Record<'create' | 'update' | 'list' | 'call' | 'calls', ValidateFunction>;

  constructor() {
    const document = JSON.parse(readFileSync(resolve('test/twilio-twin/openapi/calls.json'), 'utf8')) as {
      paths: Record<string, { get: Operation; post: Operation }>;
      components: object;
    };
    ajvFormats.default(this.ajv, ['uri', 'date-time']);
    for (const format of ['endpoint', 'http-method', 'twiml', 'phone-number', 'currency', 'uri-map', 'int64'])
      this.ajv.addFormat(format, true);
    this.ajv.addFormat('date-time-rfc-2822', (text: string) =>
      /^\w{3}, \d{2} \w{3} \d{4} [\d:]{8} \+0000$/.test(text),
    );
    this.ajv.addSchema(closed({ $id: 'twilio', components: document.components }));
    const of = (path: string, method: 'get' | 'post') =>
      (document.paths[path] as { get: Operation; post: Operation })[method];
    this.judges = {
      create: this.form(of(CALLS, 'post')),
      update: this.form(of(CALL, 'post')),
      list: this.query(of(CALLS, 'get')),
      call: this.ajv.compile({ $ref: `twilio#/components/schemas/${CALL_SCHEMA}` }),
      calls: this.ajv.compile({
        type: 'object',
        required: ['calls', 'page', 'page_size', 'uri'],
        properties: {
          calls: { type: 'array', items: { $ref: `twilio#/components/schemas/${CALL_SCHEMA}` } },
        },
      }),
    };
  }

  /** What is wrong with a request or an answer, a sentence each. */
  mistakes(of: keyof TwilioDescription['judges'], value: unknown): string[] {
    const copy = structuredClone(value);
    const judge = this.judges[of];
    const found = judge(copy)
      ? []
      : (judge.errors ?? []).map(
          ({ instancePath, message, params }) => `${instancePath || of} ${message} ${JSON.stringify(params)}`,
        );
    if (of === 'create' || of === 'update' || of === 'list') {
      for (const [pattern, field] of OWN_CHECKS[of]) {
        const given = (value as Record<string, unknown>)[field];
        if (typeof given !== 'string' || !pattern.test(given))
          found.push(`${field} must match ${pattern.source}`);
      }
    }
    return found;
  }

  private form({ requestBody }: Operation): ValidateFunction {
    const schema = requestBody?.content['application/x-www-form-urlencoded']?.schema;
    return this.ajv.compile(closed(schema ?? {}));
  }

  private query({ parameters = [] }: Operation): ValidateFunction {
    const asked = parameters.filter((parameter) => parameter.in === 'query');
    return this.ajv.compile(
      closed({
        type: 'object',
        properties: Object.fromEntries(asked.map(({ name, schema }) => [name, schema])),
        required: asked.filter(({ required }) => required === true).map(({ name }) => name),
      }),
    );
  }
}

/** References lead into the document, wherever the schema was taken from. */
function closed(schema: Record<string, unknown>): object {
  const text = JSON.stringify({ ...schema, additionalProperties: false });
  return JSON.parse(text.replaceAll('"#/components', '"twilio#/components')) as object;
}
