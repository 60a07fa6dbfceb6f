import { Ajv, type ValidateFunction } from 'ajv';

/** What a parameter of a request holds. All of them come as text where they come in an address. */
type Parameter = 'text' | 'whole_number' | 'variables' | { oneOf: readonly string[] };

export interface Operation {
  method: 'GET' | 'POST' | 'DELETE';
  /** As Asterisk's own description writes it. */
  path: string;
  required: Record<string, Parameter>;
  optional: Record<string, Parameter>;
}

/** Requests of ARI's that the adapter may make: the names, and what they hold. */
export const OPERATIONS = {
  create: {
    method: 'POST',
    path: '/channels/create',
    required: { endpoint: 'text', app: 'text' },
    optional: {
      appArgs: 'text',
      channelId: 'text',
      otherChannelId: 'text',
      originator: 'text',
      formats: 'text',
      variables: 'variables',
    },
  },
  dial: {
    method: 'POST',
    path: '/channels/{channelId}/dial',
    required: {},
    optional: { caller: 'text', timeout: 'whole_number' },
  },
  show: { method: 'GET', path: '/channels/{channelId}', required: {}, optional: {} },
  hangUp: {
    method: 'DELETE',
    path: '/channels/{channelId}',
    required: {},
    optional: {
      reason_code: 'text',
      reason: {
        oneOf: [
          'normal',
          'busy',
          'congestion',
          'no_answer',
          'timeout',
          'rejected',
          'unallocated',
          'normal_unspecified',
          'number_incomplete',
          'codec_mismatch',
          'interworking',
          'failure',
          'answered_elsewhere',
        ],
      },
    },
  },
  continue: {
    method: 'POST',
    path: '/channels/{channelId}/continue',
    required: {},
    optional: { context: 'text', extension: 'text', priority: 'whole_number', label: 'text' },
  },
  move: {
    method: 'POST',
    path: '/channels/{channelId}/move',
    required: { app: 'text' },
    optional: { appArgs: 'text' },
  },
  getVariable: {
    method: 'GET',
    path: '/channels/{channelId}/variable',
    required: { variable: 'text' },
    optional: {},
  },
  setVariable: {
    method: 'POST',
    path: '/channels/{channelId}/variable',
    required: { variable: 'text' },
    optional: { value: 'text', report_events: { oneOf: ['true', 'false'] } },
  },
  application: { method: 'GET', path: '/applications/{applicationName}', required: {}, optional: {} },
  events: {
    method: 'GET',
    path: '/events',
    required: { app: 'text' },
    optional: { subscribeAll: { oneOf: ['true', 'false'] } },
  },
} as const satisfies Record<string, Operation>;

/** What a field of an answer or an event holds; with `?` where it may be absent. */
type Field = 'text' | 'whole_number' | 'instant' | 'texts' | 'channel' | 'caller' | 'dialplan' | 'things';
type Fields = Record<string, Field | `${Field}?`>;

const EVENT: Fields = { type: 'text', application: 'text', timestamp: 'instant', asterisk_id: 'text?' };

/** What ARI answers and tells, by its own names: fields that are told and not used are here too. */
export const MODELS = {
  Channel: {
    id: 'text',
    name: 'text',
    state: 'text',
    protocol_id: 'text',
    caller: 'caller',
    connected: 'caller',
    accountcode: 'text',
    dialplan: 'dialplan',
    creationtime: 'instant',
    language: 'text',
    channelvars: 'things?',
    caller_rdnis: 'text?',
    tenantid: 'text?',
  },
  CallerID: { name: 'text', number: 'text' },
  DialplanCEP: {
    context: 'text',
    exten: 'text',
    priority: 'whole_number',
    app_name: 'text',
    app_data: 'text',
  },
  Variable: { value: 'text' },
  Application: {
    name: 'text',
    channel_ids: 'texts',
    bridge_ids: 'texts',
    endpoint_ids: 'texts',
    device_names: 'texts',
    events_allowed: 'things',
    events_disallowed: 'things',
  },
  StasisStart: { ...EVENT, args: 'texts', channel: 'channel', replace_channel: 'channel?' },
  StasisEnd: { ...EVENT, channel: 'channel' },
  Dial: {
    ...EVENT,
    caller: 'channel?',
    peer: 'channel',
    forward: 'text?',
    forwarded: 'channel?',
    dialstring: 'text?',
    dialstatus: 'text',
  },
  ChannelStateChange: { ...EVENT, channel: 'channel' },
  ChannelDestroyed: {
    ...EVENT,
    cause: 'whole_number',
    cause_txt: 'text',
    tech_cause: 'whole_number?',
    channel: 'channel',
  },
  ApplicationReplaced: EVENT,
} as const satisfies Record<string, Fields>;

