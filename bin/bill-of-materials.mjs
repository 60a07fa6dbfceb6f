import {
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { npm } from './ensure-installed.mjs';
import { ROOT, runChild } from './run-child.mjs';

/** What of the manifest the image does not have: what only the making of it needs, and embedded stores. */
const NOT_IN_IMAGE = ['devDependencies', 'optionalDependencies'];

const PRUNE = [
  'install',
  '--loglevel=error',
  '--package-lock-only',
  '--ignore-scripts',
  '--offline',
  '--no-audit',
  '--no-fund',
];
const LIST = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--sbom-type', 'application'];

/**
 * Writes what the processes are made of, as CycloneDX has it. From a lockfile without the rest: `npm sbom --omit dev` also
 * leaves out whatever a development package needs as well, `pg` among them.
 * @returns the exit status of npm, which makes it
 */
export async function writeBillOfMaterials(file) {
  const scratch = mkdtempSync(join(tmpdir(), 'rf-sbom-'));
  // npm names the application after its folder.
  const cwd = join(scratch, 'ringfence');
  mkdirSync(cwd);
  mkdirSync(dirname(join(ROOT, file)), { recursive: true });
  const output = openSync(join(ROOT, file), 'w');
  try {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    for (const field of NOT_IN_IMAGE) delete manifest[field];
    writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest));
    copyFileSync(join(ROOT, 'package-lock.json'), join(cwd, 'package-lock.json'));
    const [command, words] = npm();
    const pruned = await runChild(command, [...words, ...PRUNE], { cwd, stdio: ['ignore', 'ignore', 2] });
    if (pruned !== 0) return pruned;
    const status = await runChild(command, [...words, ...LIST], { cwd, stdio: ['ignore', output, 2] });
    if (status === 0) process.stdout.write(`${file}\n`);
    return status;
  } finally {
    closeSync(output);
    rmSync(scratch, { recursive: true });
  }
}
