import { Controller, Get, Param } from '@nestjs/common';
import type { Evidence } from '#policy/evidence.js';
import { PROVIDER_MINUTES, type Slots } from '#policy/why.js';
import { whySentence } from '#policy/why-sentence.js';
import { CallReadingStore } from '#store/call-reading.store.js';
import { WhyStore } from '#store/why.store.js';
import { EnvironmentId, NeedsScope } from './caller.js';
import { errors } from './http-errors.js';
import { found, pathId } from './path-id.js';
import { Operation, Section } from './openapi/operation.js';
import {
  BOOLEAN,
  COUNT,
  ID,
  INSTANT,
  INTEGER,
  list,
  named,
  NUMBER,
  object,
  oneOf,
  orNull,
  TEXT,
} from './openapi/schema.js';
import { CAMPAIGN_STATES } from '#policy/call-lifecycle.js';
import { evidenceSchema, TOLD_STATUSES } from './calls/call-view.js';
import { answerOf } from './openapi/answers.js';

const callReasonSchema = named(
  'CallReason',
  object({
    id: ID,
    status: oneOf(TOLD_STATUSES),
    reason: orNull(TEXT),
    rule: orNull(TEXT),
    sentence: orNull(TEXT),
    since: INSTANT,
    next_at: orNull(INSTANT),
    evidence: orNull(evidenceSchema),
  }),
);

const slotsSchema = object({ in_use: COUNT, limit: orNull(COUNT), reserved: COUNT });

const campaignReasonsSchema = named(
  'CampaignReasons',
  object({
    id: ID,
    status: oneOf(CAMPAIGN_STATES),
    is_idle: BOOLEAN,
    is_slow: BOOLEAN,
    reasons: list(
      object({ reason: TEXT, effect: oneOf(['stops', 'slows']), sentence: TEXT, until: orNull(INSTANT) }),
    ),
    due: COUNT,
    later: COUNT,
    next_due_at: orNull(INSTANT),
    slots: object({ campaign: slotsSchema, environment: slotsSchema }),
    pace: object({
      calls_per_second: NUMBER,
      current_calls_per_second: NUMBER,
      next_start_at: orNull(INSTANT),
      campaign_calls_per_minute: orNull(INTEGER),
    }),
    credits: object({ balance: orNull(NUMBER) }),
    provider: object({ minutes: COUNT, taken: COUNT, turned_away: COUNT, unknown: COUNT }),
    held_by: list(object({ reason: TEXT, count: COUNT, next_at: orNull(INSTANT) })),
  }),
);

/** Why something is not dialled, by the rules that dial and as things stand now. */
@Section('Calls')
@Controller()
export class WhyController {
  constructor(
    private readonly why: WhyStore,
    private readonly calls: CallReadingStore,
  ) {}

  @Operation({
    id: 'whyCall',
    does: 'Tells why a call is, or is not, dialled.',
    answer: answerOf(callReasonSchema),
    refuses: ['callNotFound'],
  })
  @Get('calls/:id/why')
  @NeedsScope('calls')
  async call(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const callId = pathId(id, errors.callNotFound);
    const { call, held } = found(await this.why.call(environmentId, callId), errors.callNotFound);
    const { status } = found(await this.calls.find(environmentId, callId), errors.callNotFound);
    const latest = (await this.calls.attemptsOf(environmentId, callId)).at(-1);
    const evidence = held?.evidence ?? call.evidence ?? latest?.evidence ?? null;
    const reason = held?.reason ?? call.reason;
    const nextAt = held?.nextAt ?? null;
    return {
      success: true,
      data: {
        id: call.id,
        status,
        reason,
        rule: held === null ? refusedBy(evidence) : held.rule,
        sentence: whySentence(reason, evidence, nextAt),
        since: (held?.since ?? call.updatedAt).toISOString(),
        next_at: nextAt?.toISOString() ?? null,
        evidence,
      },
    };
  }

  @Operation({
    id: 'whyCampaign',
    does: 'Tells why a campaign is idle, or slow.',
    answer: answerOf(campaignReasonsSchema),
    refuses: ['campaignNotFound'],
  })
  @Get('campaigns/:id/why')
  @NeedsScope('campaigns')
  async campaign(@EnvironmentId() environmentId: string, @Param('id') id: string) {
    const campaignId = pathId(id, errors.campaignNotFound);
    const { campaign, reasons, facts } = found(
      await this.why.campaign(environmentId, campaignId),
      errors.campaignNotFound,
    );
    return {
      success: true,
      data: {
        id: campaign.id,
        status: campaign.status,
        is_idle: reasons.some(({ effect }) => effect === 'stops'),
        is_slow: reasons.some(({ effect }) => effect === 'slows'),
        reasons: reasons.map(({ reason, effect, sentence, until }) => ({
          reason,
          effect,
          sentence,
          until: until?.toISOString() ?? null,
        })),
        due: facts.due,
        later: facts.later,
        next_due_at: facts.nextDueAt?.toISOString() ?? null,
        slots: { campaign: slotsView(facts.slots.campaign), environment: slotsView(facts.slots.environment) },
        pace: {
          calls_per_second: facts.pace.callsPerSecond,
          current_calls_per_second: facts.pace.currentCallsPerSecond,
          next_start_at: facts.pace.nextStartAt?.toISOString() ?? null,
          campaign_calls_per_minute: campaign.maxCallsPerMinute,
        },
        credits: { balance: facts.creditBalance },
        provider: {
          minutes: PROVIDER_MINUTES,
          taken: facts.provider.taken,
          turned_away: facts.provider.turnedAway,
          unknown: facts.provider.unknown,
        },
        held_by: facts.heldBy.map(({ reason, count, nextAt }) => ({
          reason,
          count,
          next_at: nextAt?.toISOString() ?? null,
        })),
      },
    };
  }
}

/** The rule that decided what became of a call; null: none refused it. */
function refusedBy(evidence: Evidence | null): string | null {
  return evidence?.rules.find(({ passed }) => !passed)?.rule ?? null;
}

function slotsView({ inUse, limit, reserved }: Slots): Record<string, number | null> {
  return { in_use: inUse, limit, reserved };
}
