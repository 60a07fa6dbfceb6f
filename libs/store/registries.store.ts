import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { registriesOf } from './do-not-call-facts.js';
import type { RegistryState } from '#policy/do-not-call.js';
import { audit } from './audit.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

export interface Registry {
  id: string;
  name: string;
  /** `environment`: obeyed by those it is attached to. `global`: by every campaign that reads the global list. */
  scope: 'environment' | 'global';
  maxAgeDays: number | null;
  currentVersionId: string | null;
}

/** A registry with what is in force of it. */
export interface RegistryListing extends Registry {
  snapshotDate: string | null;
  importedAt: Date | null;
  numbers: number | null;
  rejected: number | null;
  sha256: string | null;
  environments: string[];
}

/** Registries and who is to obey them. Made by operators, read by everybody. */
@Injectable()
export class RegistriesStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** The registries that an environment is to obey, and the instant their ages are judged by. */
  async ofEnvironment(environmentId: string): Promise<{ now: Date; registries: RegistryState[] }> {
    return this.database.within(environmentId, async (manager) => ({
      now: await databaseClock(manager),
      registries: await registriesOf(manager, environmentId),
    }));
  }

  /** Null: there is one of this name. */
  async create(registry: Pick<Registry, 'name' | 'scope' | 'maxAgeDays'>): Promise<string | null> {
    return this.database.everywhere(async (manager) => {
      const { name, scope, maxAgeDays } = registry;
      const [made] = await manager.query<{ id: string }[]>(
        `INSERT INTO do_not_call_registries (name, scope, max_age_days) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING RETURNING id`,
        [name, scope, maxAgeDays],
      );
      if (made === undefined) return null;
      await note(manager, 'created', made.id, null, registry);
      return made.id;
    });
  }

  async named(name: string): Promise<Registry | null> {
    return this.database.everywhere(async (manager) => {
      const [found] = await manager.query<Registry[]>(
        `SELECT id, name, scope, max_age_days AS "maxAgeDays", current_version_id AS "currentVersionId"
         FROM do_not_call_registries WHERE name = $1`,
        [name],
      );
      return found ?? null;
    });
  }

  async list(): Promise<RegistryListing[]> {
    return this.database.everywhere((manager) =>
      manager.query(
        `SELECT registries.id, registries.name, scope, max_age_days AS "maxAgeDays",
                current_version_id AS "currentVersionId", snapshot_date::text AS "snapshotDate",
                imported_at AS "importedAt", numbers::float8 AS numbers, rejected::float8 AS rejected, sha256,
                ARRAY(SELECT environments.name FROM do_not_call_registry_environments AS attached
                      JOIN environments ON environments.id = attached.environment_id
                      WHERE attached.registry_id = registries.id ORDER BY 1) AS environments
         FROM do_not_call_registries AS registries
         LEFT JOIN do_not_call_registry_versions AS versions ON versions.id = current_version_id
         ORDER BY registries.name`,
      ),
    );
  }

  /** The environments that are to obey a registry: of a global one, all. */
  async environmentsOf({ id, scope }: Registry): Promise<string[]> {
    const rows = await this.database.everywhere((manager) =>
      scope === 'global'
        ? manager.query<{ id: string }[]>(`SELECT id FROM environments ORDER BY id`)
        : manager.query<{ id: string }[]>(
            `SELECT environment_id AS id FROM do_not_call_registry_environments WHERE registry_id = $1 ORDER BY 1`,
            [id],
          ),
    );
    return rows.map((row) => row.id);
  }

  /** False: it is attached already. */
  async attach(registryId: string, environmentId: string): Promise<boolean> {
    return this.database.everywhere(async (manager) => {
      const attached = await manager.query<unknown[]>(
        `INSERT INTO do_not_call_registry_environments (registry_id, environment_id) VALUES ($1, $2)
         ON CONFLICT DO NOTHING RETURNING registry_id`,
        [registryId, environmentId],
      );
      if (attached.length === 0) return false;
      await note(manager, 'attached', registryId, environmentId, {});
      return true;
    });
  }

  /** False: it is not attached. */
  async detach(registryId: string, environmentId: string): Promise<boolean> {
    return this.database.everywhere(async (manager) => {
      const [, detached] = await manager.query<[unknown[], number]>(
        `DELETE FROM do_not_call_registry_environments WHERE registry_id = $1 AND environment_id = $2`,
        [registryId, environmentId],
      );
      if (detached === 0) return false;
      await note(manager, 'detached', registryId, environmentId, {});
      return true;
    });
  }

  async setMaxAge(registryId: string, maxAgeDays: number | null): Promise<void> {
    await this.database.everywhere(async (manager) => {
      await manager.query(`UPDATE do_not_call_registries SET max_age_days = $2 WHERE id = $1`, [
        registryId,
        maxAgeDays,
      ]);
      await note(manager, 'changed', registryId, null, { maxAgeDays });
    });
  }

  /** From its commit on nobody obeys it. Its blocks are forgotten afterwards. */
  async drop({ id, name }: Registry): Promise<void> {
    await this.database.everywhere(async (manager) => {
      await manager.query(
        `UPDATE do_not_call_registry_versions SET state = 'dropped' WHERE registry_id = $1`,
        [id],
      );
      await manager.query(`DELETE FROM do_not_call_registries WHERE id = $1`, [id]);
      await note(manager, 'dropped', id, null, { name });
    });
  }
}

/** Writes down what an operator did with a registry. */
export async function note(
  manager: EntityManager,
  what: 'attached' | 'changed' | 'created' | 'detached' | 'dropped' | 'imported',
  registryId: string,
  environmentId: string | null,
  detail: object,
): Promise<void> {
  const action = `do_not_call_registry.${what}` as const;
  await audit(manager, { environmentId, actor: 'cli', action, subjectId: registryId, detail: { ...detail } });
}
