import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import { AgentPartsStore } from '#store/agent-parts.store.js';
import type { Agent } from '#store/agent.entity.js';
import { AgentsStore } from '#store/agents.store.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { pageOf, paginationView } from '../paging.js';
import { validated, validatedQuery } from '../validated.js';
import { agentSchema, agentView } from './agent-view.js';
import {
  callingOf,
  ChangeCallingBody,
  ChangeKnowledgeBody,
  ChangeVoiceBody,
  CreateAgentBody,
  knowledgeOf,
  ListAgentsQuery,
  voiceOf,
} from './agent.dto.js';
import { ChangeAgent } from './change-agent.js';
import { Operation, Section } from '../openapi/operation.js';
import type { ErrorName } from '../http-errors.js';
import { answerOf, DONE, metaPageOfThese, toldAnswerOf } from '../openapi/answers.js';

/** Of an edit, which is a stop. */
const EDIT_ERRORS: ErrorName[] = ['agentNotFound', 'stopNotConfirmed'];

@Section('Agents')
@Controller('agents')
@NeedsScope('agents')
export class AgentsController {
  constructor(
    private readonly agents: AgentsStore,
    private readonly parts: AgentPartsStore,
    private readonly changeAgent: ChangeAgent,
  ) {}

  @Operation({
    id: 'createAgent',
    does: 'Creates an agent, as a draft.',
    body: CreateAgentBody,
    answer: answerOf(agentSchema),
  })
  @Post()
  async create(@EnvironmentId() environmentId: string, @Body() body: unknown) {
    const agent = await this.changeAgent.create(environmentId, validated(CreateAgentBody, body));
    return { success: true, data: await this.viewOf(agent) };
  }

  @Operation({
    id: 'listAgents',
    does: 'Lists agents, newest first.',
    query: ListAgentsQuery,
    answer: metaPageOfThese(agentSchema),
  })
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

  @Operation({
    id: 'getAgent',
    does: 'Shows an agent.',
    answer: answerOf(agentSchema),
    refuses: ['agentNotFound'],
  })
  @Get(':id')
  async get(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    return { success: true, data: await this.viewOf(await this.changeAgent.find(environmentId, id)) };
  }

  @Operation({
    id: 'deleteAgent',
    does: 'Deletes an agent that nothing uses.',
    answer: DONE,
    refuses: ['agentNotFound', 'agentIsPublished', 'agentHasActiveCalls'],
  })
  @Delete(':id')
  async remove(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    await this.changeAgent.remove(environmentId, await this.changeAgent.find(environmentId, id));
    return { success: true, message: 'The agent is deleted.' };
  }

  @Operation({
    id: 'changeAgentKnowledge',
    does: 'Changes what an agent says; it is then a draft.',
    body: ChangeKnowledgeBody,
    answer: toldAnswerOf(agentSchema),
    refuses: EDIT_ERRORS,
  })
  @Put(':id/knowledge')
  async knowledge(@EnvironmentId() environmentId: string, @Param('id') id: string, @Body() body: unknown) {
    const agent = await this.changeAgent.find(environmentId, id);
    const change = knowledgeOf(validated(ChangeKnowledgeBody, body));
    return this.edited(await this.changeAgent.edit(environmentId, agent, change));
  }

  @Operation({
    id: 'changeAgentVoice',
    does: 'Changes how an agent sounds; it is then a draft.',
    body: ChangeVoiceBody,
    answer: toldAnswerOf(agentSchema),
    refuses: EDIT_ERRORS,
  })
  @Put(':id/voice')
  async voice(@EnvironmentId() environmentId: string, @Param('id') id: string, @Body() body: unknown) {
    const agent = await this.changeAgent.find(environmentId, id);
    const change = voiceOf(validated(ChangeVoiceBody, body));
    return this.edited(await this.changeAgent.edit(environmentId, agent, change));
  }

  /** Numbers, and a place, that are not named stay. */
  @Operation({
    id: 'changeAgentCalling',
    does: 'Changes the numbers an agent calls from, and where it runs; it is then a draft.',
    body: ChangeCallingBody,
    answer: toldAnswerOf(agentSchema),
    refuses: EDIT_ERRORS,
  })
  @Put(':id/calling')
  async calling(@EnvironmentId() environmentId: string, @Param('id') id: string, @Body() body: unknown) {
    const agent = await this.changeAgent.find(environmentId, id);
    const calling = validated(ChangeCallingBody, body);
    return this.edited(
      await this.changeAgent.edit(environmentId, agent, callingOf(calling), calling.phone_number_ids),
    );
  }

  @Operation({
    id: 'publishAgent',
    does: 'Publishes an agent: its calls may be dialled.',
    answer: toldAnswerOf(agentSchema),
    refuses: ['agentNotFound', 'invalid'],
  })
  @Post(':id/publish')
  @HttpCode(200)
  async publish(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const agent = await this.changeAgent.find(environmentId, id);
    const published = await this.changeAgent.publish(environmentId, agent);
    return { success: true, message: 'The agent is published.', data: await this.viewOf(published) };
  }

  @Operation({
    id: 'unpublishAgent',
    does: 'Makes an agent a draft again: no new dial of its calls begins.',
    answer: toldAnswerOf(agentSchema),
    refuses: EDIT_ERRORS,
  })
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
