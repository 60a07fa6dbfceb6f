import { writtenNumber } from '#policy/phone-number.js';
import type { Agent } from '#store/agent.entity.js';
import type { Attempt } from '#store/attempt.entity.js';
import type { ReadCall, ToldStatus } from '#store/call-reading.store.js';
import { agentSummary, agentSummarySchema } from '../agents/agent-view.js';
import { ATTEMPT_STATES, CALL_STATES } from '#policy/call-lifecycle.js';
import { OUTCOME_NAMES } from '#policy/outcomes.js';
import {
  always,
  ANY_OBJECT,
  BOOLEAN,
  ID,
  INSTANT,
  INTEGER,
  list,
  named,
  object,
  oneOf,
  orNull,
  TEXT,
} from '../openapi/schema.js';

/** The words that a call's status is told in. */
export const TOLD_STATUSES: ToldStatus[] = [
  'queued',
  'scheduled',
  ...CALL_STATES.filter((state): state is Exclude<typeof state, 'waiting'> => state !== 'waiting'),
];

const CALL_FIELDS = {
  id: ID,
  sid: ID,
  campaign_id: orNull(ID),
  to: TEXT,
  to_formatted: TEXT,
  from: orNull(TEXT),
  from_formatted: orNull(TEXT),
  is_testing: BOOLEAN,
  direction: always('outbound'),
  status: oneOf(TOLD_STATUSES),
  outcome: orNull(oneOf(OUTCOME_NAMES)),
  reason: orNull(TEXT),
  duration: INTEGER,
  converted: BOOLEAN,
  scheduled_at: orNull(INSTANT),
  created_at: INSTANT,
  updated_at: INSTANT,
  ended_at: orNull(INSTANT),
};

export const callOfAgentSchema = named('CallOfAgent', object(CALL_FIELDS));

const AGENT_FIELD = { agent: orNull(agentSummarySchema) };

export const callSchema = named('Call', object({ ...CALL_FIELDS, ...AGENT_FIELD }));

/** What the rules said, in the order asked, and what they looked at. */
export const evidenceSchema = named(
  'Evidence',
  object({
    policyVersion: TEXT,
    zoneData: TEXT,
    decidedAt: INSTANT,
    rules: list(object({ rule: TEXT, passed: BOOLEAN, inputs: ANY_OBJECT })),
  }),
);

const attemptSchema = named(
  'Attempt',
  object({
    id: ID,
    number: INTEGER,
    status: oneOf(ATTEMPT_STATES),
    outcome: orNull(oneOf(OUTCOME_NAMES)),
    reason: orNull(TEXT),
    from: orNull(TEXT),
    provider_call_id: orNull(TEXT),
    claimed_at: INSTANT,
    started_at: orNull(INSTANT),
    answered_at: orNull(INSTANT),
    ended_at: orNull(INSTANT),
    duration: INTEGER,
    sip_code: orNull(INTEGER),
    q850: orNull(INTEGER),
    evidence: evidenceSchema,
  }),
);

export const wholeCallSchema = named(
  'WholeCall',
  object({
    ...CALL_FIELDS,
    ...AGENT_FIELD,
    timezone: orNull(TEXT),
    payload: ANY_OBJECT,
    context: ANY_OBJECT,
    allow_duplicates: BOOLEAN,
    priority: INTEGER,
    not_before: orNull(INSTANT),
    expires_at: orNull(INSTANT),
    missing_placeholders: list(TEXT),
    evidence: orNull(evidenceSchema),
    erased_at: orNull(INSTANT),
    attempts: list(attemptSchema),
  }),
);

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
    erased_at: call.erasedAt?.toISOString() ?? null,
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
