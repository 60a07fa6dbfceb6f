import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm } from './ensure-installed.mjs';
import { ROOT, runChild } from './run-child.mjs';

/** Of what the image has: no development packages, and no embedded stores. */
const WORDS = [
  'sbom',
  '--sbom-format',
  'cyclonedx',
  '--sbom-type',
  'application',
  '--omit',
  'dev',
  '--omit',
  'optional',
];

/** Writes what the processes are made of, as CycloneDX has it. @returns the exit status of npm, which makes it */
export async function writeBillOfMaterials(file) {
  mkdirSync(dirname(join(ROOT, file)), { recursive: true });
  const output = openSync(join(ROOT, file), 'w');
  const [command, words] = npm();
  try {
    const status = await runChild(command, [...words, ...WORDS], { stdio: ['ignore', output, 2] });
    if (status === 0) process.stdout.write(`${file}\n`);
    return status;
  } finally {
    closeSync(output);
  }
}
