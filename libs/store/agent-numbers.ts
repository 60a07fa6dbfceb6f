import { In, type EntityManager } from 'typeorm';
import type { Agent } from './agent.entity.js';
import { PhoneNumber } from './phone-number.entity.js';

/** Some ids name no active number of the environment. */
export interface UnknownNumbers {
  kind: 'unknown_numbers';
  ids: string[];
}

/**
 * Holds numbers as they are until the transaction ends, so that none is retired or asked to be released while an agent
 * gets them. Ask before anything is written.
 * @returns the ids that name no active number of the environment; null when all do
 */
export async function holdNumbers(
  manager: EntityManager,
  environmentId: string,
  numberIds: string[],
): Promise<UnknownNumbers | null> {
  const active = await manager.query<{ id: string }[]>(
    `SELECT id FROM phone_numbers WHERE environment_id = $1 AND id = ANY ($2) AND current_status = 'active'
     ORDER BY id FOR SHARE`,
    [environmentId, numberIds],
  );
  const known = new Set(active.map(({ id }) => id));
  const ids = numberIds.filter((id) => !known.has(id));
  return ids.length === 0 ? null : { kind: 'unknown_numbers', ids };
}

/** Gives an agent numbers that are held, in place of those it had. */
export async function assignNumbers(
  manager: EntityManager,
  { environmentId, id: agentId }: Agent,
  numberIds: string[],
): Promise<void> {
  await forgetNumbers(manager, environmentId, agentId);
  await manager.query(
    `INSERT INTO agent_phone_numbers (environment_id, agent_id, phone_number_id)
     SELECT DISTINCT $1::uuid, $2::uuid, number_id FROM unnest($3::uuid[]) AS number_id`,
    [environmentId, agentId, numberIds],
  );
}

/** Takes all of an agent's numbers from it. */
export async function forgetNumbers(
  manager: EntityManager,
  environmentId: string,
  agentId: string,
): Promise<void> {
  await manager.query(`DELETE FROM agent_phone_numbers WHERE environment_id = $1 AND agent_id = $2`, [
    environmentId,
    agentId,
  ]);
}

/** The active numbers of some agents, by the agent's id. */
export async function numbersOfAgents(
  manager: EntityManager,
  environmentId: string,
  agentIds: string[],
): Promise<Map<string, PhoneNumber[]>> {
  const pairs = await manager.query<{ agentId: string; numberId: string }[]>(
    `SELECT agent_id AS "agentId", phone_number_id AS "numberId" FROM agent_phone_numbers
     WHERE environment_id = $1 AND agent_id = ANY ($2)`,
    [environmentId, agentIds],
  );
  const numbers = await manager.find(PhoneNumber, {
    where: { environmentId, id: In(pairs.map(({ numberId }) => numberId)), currentStatus: 'active' },
    order: { number: 'ASC' },
  });
  const has = new Set(pairs.map(({ agentId, numberId }) => `${agentId} ${numberId}`));
  return new Map(agentIds.map((id) => [id, numbers.filter((number) => has.has(`${id} ${number.id}`))]));
}

/** What agents may call from, E.164, by the agent's id, in an order that stays: the choice among them is made by place. */
export async function callerIdsOfAgents(
  manager: EntityManager,
  agentIds: string[],
): Promise<Map<string, string[]>> {
  const rows = await manager.query<{ agentId: string; numbers: string[] }[]>(
    `SELECT agent_phone_numbers.agent_id AS "agentId", array_agg(phone_numbers.number ORDER BY phone_numbers.number) AS numbers
     FROM agent_phone_numbers
     JOIN phone_numbers ON phone_numbers.id = agent_phone_numbers.phone_number_id
       AND phone_numbers.environment_id = agent_phone_numbers.environment_id
     WHERE agent_phone_numbers.agent_id = ANY ($1)
       AND phone_numbers.current_status = 'active' AND 'voice' = ANY (phone_numbers.capabilities)
     GROUP BY agent_phone_numbers.agent_id`,
    [agentIds],
  );
  return new Map(rows.map(({ agentId, numbers }) => [agentId, numbers]));
}
