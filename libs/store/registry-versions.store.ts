import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { campaignsStopped, withdrawCallsInRegistry, type ListedOn } from './do-not-call-withdrawal.js';
import { lookAgainAtHeld } from './held-calls.js';
import { barrier, confirming, environmentKey } from './locks.js';
import { note, type Registry } from './registries.store.js';
import { countOf, joinInto, type Block } from './registry-blocks.js';
import { ScopedDatabase } from './scoped-database.js';

export interface SnapshotFigures {
  /** Numbers that were put into blocks, each once as far as the reader could tell. */
  numbers: number;
  duplicates: number;
  rejected: number;
  /** Of the file's bytes. */
  sha256: string;
}

/** Why a new snapshot is not put in force. The operator may insist. */
export class SnapshotRefused extends Error {}

/** Blocks written with one statement: 2.5 MB of them. */
const BLOCKS_A_STATEMENT = 1_000;

/** An import of blocks that wrote nothing for this long has lost its process. */
const IMPORTER_GONE_SECONDS = 600;

const CALLS_A_BATCH = 5_000;

/** Snapshots of registries: each is imported beside the one in force, and then put in its place. */
@Injectable()
export class RegistryVersionsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** @throws Error when another import of this registry is under way */
  async begin({ id, name }: Registry, snapshotDate: string): Promise<string> {
    return this.database.everywhere(async (manager) => {
      await manager.query(`SELECT FROM do_not_call_registries WHERE id = $1 FOR UPDATE`, [id]);
      await dropAbandoned(manager);
      const [other] = await manager.query<unknown[]>(
        `SELECT id FROM do_not_call_registry_versions WHERE registry_id = $1 AND state = 'importing'`,
        [id],
      );
      if (other !== undefined) throw new Error(`Another import of ${name} is under way.`);
      const [version] = await manager.query<[{ id: string }]>(
        `INSERT INTO do_not_call_registry_versions (registry_id, snapshot_date) VALUES ($1, $2) RETURNING id`,
        [id, snapshotDate],
      );
      return version.id;
    });
  }

  /** Adds blocks, joining those that are there. @returns how many numbers were there already */
  async put(versionId: string, blocks: Block[]): Promise<number> {
    let known = 0;
    for (let from = 0; from < blocks.length; from += BLOCKS_A_STATEMENT) {
      const some = blocks.slice(from, from + BLOCKS_A_STATEMENT);
      known += await this.database.everywhere((manager) => putSome(manager, versionId, some));
    }
    return known;
  }

  /** The file could not be read: nothing of it was ever in force. */
  async discard(versionId: string): Promise<void> {
    await this.database.everywhere((manager) =>
      manager.query(
        `UPDATE do_not_call_registry_versions SET state = 'dropped' WHERE id = $1 AND state = 'importing'`,
        [versionId],
      ),
    );
  }

  /**
   * Counts what was imported, and puts it in force in the place of what was: whoever asks sees the one or the other.
   * @param insists put it in force though it looks wrong
   * @throws SnapshotRefused
   */
  async publish(
    registry: Registry,
    versionId: string,
    figures: SnapshotFigures,
    insists: boolean,
  ): Promise<void> {
    await this.database.everywhere(async (manager) => {
      await assertWhole(manager, versionId, figures.numbers);
      await manager.query(`SELECT FROM do_not_call_registries WHERE id = $1 FOR UPDATE`, [registry.id]);
      if (!insists) await assertPlausible(manager, registry.id, versionId, figures);
      await manager.query(
        `UPDATE do_not_call_registry_versions SET state = 'dropped' WHERE registry_id = $1 AND state = 'current'`,
        [registry.id],
      );
      const [, flipped] = await manager.query<[unknown[], number]>(
        `UPDATE do_not_call_registry_versions SET state = 'current', numbers = $2, duplicates = $3, rejected = $4,
           sha256 = $5, imported_at = clock_timestamp()
         WHERE id = $1 AND state = 'importing'`,
        [versionId, figures.numbers, figures.duplicates, figures.rejected, figures.sha256],
      );
      if (flipped === 0)
        throw new SnapshotRefused('The import was given up for lost meanwhile. Make it again.');
      await manager.query(`UPDATE do_not_call_registries SET current_version_id = $2 WHERE id = $1`, [
        registry.id,
        versionId,
      ]);
      await note(manager, 'imported', registry.id, null, { versionId, ...figures });
    });
  }

  /**
   * Makes what is in force of a registry felt in an environment: waits out every dial that began before, withdraws the
   * waiting calls to its numbers, and looks again at calls that were held while it was out of date.
   * @returns how many calls were withdrawn; what webhooks are owed of them is written
   * @throws StopNotConfirmed when it is in force, but a dial that had begun could not be waited out
   */
  async enforce({ name, scope, currentVersionId }: Registry, environmentId: string): Promise<number> {
    await confirming(this.database, environmentId, (manager) =>
      barrier(manager, [environmentKey(environmentId)]),
    );
    const listedOn: ListedOn = { kind: 'list', list: scope, campaignId: null, evidence: { registry: name } };
    let stopped = 0;
    for (let some = 1; some > 0 && currentVersionId !== null; stopped += some) {
      ({ stopped: some } = await this.database.within(environmentId, async (manager) => {
        return withdrawCallsInRegistry(
          manager,
          await campaignsStopped(manager, environmentId, listedOn),
          listedOn,
          currentVersionId,
          CALLS_A_BATCH,
        );
      }));
    }
    await this.lookAgain(environmentId);
    return stopped;
  }

  /** Makes calls due that wait for a fresh snapshot; the claim judges them anew. */
  async lookAgain(environmentId: string): Promise<void> {
    await lookAgainAtHeld(this.database, environmentId, null);
  }

  /** Forgets blocks of snapshots that are no longer in force. Returns whether there may be more. */
  async forgetDropped(limit: number): Promise<boolean> {
    return this.database.everywhere(async (manager) => {
      await dropAbandoned(manager);
      const [, forgotten] = await manager.query<[unknown[], number]>(
        `DELETE FROM do_not_call_registry_blocks AS blocks USING (
           SELECT version_id, block FROM do_not_call_registry_blocks
           WHERE version_id IN (SELECT id FROM do_not_call_registry_versions WHERE state = 'dropped')
           LIMIT $1) AS old
         WHERE blocks.version_id = old.version_id AND blocks.block = old.block`,
        [limit],
      );
      return forgotten === limit;
    });
  }
}

