import { Injectable } from '@nestjs/common';
import { AnsweredCallsStore } from '#store/answered-calls.store.js';
import type { AnswerDocument, AnsweredCall, CallAnswering } from '#telephony/telephony-provider.js';

/** Says what an answered call is connected to; a call that must not go on is hung up. */
@Injectable()
export class AnswerCall {
  constructor(private readonly answered: AnsweredCallsStore) {}

  async run(
    { environmentId, attemptId, providerCallId }: AnsweredCall,
    trunk: string,
    answering: CallAnswering,
  ): Promise<AnswerDocument> {
    const admitted = await this.answered.admit(environmentId, { trunk, attemptId, providerCallId });
    return admitted === null ? answering.hangUp() : answering.connect(admitted);
  }
}
