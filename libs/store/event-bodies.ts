import type { Call } from './call.entity.js';
import type { Campaign } from './campaign.entity.js';

/** What a call event tells of the attempt that caused it. */
export interface AttemptSummary {
  number: number;
  durationSeconds: number;
  endedAt: Date | null;
}

/** What of a call its events tell. */
export type ToldCall = Pick<
  Call,
  | 'id'
  | 'campaignId'
  | 'agentId'
  | 'isDirect'
  | 'to'
  | 'from'
  | 'status'
  | 'outcome'
  | 'attemptsSpent'
  | 'durationSeconds'
  | 'isTesting'
  | 'nextAttemptAt'
  | 'finishedAt'
  | 'context'
>;

/** What customers are told of a call, but for the event's own id. */
export function callEventBody(
  type: string,
  call: ToldCall,
  sequence: number,
  occurredAt: Date,
  attempt: AttemptSummary | null,
): Record<string, unknown> {
  return {
    type,
    event: type,
    occurred_at: occurredAt.toISOString(),
    sequence,
    ...(call.isDirect ? {} : { campaign_id: call.campaignId }),
    agent_id: call.agentId,
    call: {
      id: call.id,
      to: call.to,
      from: call.from,
      status: statusToTell(call, occurredAt),
      outcome: call.outcome,
      attempt: attempt?.number ?? call.attemptsSpent,
      duration: attempt?.durationSeconds ?? call.durationSeconds,
      is_testing: call.isTesting,
      scheduled_at: call.nextAttemptAt?.toISOString() ?? null,
      ended_at: (call.finishedAt ?? attempt?.endedAt)?.toISOString() ?? null,
    },
    context: call.context,
  };
}

/** The same of a campaign; `sequence` counts the campaign's own events. */
export function campaignEventBody(
  type: string,
  campaign: Pick<Campaign, 'id' | 'agentId' | 'name' | 'status'>,
  sequence: number,
  occurredAt: Date,
): Record<string, unknown> {
  return {
    type,
    event: type,
    occurred_at: occurredAt.toISOString(),
    sequence,
    campaign_id: campaign.id,
    agent_id: campaign.agentId,
    campaign: { id: campaign.id, name: campaign.name, status: campaign.status },
  };
}

/** `waiting` is told as the API reads it: due, or held for later. */
function statusToTell(call: ToldCall, at: Date): string {
  if (call.status !== 'waiting') return call.status;
  return call.nextAttemptAt !== null && call.nextAttemptAt > at ? 'scheduled' : 'queued';
}
