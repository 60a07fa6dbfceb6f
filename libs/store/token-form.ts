import { createHash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The form of a token: `talq_`, 40 random base62 characters (238 bits), and six that are the base62 CRC-32 of what
 * precedes them. The checksum is no security: it lets a typo be refused without a query, and a leak be scanned for.
 */
const PREFIX = 'talq_';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_CHARACTERS = 40;
const CHECKSUM_CHARACTERS = 6;

export function newToken(): string {
  const random = Array.from({ length: RANDOM_CHARACTERS }, () => BASE62[randomInt(BASE62.length)]).join('');
  return `${PREFIX}${random}${checksumOf(PREFIX + random)}`;
}

export function isWellFormed(token: string): boolean {
  if (!/^talq_[0-9A-Za-z]{46}$/.test(token)) return false;
  return token.endsWith(checksumOf(token.slice(0, -CHECKSUM_CHARACTERS)));
}

/** What is kept of a token. 238 random bits need no slow hash. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function checksumOf(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_CHARACTERS; place += 1) {
    digits = (BASE62[rest % BASE62.length] ?? '') + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}
