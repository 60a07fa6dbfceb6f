import type { EntityManager } from 'typeorm';
import { triggerErrors } from '#policy/do-not-call.js';
import { Attempt } from './attempt.entity.js';
import type { Call } from './call.entity.js';
import type { Campaign } from './campaign.entity.js';

/**
 * Adds a finished call's number to the campaign's own Do-Not-Call list, where the campaign's triggers name its
 * status or its error; to the environment's where the campaign reads the global one, which only operators write.
 */
export async function addAutomatically(
  manager: EntityManager,
  call: Call,
  campaign: Campaign,
): Promise<void> {
  if (!campaign.autoAddToDncEnabled) return;
  const byStatus = campaign.autoDncTriggerStatuses.includes(call.status);
  const reason = byStatus ? call.status : await errorThatTriggers(manager, call, campaign);
  if (reason === null) return;
  const listCampaignId = campaign.doNotCallListSource === 'custom' ? campaign.id : null;
  await manager.query(
    `INSERT INTO do_not_call_entries (environment_id, campaign_id, kind, to_number, reason, source)
     VALUES ($1, $2, 'list', $3, $4, 'automatic')
     -- One that was to expire stands from now on; one that stands for good keeps its own words.
     ON CONFLICT ON CONSTRAINT do_not_call_once
       DO UPDATE SET reason = excluded.reason, source = excluded.source, expires_at = NULL
       WHERE do_not_call_entries.expires_at IS NOT NULL`,
    [call.environmentId, listCampaignId, call.to, reason],
  );
}

async function errorThatTriggers(
  manager: EntityManager,
  { id, outcome }: Call,
  { autoDncTriggerErrors }: Campaign,
): Promise<string | null> {
  if (autoDncTriggerErrors.length === 0 || outcome !== 'invalid_number') return null;
  const last = await manager.findOne(Attempt, {
    where: { callId: id, status: 'ended' },
    order: { number: 'DESC' },
  });
  const errors = triggerErrors(outcome, last ?? { sipCode: null, q850: null });
  return errors.find((error) => autoDncTriggerErrors.includes(error)) ?? null;
}
