import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { AgentPartsStore } from '#store/agent-parts.store.js';
import { EnvironmentId, NeedsScope } from '../caller.js';
import { validated } from '../validated.js';
import { PutTrainingBody } from './agent-parts.dto.js';
import { ChangeAgent } from './change-agent.js';
import { trainingSchema, trainingView } from './training-view.js';
import { Operation, Section } from '../openapi/operation.js';
import { list } from '../openapi/schema.js';
import { answerOf, DONE, toldAnswerOf } from '../openapi/answers.js';

/** What an agent knows. Every write puts the agent back to draft. */
@Section('Agents')
@Controller('agents/:agentId/trainings')
@NeedsScope('agents')
export class TrainingsController {
  constructor(
    private readonly changeAgent: ChangeAgent,
    private readonly parts: AgentPartsStore,
  ) {}

  @Operation({
    id: 'listTrainings',
    does: 'Lists what an agent knows.',
    answer: answerOf(list(trainingSchema)),
    refuses: ['agentNotFound'],
  })
  @Get()
  async list(@EnvironmentId() environmentId: string, @Param('agentId') agentId: string) {
    const { id } = await this.changeAgent.find(environmentId, agentId);
    return { success: true, data: (await this.parts.trainings(environmentId, id)).map(trainingView) };
  }

  /** Writes over the training of the same `node_id` or, without one, of the same `subject`. */
  @Operation({
    id: 'putTraining',
    does: 'Stores something that an agent knows; it is then a draft.',
    body: PutTrainingBody,
    answer: toldAnswerOf(trainingSchema),
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
    const training = await this.changeAgent.putTraining(
      environmentId,
      agent,
      validated(PutTrainingBody, body),
    );
    return { success: true, message: 'The training is stored.', data: trainingView(training) };
  }

  @Operation({
    id: 'deleteTraining',
    does: 'Deletes something that an agent knew; it is then a draft.',
    answer: DONE,
    refuses: ['agentNotFound', 'trainingNotFound', 'stopNotConfirmed'],
  })
  @Delete(':trainingId')
  async remove(
    @EnvironmentId() environmentId: string,
    @Param('agentId') agentId: string,
    @Param('trainingId') trainingId: string,
  ) {
    const agent = await this.changeAgent.find(environmentId, agentId);
    await this.changeAgent.removeTraining(environmentId, agent, trainingId);
    return { success: true, message: 'The training is deleted.' };
  }
}
