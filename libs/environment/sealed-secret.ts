import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Secrets that have to be read again (a webhook's signing key) are kept encrypted: AES-256-GCM under ENCRYPTION_KEY.
 * The sealed text is `<key id>.<base64 of nonce, tag and cipher text>`; the id says which key, and nothing of it.
 */
export class SealedSecrets {
  private readonly key: Buffer;
  private readonly keyId: string;

  /**
   * @param encryptionKey 32 bytes, base64
   * @throws RangeError for a key of another length
   */
  constructor(encryptionKey: string) {
    this.key = Buffer.from(encryptionKey, 'base64');
    if (this.key.length !== 32) throw new RangeError('ENCRYPTION_KEY must be 32 bytes, base64');
    this.keyId = createHash('sha256').update(this.key).digest('hex').slice(0, 8);
  }

  seal(plain: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce);
    const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return `${this.keyId}.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')}`;
  }

  /** @throws Error for a text that was altered, or sealed under another key */
  open(sealed: string): string {
    const [keyId, packed] = sealed.split('.');
    if (keyId !== this.keyId || packed === undefined)
      throw new Error('The secret was sealed under another key.');
    const bytes = Buffer.from(packed, 'base64');
    const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = [decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(text).toString('utf8');
  }
}