async function putSome(manager: EntityManager, versionId: string, blocks: Block[]): Promise<number> {
  const there = await manager.query<{ block: string; bits: Buffer }[]>(
    `SELECT block, bits FROM do_not_call_registry_blocks WHERE version_id = $1 AND block = ANY ($2)`,
    [versionId, blocks.map(({ block }) => block)],
  );
  const bitsOf = new Map(blocks.map(({ block, bits }) => [block, bits]));
  const known = there.reduce((sum, { block, bits }) => sum + joinInto(bitsOf.get(Number(block))!, bits), 0);
  await manager.query(
    `INSERT INTO do_not_call_registry_blocks (version_id, block, n, bits)
     SELECT $1, * FROM unnest($2::bigint[], $3::integer[], $4::bytea[])
     ON CONFLICT (version_id, block) DO UPDATE SET n = excluded.n, bits = excluded.bits`,
    [
      versionId,
      blocks.map(({ block }) => block),
      blocks.map(({ bits }) => countOf(bits)),
      blocks.map(({ bits }) => Buffer.from(bits.buffer, bits.byteOffset, bits.byteLength)),
    ],
  );
  await manager.query(
    `UPDATE do_not_call_registry_versions SET touched_at = clock_timestamp() WHERE id = $1`,
    [versionId],
  );
  return known;
}

/** What the bits say, and what was counted while they were set, must be one number. */
async function assertWhole(manager: EntityManager, versionId: string, numbers: number): Promise<void> {
  const [{ counted, set }] = await manager.query<[{ counted: number; set: number }]>(
    `SELECT coalesce(sum(n), 0)::float8 AS counted, coalesce(sum(bit_count(bits)), 0)::float8 AS set
     FROM do_not_call_registry_blocks WHERE version_id = $1`,
    [versionId],
  );
  if (counted !== numbers || set !== numbers) {
    throw new Error(
      `Of ${numbers} numbers ${counted} were counted and ${set} are set: nothing was put in force.`,
    );
  }
}

/** A file cut short, or an old one, is told from a new snapshot before anybody is called by it. */
async function assertPlausible(
  manager: EntityManager,
  registryId: string,
  versionId: string,
  { numbers }: SnapshotFigures,
): Promise<void> {
  if (numbers === 0) throw new SnapshotRefused('The file has no numbers.');
  const [current] = await manager.query<{ numbers: number; older: boolean; day: string }[]>(
    `SELECT current.numbers::float8 AS numbers, fresh.snapshot_date < current.snapshot_date AS older,
            current.snapshot_date::text AS day
     FROM do_not_call_registry_versions AS current, do_not_call_registry_versions AS fresh
     WHERE current.registry_id = $1 AND current.state = 'current' AND fresh.id = $2`,
    [registryId, versionId],
  );
  if (current === undefined) return;
  if (current.older) throw new SnapshotRefused(`The snapshot in force is of ${current.day}, which is later.`);
  if (numbers < current.numbers / 2) {
    throw new SnapshotRefused(
      `The file has ${numbers} numbers, less than half of the ${current.numbers} in force: it may be cut short.`,
    );
  }
}

async function dropAbandoned(manager: EntityManager): Promise<void> {
  await manager.query(
    `UPDATE do_not_call_registry_versions SET state = 'dropped'
     WHERE state = 'importing' AND touched_at < clock_timestamp() - interval '${IMPORTER_GONE_SECONDS} seconds'`,
  );
}
