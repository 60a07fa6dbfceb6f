import fc from 'fast-check';
import parsePhoneNumber from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { toE164, toE164AtHome } from './phone-number.js';

describe('a number of North America that is E.164 as it stands', () => {
  it('is what the tables of all numbers say it is', () => {
    const national = fc.stringMatching(/^[2-9]\d{9}$/);
    fc.assert(
      fc.property(national, (digits) => {
        const parsed = parsePhoneNumber(`+1${digits}`);
        expect(parsed?.isPossible()).toBe(true);
        expect(parsed?.number).toBe(toE164(`+1${digits}`));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a number of a list of one country', () => {
  it.each<[string, 'US' | 'DE' | 'GB', string | null]>([
    ['(202) 555-0100', 'US', '+12025550100'],
    ['12025550100', 'US', '+12025550100'],
    ['+442079460000', 'US', '+442079460000'],
    ['020 7946 0000', 'GB', '+442079460000'],
    ['442079460000', 'GB', '+442079460000'],
    ['4915123456789', 'DE', '+4915123456789'],
    ['0151 23456789', 'DE', '+4915123456789'],
    ['no number', 'DE', null],
    ['12', 'DE', null],
  ])('%s, at home in %s', (text, country, expected) => {
    expect(toE164AtHome(text, country)).toBe(expected);
  });
});
