import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { AgentPartsStore } from '#store/agent-parts.store.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { validated } from '../validated.js';
import { actionSchema, actionView } from './action-view.js';
import { PutActionBody } from './agent-parts.dto.js';
import { ChangeAgent } from './change-agent.js';
import { Operation, Section } from '../openapi/operation.js';
import { ANY_OBJECT, list } from '../openapi/schema.js';
import { answerOf, DONE, toldAnswerOf } from '../openapi/answers.js';

/** What an agent may do. Every write puts the agent back to draft. */
@Section('Agents')
@Controller('agents/:agentId/actions')
@NeedsScope('agents')
export class ActionsController {
  constructor(
    private readonly changeAgent: ChangeAgent,
    private readonly parts: AgentPartsStore,
  ) {}

  @Operation({
    id: 'listActions',
    does: 'Lists what an agent may do.',
    answer: answerOf(list(actionSchema)),
    refuses: ['agentNotFound'],
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Param('agentId') agentId: string) {
    const { id } = await this.changeAgent.find(environmentId, agentId);
    return { success: true, data: (await this.parts.actions(environmentId, id)).map(actionView) };
  }

  /** Writes over the action of the same `node_id`. Secrets that are not sent stay as they are stored. */
  @Operation({
    id: 'putAction',
    does: 'Stores something that an agent may do; it is then a draft.',
    body: PutActionBody,
    answer: toldAnswerOf(actionSchema),
    refuses: ['agentNotFound', 'stopNotConfirmed'],
  })
  @Post()
  @HttpCode(200)
  async put(
    @EnvironmentId() environmentId: string,
    @Param('agentId') agentId: string,
    @Body() body: unknown,
  ) {
    const agent = await this.changeAgent.find(environmentId, agentId);
    const action = await this.changeAgent.putAction(environmentId, agent, validated(PutActionBody, body));
    return { success: true, message: 'The action is stored.', data: actionView(action) };
  }

  @Operation({
    id: 'deleteAction',
    does: 'Deletes something that an agent could do; it is then a draft.',
    answer: DONE,
    refuses: ['agentNotFound', 'actionNotFound', 'stopNotConfirmed'],
  })
  @Delete(':actionId')
  async remove(
    @EnvironmentId() environmentId: string,
    @Param('agentId') agentId: string,
    @Param('actionId') actionId: string,
  ) {
    const agent = await this.changeAgent.find(environmentId, agentId);
    await this.changeAgent.removeAction(environmentId, agent, actionId);
    return { success: true, message: 'The action is deleted.' };
  }
}

/** What actions could be integrated with. None is installed. */
@Section('Agents')
@Controller('action-integrations')
@NeedsScope('agents')
export class ActionIntegrationsController {
  @Operation({
    id: 'listActionIntegrations',
    does: 'Lists what actions can be integrated with: nothing yet.',
    answer: answerOf({ ...list(ANY_OBJECT), maxItems: 0 }),
  })
  @Get()
  list() {
    return { success: true, data: [] };
  }
}
