import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SealedSecrets } from './sealed-secret.js';

const key = () => randomBytes(32).toString('base64');

describe('a sealed secret', () => {
  it('opens under its key to what it was, and looks different each time', () => {
    const secrets = new SealedSecrets(key());
    const sealed = secrets.seal('whsec_pässword');
    expect(secrets.open(sealed)).toBe('whsec_pässword');
    expect(sealed).not.toContain('word');
    expect(secrets.seal('whsec_pässword')).not.toBe(sealed);
  });

  it('does not open under another key, nor altered by one bit', () => {
    const secrets = new SealedSecrets(key());
    const sealed = secrets.seal('secret');
    expect(() => new SealedSecrets(key()).open(sealed)).toThrow(/another key/);
    const [id, packed] = sealed.split('.') as [string, string];
    const bytes = Buffer.from(packed, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => secrets.open(`${id}.${bytes.toString('base64')}`)).toThrow();
  });

  it('takes no short key', () => {
    expect(() => new SealedSecrets('short')).toThrow(RangeError);
  });
});
