import { existingCallSchema } from '../campaign-calls/campaign-call-view.js';
import { errorBody, errors, type ApiError, type ErrorName } from '../http-errors.js';
import { always, ID, INTEGER, list, named, object, orNull, TEXT, type Schema } from './schema.js';

/** What the errors are made of that say something of the request. */
const SAMPLES: { [Name in ErrorName]?: Parameters<(typeof errors)[Name]> } = {
  agentNotFound: [{ agent_id: '3f0e8f9c-6a53-4a0e-9c7e-0d5f3f1b2a10' }],
  callAlreadyEnded: ['completed'],
  callNotActive: ['queued'],
  campaignNotActive: ['paused'],
  duplicateCall: [{}],
  invalid: [{ to: ['The to field must be a phone number in E.164, with a leading +.'] }],
  invalidPhoneNumber: ['555 0123'],
  invalidTransition: ['completed', 'active'],
  malformedCallback: ['The callback is not of the carrier’s form.'],
  stopNotConfirmed: ['The change is stored, but a dial that had begun could not be waited out. Ask again.'],
  tooManyRequests: [60],
};

/** Further keys that an error's body may have, wherever they stand. */
const FURTHER_KEYS: Record<string, Schema> = {
  agent_id: TEXT,
  errors: { type: 'object', additionalProperties: { ...list(TEXT), minItems: 1 }, minProperties: 1 },
  existing_call: existingCallSchema,
  field: TEXT,
  retry_after: { ...INTEGER, minimum: 1 },
  value: orNull(TEXT),
};

/** An error of the table as it stands in the description. */
export interface DescribedError {
  /** Of the response that it is. */
  name: string;
  status: number;
  message: string;
  schema: Schema;
  /** Names of the headers that it comes with. */
  headers: string[];
}

/** @param isNested whether the route's errors stand inside an `error` object */
export function describedError(name: ErrorName, isNested: boolean): DescribedError {
  const make = errors[name] as (...samples: unknown[]) => ApiError;
  // Only on the routes of one shape does an unknown agent come with details.
  const samples = name === 'agentNotFound' && !isNested ? [] : (SAMPLES[name] ?? []);
  const error = make(...samples);
  const shape = isNested ? 'Nested' : '';
  const title = `${pascalCase(error.code).replace(/(Error)?$/, '')}${shape}Error`;
  return {
    name: `${name}${shape}`,
    status: error.status,
    message: error.message,
    schema: named(title, schemaLike(errorBody(error, isNested, ''))),
    headers: Object.keys(error.headers),
  };
}

/** The schema of a sample: its keys, and of each what is known of it. */
function schemaLike(sample: Record<string, unknown>): Schema {
  const fields = Object.entries(sample).map(([key, value]) => [key, fieldSchema(key, value)]);
  return object(Object.fromEntries(fields) as Record<string, Schema>);
}

function fieldSchema(key: string, value: unknown): Schema {
  if (key === 'success') return always(false);
  if (key === 'code') return always(value as string);
  if (key === 'request_id') return ID;
  if (key in FURTHER_KEYS) return FURTHER_KEYS[key] ?? TEXT;
  return typeof value === 'object' && value !== null ? schemaLike(value as Record<string, unknown>) : TEXT;
}

function pascalCase(code: string): string {
  return code
    .split('_')
    .map((word) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`)
    .join('');
}
