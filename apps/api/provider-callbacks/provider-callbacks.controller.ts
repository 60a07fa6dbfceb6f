import { Controller, HttpCode, Post, Req, Res, type RawBodyRequest } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { faultPoint } from '#environment/fault-point.js';
import { JobQueue } from '#jobs/job-queue.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { NeedsScope } from '../caller.js';
import { Operation, Section } from '../openapi/operation.js';
import { TEXT } from '../openapi/schema.js';
import { AnswerCall } from './answer-call.js';
import { CallbackGate } from './callback-gate.js';

@Section('Carrier')
@Controller('callbacks')
export class ProviderCallbacksController {
  constructor(
    private readonly gate: CallbackGate,
    private readonly events: ProviderEventsStore,
    private readonly jobs: JobQueue,
    private readonly answerCall: AnswerCall,
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
  @Post(':trunk')
  @NeedsScope('none')
  @HttpCode(204)
  async receive(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { trunk, callbacks } = await this.gate.verified(request, reply);
    if (callbacks.length === 0) return;
    const fresh = await this.events.recordOnce(trunk, callbacks);
    faultPoint('after_inbox');
    await this.jobs.applyEvents(fresh);
  }

  /** Asked again for the same call, answers the same; the carrier repeats questions that it got no answer to. */
  @Operation({
    id: 'answerCall',
    does: 'Says what a call that was answered is connected to, in the carrier’s own language.',
    answer: TEXT,
    produces: ['text/xml'],
    refuses: [
      'callbackNotSigned',
      'notFound',
      'malformedCallback',
      'payloadTooLarge',
      'tooManyRequests',
      'unsupportedMediaType',
    ],
  })
  @Post(':trunk/answer')
  @NeedsScope('none')
  @HttpCode(200)
  async answer(
    @Req() request: RawBodyRequest<FastifyRequest>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { call, trunk, answering } = this.gate.question(request, reply);
    const { contentType, body } = await this.answerCall.run(call, trunk, answering);
    void reply.header('content-type', contentType);
    return body;
  }
}
