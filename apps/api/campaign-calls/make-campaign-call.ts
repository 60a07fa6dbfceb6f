import { Injectable } from '@nestjs/common';
import { toE164 } from '#policy/phone-number.js';
import { CallIntakeStore } from '#store/call-intake.store.js';
import type { IdempotentRequest } from '#store/idempotency.js';
import type { Caller } from '#store/tokens.store.js';
import { errors } from '../http-errors.js';
import { validated } from '../validated.js';
import { CallableCampaign } from './callable-campaign.js';
import { MakeCampaignCallBody } from './campaign-call.dto.js';
import { campaignCallView, existingCallView } from './campaign-call-view.js';
import { NewCallTickets, type MadeCall } from '../calls/made-call.js';

/**
 * Takes one campaign call in. The order of checks is the contract's: campaign (404), the right to place its calls
 * (403), the body (422), the client's key (422), the campaign's status (400), the duplicate rule (409).
 */
@Injectable()
export class MakeCampaignCall {
  constructor(
    private readonly callableCampaign: CallableCampaign,
    private readonly intake: CallIntakeStore,
    private readonly tickets: NewCallTickets,
  ) {}

  async run(
    caller: Caller,
    campaignId: string,
    body: unknown,
    readIdempotency: () => IdempotentRequest | null,
  ): Promise<MadeCall> {
    const { environmentId } = caller;
    const campaign = await this.callableCampaign.find(caller, campaignId);
    const request = validated(MakeCampaignCallBody, body);
    const call = {
      environmentId,
      campaignId,
      to: toE164(request.to) ?? request.to,
      timezone: request.timezone ?? null,
      payload: request.payload ?? {},
      context: request.context ?? {},
      isTesting: request.is_testing ?? false,
      allowDuplicates: request.allow_duplicates ?? false,
      notBefore: instantOf(request.not_before),
      delaySeconds: 0,
      expiresAt: instantOf(request.expires_at),
      priority: request.priority ?? campaign.priority,
    };
    const result = await this.intake.accept(call, readIdempotency(), campaignCallView);
    switch (result.kind) {
      case 'not_active':
        throw errors.campaignNotActive(result.status);
      case 'duplicate':
        throw errors.duplicateCall(existingCallView(result.existing));
      case 'replayed':
        return { body: result.body, taken: null };
      case 'agent_not_published':
      case 'no_credits':
        throw new Error(`A campaign's call is held, and not refused: ${result.kind}`);
      case 'key_reused':
        throw errors.idempotencyKeyReused();
      case 'accepted':
        await this.tickets.wake(result);
        return { body: campaignCallView(result), taken: result.call };
    }
  }
}

function instantOf(text: string | null | undefined): Date | null {
  return text === null || text === undefined ? null : new Date(text);
}
