import type { EntityManager } from 'typeorm';
import { holdAgent } from './agent-rows.js';
import { Campaign } from './campaign.entity.js';
import { campaignKey } from './locks.js';
import { addSlotScope } from './slots.js';

/**
 * The hidden row that an agent's calls outside campaigns hang on, made with the first of them: open at every hour, no
 * retry, the environment's and the operator's Do-Not-Call lists in force. With it such calls go the one way that every
 * call goes: claim, fence, limits, fairness. Null: the agent was deleted, and nothing may be made for it any more.
 */
export async function directCampaignOf(
  manager: EntityManager,
  environmentId: string,
  agentId: string,
): Promise<string | null> {
  const which = { environmentId, agentId, kind: 'direct' } as const;
  const existing = await manager.findOneBy(Campaign, which);
  if (existing !== null) return existing.id;
  if (!(await holdAgent(manager, environmentId, agentId))) return null;
  await manager
    .createQueryBuilder()
    .insert()
    .into(Campaign)
    .values({ ...DIRECT, ...which })
    // Where another first call makes it at the same moment, this waits for that one.
    .orIgnore()
    .updateEntity(false)
    .execute();
  const { id } = await manager.findOneByOrFail(Campaign, which);
  await addSlotScope(manager, campaignKey(id));
  return id;
}

const DIRECT = {
  name: 'Direct calls',
  description: null,
  campaignType: 'custom',
  status: 'active',
  stopConfirmed: true,
  startDate: '1970-01-01',
  endDate: null,
  daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
  callTimeRanges: [{ start: '00:00', end: '24:00' }],
  timezone: 'UTC',
  maxRetries: 0,
  doNotCallEnabled: true,
  doNotCallListSource: 'global',
} satisfies Partial<Campaign>;
