import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { AgentsStore } from '#store/agents.store.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { pageOf, paginationView } from '../paging.js';
import { found, pathId } from '../path-id.js';
import { validated, validatedQuery } from '../validated.js';
import { agentView, isReadyToPublish } from './agent-view.js';
import { CreateAgentBody, ListAgentsQuery, newAgentOf } from './agent.dto.js';

@Controller('agents')
@NeedsScope('agents')
export class AgentsController {
  constructor(private readonly agents: AgentsStore) {}

  @Post()
  async create(@EnvironmentId() environmentId: string, @Body() body: unknown) {
    const agent = await this.agents.create(environmentId, newAgentOf(validated(CreateAgentBody, body)));
    return { success: true, data: agentView(agent) };
  }

  @Get()
  async list(@EnvironmentId() environmentId: string, @Query() parameters: unknown) {
    const query = validatedQuery(ListAgentsQuery, parameters);
    const page = await this.agents.list(environmentId, query, pageOf(query));
    const { current_page, per_page, total, last_page } = paginationView(page);
    return {
      success: true,
      data: page.items.map(agentView),
      meta: { current_page, per_page, total, last_page },
    };
  }

  @Get(':id')
  async get(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    return { success: true, data: agentView(await this.find(environmentId, id)) };
  }

  @Post(':id/publish')
  @HttpCode(200)
  async publish(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const agent = await this.find(environmentId, id);
    if (!isReadyToPublish(agent)) {
      throw errors.invalid({
        description: ['The agent needs a description or an initial message to be published.'],
      });
    }
    return this.setStatus(environmentId, agent.id, 'published');
  }

  @Post(':id/unpublish')
  @HttpCode(200)
  async unpublish(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const agent = await this.find(environmentId, id);
    return this.setStatus(environmentId, agent.id, 'draft');
  }

  private async setStatus(environmentId: string, id: string, status: 'draft' | 'published') {
    const agent = found(await this.agents.setStatus(environmentId, id, status), errors.agentNotFound);
    const message =
      status === 'published' ? 'The agent is published.' : 'The agent is not published any more.';
    return { success: true, message, data: agentView(agent) };
  }

  private async find(environmentId: string, id: string) {
    return found(
      await this.agents.find(environmentId, pathId(id, errors.agentNotFound)),
      errors.agentNotFound,
    );
  }
}
