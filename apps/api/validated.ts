import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { errors } from './http-errors.js';

type Shape<T> = new () => T;

/**
 * A body, checked against its shape: unknown fields, wrong types and forbidden keys are a 422 that names the field,
 * dotted for items (`call_time_ranges.0.end`).
 */
export function validated<T extends object>(shape: Shape<T>, body: unknown): T {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw errors.invalid({ body: ['The body must be a JSON object.'] });
  }
  refuseUnfit(body, []);
  return check(shape, body, {});
}

/** Query parameters, checked likewise; numbers are read from their text, unknown parameters are left aside. */
export function validatedQuery<T extends object>(shape: Shape<T>, query: unknown): T {
  refuseUnfit(query, []);
  return check(shape, query as object, { ignoreUnknown: true });
}

function check<T extends object>(shape: Shape<T>, value: object, { ignoreUnknown = false }): T {
  const instance = plainToInstance(shape, value);
  const mistakes = validateSync(instance, { whitelist: true, forbidNonWhitelisted: !ignoreUnknown });
  if (mistakes.length > 0) throw errors.invalid(byDottedKey(mistakes, ''));
  return instance;
}

function byDottedKey(mistakes: ValidationError[], prefix: string): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const { property, constraints, children } of mistakes) {
    const key = prefix === '' ? property : `${prefix}.${property}`;
    if (constraints !== undefined) Object.assign(fields, itemsOrField(key, constraints));
    Object.assign(fields, byDottedKey(children ?? [], key));
  }
  return fields;
}

/** A rule over an array may name the item: its message then begins with the item's index and a bar. */
function itemsOrField(key: string, constraints: Record<string, string>): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const message of Object.values(constraints)) {
    const [, place, text] = /^@([^|]+)\|(.*)$/.exec(message) ?? [];
    const name = place === undefined ? key : `${key}.${place}`;
    fields[name] = [...(fields[name] ?? []), text ?? message];
  }
  return fields;
}

/** Keys that reach into an object's prototype are refused wherever they stand. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Text that no database keeps: the NUL character, and half of a surrogate pair. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

/** Refuses, wherever they stand, forbidden keys and text that cannot be stored. */
function refuseUnfit(value: unknown, path: string[]): void {
  const refuse = (message: string) => errors.invalid({ [path.join('.') || 'body']: [message] });
  if (typeof value === 'string' && UNSTORABLE.test(value)) {
    throw refuse('The text must not hold a NUL character or half of a surrogate pair.');
  }
  // 1e400 is JSON, and would be kept as null.
  if (typeof value === 'number' && !Number.isFinite(value)) throw refuse('The number is too large.');
  if (typeof value !== 'object' || value === null) return;
  if (path.length > 100) throw errors.invalid({ [path[0] ?? 'body']: ['The body is nested too deeply.'] });
  for (const [key, inner] of Object.entries(value)) {
    if (UNSTORABLE.test(key))
      throw refuse('A key must not hold a NUL character or half of a surrogate pair.');
    if (FORBIDDEN_KEYS.has(key)) {
      throw errors.invalid({ [[...path, key].join('.')]: [`The key ${key} is not allowed.`] });
    }
    refuseUnfit(inner, [...path, key]);
  }
}
