import { Controller, Get, Param } from '@nestjs/common';
import type { Slots } from '#policy/why.js';
import { CallReadingStore } from '#store/call-reading.store.js';
import { WhyStore } from '#store/why.store.js';
import { EnvironmentId, NeedsScope } from './caller.js';
import { errors } from './http-errors.js';
import { found, pathId } from './path-id.js';

/** Why something is not dialled, by the rules that dial and as things stand now. */
@Controller()
export class WhyController {
  constructor(
    private readonly why: WhyStore,
    private readonly calls: CallReadingStore,
  ) {}

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
