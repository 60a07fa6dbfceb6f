import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { withPreparationLock } from './preparation-lock.mjs';
import { ROOT, runChild } from './run-child.mjs';

const LOCK_FILE = join(ROOT, 'package-lock.json');
const RECORD = join(ROOT, 'node_modules/.package-lock.json');

// Whatever NODE_ENV says, the tools that build and check are needed here; warnings about engines are for maintainers.
const NPM_OPTIONS = ['--include=dev', '--include=optional', '--loglevel=error', '--no-progress'];

/** Makes node_modules what package-lock.json says. What npm has to say goes to stderr. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await withPreparationLock('installing packages', async () => {
    if (isInstalled()) return;
    process.stderr.write('Installing packages (npm ci) …\n');
    const [command, words] = npm();
    const status = await runChild(command, [...words, 'ci', ...NPM_OPTIONS], {
      stdio: ['ignore', 2, 2],
      abandonable: true,
    });
    if (status !== 0) throw Object.assign(new Error('npm ci failed.'), { exitStatus: status });
  });
}

/**
 * npm writes its own record of what it installed last, so an interrupted installation has none. Versions are compared
 * first: after a checkout the date of the lock file says nothing.
 */
function isInstalled() {
  const wanted = packagesOf(LOCK_FILE);
  const found = packagesOf(RECORD);
  if (wanted === null) throw new Error('package-lock.json cannot be read.');
  if (found === null) return false;
  const isRecordNewer = statSync(RECORD).mtimeMs >= statSync(LOCK_FILE).mtimeMs;
  return Object.entries(wanted).every(([path, { version, optional, os, cpu }]) => {
    if (path === '') return true;
    // Left out, an optional package is for another platform, or could not be installed by an npm that tried.
    if (found[path] === undefined) return Boolean(optional && (os || cpu || isRecordNewer));
    return found[path].version === version;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return null;
  }
}

/** npm, as a command and its first words. */
export function npm() {
  const program = process.env.npm_execpath ?? '';
  return basename(program) === 'npm-cli.js' ? [process.execPath, [program]] : ['npm', []];
}
