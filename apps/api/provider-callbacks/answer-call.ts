import { Injectable } from '@nestjs/common';
import { AnsweredCallsStore } from '#store/answered-calls.store.js';
import type { AnswerDocument, AnsweredCall, CallAnswering } from '#telephony/telephony-provider.js';
import { Tracing } from '#tracing/tracing.js';

/** Says what an answered call is connected to; a call that must not go on is hung up. */
@Injectable()
export class AnswerCall {
  constructor(
    private readonly answered: AnsweredCallsStore,
    private readonly tracing: Tracing,
  ) {}

  async run(
    { environmentId, attemptId, providerCallId }: AnsweredCall,
    trunk: string,
    answering: CallAnswering,
  ): Promise<AnswerDocument> {
    const sinceMs = Date.now();
    const admitted = await this.answered.admit(environmentId, { trunk, attemptId, providerCallId });
    if (admitted === null) return answering.hangUp();
    this.tracing
      .of(admitted.callId)
      .note('connect', sinceMs, { 'ringfence.attempt.id': attemptId, 'ringfence.trunk': trunk });
    return answering.connect(admitted);
  }
}
