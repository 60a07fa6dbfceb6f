import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { AgentsStore } from '#store/agents.store.js';
import type { Agent } from '#store/agent.entity.js';
import type { Caller } from '#store/tokens.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { CurrentCaller, EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { answerOf, DONE, toldAnswerOf } from '../openapi/answers.js';
import { Operation, Section } from '../openapi/operation.js';
import { logPaginationView, PageQuery } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { validated, validatedQuery } from '../validated.js';
import { agentTestBody } from './test-event.js';
import {
  AVAILABLE_AGENT_EVENTS,
  ChangeAgentWebhookBody,
  CreateAgentWebhookBody,
  ReplayBody,
} from './webhook-endpoint.dto.js';
import {
  agentWebhookRetrySchema,
  agentWebhookSchema,
  agentWebhooksSchema,
  agentWebhookTestSchema,
  webhookLogsSchema,
  webhookReplaySchema,
} from './webhook-schemas.js';
import { WebhookEndpoints } from './webhook-endpoints.js';
import { WebhookTries } from './webhook-tries.js';
import { testMessage, webhookLogView, webhookReplayView, webhookView } from './webhook-view.js';

/** Where customers hear of an agent's calls. */
@Section('Webhooks')
@Controller('agents/:agentId/webhooks')
@NeedsScope('webhooks')
export class AgentWebhooksController {
  constructor(
    private readonly agents: AgentsStore,
    private readonly webhooks: WebhookEndpoints,
    private readonly tries: WebhookTries,
  ) {}

  @Operation({
    id: 'createAgentWebhook',
    does: 'Makes a webhook of the agent.',
    body: CreateAgentWebhookBody,
    answer: toldAnswerOf(agentWebhookSchema),
    refuses: ['agentNotFound'],
  })
  @Post()
  async create(@CurrentCaller() caller: Caller, @Param('agentId') id: string, @Body() body: unknown) {
    const { agentId } = await this.ownerOf(caller.environmentId, id);
    const settings = validated(CreateAgentWebhookBody, body);
    const endpoint = await this.webhooks.create(caller, { agentId }, settings);
    return { success: true, message: 'The webhook is created.', data: agentWebhookView(endpoint) };
  }

  @Operation({
    id: 'listAgentWebhooks',
    does: 'Lists the webhooks of the agent, and the events there are.',
    answer: answerOf(agentWebhooksSchema),
    refuses: ['agentNotFound'],
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Param('agentId') id: string) {
    const { agentId } = await this.ownerOf(environmentId, id);
    const webhooks = (await this.webhooks.list(environmentId, { agentId })).map(agentWebhookView);
    return { success: true, data: { webhooks, available_events: AVAILABLE_AGENT_EVENTS } };
  }

  @Operation({
    id: 'getAgentWebhook',
    does: 'Shows a webhook of the agent.',
    answer: answerOf(agentWebhookSchema),
    refuses: ['agentNotFound', 'webhookNotFound'],
  })
  @Get(':webhookId')
  async get(
    @EnvironmentId() environmentId: string,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const { agentId } = await this.ownerOf(environmentId, id);
    const endpoint = await this.webhooks.find(environmentId, { agentId }, webhookId);
    return { success: true, data: agentWebhookView(endpoint) };
  }

  /** What is left out stays as it is. */
  @Operation({
    id: 'updateAgentWebhook',
    does: 'Changes what the body names; what it leaves out stays.',
    body: ChangeAgentWebhookBody,
    answer: toldAnswerOf(agentWebhookSchema),
    refuses: ['agentNotFound', 'webhookNotFound'],
  })
  @Put(':webhookId')
  async update(
    @CurrentCaller() caller: Caller,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
    @Body() body: unknown,
  ) {
    const { agentId } = await this.ownerOf(caller.environmentId, id);
    const changes = validated(ChangeAgentWebhookBody, body);
    const endpoint = await this.webhooks.change(caller, { agentId }, webhookId, changes);
    return { success: true, message: 'The webhook is updated.', data: agentWebhookView(endpoint) };
  }

  @Operation({
    id: 'deleteAgentWebhook',
    does: 'Deletes a webhook of the agent; its logs stay for thirty days.',
    answer: DONE,
    refuses: ['agentNotFound', 'webhookNotFound'],
  })
  @Delete(':webhookId')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const { agentId } = await this.ownerOf(caller.environmentId, id);
    await this.webhooks.remove(caller, { agentId }, webhookId);
    return { success: true, message: 'The webhook is deleted.' };
  }

