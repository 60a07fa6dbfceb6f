import { Controller, Get, Param } from '@nestjs/common';
import type { Slots } from '#policy/why.js';
import { CallReadingStore } from '#store/call-reading.store.js';
import { WhyStore } from '#store/why.store.js';
import { EnvironmentId, NeedsScope } from './caller.js';
import { errors } from './http-errors.js';
import { found, pathId } from './path-id.js';
import { Operation, Section } from './openapi/operation.js';
import { BOOLEAN, COUNT, ID, INSTANT, list, named, object, oneOf, orNull, TEXT } from './openapi/schema.js';
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
    since: orNull(INSTANT),
    next_at: orNull(INSTANT),
    evidence: orNull(evidenceSchema),
  }),
);

const slotsSchema = object({ in_use: COUNT, limit: orNull(COUNT) });

const campaignReasonsSchema = named(
  'CampaignReasons',
  object({
    id: ID,
    status: oneOf(CAMPAIGN_STATES),
    is_idle: BOOLEAN,
    reasons: list(object({ reason: TEXT, sentence: TEXT, until: orNull(INSTANT) })),
    due: COUNT,
    later: COUNT,
    next_due_at: orNull(INSTANT),
    slots: object({ campaign: slotsSchema, environment: slotsSchema }),
    held_by: list(object({ reason: TEXT, count: COUNT })),
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
    return {
      success: true,
      data: {
        id: call.id,
        status,
        reason: held?.reason ?? call.reason,
        rule: held?.rule ?? null,
        since: held === null || held.reason === call.reason ? call.updatedAt.toISOString() : null,
        next_at: held?.nextAt?.toISOString() ?? null,
        evidence: held?.evidence ?? call.evidence ?? latest?.evidence ?? null,
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
    const { campaign, reasons, facts, heldBy } = found(
      await this.why.campaign(environmentId, campaignId),
      errors.campaignNotFound,
    );
    return {
      success: true,
      data: {
        id: campaign.id,
        status: campaign.status,
        is_idle: reasons.length > 0,
        reasons: reasons.map(({ reason, sentence, until }) => ({
          reason,
          sentence,
          until: until?.toISOString() ?? null,
        })),
        due: facts.due,
        later: facts.later,
        next_due_at: facts.nextDueAt?.toISOString() ?? null,
        slots: { campaign: slotsView(facts.slots.campaign), environment: slotsView(facts.slots.environment) },
        held_by: heldBy,
      },
    };
  }
}

function slotsView({ inUse, limit }: Slots): Record<string, number | null> {
  return { in_use: inUse, limit };
}
