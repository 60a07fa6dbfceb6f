import { cpSync, existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withPreparationLock } from './preparation-lock.mjs';
import { ROOT, runNode } from './run-child.mjs';

const SOURCES = [
  'apps',
  'libs',
  'test',
  'bench',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];

/** Dated at the beginning of the last build that went well, so that an edit during a build is seen as newer. */
const STAMP = join(ROOT, 'dist/.built');
const COMPILER_RECORD = join(ROOT, 'dist/.tsbuildinfo');

/** Served as they are written. The Dockerfile carries them over too. */
const PAGES = 'apps/api/console/page';

/** Compiles apps, libs, the fault harness and the bench to dist, and carries pages over, unless dist is newer than all of them. */
export async function ensureBuilt() {
  if (isBuilt()) return;
  await withPreparationLock('building', async () => {
    if (isBuilt()) return;
    process.stderr.write('Building (tsc) …\n');
    // With a record of earlier output the compiler leaves out what it believes is there; without the stamp it may not be.
    if (!existsSync(STAMP)) rmSync(COMPILER_RECORD, { force: true });
    const startedAt = new Date();
    const status = await runNode('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json'], {
      stdio: ['ignore', 2, 2],
    });
    if (status !== 0) throw Object.assign(new Error('The build failed.'), { exitStatus: status });
    cpSync(join(ROOT, PAGES), join(ROOT, 'dist', PAGES), { recursive: true });
    writeFileSync(STAMP, '');
    utimesSync(STAMP, startedAt, startedAt);
  });
}

function isBuilt() {
  if (!existsSync(STAMP)) return false;
  const builtAtMs = statSync(STAMP).mtimeMs;
  return SOURCES.every((source) => newestMs(join(ROOT, source)) < builtAtMs);
}

/** A folder's own date counts too: it tells of files that were removed. */
function newestMs(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  const inside = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || !entry.name.endsWith('.spec.ts'))
    .map((entry) => newestMs(join(path, entry.name)));
  return Math.max(mtimeMs, ...inside);
}
