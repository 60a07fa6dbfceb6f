import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Agent } from './agent.entity.js';
import type { Page, PageOf } from './page.js';
import { ScopedDatabase } from './scoped-database.js';

export type NewAgent = Omit<Agent, 'id' | 'environmentId' | 'currentStatus' | 'createdAt' | 'updatedAt'>;

export interface AgentFilter {
  status?: 'draft' | 'published' | undefined;
  direction?: 'inbound' | 'outbound' | undefined;
  search?: string | undefined;
}

/** Voice agents. Every method is scoped by the environment. */
@Injectable()
export class AgentsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async create(environmentId: string, agent: NewAgent): Promise<Agent> {
    return this.database.within(environmentId, (manager) =>
      manager.save(manager.create(Agent, { ...agent, environmentId, currentStatus: 'draft' })),
    );
  }

  async find(environmentId: string, id: string): Promise<Agent | null> {
    return this.database.within(environmentId, (manager) => manager.findOneBy(Agent, { id, environmentId }));
  }

  async list(environmentId: string, filter: AgentFilter, page: Page): Promise<PageOf<Agent>> {
    return this.database.within(environmentId, (manager) => listed(manager, environmentId, filter, page));
  }

  /** Publishes or withdraws an agent: calls under way go on, new ones wait. Null when there is no such agent. */
  async setStatus(
    environmentId: string,
    id: string,
    currentStatus: Agent['currentStatus'],
  ): Promise<Agent | null> {
    await this.database.within(environmentId, (manager) =>
      manager.query(
        `UPDATE agents SET current_status = $3, updated_at = clock_timestamp()
       WHERE environment_id = $1 AND id = $2 AND current_status <> $3`,
        [environmentId, id, currentStatus],
      ),
    );
    return this.find(environmentId, id);
  }
}

async function listed(
  manager: EntityManager,
  environmentId: string,
  filter: AgentFilter,
  page: Page,
): Promise<PageOf<Agent>> {
  const query = manager
    .createQueryBuilder(Agent, 'agent')
    .where('agent.environmentId = :environmentId', { environmentId });
  if (filter.status !== undefined) query.andWhere('agent.currentStatus = :status', { status: filter.status });
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
}
