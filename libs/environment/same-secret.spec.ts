import { expect, it } from 'vitest';
import { isSameSecret } from './same-secret.js';

it.each<[string, string, string, boolean]>([
  ['the whole of it', 'correct horse', 'correct horse', true],
  ['its beginning', 'correct', 'correct horse', false],
  ['more than it', 'correct horses', 'correct horse', false],
  ['another one as long', 'correct morse', 'correct horse', false],
  ['nothing', '', 'correct horse', false],
])('a secret is shown by %s: %s for %s', (_, shown, expected, isShown) => {
  expect(isSameSecret(shown, expected)).toBe(isShown);
});
