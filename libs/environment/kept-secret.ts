import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Folder, under the working directory, of everything generated at run time. */
export const DATA_FOLDER = '.ringfence';

/**
 * A secret for development: generated once, kept in a file readable by its owner, the same for every process
 * started in this folder. Never used in production, where secrets are settings.
 * @returns 32 random bytes, base64
 */
export function keptSecret(name: string): string {
  const folder = join(DATA_FOLDER, 'secrets');
  const file = join(folder, name.toLowerCase());
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, randomBytes(32).toString('base64'), { mode: 0o600 });
  try {
    // A link appears whole or not at all, so two processes starting together read one secret.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}
