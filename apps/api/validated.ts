import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { unfitIn } from '#policy/call-fields.js';
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
  refuseUnfit(body);
  return check(shape, body, {});
}

/** Query parameters, checked likewise; numbers are read from their text, unknown parameters are left aside. */
export function validatedQuery<T extends object>(shape: Shape<T>, query: unknown): T {
  refuseUnfit(query);
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

/** Refuses, wherever they stand, forbidden keys and text that cannot be stored. */
function refuseUnfit(value: unknown): void {
  const unfit = unfitIn(value);
  if (unfit !== null) throw errors.invalid({ [unfit.path.join('.') || 'body']: [unfit.message] });
}