  @Operation({
    id: 'toggleAgentWebhook',
    does: 'Switches a webhook off that is on, and on that is off.',
    answer: toldAnswerOf(agentWebhookSchema),
    refuses: ['agentNotFound', 'webhookNotFound'],
  })
  @Patch(':webhookId/toggle')
  async toggle(
    @CurrentCaller() caller: Caller,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const { agentId } = await this.ownerOf(caller.environmentId, id);
    const endpoint = await this.webhooks.toggle(caller, { agentId }, webhookId);
    const message = `The webhook is ${endpoint.enabled ? 'enabled' : 'disabled'}.`;
    return { success: true, message, data: agentWebhookView(endpoint) };
  }

  /** Sends the documented test event, and says what came of it: a receiver that fails is no failure of the request. */
  @Operation({
    id: 'testAgentWebhook',
    does: 'Sends an event that did not happen, and tells what came of it.',
    answer: agentWebhookTestSchema,
    refuses: ['agentNotFound', 'webhookNotFound'],
  })
  @Post(':webhookId/test')
  @HttpCode(200)
  async test(
    @CurrentCaller() caller: Caller,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const { agentId, agent } = await this.ownerOf(caller.environmentId, id);
    const endpoint = await this.webhooks.find(caller.environmentId, { agentId }, webhookId);
    const result = await this.tries.test(caller, endpoint, 'webhook.test', agentTestBody(agent, endpoint));
    const data = { status_code: result.httpStatus, response_time: result.durationMs };
    return { success: result.succeeded, message: testMessage(result), data };
  }

  @Operation({
    id: 'listAgentWebhookLogs',
    does: 'Lists the tries to tell the webhook something, newest first, for thirty days.',
    query: PageQuery,
    answer: webhookLogsSchema,
    refuses: ['agentNotFound', 'webhookNotFound'],
  })
  @Get(':webhookId/logs')
  async logs(
    @EnvironmentId() environmentId: string,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
    @Query() parameters: unknown,
  ) {
    const { agentId } = await this.ownerOf(environmentId, id);
    const query = validatedQuery(PageQuery, parameters);
    const page = await this.tries.list(environmentId, { agentId }, webhookId, query);
    return { success: true, data: page.items.map(webhookLogView), pagination: logPaginationView(page) };
  }

  /** Makes a delivery again, once, with the settings of now. */
  @Operation({
    id: 'retryAgentWebhookLog',
    does: 'Makes a delivery again, once, with the settings of now.',
    answer: toldAnswerOf(agentWebhookRetrySchema),
    refuses: ['agentNotFound', 'webhookNotFound', 'webhookLogNotFound', 'logNotRetriable'],
  })
  @Post(':webhookId/logs/:logId/retry')
  @HttpCode(200)
  async retry(
    @CurrentCaller() caller: Caller,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
    @Param('logId') logId: string,
  ) {
    const { agentId } = await this.ownerOf(caller.environmentId, id);
    const queued = await this.tries.retry(caller, { agentId }, webhookId, logId);
    const data = {
      log_id: queued.logId,
      original_log_id: logId,
      queued_at: queued.queuedAt.toISOString(),
    };
    return { success: true, message: 'The delivery is made again.', data };
  }

  @Operation({
    id: 'replayAgentWebhook',
    does: 'Tells the webhook again, under the same ids, what happened in a time and it has not taken.',
    body: ReplayBody,
    answer: toldAnswerOf(webhookReplaySchema),
    refuses: ['agentNotFound', 'webhookNotFound', 'webhookDisabled'],
  })
  @Post(':webhookId/replay')
  @HttpCode(200)
  async replay(
    @CurrentCaller() caller: Caller,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
    @Body() body: unknown,
  ) {
    const { agentId } = await this.ownerOf(caller.environmentId, id);
    const endpoint = await this.webhooks.find(caller.environmentId, { agentId }, webhookId);
    const replay = await this.tries.replay(caller, endpoint, validated(ReplayBody, body));
    return { success: true, message: 'The webhook is told again.', data: webhookReplayView(replay) };
  }

  private async ownerOf(environmentId: string, id: string): Promise<{ agentId: string; agent: Agent }> {
    const agentId = pathId(id, errors.agentNotFound);
    return { agentId, agent: found(await this.agents.find(environmentId, agentId), errors.agentNotFound) };
  }
}

function agentWebhookView(endpoint: WebhookEndpoint): Record<string, unknown> {
  return { ...webhookView(endpoint), agent_id: endpoint.agentId, events_count: endpoint.events.length };
}
