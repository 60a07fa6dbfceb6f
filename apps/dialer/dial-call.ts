import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { faultPoint } from '#environment/fault-point.js';
import { RING_TIMEOUT_SECONDS } from '#policy/deadlines.js';
import { fillPlaceholders } from '#policy/prompt.js';
import { JobQueue } from '#jobs/job-queue.js';
import { AttemptsStore, type PlacementRecord } from '#store/attempts.store.js';
import { ClaimStore, type ClaimedAttempt } from '#store/claim.store.js';
import { TelephonyProvider, type OriginateRequest, type Placement } from '#telephony/telephony-provider.js';

/** What became of a ticket; for the log. */
export interface DialReport {
  result: string;
  attemptId?: string;
}

/** At once, for a connection that was lost; then longer, for a store that is away, within the time a stop may take. */
const RECORD_AGAIN_AFTER_MS = [0, 500, 2_000];

/** One ticket: claim, fence, one request, and what came of it. */
@Injectable()
export class DialCall {
  private readonly log = new Logger('dial');

  constructor(
    private readonly claims: ClaimStore,
    private readonly attempts: AttemptsStore,
    private readonly provider: TelephonyProvider,
    private readonly jobs: JobQueue,
  ) {}

  async run({ callId, attempt }: { callId: string; attempt: number }): Promise<DialReport> {
    const claim = await this.claims.claim(callId, attempt);
    switch (claim.kind) {
      case 'claimed':
        return this.place(claim);
      case 'refused':
        await this.jobs.deliverWebhooks(claim.deliveryIds);
        return { result: `refused: ${claim.because}` };
      case 'held':
        return { result: `held: ${claim.because}` };
      case 'no_room':
      case 'stale':
        return { result: claim.kind };
    }
  }

  /**
   * Records the answer, again where the store fails: a process that stood still in its transaction has lost the
   * connection, and a definite no that is not recorded is parked as unknown, for no look-up will find it.
   */
  private async record(attemptId: string, placement: Placement): Promise<PlacementRecord> {
    for (const againAfterMs of RECORD_AGAIN_AFTER_MS) {
      try {
        return await this.attempts.recordPlacement(attemptId, placement);
      } catch (error) {
        this.log.warn({ attemptId, recordAgainAfterMs: againAfterMs, error: (error as Error).message });
        await pause(againAfterMs);
      }
    }
    return this.attempts.recordPlacement(attemptId, placement);
  }

  private async place(claimed: ClaimedAttempt): Promise<DialReport> {
    const { attempt } = claimed;
    const attemptId = attempt.id;
    faultPoint('after_claim');
    await pause(attempt.startAt.getTime() - attempt.claimedAt.getTime());

    const { request, missingPlaceholders } = requestOf(claimed);
    const notAfter = await this.claims.fence(claimed, missingPlaceholders);
    if (notAfter === null) {
      await this.attempts.releaseClaim(attemptId, 'fence_refused');
      return { result: 'fence_refused', attemptId };
    }
    faultPoint('after_fence');
    const placement = await this.provider.originate({ ...request, notAfter });
    faultPoint('after_originate');
    const { deliveryIds, isUnwanted } = await this.record(attemptId, placement);
    faultPoint('after_placement');
    // A cancellation that came meanwhile asked the carrier to hang up what it had not heard of yet.
    if (isUnwanted && placement.kind === 'accepted')
      await this.provider.hangUp({ attemptId, providerCallId: placement.providerCallId });
    await this.jobs.deliverWebhooks(deliveryIds);
    return {
      result: 'because' in placement ? `${placement.kind}: ${placement.because}` : placement.kind,
      attemptId,
    };
  }
}

/** What the carrier is to be told, the agent's texts filled from the call's payload. */
function requestOf({ attempt, call, agent }: ClaimedAttempt): {
  request: Omit<OriginateRequest, 'notAfter'>;
  missingPlaceholders: string[];
} {
  const description = fillPlaceholders(agent.description ?? '', call.payload);
  const initialMessage = fillPlaceholders(agent.initialMessage ?? '', call.payload);
  const { id, name, label, language, whoSpeaksFirst, enableRecording, connectTo } = agent;
  return {
    missingPlaceholders: [...new Set([...description.missing, ...initialMessage.missing])],
    request: {
      attemptId: attempt.id,
      environmentId: attempt.environmentId,
      to: attempt.to,
      from: attempt.from,
      ringTimeoutSeconds: RING_TIMEOUT_SECONDS,
      maxDurationSeconds: agent.maxCallDurationSeconds,
      variables: call.payload,
      agent: {
        id,
        name,
        label,
        language,
        whoSpeaksFirst,
        enableRecording,
        connectTo,
        description: agent.description === null ? null : description.text,
        initialMessage: agent.initialMessage === null ? null : initialMessage.text,
      },
    },
  };
}
