import {
  booleanFault,
  instantFault,
  isObject,
  priorityFault,
  sizeFault,
  timeZoneFault,
  unfitIn,
} from '#policy/call-fields.js';

/** A row of a file of contacts that may become a call. */
export interface Contact {
  /** The line of the file from 1, or, of an array in JSON, the number of the item. */
  row: number;
  /** E.164. */
  to: string;
  timezone: string | null;
  /** As JSON. */
  payload: string;
  context: string;
  isTesting: boolean;
  allowDuplicates: boolean;
  notBefore: Date | null;
  expiresAt: Date | null;
  /** Null: that of the campaign. */
  priority: number | null;
}

export const ROW_ERRORS = {
  MISSING: 'The row has no number.',
  INVALID: 'A value is not what its column takes.',
  UNKNOWN_FIELD: 'There is no such column.',
  NOT_JSON: 'The line is no object in JSON.',
  NOT_UTF8: 'The row is not UTF-8.',
  TOO_LONG: 'The row is longer than 64 kB.',
  DUPLICATE: 'The number has a live call in the campaign, or stands in an earlier row.',
} as const;

/** What is wrong with a row, for whoever sent it. */
export interface RowError {
  row: number;
  /** Null: the row as a whole. */
  column: string | null;
  code: keyof typeof ROW_ERRORS;
  message: string;
  /** What stands there, cut short; null where that is no text. */
  value: string | null;
}

const MOST_TEXT = 100;
const MOST_ERRORS_OF_A_ROW = 10;

export function rowError(
  row: number,
  column: string | null,
  code: RowError['code'],
  message: string = ROW_ERRORS[code],
  value: unknown = null,
): RowError {
  const isWord = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  const told = isWord ? cut(String(value)) : null;
  return { row, column: column === null ? null : cut(column), code, message, value: told };
}

/** Short, and what a database keeps: to be cut may leave half of a character. */
function cut(text: string): string {
  return text.slice(0, MOST_TEXT).replaceAll(/\0|\p{Surrogate}/gu, '');
}

/** The columns of a row, as `POST /campaigns/{id}/call` takes them: every one but `to` may be left out. */
export const CONTACT_FIELDS = [
  'to',
  'timezone',
  'payload',
  'context',
  'is_testing',
  'allow_duplicates',
  'not_before',
  'expires_at',
  'priority',
] as const;

export type ContactField = (typeof CONTACT_FIELDS)[number];

const KNOWN: ReadonlySet<string> = new Set(CONTACT_FIELDS);

export interface RowReading {
  e164: (text: string) => string | null;
  /** For rows that do not say it themselves. */
  allowDuplicates: boolean;
}

/**
 * Judges the fields of a row by the rules of a single call.
 * @param isText whether all of them are texts whose characters were looked at already
 */
export function contactOf(
  row: number,
  fields: Record<string, unknown>,
  reading: RowReading,
  isText: boolean,
): Contact | RowError[] {
  const faults: RowError[] = [];
  const judge = (column: ContactField, fault: string | null) => {
    if (fault !== null) faults.push(rowError(row, column, 'INVALID', fault, fields[column]));
  };
  if (!isText) {
    const unfit = unfitIn(fields);
    if (unfit !== null) return [rowError(row, unfit.path.join('.') || null, 'INVALID', unfit.message)];
    for (const name of Object.keys(fields)) {
      if (!KNOWN.has(name)) faults.push(rowError(row, name, 'UNKNOWN_FIELD', ROW_ERRORS.UNKNOWN_FIELD));
    }
  }
  const to = typeof fields.to === 'string' ? reading.e164(fields.to) : null;
  if (fields.to === undefined || fields.to === null || fields.to === '')
    faults.push(rowError(row, 'to', 'MISSING'));
  else if (to === null) judge('to', NO_NUMBER);
  const { timezone = null, not_before: notBefore = null, expires_at: expiresAt = null } = fields;
  const { priority, is_testing: isTesting = false } = fields;
  const { allow_duplicates: allowDuplicates = reading.allowDuplicates } = fields;
  if (timezone !== null) judge('timezone', timeZoneFault(timezone, 'timezone'));
  if (notBefore !== null) judge('not_before', instantFault(notBefore, 'not_before'));
  if (expiresAt !== null) judge('expires_at', instantFault(expiresAt, 'expires_at'));
  if (priority !== undefined) judge('priority', priorityFault(priority, 'priority'));
  judge('is_testing', booleanFault(isTesting, 'is_testing'));
  judge('allow_duplicates', booleanFault(allowDuplicates, 'allow_duplicates'));
  const payload = objectText(fields.payload ?? EMPTY, 'payload');
  const context = objectText(fields.context ?? EMPTY, 'context');
  judge('payload', payload.fault);
  judge('context', context.fault);
  if (faults.length > 0 || to === null) return faults.slice(0, MOST_ERRORS_OF_A_ROW);
  return {
    row,
    to,
    timezone: timezone as string | null,
    payload: payload.text,
    context: context.text,
    isTesting: isTesting as boolean,
    allowDuplicates: allowDuplicates as boolean,
    notBefore: notBefore === null ? null : new Date(notBefore as string),
    expiresAt: expiresAt === null ? null : new Date(expiresAt as string),
    priority: (priority as number | undefined) ?? null,
  };
}

const NO_NUMBER = 'The to field must be a phone number in E.164, with a leading +.';
const EMPTY = {};
const OF_NOTHING = { text: '{}', fault: null };

function objectText(value: unknown, field: string): { text: string; fault: string | null } {
  if (value === EMPTY) return OF_NOTHING;
  if (!isObject(value)) return { text: '{}', fault: `The ${field} field must be an object.` };
  const text = JSON.stringify(value);
  return { text, fault: sizeFault(value, field, text) };
}
