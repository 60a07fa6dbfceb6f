import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Processes } from '../../apps/start/processes.js';
import { startStores, type Stores } from '../../apps/start/stores.js';
import { buildRelease, isInHistory, otherPackages, previousRelease } from './previous-release.js';
import { upgrade } from './upgrade.js';

process.exit(await main());

/** @returns the exit status: 1 where the previous release did not go on, or a phone rang twice */
async function main(): Promise<number> {
  if (!(await isInHistory(previousRelease))) {
    say(`left out: the history of this checkout does not go back to ${previousRelease.commit.slice(0, 7)}`);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-upgrade-'));
  const processes = new Processes(join(folder, 'processes.json'));
  const stop = async () => {
    await processes.stopAll();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(1)));
  try {
    // The release is built while the stores start. Stores of its own: the release makes its schema from the first table on.
    const [release, stores] = await Promise.all([
      buildRelease(previousRelease),
      startStores({ folder, processes, asked: {}, isRedisWanted: true, isThrowaway: true }),
    ]);
    return await judged(release, stores);
  } finally {
    await stop();
  }
}

async function judged(release: string, stores: Stores): Promise<number> {
  const { told, breaches } = await upgrade(release, stores);
  const { commit, landedOn } = previousRelease;
  say(`from ${commit.slice(0, 7)} of ${landedOn}, on ${stores.description}`);
  const others = otherPackages(release);
  if (others.length > 0) say(`its packages are this checkout's; it asks for ${others.join(', ')}`);
  for (const line of told) say(line);
  for (const breach of breaches) say(`BREACH: ${breach}`);
  return breaches.length === 0 ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`  ${line}\n`);
}
