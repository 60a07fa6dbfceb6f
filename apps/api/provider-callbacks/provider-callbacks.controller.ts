import { Controller, HttpCode, Param, Post, Req, type RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { faultPoint } from '#environment/fault-point.js';
import { JobQueue } from '#jobs/job-queue.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { TelephonyProvider } from '#telephony/telephony-provider.js';
import { NeedsScope } from '../caller.js';
import { errors } from '../http-errors.js';
import { Operation, Section } from '../openapi/operation.js';

/** The largest callback that is read at all. */
const MAX_CALLBACK_BYTES = 64 * 1024;

@Section('Carrier')
@Controller('callbacks')
export class ProviderCallbacksController {
  constructor(
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
      'unauthenticated',
      'notFound',
      'invalid',
      'malformedCallback',
      'invalidJson',
      'payloadTooLarge',
      'unsupportedMediaType',
    ],
  })
  @Post(':provider')
  @NeedsScope('none')
  @HttpCode(204)
  async receive(
    @Param('provider') name: string,
    @Req() request: RawBodyRequest<FastifyRequest>,
  ): Promise<void> {
    if (name !== this.provider.name) throw errors.notFound();
    const raw = request.rawBody ?? Buffer.alloc(0);
    if (raw.length > MAX_CALLBACK_BYTES) throw errors.invalid({ body: ['The callback is too large.'] });
    const callbacks = this.provider.readCallbacks(raw, request.headers);
    if (callbacks === null) throw errors.unauthenticated();
    const fresh = await this.events.recordOnce(name, callbacks);
    faultPoint('after_inbox');
    await this.jobs.applyEvents(fresh);
  }
}
