import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { HEALTHY } from '#policy/webhook-health.js';
import { audit } from './audit.js';
import { ScopedDatabase } from './scoped-database.js';
import type { Caller } from './tokens.store.js';
import { SIGNING_SECRETS, WebhookEndpoint } from './webhook-endpoint.entity.js';

/** Whose calls an endpoint hears of. */
export type WebhookOwner = { campaignId: string } | { agentId: string };

/** What a client sets of an endpoint. */
export type WebhookSettings = Pick<
  WebhookEndpoint,
  | 'name'
  | 'webhookUrl'
  | 'events'
  | 'sealedSecret'
  | 'timeoutSeconds'
  | 'maxRetries'
  | 'maxConcurrentDeliveries'
  | 'enabled'
  | 'httpMethod'
  | 'includeCallEvents'
  | 'authorizationScheme'
  | 'sealedAuthorizationCredential'
  | 'customHeaders'
  | 'payloadTemplates'
>;

export type WebhookChange = Partial<WebhookSettings> & {
  /** With a new secret: how long deliveries are signed with the old one too, by the database clock. */
  secretOverlapSeconds?: number;
};

const NEW: Partial<WebhookEndpoint> = {
  ...HEALTHY,
  disabledBecause: null,
  previousSealedSecret: null,
  previousSecretUntil: null,
};

/** Where customers want to hear of their calls. Every method is scoped by the environment. */
@Injectable()
export class WebhookEndpointsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async create(who: Caller, owner: WebhookOwner, settings: WebhookSettings): Promise<WebhookEndpoint> {
    const { environmentId } = who;
    return this.database.within(environmentId, async (manager) => {
      const endpoint = await manager.save(
        manager.create(WebhookEndpoint, { ...NEW, ...settings, ...owner, environmentId }),
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

  /** The secrets, as stored, that a delivery is signed with now. */
  async signingSecrets(environmentId: string, id: string): Promise<string[]> {
    return this.database.within(environmentId, async (manager) => {
      const [endpoint] = await manager.query<{ secrets: (string | null)[] }[]>(
        `SELECT ${SIGNING_SECRETS} AS secrets FROM webhook_endpoints AS endpoint WHERE environment_id = $1 AND id = $2`,
        [environmentId, id],
      );
      return endpoint?.secrets.filter((secret) => secret !== null) ?? [];
    });
  }

  /** Whether there is such an endpoint, or was: its logs outlive it. */
  async wasThere(environmentId: string, owner: WebhookOwner, id: string): Promise<boolean> {
    return this.database.within(environmentId, (manager) =>
      manager.existsBy(WebhookEndpoint, { id, environmentId, ...owner }),
    );
  }

  /**
   * Writes what `decide` makes of the endpoint as it is stored, nobody else changing it meanwhile. Deliveries that are
   * owed already go out by the new settings; switched off they wait until it is switched on again. One that is switched
   * on, or pointed elsewhere, begins in good health. A new secret leaves the old one valid for its overlap.
   * @returns null when there is none
   */
  async change(
    who: Caller,
    owner: WebhookOwner,
    id: string,
    decide: (stored: WebhookEndpoint) => WebhookChange,
  ): Promise<WebhookEndpoint | null> {
    const { environmentId } = who;
    return this.database.within(environmentId, async (manager) => {
      const stored = await lockEndpoint(manager, environmentId, owner, id);
      if (stored === null) return null;
      const { secretOverlapSeconds = 0, ...changes } = decide(stored);
      const { sealedSecret: oldSecret } = stored;
      const changed = await manager.save(Object.assign(stored, changes, revivalBy(stored, changes)));
      await noteDown(manager, who, 'webhook.changed', id, Object.keys(changes));
      if (changes.sealedSecret === undefined) return changed;
      return retireSecret(manager, who, changed, oldSecret, secretOverlapSeconds);
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
           previous_sealed_secret = NULL, previous_secret_until = NULL, sealed_authorization_credential = NULL,
           custom_headers = '[]'
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

/** What else changes where somebody sees to an endpoint: how it was at another address, or before, counts no more. */
function revivalBy(
  stored: WebhookEndpoint,
  { enabled, webhookUrl }: Partial<WebhookSettings>,
): Partial<WebhookEndpoint> {
  const isMoved = webhookUrl !== undefined && webhookUrl !== stored.webhookUrl;
  const isSwitchedOn = enabled === true && !stored.enabled;
  return {
    ...(isMoved || isSwitchedOn ? HEALTHY : {}),
    ...(enabled === undefined ? {} : { disabledBecause: null }),
  };
}

/** Keeps the secret of before for its overlap; without a new one, or an overlap, it ends at once. */
async function retireSecret(
  manager: EntityManager,
  who: Caller,
  { id, sealedSecret }: WebhookEndpoint,
  oldSecret: string | null,
  overlapSeconds: number,
): Promise<WebhookEndpoint> {
  const isKept = oldSecret !== null && sealedSecret !== null && overlapSeconds > 0;
  await manager.query(
    `UPDATE webhook_endpoints SET previous_sealed_secret = $3,
       previous_secret_until = CASE WHEN $3::text IS NULL THEN NULL ELSE clock_timestamp() + $4 * interval '1 second' END
     WHERE id = $1 AND environment_id = $2 AND deleted_at IS NULL`,
    [id, who.environmentId, isKept ? oldSecret : null, overlapSeconds],
  );
  if (oldSecret !== null) {
    const detail = { overlapSeconds: isKept ? overlapSeconds : 0 };
    await audit(manager, { ...who, action: 'webhook.secret_rotated', subjectId: id, detail });
  }
  return manager.findOneByOrFail(WebhookEndpoint, { id, environmentId: who.environmentId });
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
