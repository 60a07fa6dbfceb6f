import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contactOf } from '#number-files/contact-row.js';
import { toE164 } from '#policy/phone-number.js';
import { ApiError } from '../http-errors.js';
import { validated } from '../validated.js';
import { MakeCampaignCallBody } from './campaign-call.dto.js';

const anything = fc.oneof(
  fc.constantFrom(null, '', 'x', 0, 1.5, 101, -100, true, 'true', [], {}, { __proto__x: 1 }),
  fc.constantFrom('+12025550100', ' +44 20 7946 0000', '2025550100', 'a\0b', '\ud800'),
  fc.constantFrom('Europe/Lisbon', 'Mars/Base', '2026-01-31T09:00:00Z', '2026-02-30T09:00:00Z', '2026-01-31'),
  fc.constantFrom(
    '0000-01-01T00:00:00Z',
    { a: '\0' },
    { a: 'x'.repeat(16_384) },
    JSON.parse('{"__proto__":1}'),
  ),
  fc.constantFrom([[[[[[[[[1]]]]]]]]], { a: { b: { c: { d: { e: { f: { g: { h: {} } } } } } } } }),
);

const FIELDS = [
  'to',
  'payload',
  'context',
  'is_testing',
  'allow_duplicates',
  'timezone',
  'not_before',
  'expires_at',
];
const aBody = fc.dictionary(fc.constantFrom(...FIELDS, 'priority', 'name'), anything, { maxKeys: 10 });
const aRightStart = fc.record({ to: fc.constant('+12025550100') });

/** The fields that are found fault with. */
function faultsOfOne(body: unknown): string[] {
  try {
    validated(MakeCampaignCallBody, body);
    return [];
  } catch (error) {
    return Object.keys((error as ApiError).extra.errors as object).sort();
  }
}

function faultsOfRow(body: Record<string, unknown>): string[] {
  const judged = contactOf(1, body, { e164: toE164, allowDuplicates: false }, false);
  return Array.isArray(judged) ? [...new Set(judged.map(({ column }) => column ?? 'body'))].sort() : [];
}

describe('a row of a file of contacts', () => {
  it('is found fault with for the very fields of a single call', () => {
    const body = fc
      .tuple(fc.oneof(aRightStart, fc.constant({})), aBody)
      .map(([start, rest]) => ({ ...start, ...rest }));
    fc.assert(
      fc.property(body, (one) => {
        expect(faultsOfRow(one)).toEqual(faultsOfOne(one));
      }),
      { numRuns: 2_000 },
    );
  });
});
