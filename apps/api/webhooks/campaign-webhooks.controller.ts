import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { CampaignsStore } from '#store/campaigns.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { found, pathId } from '../path-id.js';
import { validated } from '../validated.js';
import { CAMPAIGN_EVENT_NAMES, CreateCampaignWebhookBody } from './webhook-endpoint.dto.js';
import { WebhookEndpoints, webhookView } from './webhook-endpoints.js';
import { Operation, Section } from '../openapi/operation.js';
import { campaignWebhookSchema, campaignWebhooksSchema } from './webhook-schemas.js';
import { answerOf, DONE } from '../openapi/answers.js';

@Section('Webhooks')
@Controller('campaigns/:campaignId/webhooks')
@NeedsScope('webhooks')
export class CampaignWebhooksController {
  constructor(
    private readonly campaigns: CampaignsStore,
    private readonly webhooks: WebhookEndpoints,
  ) {}

  @Operation({
    id: 'createCampaignWebhook',
    does: 'Makes a webhook of the campaign.',
    body: CreateCampaignWebhookBody,
    answer: answerOf(campaignWebhookSchema),
    refuses: ['campaignNotFound'],
  })
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

  @Operation({
    id: 'listCampaignWebhooks',
    does: 'Lists the webhooks of the campaign, and the events there are.',
    answer: answerOf(campaignWebhooksSchema),
    refuses: ['campaignNotFound'],
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Param('campaignId') id: string) {
    const endpoints = await this.webhooks.list(environmentId, await this.ownerOf(environmentId, id));
    const data = { webhooks: endpoints.map(campaignWebhookView), available_events: CAMPAIGN_EVENT_NAMES };
    return { success: true, data };
  }

  @Operation({
    id: 'getCampaignWebhook',
    does: 'Shows a webhook of the campaign.',
    answer: answerOf(campaignWebhookSchema),
    refuses: ['campaignNotFound', 'notFound'],
  })
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

  @Operation({
    id: 'deleteCampaignWebhook',
    does: 'Deletes a webhook of the campaign.',
    answer: DONE,
    refuses: ['campaignNotFound', 'notFound'],
  })
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
