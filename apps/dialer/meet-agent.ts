import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { AnsweredCallsStore } from '#store/answered-calls.store.js';
import type { TelephonyProvider, WaitingCall } from '#telephony/telephony-provider.js';
import { Tracing } from '#tracing/tracing.js';

/** Somebody says hello into silence meanwhile; after the last of these the call is ended. */
const AGAIN_AFTER_MS = [100, 300, 1_000, 2_000];

/** Brings answered calls to their agents, of a carrier that tells by a socket; a call that must not go on is hung up. */
@Injectable()
export class MeetAgent {
  private readonly log = new Logger('answer');
  /** By the attempt: told of and found waiting, a call is met once. */
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(
    private readonly answered: AnsweredCallsStore,
    private readonly tracing: Tracing,
  ) {}

  /** @param provider whose call it is. Never rejects. */
  run(provider: TelephonyProvider, call: WaitingCall): Promise<void> {
    const { attemptId } = call;
    const meeting =
      this.underWay.get(attemptId) ??
      this.meet(provider, call).finally(() => this.underWay.delete(attemptId));
    this.underWay.set(attemptId, meeting);
    return meeting;
  }

  /** Resolves when nobody waits for this process any more. */
  async idle(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  private async meet(provider: TelephonyProvider, call: WaitingCall): Promise<void> {
    const { attemptId } = call;
    for (const againAfterMs of [...AGAIN_AFTER_MS, null]) {
      const result = await this.meetOnce(provider, call);
      if (result !== 'failed') return;
      if (againAfterMs !== null) await pause(againAfterMs);
    }
    this.log.error({ attemptId, answered: 'met no agent, and was hung up' });
    await provider.hangUp(call);
  }

  private async meetOnce(
    provider: TelephonyProvider,
    call: WaitingCall,
  ): Promise<'connected' | 'over' | 'failed'> {
    const { attemptId, providerCallId } = call;
    const sinceMs = Date.now();
    try {
      const admitted = await this.answered.admitAnywhere({
        trunk: provider.name,
        attemptId,
        providerCallId,
      });
      if (admitted === 'nobodys') {
        this.log.error({
          attemptId,
          answered: 'is no call of this house: another one listens as the same ARI_APP',
        });
        return 'over';
      }
      if (admitted !== null) {
        const result = (await provider.listening?.connect(admitted)) ?? 'over';
        this.tracing.of(admitted.callId).note('connect', sinceMs, {
          'ringfence.attempt.id': attemptId,
          'ringfence.trunk': provider.name,
          'ringfence.connect.result': result,
        });
        return result;
      }
      await provider.hangUp(call);
      return 'over';
    } catch (error) {
      this.log.warn({ attemptId, error: (error as Error).message });
      return 'failed';
    }
  }
}
