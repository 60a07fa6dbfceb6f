import { Injectable } from '@nestjs/common';
import { AUTO_COMPLETE_QUIET_SECONDS } from '#policy/deadlines.js';
import { audit } from './audit.js';
import { Campaign } from './campaign.entity.js';
import { isQuietNow } from './locks.js';
import { oweCampaignEvent } from './outbox.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

/**
 * Nothing is left to process: the campaign had calls, none was taken in a moment ago, no file is being imported, none waits, and no attempt holds a
 * slot. A call that is parked as unknown is not waited for any longer than its slot: nothing dials it by itself. Of calls the first by an
 * index is asked for: of many, the planner would take any for as good, and walk the table.
 */
const PROCESSED = `campaigns.status = 'active' AND campaigns.auto_complete AND campaigns.kind = 'campaign'
  AND (SELECT calls.created_at FROM calls WHERE calls.campaign_id = campaigns.id ORDER BY calls.created_at DESC, calls.id DESC LIMIT 1)
    <= clock_timestamp() - interval '${AUTO_COMPLETE_QUIET_SECONDS} seconds'
  AND NOT EXISTS (SELECT FROM contact_imports WHERE contact_imports.campaign_id = campaigns.id
    AND contact_imports.completed_at IS NULL)
  AND (SELECT true FROM calls WHERE calls.campaign_id = campaigns.id AND calls.status = 'waiting'
    ORDER BY calls.priority DESC, calls.ready_at, calls.id LIMIT 1) IS NULL
  AND NOT EXISTS (SELECT FROM attempts WHERE attempts.campaign_id = campaigns.id AND attempts.holds_slot)`;

/** Completes the campaigns that asked for it, once everybody on their lists was dealt with. */
@Injectable()
export class CampaignCompletionStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Active campaigns with `auto_complete` that look processed. */
  async processed(): Promise<string[]> {
    const rows = await this.database.everywhere((manager) =>
      manager.query<{ id: string }[]>(`SELECT id FROM campaigns WHERE ${PROCESSED} LIMIT 100`),
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Active → completed, if nothing is left to process. Not while an intake or a dial of the campaign is deciding; it is
   * tried again. Since nothing waits, no dial can begin behind it, and the stop needs no confirming.
   * @returns the webhook deliveries now owed
   */
  async complete(campaignId: string): Promise<string[]> {
    return this.database.everywhere(async (manager) => {
      if (!(await isQuietNow(manager, campaignId))) return [];
      const now = await databaseClock(manager);
      const [, completed] = await manager.query<[unknown[], number]>(
        `UPDATE campaigns SET status = 'completed', completed_at = $2, updated_at = $2, pause_reason = NULL
         WHERE id = $1 AND ${PROCESSED}`,
        [campaignId, now],
      );
      if (completed === 0) return [];
      const campaign = await manager.findOneByOrFail(Campaign, { id: campaignId });
      await audit(manager, {
        environmentId: campaign.environmentId,
        actor: 'dialer',
        action: 'campaign.status_changed',
        subjectId: campaignId,
        detail: { from: 'active', to: 'completed', because: 'auto_complete' },
      });
      return oweCampaignEvent(manager, campaign, 'campaign.completed', now);
    });
  }
}
