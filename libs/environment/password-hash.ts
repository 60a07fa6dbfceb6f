import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { isSameSecret } from './same-secret.js';

/** What a password was hashed by, and to what. */
export interface PasswordHash {
  logN: number;
  r: number;
  p: number;
  salt: Buffer;
  digest: Buffer;
}

/** As OWASP's password storage cheat sheet has it for 32 MiB: a tenth of a second or two, once for each login. */
const COST = { logN: 15, r: 8, p: 3 };

/** A hash in the setting is worked on by every process: no cost that would stop one. */
const MOST = { logN: 20, r: 32, p: 16, memoryBytes: 256 * 1024 * 1024 };

const BASE64 = '([A-Za-z0-9+/]+)';
const FORM = new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})\\$${BASE64}\\$${BASE64}$`);

/** Whether a setting is a hash, or should be one, rather than a plain password. */
export function isMeantAsHash(setting: string): boolean {
  return setting.startsWith('$scrypt$');
}

/**
 * Reads the form that password hashes have in common (PHC), as Passlib and others write it of scrypt:
 * `$scrypt$ln=15,r=8,p=3$<salt>$<digest>`, base64 without padding. Null for anything else.
 */
export function readHash(text: string): PasswordHash | null {
  const [, logN, r, p, salt = '', digest = ''] = FORM.exec(text) ?? [];
  const hash = {
    ...{ logN: Number(logN), r: Number(r), p: Number(p) },
    ...{ salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') },
  };
  const isBounded = hash.logN >= 1 && hash.logN <= MOST.logN && hash.r >= 1 && hash.p >= 1;
  const isBearable = hash.r <= MOST.r && hash.p <= MOST.p && memoryOf(hash) <= MOST.memoryBytes;
  const isLong = hash.salt.length >= 8 && hash.digest.length >= 16 && hash.digest.length <= 128;
  return isBounded && isBearable && isLong ? hash : null;
}

/** A hash of a password, for the setting. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const digest = await derive(password, { ...COST, salt, digest: Buffer.alloc(32) });
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=${COST.logN},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(digest)}`;
}

/**
 * A check of passwords against a setting, plain or a hash. How long it takes tells nothing of how much is right.
 * @throws RangeError for a setting that is meant as a hash and is none
 */
export function passwordCheck(setting: string): (password: string) => Promise<boolean> {
  if (!isMeantAsHash(setting)) return (password) => Promise.resolve(isSameSecret(password, setting));
  const hash = readHash(setting);
  if (hash === null) throw new RangeError('That is no hash of a password.');
  return async (password) => timingSafeEqual(await derive(password, hash), hash.digest);
}

function derive(password: string, hash: PasswordHash): Promise<Buffer> {
  const { logN, r, p, salt, digest } = hash;
  const cost = { N: 2 ** logN, r, p, maxmem: 2 * memoryOf(hash) };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, digest.length, cost, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
}

function memoryOf({ logN, r, p }: Pick<PasswordHash, 'logN' | 'r' | 'p'>): number {
  return 128 * r * (2 ** logN + p);
}
