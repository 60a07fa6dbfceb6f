import { Injectable } from '@nestjs/common';
import { CampaignsStore, type CampaignToCall } from '#store/campaigns.store.js';
import type { Caller } from '#store/tokens.store.js';
import { hasScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { found } from '../path-id.js';

/** The campaign that calls are to be taken into, one or many at a time. */
@Injectable()
export class CallableCampaign {
  constructor(private readonly campaigns: CampaignsStore) {}

  /** @throws ApiError in the contract's order: 404, 403 for the token's rights, 403 for an agent that is not published */
  async find(caller: Caller, campaignId: string): Promise<CampaignToCall> {
    const { environmentId } = caller;
    const campaign = found(
      await this.campaigns.findToCall(environmentId, campaignId),
      errors.campaignNotFound,
    );
    if (!hasScope(caller, 'calls')) throw errors.forbidden();
    if (!campaign.isAgentPublished) throw errors.agentNotPublished();
    return campaign;
  }
}
