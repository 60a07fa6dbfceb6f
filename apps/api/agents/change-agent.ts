import { Injectable } from '@nestjs/common';
import { SealedSecrets } from '#environment/sealed-secret.js';
import type { AgentAction } from '#store/agent-action.entity.js';
import { AgentPartsStore, type PartWrite } from '#store/agent-parts.store.js';
import type { AgentTraining } from '#store/agent-training.entity.js';
import type { Agent } from '#store/agent.entity.js';
import { AgentsStore, type AgentChange, type AgentWrite } from '#store/agents.store.js';
import { errors } from '../http-errors.js';
import { found, pathId } from '../path-id.js';
import { newActionOf, newTrainingOf, type PutActionBody, type PutTrainingBody } from './agent-parts.dto.js';
import { newAgentOf, type CreateAgentBody } from './agent.dto.js';

/**
 * Makes and changes agents. An edit puts the agent back to draft, and is a stop: once it has answered, no dial begins
 * with the agent until it is published again. The campaigns that use it hold their calls meanwhile.
 */
@Injectable()
export class ChangeAgent {
  constructor(
    private readonly agents: AgentsStore,
    private readonly parts: AgentPartsStore,
    private readonly secrets: SealedSecrets,
  ) {}

  /** @throws ApiError 404 */
  async find(environmentId: string, id: string): Promise<Agent> {
    return found(
      await this.agents.find(environmentId, pathId(id, errors.agentNotFound)),
      errors.agentNotFound,
    );
  }

  async create(environmentId: string, body: CreateAgentBody): Promise<Agent> {
    const numberIds = body.phone_number_ids ?? [];
    return written(await this.agents.create(environmentId, newAgentOf(body), numberIds), numberIds);
  }

  async edit(environmentId: string, agent: Agent, change: AgentChange, numberIds?: string[]): Promise<Agent> {
    const result = await this.agents.change(environmentId, agent.id, change, numberIds);
    const edited = written(found(result, errors.agentNotFound), numberIds ?? []);
    await this.agents.confirmHeld(environmentId);
    return edited;
  }

  async publish(environmentId: string, agent: Agent): Promise<Agent> {
    const published = found(await this.agents.publish(environmentId, agent.id), errors.agentNotFound);
    if (published === 'not_ready') {
      throw errors.invalid({
        description: ['The agent needs a description or an initial message to be published.'],
      });
    }
    return published;
  }

  async unpublish(environmentId: string, agent: Agent): Promise<Agent> {
    const withdrawn = found(await this.agents.unpublish(environmentId, agent.id), errors.agentNotFound);
    await this.agents.confirmHeld(environmentId);
    return withdrawn;
  }

  async remove(environmentId: string, agent: Agent): Promise<void> {
    switch (found(await this.agents.remove(environmentId, agent.id), errors.agentNotFound)) {
      case 'published':
        throw errors.agentIsPublished();
      case 'in_use':
        throw errors.agentHasActiveCalls();
      case 'removed':
        return;
    }
  }

  async putTraining(environmentId: string, agent: Agent, body: PutTrainingBody): Promise<AgentTraining> {
    const training = newTrainingOf(body);
    const part = writtenPart(await this.parts.putTraining(environmentId, agent.id, training), 'subject');
    await this.agents.confirmHeld(environmentId);
    return part;
  }

  async putAction(environmentId: string, agent: Agent, body: PutActionBody): Promise<AgentAction> {
    const action = newActionOf(body, (plain) => this.secrets.seal(plain));
    const part = writtenPart(await this.parts.putAction(environmentId, agent.id, action), 'node_id');
    await this.agents.confirmHeld(environmentId);
    return part;
  }

  async removeTraining(environmentId: string, agent: Agent, id: string): Promise<void> {
    const trainingId = pathId(id, errors.trainingNotFound);
    const removed = await this.parts.removeTraining(environmentId, agent.id, trainingId);
    // Before the 404, which may answer one that is sent again because it was not confirmed.
    await this.agents.confirmHeld(environmentId);
    if (!removed) throw errors.trainingNotFound();
  }

  async removeAction(environmentId: string, agent: Agent, id: string): Promise<void> {
    const actionId = pathId(id, errors.actionNotFound);
    const removed = await this.parts.removeAction(environmentId, agent.id, actionId);
    // Before the 404, which may answer one that is sent again because it was not confirmed.
    await this.agents.confirmHeld(environmentId);
    if (!removed) throw errors.actionNotFound();
  }
}

/** @param numberIds as they were sent, for the place of those that are unknown */
function written(write: AgentWrite, numberIds: string[]): Agent {
  if (write.kind === 'written') return write.agent;
  const fields = write.ids.map((id) => [
    `phone_number_ids.${numberIds.indexOf(id)}`,
    ['There is no such active phone number in this environment.'],
  ]);
  throw errors.invalid(Object.fromEntries(fields) as Record<string, string[]>);
}

/** @param key the field that a new part is known by */
function writtenPart<T>(write: PartWrite<T>, key: string): T {
  switch (write.kind) {
    case 'no_agent':
      throw errors.agentNotFound();
    case 'too_many':
      throw errors.invalid({ [key]: [`An agent has at most ${write.limit} of these.`] });
    case 'no_such_header':
      throw errors.invalid({
        [`custom_headers.${write.index}.value`]: ['A header needs a value: none is stored under its key.'],
      });
    case 'written':
      return write.part;
  }
}
