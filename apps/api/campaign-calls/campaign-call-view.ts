import type { Call } from '#store/call.entity.js';
import type { AcceptedIntake } from '#store/new-calls.js';
import { CAMPAIGN_STATES } from '#policy/call-lifecycle.js';
import { ID, INSTANT, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';
import { TOLD_STATUSES } from '../calls/call-view.js';

const SUMMARY = {
  id: ID,
  campaign_id: ID,
  to: TEXT,
  status: oneOf(TOLD_STATUSES),
  created_at: INSTANT,
};

export const newCampaignCallSchema = named(
  'NewCampaignCall',
  object({
    campaign_call: object({ ...SUMMARY, scheduled_at: orNull(INSTANT) }, { blocked_reason: TEXT }),
    campaign: object({ id: ID, name: TEXT, status: oneOf(CAMPAIGN_STATES) }),
  }),
);

export const existingCallSchema = named('ExistingCall', object(SUMMARY));

/** The answer to a new campaign call, without an envelope. */
export function campaignCallView({ call, campaign }: AcceptedIntake): Record<string, unknown> {
  const blocked = call.status === 'blocked' ? { blocked_reason: call.reason } : {};
  return {
    campaign_call: { ...summary(call), scheduled_at: call.nextAttemptAt?.toISOString() ?? null, ...blocked },
    campaign: { id: campaign.id, name: campaign.name, status: campaign.status },
  };
}

/** The live call that a duplicate ran into. */
export function existingCallView(call: Call): Record<string, unknown> {
  return summary(call);
}

function summary(call: Call): Record<string, unknown> {
  return {
    id: call.id,
    campaign_id: call.campaignId,
    to: call.to,
    status: statusAtIntake(call),
    created_at: call.createdAt.toISOString(),
  };
}

/** A new call is queued when its hour has come as it is taken in, and scheduled when it is held for later. */
function statusAtIntake({ status, nextAttemptAt, createdAt }: Call): string {
  if (status !== 'waiting') return status;
  return nextAttemptAt !== null && nextAttemptAt > createdAt ? 'scheduled' : 'queued';
}
