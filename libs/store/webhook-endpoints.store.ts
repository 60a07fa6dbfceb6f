import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { audit } from './audit.js';
import { ScopedDatabase } from './scoped-database.js';
import type { Caller } from './tokens.store.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** Whose calls an endpoint hears of. */
export type WebhookOwner = { campaignId: string } | { agentId: string };

/** What a client sets of an endpoint. */
export type WebhookSettings = Omit<
  WebhookEndpoint,
  'id' | 'environmentId' | 'campaignId' | 'agentId' | 'failingSince' | 'deletedAt' | 'createdAt' | 'updatedAt'
>;

/** Where customers want to hear of their calls. Every method is scoped by the environment. */
@Injectable()
export class WebhookEndpointsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async create(who: Caller, owner: WebhookOwner, settings: WebhookSettings): Promise<WebhookEndpoint> {
    const { environmentId } = who;
    return this.database.within(environmentId, async (manager) => {
      const endpoint = await manager.save(
        manager.create(WebhookEndpoint, { ...settings, ...owner, environmentId }),
      );
      await noteDown(manager, who, 'webhook.created', endpoint.id, []);
      return endpoint;
    });
  }

  async list(environmentId: string, owner: WebhookOwner): Promise<WebhookEndpoint[]> {
    return this.database.within(environmentId, (manager) =>
      manager.find(WebhookEndpoint, {
        where: { environmentId, ...owner, deletedAt: IsNull() },
        order: { createdAt: 'DESC', id: 'DESC' },
      }),
    );
  }

  async find(environmentId: string, owner: WebhookOwner, id: string): Promise<WebhookEndpoint | null> {
    return this.database.within(environmentId, (manager) =>
      manager.findOneBy(WebhookEndpoint, { id, environmentId, ...owner, deletedAt: IsNull() }),
    );
  }

  /** Whether there is such an endpoint, or was: its logs outlive it. */
  async wasThere(environmentId: string, owner: WebhookOwner, id: string): Promise<boolean> {
    return this.database.within(environmentId, (manager) =>
      manager.existsBy(WebhookEndpoint, { id, environmentId, ...owner }),
    );
  }

  /**
   * Writes what `decide` makes of the endpoint as it is stored, nobody else changing it meanwhile. Deliveries that are
   * owed already go out by the new settings; switched off they wait until it is switched on again.
   * @returns null when there is none
   */
  async change(
    who: Caller,
    owner: WebhookOwner,
    id: string,
    decide: (stored: WebhookEndpoint) => Partial<WebhookSettings>,
  ): Promise<WebhookEndpoint | null> {
    const { environmentId } = who;
    return this.database.within(environmentId, async (manager) => {
      const stored = await lockEndpoint(manager, environmentId, owner, id);
      if (stored === null) return null;
      const changes = decide(stored);
      const changed = await manager.save(Object.assign(stored, changes));
      await noteDown(manager, who, 'webhook.changed', id, Object.keys(changes));
      return changed;
    });
  }

  /** Deletes an endpoint: what is still owed to it is given up, and what it was told stays in its logs. */
  async remove(who: Caller, owner: WebhookOwner, id: string): Promise<boolean> {
    const { environmentId } = who;
    return this.database.within(environmentId, async (manager) => {
      // Waits for every transaction that owes it something; from then on nothing is owed to it.
      if ((await lockEndpoint(manager, environmentId, owner, id)) === null) return false;
      await manager.query(
        `UPDATE webhook_endpoints SET enabled = false, deleted_at = clock_timestamp(), sealed_secret = NULL,
           sealed_authorization_credential = NULL, custom_headers = '[]'
         WHERE id = $1 AND environment_id = $2 AND deleted_at IS NULL`,
        [id, environmentId],
      );
      await manager.query(
        `UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL
         WHERE endpoint_id = $1 AND environment_id = $2 AND status IN ('pending', 'retrying')`,
        [id, environmentId],
      );
      await noteDown(manager, who, 'webhook.deleted', id, []);
      return true;
    });
  }
}

function lockEndpoint(
  manager: EntityManager,
  environmentId: string,
  owner: WebhookOwner,
  id: string,
): Promise<WebhookEndpoint | null> {
  return manager.findOne(WebhookEndpoint, {
    where: { id, environmentId, ...owner, deletedAt: IsNull() },
    lock: { mode: 'pessimistic_write' },
  });
}

async function noteDown(
  manager: EntityManager,
  { environmentId, actor }: Caller,
  action: 'webhook.created' | 'webhook.changed' | 'webhook.deleted',
  subjectId: string,
  fields: string[],
): Promise<void> {
  await audit(manager, {
    environmentId,
    actor,
    action,
    subjectId,
    detail: fields.length > 0 ? { fields } : {},
  });
}
