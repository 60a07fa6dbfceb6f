import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The release that houses come from: kept by hand, and moved on when a release is made. */
export interface PreviousRelease {
  commit: string;
  landedOn: string;
  /** The newest of its migrations, as the database knows it: all that come after it are of the next release. */
  lastMigration: string;
}

export const previousRelease = JSON.parse(
  // Every command of the project runs in its top folder.
  readFileSync(resolve('test/upgrade/previous-release.json'), 'utf8'),
) as PreviousRelease;

/** Where releases are built. Inside the checkout: what they import is found in its `node_modules`. */
const RELEASES = resolve('.ringfence/releases');

/** Written last, so that a folder with it is whole. */
const STAMP = 'built';

/** What of a release its processes are made of. */
const SOURCES = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'apps', 'libs'];

/** The same output as the release's own build, which had its types checked then. */
const UNCHECKED_BUILD = {
  extends: './tsconfig.build.json',
  compilerOptions: { noCheck: true, incremental: false, tsBuildInfoFile: null, sourceMap: false },
  include: ['apps', 'libs'],
};

/** Whether the history that this checkout has goes back to the release; a shallow clone's does not. */
export async function isInHistory({ commit }: PreviousRelease): Promise<boolean> {
  return run('git', ['cat-file', '-e', `${commit}^{commit}`]).then(
    () => true,
    () => false,
  );
}

/**
 * Takes the release out of the history and builds its programs, once.
 * @returns the folder that has them in its `dist`
 */
export async function buildRelease({ commit }: PreviousRelease): Promise<string> {
  const folder = join(RELEASES, commit);
  if (existsSync(join(folder, STAMP))) return folder;
  // Those of earlier releases, and what interrupted builds left.
  rmSync(RELEASES, { recursive: true, force: true });
  const draft = `${folder}.draft`;
  mkdirSync(draft, { recursive: true });
  await checkOut(commit, draft);
  writeFileSync(join(draft, 'tsconfig.release.json'), JSON.stringify(UNCHECKED_BUILD));
  await run(process.execPath, [
    resolve('node_modules/typescript/bin/tsc'),
    '-p',
    join(draft, 'tsconfig.release.json'),
  ]).catch((error: Error & { stdout?: string }) => {
    throw new Error(`The previous release cannot be built: ${error.stdout ?? error.message}`);
  });
  writeFileSync(join(draft, STAMP), '');
  renameSync(draft, folder);
  return folder;
}

async function checkOut(commit: string, folder: string): Promise<void> {
  const archive = join(folder, 'release.tar');
  await run('git', ['archive', '--output', archive, commit, ...SOURCES]);
  await run('tar', ['-xf', archive, '-C', folder]);
  rmSync(archive);
}

/** Packages that the release asks for in another version than this checkout has, or that it has no more. */
export function otherPackages(folder: string): string[] {
  const asked = dependenciesIn(join(folder, 'package.json'));
  const had = dependenciesIn(resolve('package.json'));
  return Object.entries(asked)
    .filter(([name, version]) => had[name] !== version)
    .map(([name, version]) => `${name} ${version}`);
}

function dependenciesIn(file: string): Record<string, string> {
  return (JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> }).dependencies;
}
