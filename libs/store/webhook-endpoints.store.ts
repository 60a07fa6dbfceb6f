import { Injectable } from '@nestjs/common';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { ScopedDatabase } from './scoped-database.js';

/** Whose calls an endpoint hears of. */
export type WebhookOwner = { campaignId: string } | { agentId: string };

export type NewWebhookEndpoint = Omit<
  WebhookEndpoint,
  'id' | 'environmentId' | 'campaignId' | 'agentId' | 'createdAt' | 'updatedAt'
>;

/** Where customers want to hear of their calls. Every method is scoped by the environment. */
@Injectable()
export class WebhookEndpointsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async create(
    environmentId: string,
    owner: WebhookOwner,
    endpoint: NewWebhookEndpoint,
  ): Promise<WebhookEndpoint> {
    return this.database.within(environmentId, (manager) =>
      manager.save(manager.create(WebhookEndpoint, { ...endpoint, ...owner, environmentId })),
    );
  }

  async list(environmentId: string, owner: WebhookOwner): Promise<WebhookEndpoint[]> {
    return this.database.within(environmentId, (manager) =>
      manager.find(WebhookEndpoint, {
        where: { environmentId, ...owner },
        order: { createdAt: 'DESC', id: 'DESC' },
      }),
    );
  }

  async find(environmentId: string, owner: WebhookOwner, id: string): Promise<WebhookEndpoint | null> {
    return this.database.within(environmentId, (manager) =>
      manager.findOneBy(WebhookEndpoint, { id, environmentId, ...owner }),
    );
  }

  /** Removes an endpoint; what is still owed to it is owed no more. */
  async remove(environmentId: string, owner: WebhookOwner, id: string): Promise<boolean> {
    const { affected } = await this.database.within(environmentId, (manager) =>
      manager.delete(WebhookEndpoint, { id, environmentId, ...owner }),
    );
    return affected === 1;
  }
}