export type OperationName = keyof typeof OPERATIONS;
export type ModelName = keyof typeof MODELS;

/** The states of a channel, as ARI names them. */
export const CHANNEL_STATES = [
  'Down',
  'Rsrved',
  'OffHook',
  'Dialing',
  'Ring',
  'Ringing',
  'Up',
  'Busy',
  'Dialing Offhook',
  'Pre-ring',
  'Unknown',
];

const FIELD_SCHEMAS: Record<Field, object> = {
  text: { type: 'string' },
  whole_number: { type: 'integer' },
  // The time zone without a colon, as Asterisk writes it.
  instant: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}[+-]\\d{4}$' },
  texts: { type: 'array', items: { type: 'string' } },
  channel: { $ref: 'Channel' },
  caller: { $ref: 'CallerID' },
  dialplan: { $ref: 'DialplanCEP' },
  things: { type: ['array', 'object'] },
};

/**
 * The part of ARI's published description that the adapter uses, as a judge of requests, answers and events. Asterisk's own
 * files are under the GPL, so the names are written down here in schemas of our own; `published.spec.ts` holds them against
 * those files where they are at hand. What is not named is a mistake.
 */
export class AriDescription {
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly requests: Record<string, ValidateFunction>;

  constructor() {
    for (const [name, fields] of Object.entries(MODELS)) this.ajv.addSchema(modelSchema(name, fields), name);
    this.requests = Object.fromEntries(
      Object.entries(OPERATIONS).map(([name, operation]) => [
        name,
        this.ajv.compile(requestSchema(operation)),
      ]),
    );
  }

  /** What is wrong with the parameters of a request, a sentence each. */
  mistakesInRequest(of: OperationName, parameters: unknown): string[] {
    return mistakesBy(this.requests[of] as ValidateFunction, of, parameters);
  }

  /** What is wrong with an answer or an event, a sentence each. */
  mistakesInModel(of: ModelName, value: unknown): string[] {
    return mistakesBy(this.ajv.getSchema(of) as ValidateFunction, of, value);
  }
}

function mistakesBy(judge: ValidateFunction, of: string, value: unknown): string[] {
  if (judge(value)) return [];
  return (judge.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || of} ${message} ${JSON.stringify(params)}`,
  );
}

function modelSchema(name: string, fields: Fields): object {
  const entries = Object.entries(fields).map(([field, kind]): [string, object] => {
    if (name === 'Channel' && field === 'state') return [field, { enum: CHANNEL_STATES }];
    if (field === 'type') return [field, { const: name }];
    return [field, FIELD_SCHEMAS[kind.replace('?', '') as Field]];
  });
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(entries),
    required: Object.keys(fields).filter((field) => fields[field]?.endsWith('?') === false),
  };
}

function requestSchema({ required, optional }: Operation): object {
  const all = { ...required, ...optional };
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(Object.entries(all).map(([name, held]) => [name, parameterSchema(held)])),
    required: Object.keys(required),
  };
}

function parameterSchema(held: Parameter): object {
  if (held === 'text') return { type: 'string', minLength: 1 };
  if (held === 'whole_number') return { type: ['string', 'integer'], pattern: '^\\d+$' };
  if (held === 'variables') return { type: 'object', additionalProperties: { type: 'string' } };
  return { enum: held.oneOf };
}
