import { Injectable } from '@nestjs/common';
import { SealedSecrets } from '#environment/sealed-secret.js';
import type { Caller } from '#store/tokens.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { WebhookEndpointsStore, type WebhookOwner } from '#store/webhook-endpoints.store.js';
import { WebhookReach } from '#webhooks/webhook-reach.js';
import { errors } from '../http-errors.js';
import { found, pathId } from '../path-id.js';
import type { ChangeWebhook, CreateWebhook } from './webhook-endpoint.dto.js';
import { changedWebhook, newWebhook, type WebhookStorage } from './webhook-settings.js';

/** What agents' and campaigns' webhooks have in common. */
@Injectable()
export class WebhookEndpoints {
  private readonly storage: WebhookStorage;

  constructor(
    private readonly endpoints: WebhookEndpointsStore,
    secrets: SealedSecrets,
    reach: WebhookReach,
  ) {
    this.storage = {
      seal: (plain) => secrets.seal(plain),
      open: (sealed) => {
        try {
          return secrets.open(sealed);
        } catch {
          return null;
        }
      },
      reach,
    };
  }

  create(who: Caller, owner: WebhookOwner, body: CreateWebhook): Promise<WebhookEndpoint> {
    return this.endpoints.create(who, owner, newWebhook(body, this.storage));
  }

  list(environmentId: string, owner: WebhookOwner): Promise<WebhookEndpoint[]> {
    return this.endpoints.list(environmentId, owner);
  }

  async find(environmentId: string, owner: WebhookOwner, id: string): Promise<WebhookEndpoint> {
    const webhookId = pathId(id, errors.webhookNotFound);
    return found(await this.endpoints.find(environmentId, owner, webhookId), errors.webhookNotFound);
  }

  async change(who: Caller, owner: WebhookOwner, id: string, body: ChangeWebhook): Promise<WebhookEndpoint> {
    const changed = await this.endpoints.change(who, owner, pathId(id, errors.webhookNotFound), (stored) =>
      changedWebhook(body, stored, this.storage),
    );
    return found(changed, errors.webhookNotFound);
  }

  /** Switches an endpoint off that is on, and on that is off. What is owed to it waits, and goes out then. */
  async toggle(who: Caller, owner: WebhookOwner, id: string): Promise<WebhookEndpoint> {
    const webhookId = pathId(id, errors.webhookNotFound);
    const flipped = await this.endpoints.change(who, owner, webhookId, ({ enabled }) => ({
      enabled: !enabled,
    }));
    return found(flipped, errors.webhookNotFound);
  }

  async remove(who: Caller, owner: WebhookOwner, id: string): Promise<void> {
    if (!(await this.endpoints.remove(who, owner, pathId(id, errors.webhookNotFound)))) {
      throw errors.webhookNotFound();
    }
  }
}
