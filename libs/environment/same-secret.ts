import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Of this process alone: nobody outside can choose texts by what their digests look like. */
const KEY = randomBytes(32);

/**
 * Whether somebody shows the secret that is expected. Digests are compared, so that neither the time it takes nor the length tells
 * how much of it is right.
 */
export function isSameSecret(shown: string, expected: string): boolean {
  return timingSafeEqual(digest(shown), digest(expected));
}

function digest(text: string): Buffer {
  return createHmac('sha256', KEY).update(text).digest();
}
