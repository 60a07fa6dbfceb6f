import { Body, Controller, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Caller } from '#store/tokens.store.js';
import { answerMade } from '../calls/made-call.js';
import { CurrentCaller, NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { idempotencyOf } from '../idempotency-key.js';
import { pathId } from '../path-id.js';
import { MakeCampaignCall } from './make-campaign-call.js';
import { Operation, Section } from '../openapi/operation.js';
import { newCampaignCallSchema } from './campaign-call-view.js';
import { MakeCampaignCallBody } from './campaign-call.dto.js';

@Section('Campaign calls')
@Controller('campaigns/:id/call')
export class CampaignCallsController {
  constructor(private readonly makeCampaignCall: MakeCampaignCall) {}

  /** The use case asks for the scope itself: an unknown campaign is answered before a missing right. */
  @Operation({
    id: 'makeCampaignCall',
    does: 'Takes one call of a campaign in.',
    body: MakeCampaignCallBody,
    answer: newCampaignCallSchema,
    refuses: [
      'campaignNotFound',
      'agentNotPublished',
      'idempotencyKeyReused',
      'campaignNotActive',
      'duplicateCall',
    ],
    scope: 'calls',
    takesIdempotencyKey: true,
  })
  @Post()
  @NeedsScope('none')
  async make(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const campaignId = pathId(id, errors.campaignNotFound);
    const made = await this.makeCampaignCall.run(caller, campaignId, body, () =>
      idempotencyOf(caller.environmentId, request),
    );
    return answerMade(reply, made);
  }
}
