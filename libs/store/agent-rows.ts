import { IsNull, type EntityManager } from 'typeorm';
import { Agent } from './agent.entity.js';

/**
 * Holds an agent in being until the transaction ends: a deletion waits for it, and one that came first is seen. Take it
 * before writing a row that names the agent. False: there is no such agent (any more).
 */
export async function holdAgent(
  manager: EntityManager,
  environmentId: string,
  agentId: string,
): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `SELECT FROM agents WHERE environment_id = $1 AND id = $2 AND deleted_at IS NULL FOR KEY SHARE`,
    [environmentId, agentId],
  );
  return rows.length === 1;
}

/** Takes an agent's row, so that its edits come one after the other. Calls are taken in meanwhile. */
export function lockAgent(
  manager: EntityManager,
  environmentId: string,
  agentId: string,
): Promise<Agent | null> {
  return manager.findOne(Agent, {
    where: { id: agentId, environmentId, deletedAt: IsNull() },
    lock: { mode: 'for_no_key_update' },
  });
}

/** What an edit writes, whatever else it changes: a draft, and a revision that older claims do not pass the fence with. */
export async function writeDraft(
  manager: EntityManager,
  { environmentId, id }: Agent,
  change: Partial<Agent> = {},
): Promise<Agent> {
  await manager.update(
    Agent,
    { id, environmentId, deletedAt: IsNull() },
    {
      ...change,
      currentStatus: 'draft',
      revision: () => 'revision + 1',
      updatedAt: () => 'clock_timestamp()',
    },
  );
  return manager.findOneByOrFail(Agent, { id, environmentId });
}
