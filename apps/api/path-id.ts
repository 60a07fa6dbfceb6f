import { isUUID } from 'class-validator';
import type { ApiError } from './http-errors.js';

/** An id of the path; one that is no UUID belongs to nothing, and is answered as such. */
export function pathId(id: string, otherwise: () => ApiError): string {
  if (!isUUID(id)) throw otherwise();
  return id;
}

/** What a look-up found, or the answer that there is nothing. */
export function found<T>(value: T | null, otherwise: () => ApiError): T {
  if (value === null) throw otherwise();
  return value;
}
