import { expect, it } from 'vitest';
import { hashPassword, passwordCheck, readHash } from './password-hash.js';

/** The third of RFC 7914's vectors (section 12), which others have computed. */
const OF_THE_RFC =
  '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$' +
  'cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw';

it('a hash that others have made is matched by its password, and by no other', async () => {
  const isPassword = passwordCheck(OF_THE_RFC);
  expect(await isPassword('pleaseletmein')).toBe(true);
  for (const wrong of ['pleaseletmeiN', 'pleaseletmein ', '', OF_THE_RFC])
    expect(await isPassword(wrong), wrong).toBe(false);
});

it('two hashes of one password differ, and both are matched', async () => {
  const [one, other] = [await hashPassword('correct horse'), await hashPassword('correct horse')];
  expect(one).not.toBe(other);
  for (const hash of [one, other]) {
    expect(hash).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await passwordCheck(hash)('correct horse')).toBe(true);
  }
});

it('a plain password is matched by itself alone', async () => {
  const isPassword = passwordCheck('grüße$scrypt$');
  expect(await isPassword('grüße$scrypt$')).toBe(true);
  for (const wrong of ['grüße$scrypt', 'grusse$scrypt$', ''])
    expect(await isPassword(wrong), wrong).toBe(false);
});

it('a hash that would stop the process, or prove nothing, is none', () => {
  expect(readHash(OF_THE_RFC)).not.toBeNull();
  for (const wrong of [
    OF_THE_RFC.replace('ln=14', 'ln=21'),
    OF_THE_RFC.replace('ln=14', 'ln=20'),
    OF_THE_RFC.replace('ln=14', 'ln=0'),
    OF_THE_RFC.replace('r=8', 'r=0'),
    OF_THE_RFC.replace('p=1', 'p=17'),
    OF_THE_RFC.slice(0, 60),
    OF_THE_RFC.replace('$U29kaXVtQ2hsb3JpZGU$', '$U29k$'),
    `${OF_THE_RFC}=`,
  ])
    expect(readHash(wrong), wrong).toBeNull();
});
