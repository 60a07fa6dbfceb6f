import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { CampaignsStore } from '#store/campaigns.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import type { Caller } from '#store/tokens.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { logPaginationView, PageQuery } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { validated, validatedQuery } from '../validated.js';
import { campaignTestBody } from './test-event.js';
import {
  CAMPAIGN_EVENT_NAMES,
  ChangeCampaignWebhookBody,
  CreateCampaignWebhookBody,
} from './webhook-endpoint.dto.js';
import { WebhookEndpoints } from './webhook-endpoints.js';
import { WebhookTries } from './webhook-tries.js';
import { testMessage, webhookLogView, webhookView } from './webhook-view.js';

/** Where customers hear of a campaign and of its calls. */
@Controller('campaigns/:campaignId/webhooks')
@NeedsScope('webhooks')
export class CampaignWebhooksController {
  constructor(
    private readonly campaigns: CampaignsStore,
    private readonly webhooks: WebhookEndpoints,
    private readonly tries: WebhookTries,
  ) {}

  @Post()
  async create(@CurrentCaller() caller: Caller, @Param('campaignId') id: string, @Body() body: unknown) {
    const { campaignId } = await this.ownerOf(caller.environmentId, id);
    const settings = validated(CreateCampaignWebhookBody, body);
    const endpoint = await this.webhooks.create(caller, { campaignId }, settings);
    return { success: true, message: 'The webhook is created.', data: campaignWebhookView(endpoint) };
  }

  @Get()
  async list(@EnvironmentId() environmentId: string, @Param('campaignId') id: string) {
    const { campaignId } = await this.ownerOf(environmentId, id);
    const webhooks = (await this.webhooks.list(environmentId, { campaignId })).map(campaignWebhookView);
    return { success: true, data: { webhooks, available_events: CAMPAIGN_EVENT_NAMES } };
  }

  @Get(':webhookId')
  async get(
    @EnvironmentId() environmentId: string,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const { campaignId } = await this.ownerOf(environmentId, id);
    const endpoint = await this.webhooks.find(environmentId, { campaignId }, webhookId);
    return { success: true, data: campaignWebhookView(endpoint) };
  }

  /** What is left out stays as it is. */
  @Put(':webhookId')
  async update(
    @CurrentCaller() caller: Caller,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
    @Body() body: unknown,
  ) {
    const { campaignId } = await this.ownerOf(caller.environmentId, id);
    const changes = validated(ChangeCampaignWebhookBody, body);
    const endpoint = await this.webhooks.change(caller, { campaignId }, webhookId, changes);
    return { success: true, message: 'The webhook is updated.', data: campaignWebhookView(endpoint) };
  }

  @Delete(':webhookId')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const { campaignId } = await this.ownerOf(caller.environmentId, id);
    await this.webhooks.remove(caller, { campaignId }, webhookId);
    return { success: true, message: 'The webhook is deleted.' };
  }

  @Patch(':webhookId/toggle')
  async toggle(
    @CurrentCaller() caller: Caller,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const { campaignId } = await this.ownerOf(caller.environmentId, id);
    const endpoint = await this.webhooks.toggle(caller, { campaignId }, webhookId);
    const message = `The webhook is ${endpoint.enabled ? 'enabled' : 'disabled'}.`;
    return { success: true, message, data: campaignWebhookView(endpoint) };
  }

  /** Sends an event that did not happen, of those listened for, and says what came of it: a receiver that fails is no failure of the request. */
  @Post(':webhookId/test')
  @HttpCode(200)
  async test(
    @CurrentCaller() caller: Caller,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const { campaignId, campaign } = await this.ownerOf(caller.environmentId, id);
    const endpoint = await this.webhooks.find(caller.environmentId, { campaignId }, webhookId);
    const [event = 'campaign.updated'] = endpoint.events;
    const body = campaignTestBody(campaign, endpoint, event);
    const result = await this.tries.test(caller, endpoint, event, body);
    return { success: result.succeeded, message: testMessage(result) };
  }

  @Get(':webhookId/logs')
  async logs(
    @EnvironmentId() environmentId: string,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
    @Query() parameters: unknown,
  ) {
    const { campaignId } = await this.ownerOf(environmentId, id);
    const query = validatedQuery(PageQuery, parameters);
    const page = await this.tries.list(environmentId, { campaignId }, webhookId, query);
    return { success: true, data: page.items.map(webhookLogView), pagination: logPaginationView(page) };
  }

  /** Makes a delivery again, once, with the settings of now. */
  @Post(':webhookId/logs/:logId/retry')
  @HttpCode(200)
  async retry(
    @CurrentCaller() caller: Caller,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
    @Param('logId') logId: string,
  ) {
    const { campaignId } = await this.ownerOf(caller.environmentId, id);
    const queued = await this.tries.retry(caller, { campaignId }, webhookId, logId);
    const data = { log_id: queued.logId, original_log_id: logId };
    return { success: true, message: 'The delivery is made again.', data };
  }

  private async ownerOf(
    environmentId: string,
    id: string,
  ): Promise<{ campaignId: string; campaign: Campaign }> {
    const campaignId = pathId(id, errors.campaignNotFound);
    return {
      campaignId,
      campaign: found(await this.campaigns.find(environmentId, campaignId), errors.campaignNotFound),
    };
  }
}

function campaignWebhookView(endpoint: WebhookEndpoint): Record<string, unknown> {
  return {
    ...webhookView(endpoint),
    campaign_id: endpoint.campaignId,
    include_call_events: endpoint.includeCallEvents,
  };
}
