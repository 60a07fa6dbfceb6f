import { toE164 } from './phone-number.js';
import { isKnownTimeZone } from './zone-offsets.js';

// What a call may be asked for with, however the asking comes: one at a time, or as a row of a file. Each judgement
// answers with a sentence that names the field, or with null when the value is right.

/** The range of `priority`. */
export const PRIORITIES = { lowest: -100, highest: 100 };

export function phoneNumberFault(value: unknown, field: string): string | null {
  return toE164(value) === null
    ? `The ${field} field must be a phone number in E.164, with a leading +.`
    : null;
}

const MOST_ZONE_NAME = 50;

export function timeZoneFault(value: unknown, field: string): string | null {
  return typeof value === 'string' && value.length <= MOST_ZONE_NAME && isKnownTimeZone(value)
    ? null
    : `The ${field} field must be an IANA time zone name.`;
}

/** As an instant is written: with its offset, so that it means the same everywhere. */
export const ZONED = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/;

export function instantFault(value: unknown, field: string): string | null {
  return typeof value === 'string' && ZONED.test(value) && isISODateTime(value)
    ? null
    : `The ${field} field must be an ISO 8601 time with its zone, as in 2026-01-31T09:00:00Z.`;
}

function isISODateTime(value: string): boolean {
  const [, date] = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d/.exec(value) ?? [];
  return isCalendarDate(date) && hasFourDigitYear(new Date(value));
}

/** `YYYY-MM-DD`, of a day that there is. */
export function isCalendarDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const parsed = new Date(`${value}T00:00:00Z`);
  return hasFourDigitYear(parsed) && parsed.toISOString().startsWith(value);
}

/** Year 0 is none in PostgreSQL, and one of five digits is written in another way. False of what is no time at all. */
function hasFourDigitYear(time: Date): boolean {
  const year = time.getUTCFullYear();
  return year >= 1 && year <= 9999;
}

export function priorityFault(value: unknown, field: string): string | null {
  const { lowest, highest } = PRIORITIES;
  const isPriority = Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest;
  return isPriority ? null : `The ${field} field must be a whole number from ${lowest} to ${highest}.`;
}

export function booleanFault(value: unknown, field: string): string | null {
  return typeof value === 'boolean' ? null : `The ${field} field must be true or false.`;
}

const MAX_JSON_BYTES = 16 * 1024;
const MAX_JSON_LEVELS = 8;

/** An object of the client's own: at most 16 kB as JSON, and 8 levels deep. */
export function smallObjectFault(value: unknown, field: string): string | null {
  return isObject(value) ? sizeFault(value, field) : `The ${field} field must be an object.`;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The same bounds, for whatever is of the client's own.
 * @param text the value as JSON, for those who have it
 */
export function sizeFault(value: unknown, field: string, text = JSON.stringify(value)): string | null {
  if (levelsOf(value) > MAX_JSON_LEVELS)
    return `The ${field} field must not be nested deeper than ${MAX_JSON_LEVELS} levels.`;
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_JSON_BYTES ? `The ${field} field must not be larger than 16 kB.` : null;
}

function levelsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let deepest = 0;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, levelsOf(inner));
  return 1 + deepest;
}

/** Keys that reach into an object's prototype are refused wherever they stand. */
export const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Text that no database keeps: the NUL character, and half of a surrogate pair. */
export const UNSTORABLE = /\0|\p{Surrogate}/u;

/** What is unfit to be kept, and where in the value it stands. */
export interface Unfit {
  path: string[];
  message: string;
}

/** Looks, wherever they stand, for forbidden keys and for what cannot be stored. */
export function unfitIn(value: unknown, path: string[] = []): Unfit | null {
  if (typeof value === 'string' && UNSTORABLE.test(value)) {
    return { path, message: 'The text must not hold a NUL character or half of a surrogate pair.' };
  }
  // 1e400 is JSON, and would be kept as null.
  if (typeof value === 'number' && !Number.isFinite(value))
    return { path, message: 'The number is too large.' };
  if (typeof value !== 'object' || value === null) return null;
  if (path.length > 100) return { path: path.slice(0, 1), message: 'The body is nested too deeply.' };
  for (const [key, inner] of Object.entries(value)) {
    if (UNSTORABLE.test(key)) {
      return { path, message: 'A key must not hold a NUL character or half of a surrogate pair.' };
    }
    const place = [...path, key];
    if (FORBIDDEN_KEYS.has(key)) return { path: place, message: `The key ${key} is not allowed.` };
    const unfit = unfitIn(inner, place);
    if (unfit !== null) return unfit;
  }
  return null;
}
