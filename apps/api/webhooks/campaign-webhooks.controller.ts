import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { CampaignsStore } from '#store/campaigns.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { found, pathId } from '../path-id.js';
import { validated } from '../validated.js';
import { CAMPAIGN_EVENT_NAMES, CreateCampaignWebhookBody } from './webhook-endpoint.dto.js';
import { WebhookEndpoints, webhookView } from './webhook-endpoints.js';

@Controller('campaigns/:campaignId/webhooks')
@NeedsScope('webhooks')
export class CampaignWebhooksController {
  constructor(
    private readonly campaigns: CampaignsStore,
    private readonly webhooks: WebhookEndpoints,
  ) {}

  @Post()
  async create(
    @EnvironmentId() environmentId: string,
    @Param('campaignId') id: string,
    @Body() body: unknown,
  ) {
    const owner = await this.ownerOf(environmentId, id);
    const endpoint = await this.webhooks.create(
      environmentId,
      owner,
      validated(CreateCampaignWebhookBody, body),
    );
    return { success: true, data: campaignWebhookView(endpoint) };
  }

  @Get()
  async list(@EnvironmentId() environmentId: string, @Param('campaignId') id: string) {
    const endpoints = await this.webhooks.list(environmentId, await this.ownerOf(environmentId, id));
    const data = { webhooks: endpoints.map(campaignWebhookView), available_events: CAMPAIGN_EVENT_NAMES };
    return { success: true, data };
  }

  @Get(':webhookId')
  async get(
    @EnvironmentId() environmentId: string,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const endpoint = await this.webhooks.find(
      environmentId,
      await this.ownerOf(environmentId, id),
      webhookId,
    );
    return { success: true, data: campaignWebhookView(endpoint) };
  }

  @Delete(':webhookId')
  async remove(
    @EnvironmentId() environmentId: string,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    await this.webhooks.remove(environmentId, await this.ownerOf(environmentId, id), webhookId);
    return { success: true, message: 'The webhook is deleted.' };
  }

  private async ownerOf(environmentId: string, id: string): Promise<{ campaignId: string }> {
    const campaignId = pathId(id, errors.campaignNotFound);
    found(await this.campaigns.find(environmentId, campaignId), errors.campaignNotFound);
    return { campaignId };
  }
}

function campaignWebhookView(endpoint: WebhookEndpoint): Record<string, unknown> {
  return {
    ...webhookView(endpoint),
    campaign_id: endpoint.campaignId,
    include_call_events: endpoint.includeCallEvents,
  };
}
