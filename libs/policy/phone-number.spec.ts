import fc from 'fast-check';
import parsePhoneNumber from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { numberPlanEntry, toE164, toE164AtHome } from './phone-number.js';

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

describe('what the number plan says of a number of North America', () => {
  it('is the same for its whole exchange', () => {
    // Barbados, islands with few exchanges each, personal and toll-free numbers, and whatever is in use nowhere.
    const area = fc.oneof(
      fc.constantFrom(
        '246',
        '264',
        '274',
        '340',
        '345',
        '441',
        '649',
        '721',
        '784',
        '869',
        '800',
        '523',
        '524',
      ),
      fc.stringMatching(/^[2-9]\d{2}$/),
    );
    const rest = fc.stringMatching(/^[2-9]\d{2}$/);
    const line = fc.stringMatching(/^\d{4}$/);
    fc.assert(
      fc.property(area, rest, line, line, (a, exchange, first, second) => {
        numberPlanEntry(`+1${a}${exchange}${first}`);
        const parsed = parsePhoneNumber(`+1${a}${exchange}${second}`);
        const told = numberPlanEntry(`+1${a}${exchange}${second}`);
        expect(told?.country ?? undefined).toBe(parsed?.country);
        const isArea = ['FIXED_LINE', 'FIXED_LINE_OR_MOBILE'].includes(parsed?.getType() ?? '');
        expect(told?.kind === 'area').toBe(isArea);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is asked in Barbados to the last digits', () => {
    expect(numberPlanEntry('+12465211123')?.kind).not.toBe(numberPlanEntry('+12465219923')?.kind);
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
