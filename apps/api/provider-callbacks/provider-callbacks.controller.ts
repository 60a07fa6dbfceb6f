import { Controller, HttpCode, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultPoint } from '#environment/fault-point.js';
import { JobQueue } from '#jobs/job-queue.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { TelephonyProvider } from '#telephony/telephony-provider.js';
import { NeedsScope } from '../caller.js';
import { Operation, Section } from '../openapi/operation.js';
import { CallbackGate } from './callback-gate.js';

@Section('Carrier')
@Controller('callbacks')
export class ProviderCallbacksController {
  constructor(
    private readonly gate: CallbackGate,
    private readonly provider: TelephonyProvider,
    private readonly events: ProviderEventsStore,
    private readonly jobs: JobQueue,
  ) {}

  /** Verified over the raw bytes, kept once, answered after the commit; applying it is the dialer's work. */
  @Operation({
    id: 'receiveCallback',
    does: 'Takes what the carrier tells of a call, signed by the carrier.',
    answer: null,
    refuses: [
      'callbackNotSigned',
      'notFound',
      'malformedCallback',
      'payloadTooLarge',
      'tooManyRequests',
      'unsupportedMediaType',
    ],
  })
  @Post(':provider')
  @NeedsScope('none')
  @HttpCode(204)
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const callbacks = this.gate.verified(request, reply);
    const fresh = await this.events.recordOnce(this.provider.name, callbacks);
    faultPoint('after_inbox');
    await this.jobs.applyEvents(fresh);
  }
}
