import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { isReadyToPublish } from '#policy/agent-readiness.js';
import { assignNumbers, forgetNumbers, holdNumbers, type UnknownNumbers } from './agent-numbers.js';
import { lockAgent, writeDraft } from './agent-rows.js';
import { Agent } from './agent.entity.js';
import { barrier, confirming, environmentKey } from './locks.js';
import type { Page, PageOf } from './page.js';
import { ScopedDatabase } from './scoped-database.js';

export type NewAgent = Omit<
  Agent,
  'id' | 'environmentId' | 'voice' | 'currentStatus' | 'revision' | 'deletedAt' | 'createdAt' | 'updatedAt'
>;

export type AgentChange = Partial<NewAgent & Pick<Agent, 'voice'>>;

export interface AgentFilter {
  status?: 'draft' | 'published' | undefined;
  direction?: 'inbound' | 'outbound' | undefined;
  search?: string | undefined;
}

export type AgentWrite = { kind: 'written'; agent: Agent } | UnknownNumbers;
export type AgentRemoval = 'removed' | 'published' | 'in_use';

/** Voice agents. Every method is scoped by the environment; a deleted agent is found by none of them. */
@Injectable()
export class AgentsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async create(environmentId: string, agent: NewAgent, phoneNumberIds: string[]): Promise<AgentWrite> {
    return this.database.within(environmentId, async (manager) => {
      const unknown = await holdNumbers(manager, environmentId, phoneNumberIds);
      if (unknown !== null) return unknown;
      const { id } = await manager.save(
        manager.create(Agent, { ...agent, environmentId, currentStatus: 'draft' }),
      );
      const created = await manager.findOneByOrFail(Agent, { id, environmentId });
      await assignNumbers(manager, created, phoneNumberIds);
      return { kind: 'written', agent: created };
    });
  }

  async find(environmentId: string, id: string): Promise<Agent | null> {
    return this.database.within(environmentId, (manager) =>
      manager.findOneBy(Agent, { id, environmentId, deletedAt: IsNull() }),
    );
  }

  async list(environmentId: string, filter: AgentFilter, page: Page): Promise<PageOf<Agent>> {
    return this.database.within(environmentId, async (manager) => {
      const query = manager
        .createQueryBuilder(Agent, 'agent')
        .where('agent.environmentId = :environmentId AND agent.deletedAt IS NULL', { environmentId });
      if (filter.status !== undefined)
        query.andWhere('agent.currentStatus = :status', { status: filter.status });
      if (filter.direction !== undefined)
        query.andWhere('agent.direction = :direction', { direction: filter.direction });
      if (filter.search !== undefined) {
        query.andWhere(
          `(strpos(lower(agent.name), lower(:search)) > 0 OR strpos(lower(agent.label), lower(:search)) > 0)`,
          {
            search: filter.search,
          },
        );
      }
      const [items, total] = await query
        .orderBy('agent.createdAt', 'DESC')
        .addOrderBy('agent.id', 'DESC')
        .skip((page.number - 1) * page.size)
        .take(page.size)
        .getManyAndCount();
      return { items, total, page };
    });
  }

  /**
   * Edits an agent, which puts it back to draft. Confirm with `confirmHeld`.
   * @param phoneNumberIds the numbers it has from now on; undefined: those it had
   * @returns null when there is no such agent
   */
  async change(
    environmentId: string,
    id: string,
    change: AgentChange,
    phoneNumberIds?: string[],
  ): Promise<AgentWrite | null> {
    return this.database.within(environmentId, async (manager) => {
      const agent = await lockAgent(manager, environmentId, id);
      if (agent === null) return null;
      if (phoneNumberIds !== undefined) {
        const unknown = await holdNumbers(manager, environmentId, phoneNumberIds);
        if (unknown !== null) return unknown;
        await assignNumbers(manager, agent, phoneNumberIds);
      }
      return { kind: 'written', agent: await writeDraft(manager, agent, change) };
    });
  }

  /** Publishes an agent that has something to say. Null when there is no such agent. */
  async publish(environmentId: string, id: string): Promise<Agent | 'not_ready' | null> {
    return this.database.within(environmentId, async (manager) => {
      const agent = await lockAgent(manager, environmentId, id);
      if (agent === null) return null;
      if (!isReadyToPublish(agent)) return 'not_ready';
      await manager.query(
        `UPDATE agents SET current_status = 'published', updated_at = clock_timestamp()
         WHERE environment_id = $1 AND id = $2 AND current_status = 'draft' AND deleted_at IS NULL`,
        [environmentId, id],
      );
      return manager.findOneByOrFail(Agent, { id, environmentId });
    });
  }

  /** Withdraws an agent: calls under way go on, new ones wait. Confirm with `confirmHeld`. Null: no such agent. */
  async unpublish(environmentId: string, id: string): Promise<Agent | null> {
    await this.database.within(environmentId, (manager) =>
      manager.query(
        `UPDATE agents SET current_status = 'draft', updated_at = clock_timestamp()
       WHERE environment_id = $1 AND id = $2 AND current_status = 'published'`,
        [environmentId, id],
      ),
    );
    return this.find(environmentId, id);
  }

  /**
   * Waits out every dial that may have read an agent as it was before it became a draft: once this has answered, none
   * begins with it until it is published again. The environment's lock, and not those of the agent's campaigns, since
   * a campaign may change its agent at the same moment.
   * @throws StopNotConfirmed
   */
  async confirmHeld(environmentId: string): Promise<void> {
    await confirming(this.database, environmentId, (manager) =>
      barrier(manager, [environmentKey(environmentId)]),
    );
  }

  /**
   * Deletes an agent that is not published, that no open campaign uses and that has no live call. What it did stays.
   * @returns null when there is no such agent
   */
  async remove(environmentId: string, id: string): Promise<AgentRemoval | null> {
    return this.database.within(environmentId, async (manager) => {
      // Excludes every transaction that holds the agent; only the next statement sees what they wrote.
      const agent = await manager.findOne(Agent, {
        where: { id, environmentId, deletedAt: IsNull() },
        lock: { mode: 'pessimistic_write' },
      });
      if (agent === null) return null;
      if (agent.currentStatus === 'published') return 'published';
      if (await isInUse(manager, agent)) return 'in_use';
      await forgetNumbers(manager, environmentId, id);
      // What its direct calls hung on takes no more of them.
      await manager.query(
        `UPDATE campaigns SET status = 'completed', updated_at = clock_timestamp()
         WHERE environment_id = $1 AND agent_id = $2 AND kind = 'direct' AND status = 'active'`,
        [environmentId, id],
      );
      await manager.query(
        `UPDATE agents SET deleted_at = clock_timestamp() WHERE environment_id = $1 AND id = $2 AND deleted_at IS NULL`,
        [environmentId, id],
      );
      return 'removed';
    });
  }
}

/** Whether an open campaign uses the agent, or a call of it may still be dialled, is under way or is parked. */
async function isInUse(manager: EntityManager, { environmentId, id }: Agent): Promise<boolean> {
  const [{ used }] = await manager.query<[{ used: boolean }]>(
    `SELECT EXISTS (SELECT FROM campaigns
                    WHERE environment_id = $1 AND agent_id = $2 AND kind = 'campaign'
                      AND status IN ('draft', 'active', 'paused'))
         OR EXISTS (SELECT FROM calls
                    WHERE environment_id = $1 AND agent_id = $2
                      AND status IN ('waiting', 'initiated', 'ringing', 'answered', 'outcome_unknown')
                      -- What waits in a closed campaign is read as ended already; the finaliser writes it behind.
                      AND NOT (status = 'waiting' AND EXISTS (
                        SELECT FROM campaigns
                        WHERE campaigns.id = calls.campaign_id AND campaigns.status IN ('completed', 'cancelled'))))
         AS used`,
    [environmentId, id],
  );
  return used;
}
