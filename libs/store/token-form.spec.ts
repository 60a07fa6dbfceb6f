import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, isWellFormed, newToken } from './token-form.js';

describe('a token', () => {
  it('is well formed and new each time', () => {
    const tokens = Array.from({ length: 100 }, newToken);
    expect(tokens.every(isWellFormed)).toBe(true);
    expect(new Set(tokens.map(hashOf)).size).toBe(100);
  });

  it('with one character changed is refused without asking anybody', () => {
    const token = newToken();
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: token.length - 1 }),
        fc.constantFrom(...'aZ9b'),
        (index, character) => {
          fc.pre(token[index] !== character);
          expect(isWellFormed(token.slice(0, index) + character + token.slice(index + 1))).toBe(false);
        },
      ),
    );
  });

  it.each([
    '',
    'talq_',
    'Bearer',
    'talq_' + 'a'.repeat(46),
    `${newToken()}x`,
    newToken().replace('talq', 'palq'),
  ])('is not %j', (text) => {
    expect(isWellFormed(text)).toBe(false);
  });
});
