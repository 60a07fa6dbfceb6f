import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { CampaignsStore } from '#store/campaigns.store.js';
import type { Campaign } from '#store/campaign.entity.js';
import type { Caller } from '#store/tokens.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { answerOf, DONE, toldAnswerOf } from '../openapi/answers.js';
import { Operation, Section } from '../openapi/operation.js';
import { logPaginationView, PageQuery } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { validated, validatedQuery } from '../validated.js';
import { campaignTestBody } from './test-event.js';
import {
  CAMPAIGN_EVENT_NAMES,
  ChangeCampaignWebhookBody,
  CreateCampaignWebhookBody,
  ReplayBody,
} from './webhook-endpoint.dto.js';
import {
  campaignWebhookRetrySchema,
  campaignWebhookSchema,
  campaignWebhooksSchema,
  campaignWebhookTestSchema,
  webhookLogsSchema,
  webhookReplaySchema,
} from './webhook-schemas.js';
import { WebhookEndpoints } from './webhook-endpoints.js';
import { WebhookTries } from './webhook-tries.js';
import { testMessage, webhookLogView, webhookReplayView, webhookView } from './webhook-view.js';

/** Where customers hear of a campaign and of its calls. */
@Section('Webhooks')
@Controller('campaigns/:campaignId/webhooks')
@NeedsScope('webhooks')
export class CampaignWebhooksController {
  constructor(
    private readonly campaigns: CampaignsStore,
    private readonly webhooks: WebhookEndpoints,
    private readonly tries: WebhookTries,
  ) {}

  @Operation({
    id: 'createCampaignWebhook',
    does: 'Makes a webhook of the campaign.',
    body: CreateCampaignWebhookBody,
    answer: toldAnswerOf(campaignWebhookSchema),
    refuses: ['campaignNotFound'],
  })
  @Post()
  async create(@CurrentCaller() caller: Caller, @Param('campaignId') id: string, @Body() body: unknown) {
    const { campaignId } = await this.ownerOf(caller.environmentId, id);
    const settings = validated(CreateCampaignWebhookBody, body);
    const endpoint = await this.webhooks.create(caller, { campaignId }, settings);
    return { success: true, message: 'The webhook is created.', data: campaignWebhookView(endpoint) };
  }

  @Operation({
    id: 'listCampaignWebhooks',
    does: 'Lists the webhooks of the campaign, and the events there are.',
    answer: answerOf(campaignWebhooksSchema),
    refuses: ['campaignNotFound'],
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Param('campaignId') id: string) {
    const { campaignId } = await this.ownerOf(environmentId, id);
    const webhooks = (await this.webhooks.list(environmentId, { campaignId })).map(campaignWebhookView);
    return { success: true, data: { webhooks, available_events: CAMPAIGN_EVENT_NAMES } };
  }

  @Operation({
    id: 'getCampaignWebhook',
    does: 'Shows a webhook of the campaign.',
    answer: answerOf(campaignWebhookSchema),
    refuses: ['campaignNotFound', 'webhookNotFound'],
  })
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
  @Operation({
    id: 'updateCampaignWebhook',
    does: 'Changes what the body names; what it leaves out stays.',
    body: ChangeCampaignWebhookBody,
    answer: toldAnswerOf(campaignWebhookSchema),
    refuses: ['campaignNotFound', 'webhookNotFound'],
  })
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

  @Operation({
    id: 'deleteCampaignWebhook',
    does: 'Deletes a webhook of the campaign; its logs stay for thirty days.',
    answer: DONE,
    refuses: ['campaignNotFound', 'webhookNotFound'],
  })
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

  @Operation({
    id: 'toggleCampaignWebhook',
    does: 'Switches a webhook off that is on, and on that is off.',
    answer: toldAnswerOf(campaignWebhookSchema),
    refuses: ['campaignNotFound', 'webhookNotFound'],
  })
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
  @Operation({
    id: 'testCampaignWebhook',
    does: 'Sends an event that did not happen, and tells what came of it.',
    answer: campaignWebhookTestSchema,
    refuses: ['campaignNotFound', 'webhookNotFound'],
  })
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

  @Operation({
    id: 'listCampaignWebhookLogs',
    does: 'Lists the tries to tell the webhook something, newest first, for thirty days.',
    query: PageQuery,
    answer: webhookLogsSchema,
    refuses: ['campaignNotFound', 'webhookNotFound'],
  })
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
  @Operation({
    id: 'retryCampaignWebhookLog',
    does: 'Makes a delivery again, once, with the settings of now.',
    answer: toldAnswerOf(campaignWebhookRetrySchema),
    refuses: ['campaignNotFound', 'webhookNotFound', 'webhookLogNotFound', 'logNotRetriable'],
  })
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

  @Operation({
    id: 'replayCampaignWebhook',
    does: 'Tells the webhook again, under the same ids, what happened in a time and it has not taken.',
    body: ReplayBody,
    answer: toldAnswerOf(webhookReplaySchema),
    refuses: ['campaignNotFound', 'webhookNotFound', 'webhookDisabled'],
  })
  @Post(':webhookId/replay')
  @HttpCode(200)
  async replay(
    @CurrentCaller() caller: Caller,
    @Param('campaignId') id: string,
    @Param('webhookId') webhookId: string,
    @Body() body: unknown,
  ) {
    const { campaignId } = await this.ownerOf(caller.environmentId, id);
    const endpoint = await this.webhooks.find(caller.environmentId, { campaignId }, webhookId);
    const replay = await this.tries.replay(caller, endpoint, validated(ReplayBody, body));
    return { success: true, message: 'The webhook is told again.', data: webhookReplayView(replay) };
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
