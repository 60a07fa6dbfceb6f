import { Injectable } from '@nestjs/common';
import { SealedSecrets } from '#environment/sealed-secret.js';
import { Settings } from '#environment/settings.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { WebhookEndpointsStore, type WebhookOwner } from '#store/webhook-endpoints.store.js';
import { errors } from '../http-errors.js';
import { found, pathId } from '../path-id.js';
import type { CreateAgentWebhookBody, CreateCampaignWebhookBody } from './webhook-endpoint.dto.js';

const noSuchWebhook = () => errors.notFound('There is no such webhook.');

/** What agents' and campaigns' webhooks have in common. */
@Injectable()
export class WebhookEndpoints {
  constructor(
    private readonly endpoints: WebhookEndpointsStore,
    private readonly secrets: SealedSecrets,
    private readonly settings: Settings,
  ) {}

  async create(
    environmentId: string,
    owner: WebhookOwner,
    body: CreateAgentWebhookBody | CreateCampaignWebhookBody,
  ): Promise<WebhookEndpoint> {
    if (!body.webhook_url.startsWith('https:') && !this.settings.WEBHOOK_ALLOW_PRIVATE) {
      throw errors.invalid({ webhook_url: ['The webhook_url field must be an https address.'] });
    }
    return this.endpoints.create(environmentId, owner, {
      name: body.name,
      webhookUrl: body.webhook_url,
      events: [...new Set(body.events)],
      sealedSecret: typeof body.webhook_secret === 'string' ? this.secrets.seal(body.webhook_secret) : null,
      timeoutSeconds: body.timeout ?? 30,
      maxRetries: body.max_retries ?? 3,
      enabled: body.enabled ?? true,
      httpMethod: body.http_method ?? 'POST',
      includeCallEvents: 'include_call_events' in body ? (body.include_call_events ?? false) : false,
    });
  }

  list(environmentId: string, owner: WebhookOwner): Promise<WebhookEndpoint[]> {
    return this.endpoints.list(environmentId, owner);
  }

  async find(environmentId: string, owner: WebhookOwner, id: string): Promise<WebhookEndpoint> {
    return found(await this.endpoints.find(environmentId, owner, pathId(id, noSuchWebhook)), noSuchWebhook);
  }

  async remove(environmentId: string, owner: WebhookOwner, id: string): Promise<void> {
    if (!(await this.endpoints.remove(environmentId, owner, pathId(id, noSuchWebhook))))
      throw noSuchWebhook();
  }
}

/** An endpoint as both kinds show it; its secret never. */
export function webhookView(endpoint: WebhookEndpoint): Record<string, unknown> {
  return {
    id: endpoint.id,
    name: endpoint.name,
    webhook_url: endpoint.webhookUrl,
    events: endpoint.events,
    timeout: endpoint.timeoutSeconds,
    max_retries: endpoint.maxRetries,
    enabled: endpoint.enabled,
    http_method: endpoint.httpMethod,
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  };
}
