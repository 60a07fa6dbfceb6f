import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { AGENT_EVENTS } from '#store/outbox.js';
import { AgentsStore } from '#store/agents.store.js';
import type { WebhookEndpoint } from '#store/webhook-endpoint.entity.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { found, pathId } from '../path-id.js';
import { validated } from '../validated.js';
import { CreateAgentWebhookBody } from './webhook-endpoint.dto.js';
import { WebhookEndpoints, webhookView } from './webhook-endpoints.js';
import { Operation, Section } from '../openapi/operation.js';
import { agentWebhookSchema, agentWebhooksSchema } from './webhook-schemas.js';
import { answerOf, DONE, toldAnswerOf } from '../openapi/answers.js';

@Section('Webhooks')
@Controller('agents/:agentId/webhooks')
@NeedsScope('webhooks')
export class AgentWebhooksController {
  constructor(
    private readonly agents: AgentsStore,
    private readonly webhooks: WebhookEndpoints,
  ) {}

  @Operation({
    id: 'createAgentWebhook',
    does: 'Makes a webhook of the agent.',
    body: CreateAgentWebhookBody,
    answer: toldAnswerOf(agentWebhookSchema),
    refuses: ['agentNotFound'],
  })
  @Post()
  async create(@EnvironmentId() environmentId: string, @Param('agentId') id: string, @Body() body: unknown) {
    const owner = await this.ownerOf(environmentId, id);
    const endpoint = await this.webhooks.create(
      environmentId,
      owner,
      validated(CreateAgentWebhookBody, body),
    );
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
    const endpoints = await this.webhooks.list(environmentId, await this.ownerOf(environmentId, id));
    return {
      success: true,
      data: { webhooks: endpoints.map(agentWebhookView), available_events: AGENT_EVENTS },
    };
  }

  @Operation({
    id: 'getAgentWebhook',
    does: 'Shows a webhook of the agent.',
    answer: answerOf(agentWebhookSchema),
    refuses: ['agentNotFound', 'notFound'],
  })
  @Get(':webhookId')
  async get(
    @EnvironmentId() environmentId: string,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    const endpoint = await this.webhooks.find(
      environmentId,
      await this.ownerOf(environmentId, id),
      webhookId,
    );
    return { success: true, data: agentWebhookView(endpoint) };
  }

  @Operation({
    id: 'deleteAgentWebhook',
    does: 'Deletes a webhook of the agent.',
    answer: DONE,
    refuses: ['agentNotFound', 'notFound'],
  })
  @Delete(':webhookId')
  async remove(
    @EnvironmentId() environmentId: string,
    @Param('agentId') id: string,
    @Param('webhookId') webhookId: string,
  ) {
    await this.webhooks.remove(environmentId, await this.ownerOf(environmentId, id), webhookId);
    return { success: true, message: 'The webhook is deleted.' };
  }

  private async ownerOf(environmentId: string, id: string): Promise<{ agentId: string }> {
    const agentId = pathId(id, errors.agentNotFound);
    found(await this.agents.find(environmentId, agentId), errors.agentNotFound);
    return { agentId };
  }
}

function agentWebhookView(endpoint: WebhookEndpoint): Record<string, unknown> {
  return {
    ...webhookView(endpoint),
    agent_id: endpoint.agentId,
    events_count: endpoint.events.length,
    status: endpoint.enabled ? 'active' : 'disabled',
  };
}
