import { writtenNumber } from '#policy/phone-number.js';
import type { Agent } from '#store/agent.entity.js';
import type { Attempt } from '#store/attempt.entity.js';
import type { ReadCall } from '#store/call-reading.store.js';
import { agentSummary } from '../agents/agent-view.js';

/** A call as lists show it. */
export function callView(
  { call, status, expectedAt }: ReadCall,
  agent: Agent | undefined,
): Record<string, unknown> {
  return {
    id: call.id,
    sid: call.id,
    campaign_id: call.isDirect ? null : call.campaignId,
    to: call.to,
    to_formatted: writtenNumber(call.to).international,
    from: call.from,
    from_formatted: call.from === null ? null : writtenNumber(call.from).international,
    is_testing: call.isTesting,
    direction: 'outbound',
    status,
    outcome: call.outcome,
    reason: call.reason,
    duration: call.durationSeconds,
    converted: call.converted,
    agent: agentSummary(agent),
    scheduled_at: expectedAt?.toISOString() ?? null,
    created_at: call.createdAt.toISOString(),
    updated_at: call.updatedAt.toISOString(),
    ended_at: call.finishedAt?.toISOString() ?? null,
  };
}

/** A call with its attempts, and with what the rules said. */
export function wholeCallView(
  read: ReadCall,
  agent: Agent | undefined,
  attempts: Attempt[],
): Record<string, unknown> {
  const { call } = read;
  return {
    ...callView(read, agent),
    timezone: call.timezone,
    payload: call.payload,
    context: call.context,
    allow_duplicates: call.allowDuplicates,
    priority: call.priority,
    not_before: call.notBefore?.toISOString() ?? null,
    expires_at: call.expiresAt?.toISOString() ?? null,
    missing_placeholders: call.missingPlaceholders,
    evidence: call.evidence ?? attempts.at(-1)?.evidence ?? null,
    attempts: attempts.map(attemptView),
  };
}

function attemptView(attempt: Attempt): Record<string, unknown> {
  return {
    id: attempt.id,
    number: attempt.number,
    status: attempt.status,
    outcome: attempt.outcome,
    reason: attempt.reason,
    from: attempt.from,
    provider_call_id: attempt.providerCallId,
    claimed_at: attempt.claimedAt.toISOString(),
    started_at: attempt.sendingAt?.toISOString() ?? null,
    answered_at: attempt.answeredAt?.toISOString() ?? null,
    ended_at: attempt.endedAt?.toISOString() ?? null,
    duration: attempt.durationSeconds,
    sip_code: attempt.sipCode,
    q850: attempt.q850,
    evidence: attempt.evidence,
  };
}
