import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from './retry-after.js';

describe('an answer', () => {
  it.each([
    ['120', 120],
    ['Thu, 26 Nov 2026 12:01:30 GMT', 90],
    ['Thu, 26 Nov 2026 11:00:00 GMT', null],
    ['soon', null],
    ['0', null],
    [undefined, null],
  ])('that asks to wait until %s is believed in seconds and as a date', (header, seconds) => {
    expect(retryAfterSeconds(header, Date.parse('2026-11-26T12:00:00Z'))).toBe(seconds);
  });
});
