import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { AgentPartsStore } from '#store/agent-parts.store.js';
import type { Agent } from '#store/agent.entity.js';
import { AgentsStore } from '#store/agents.store.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { pageOf, paginationView } from '../paging.js';
import { validated, validatedQuery } from '../validated.js';
import { agentView } from './agent-view.js';
import {
  ChangeCallingBody,
  ChangeKnowledgeBody,
  ChangeVoiceBody,
  CreateAgentBody,
  knowledgeOf,
  ListAgentsQuery,
  voiceOf,
} from './agent.dto.js';
import { ChangeAgent } from './change-agent.js';

@Controller('agents')
@NeedsScope('agents')
export class AgentsController {
  constructor(
    private readonly agents: AgentsStore,
    private readonly parts: AgentPartsStore,
    private readonly changeAgent: ChangeAgent,
  ) {}

  @Post()
  async create(@EnvironmentId() environmentId: string, @Body() body: unknown) {
    const agent = await this.changeAgent.create(environmentId, validated(CreateAgentBody, body));
    return { success: true, data: await this.viewOf(agent) };
  }

  @Get()
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const query = validatedQuery(ListAgentsQuery, parameters);
    const page = await this.agents.list(environmentId, query, pageOf(query));
    const ids = page.items.map(({ id }) => id);
    const parts = await this.parts.ofAgents(environmentId, ids);
    const { current_page, per_page, total, last_page } = paginationView(page);
    return {
      success: true,
      data: page.items.map((agent) => agentView(agent, parts.get(agent.id))),
      meta: { current_page, per_page, total, last_page },
    };
  }

  @Get(':id')
  async get(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    return { success: true, data: await this.viewOf(await this.changeAgent.find(environmentId, id)) };
  }

  @Delete(':id')
  async remove(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    await this.changeAgent.remove(environmentId, await this.changeAgent.find(environmentId, id));
    return { success: true, message: 'The agent is deleted.' };
  }

  @Put(':id/knowledge')
  async knowledge(@EnvironmentId() environmentId: string, @Param('id') id: string, @Body() body: unknown) {
    const agent = await this.changeAgent.find(environmentId, id);
    const change = knowledgeOf(validated(ChangeKnowledgeBody, body));
    return this.edited(await this.changeAgent.edit(environmentId, agent, change));
  }

  @Put(':id/voice')
  async voice(@EnvironmentId() environmentId: string, @Param('id') id: string, @Body() body: unknown) {
    const agent = await this.changeAgent.find(environmentId, id);
    const change = voiceOf(validated(ChangeVoiceBody, body));
    return this.edited(await this.changeAgent.edit(environmentId, agent, change));
  }

  /** Numbers that are not named stay. */
  @Put(':id/calling')
  async calling(@EnvironmentId() environmentId: string, @Param('id') id: string, @Body() body: unknown) {
    const agent = await this.changeAgent.find(environmentId, id);
    const { direction, phone_number_ids: numberIds } = validated(ChangeCallingBody, body);
    return this.edited(await this.changeAgent.edit(environmentId, agent, { direction }, numberIds));
  }

  @Post(':id/publish')
  @HttpCode(200)
  async publish(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const agent = await this.changeAgent.find(environmentId, id);
    const published = await this.changeAgent.publish(environmentId, agent);
    return { success: true, message: 'The agent is published.', data: await this.viewOf(published) };
  }

  @Post(':id/unpublish')
  @HttpCode(200)
  async unpublish(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const agent = await this.changeAgent.find(environmentId, id);
    const withdrawn = await this.changeAgent.unpublish(environmentId, agent);
    return {
      success: true,
      message: 'The agent is not published any more.',
      data: await this.viewOf(withdrawn),
    };
  }

  private async edited(agent: Agent) {
    return {
      success: true,
      message: 'The agent is changed, and a draft until it is published.',
      data: await this.viewOf(agent),
    };
  }

  private async viewOf(agent: Agent): Promise<Record<string, unknown>> {
    const parts = await this.parts.ofAgents(agent.environmentId, [agent.id]);
    return agentView(agent, parts.get(agent.id));
  }
}
