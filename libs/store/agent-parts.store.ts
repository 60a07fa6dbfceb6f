import { Injectable } from '@nestjs/common';
import { In, IsNull, type EntityManager } from 'typeorm';
import { AgentAction } from './agent-action.entity.js';
import { numbersOfAgents } from './agent-numbers.js';
import { lockAgent, writeDraft } from './agent-rows.js';
import { AgentTraining } from './agent-training.entity.js';
import type { PhoneNumber } from './phone-number.entity.js';
import { ScopedDatabase } from './scoped-database.js';
import { credentialToStore, headersToStore, type SentHeader } from './sent-secrets.js';

type OfServer = 'id' | 'environmentId' | 'agentId' | 'createdAt' | 'updatedAt';

export type NewTraining = Omit<AgentTraining, OfServer>;

/** What cannot be read back need not be sent back: undefined keeps a secret as it is stored. */
export type NewAction = Omit<AgentAction, OfServer | 'customHeaders' | 'sealedAuthorizationCredential'> & {
  /** Null clears it. Kept only under the scheme it was stored with. */
  sealedAuthorizationCredential: string | null | undefined;
  /** Undefined keeps them all; a header without a value keeps the one stored under its key. */
  customHeaders: SentHeader[] | undefined;
};

export interface AgentParts {
  trainings: AgentTraining[];
  actions: AgentAction[];
  phoneNumbers: PhoneNumber[];
}

export type PartWrite<T> =
  | { kind: 'written'; part: T }
  | { kind: 'too_many'; limit: number }
  /** A header came without its value, and none is stored. */
  | { kind: 'no_such_header'; index: number }
  | { kind: 'no_agent' };

/** Every answer about an agent carries all of its parts, so they must stay few enough to read. */
const MOST_PARTS = 100;

/**
 * What an agent knows and may do. Every write puts the agent back to draft: confirm it with AgentsStore.confirmHeld.
 * Every method is scoped by the environment.
 */
@Injectable()
export class AgentPartsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** The parts of some agents, by the agent's id. */
  async ofAgents(environmentId: string, agentIds: string[]): Promise<Map<string, AgentParts>> {
    return this.database.within(environmentId, async (manager) => {
      const where = { environmentId, agentId: In(agentIds) };
      const trainings = await manager.find(AgentTraining, { where, order: OLDEST_FIRST });
      const actions = await manager.find(AgentAction, { where, order: OLDEST_FIRST });
      const numbers = await numbersOfAgents(manager, environmentId, agentIds);
      const partsOf = (id: string): AgentParts => ({
        trainings: trainings.filter(({ agentId }) => agentId === id),
        actions: actions.filter(({ agentId }) => agentId === id),
        phoneNumbers: numbers.get(id) ?? [],
      });
      return new Map(agentIds.map((id) => [id, partsOf(id)]));
    });
  }

  async trainings(environmentId: string, agentId: string): Promise<AgentTraining[]> {
    return this.database.within(environmentId, (manager) =>
      manager.find(AgentTraining, {
        where: { environmentId, agentId },
        order: OLDEST_FIRST,
      }),
    );
  }

  async actions(environmentId: string, agentId: string): Promise<AgentAction[]> {
    return this.database.within(environmentId, (manager) =>
      manager.find(AgentAction, { where: { environmentId, agentId }, order: OLDEST_FIRST }),
    );
  }

  /** Writes a training: over the one of the same node, or, without a node, of the same subject. */
  async putTraining(
    environmentId: string,
    agentId: string,
    training: NewTraining,
  ): Promise<PartWrite<AgentTraining>> {
    return this.database.within(environmentId, async (manager) => {
      const agent = await lockAgent(manager, environmentId, agentId);
      if (agent === null) return { kind: 'no_agent' };
      const { nodeId, subject } = training;
      const key = nodeId === null ? { nodeId: IsNull(), subject } : { nodeId };
      const stored = await manager.findOneBy(AgentTraining, { environmentId, agentId, ...key });
      if (stored === null && (await isFull(manager, AgentTraining, agentId))) return TOO_MANY;
      const row = stored ?? manager.create(AgentTraining, { environmentId, agentId });
      const part = await manager.save(Object.assign(row, training));
      await writeDraft(manager, agent);
      return { kind: 'written', part };
    });
  }

  /** Writes an action, over the one of the same node. */
  async putAction(
    environmentId: string,
    agentId: string,
    action: NewAction,
  ): Promise<PartWrite<AgentAction>> {
    return this.database.within(environmentId, async (manager) => {
      const agent = await lockAgent(manager, environmentId, agentId);
      if (agent === null) return { kind: 'no_agent' };
      const { nodeId } = action;
      const stored = await manager.findOneBy(AgentAction, { environmentId, agentId, nodeId });
      if (stored === null && (await isFull(manager, AgentAction, agentId))) return TOO_MANY;
      const customHeaders = headersToStore(action.customHeaders, stored?.customHeaders ?? []);
      const index = customHeaders.findIndex((header) => header === null);
      if (index !== -1) return { kind: 'no_such_header', index };
      const { authorizationScheme, sealedAuthorizationCredential: sent } = action;
      const sealedAuthorizationCredential = credentialToStore(authorizationScheme, sent, stored);
      const row = stored ?? manager.create(AgentAction, { environmentId, agentId });
      const part = await manager.save(
        Object.assign(row, action, { customHeaders, sealedAuthorizationCredential }),
      );
      await writeDraft(manager, agent);
      return { kind: 'written', part };
    });
  }

  removeTraining(environmentId: string, agentId: string, id: string): Promise<boolean> {
    return this.remove(AgentTraining, environmentId, agentId, id);
  }

  removeAction(environmentId: string, agentId: string, id: string): Promise<boolean> {
    return this.remove(AgentAction, environmentId, agentId, id);
  }

  private async remove(
    kind: typeof AgentTraining | typeof AgentAction,
    environmentId: string,
    agentId: string,
    id: string,
  ): Promise<boolean> {
    return this.database.within(environmentId, async (manager) => {
      const agent = await lockAgent(manager, environmentId, agentId);
      if (agent === null) return false;
      const { affected } = await manager.delete(kind, { id, environmentId, agentId });
      if (affected !== 1) return false;
      await writeDraft(manager, agent);
      return true;
    });
  }
}

const OLDEST_FIRST = { createdAt: 'ASC', id: 'ASC' } as const;
const TOO_MANY = { kind: 'too_many', limit: MOST_PARTS } as const;

async function isFull(
  manager: EntityManager,
  kind: typeof AgentTraining | typeof AgentAction,
  agentId: string,
): Promise<boolean> {
  return (await manager.countBy(kind, { agentId })) >= MOST_PARTS;
}
