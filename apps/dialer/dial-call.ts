import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { faultPoint } from '#environment/fault-point.js';
import { RING_TIMEOUT_SECONDS } from '#policy/deadlines.js';
import { fillPlaceholders } from '#policy/prompt.js';
import { JobQueue } from '#jobs/job-queue.js';
import { Metrics } from '#metrics/metrics.js';
import { AttemptsStore, type AcceptedRequest, type PlacementRecord } from '#store/attempts.store.js';
import { ClaimStore, type ClaimResult } from '#store/claim.store.js';
import type { Ticket } from '#store/claim-facts.js';
import type { ClaimedAttempt, Fenced, FenceResult } from '#store/fencing.js';
import { Together } from '#store/together.js';
import { Carriers } from '#telephony/carriers.js';
import type { OriginateRequest, Placement } from '#telephony/telephony-provider.js';
import type { Attributes } from '#tracing/spans.js';
import { Tracing, type CallTrace } from '#tracing/tracing.js';

/** What became of a ticket; for the log. */
export interface DialReport {
  result: string;
  attemptId?: string;
}

type DecidedClaim = Exclude<ClaimResult, { kind: 'behind' } | { kind: 'undecided' }>;

/** At once, for a connection that was lost; then longer, for a store that is away, within the time a stop may take. */
const RECORD_AGAIN_AFTER_MS = [0, 500, 2_000];

/**
 * What comes while a transaction of a kind is under way shares the next: a commit costs the same for one as for many. One of
 * each kind: a second claim would wait for the first one's limit rows, and the three kinds keep the database at work.
 */
const TOGETHER = { most: 100, goes: 1 };

/** One ticket: claim, fence, one request, and what came of it. The steps of many tickets share their transactions. */
@Injectable()
export class DialCall {
  private readonly log = new Logger('dial');
  private readonly claiming: Together<Ticket, ClaimResult>;
  private readonly fencing: Together<Fenced, FenceResult>;
  private readonly accepting: Together<AcceptedRequest, PlacementRecord>;

  constructor(
    claims: ClaimStore,
    private readonly attempts: AttemptsStore,
    private readonly carriers: Carriers,
    private readonly jobs: JobQueue,
    private readonly metrics: Metrics,
    private readonly tracing: Tracing,
  ) {
    this.claiming = new Together((tickets) => claims.claimAll(tickets), TOGETHER);
    this.fencing = new Together((fenced) => claims.fenceAll(fenced), TOGETHER);
    this.accepting = new Together((accepted) => attempts.recordAccepted(accepted), TOGETHER);
  }

  run({ callId, attempt }: Ticket): Promise<DialReport> {
    return this.tracing.of(callId).step(
      'dial',
      (ticket) => this.work({ callId, attempt }, ticket),
      ({ result, attemptId }) => ({
        'messaging.system': 'bullmq',
        'messaging.operation.type': 'process',
        'messaging.destination.name': 'dial',
        'ringfence.attempt.number': attempt,
        'ringfence.attempt.id': attemptId,
        'ringfence.dial.result': result,
      }),
    );
  }

  private async work(ticket: Ticket, trace: CallTrace): Promise<DialReport> {
    const claim = await trace.step('claim', () => this.claim(ticket), toldOfClaim);
    this.noteClaim(claim.kind, 'because' in claim ? claim.because : '');
    switch (claim.kind) {
      case 'claimed':
        return this.place(claim, claim.startsInMs, trace);
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

  private async claim(ticket: Ticket): Promise<DecidedClaim> {
    let claim = await this.claiming.do(ticket);
    while (claim.kind === 'behind') claim = await this.claiming.do(ticket);
    if (claim.kind === 'undecided') throw claim.error;
    return claim;
  }

  /** Asks again while it is early: its claim grows too old before that could go on for long. */
  private async fence(fenced: Fenced): Promise<Exclude<FenceResult, { kind: 'early' }>> {
    let result = await this.fencing.do(fenced);
    while (result.kind === 'early') {
      this.noteClaim('fence_early', '');
      await pause(Math.ceil(result.passesInMs));
      result = await this.fencing.do(fenced);
    }
    return result;
  }

  private noteClaim(result: string, reason: string): void {
    this.metrics.count('ringfence_claims_total', { result, reason });
  }

  /**
   * Records the answer, again where the store fails: a process that stood still in its transaction has lost the
   * connection, and a definite no that is not recorded is parked as unknown, for no look-up will find it.
   */
  private async record(attemptId: string, placement: Placement): Promise<PlacementRecord> {
    for (const againAfterMs of RECORD_AGAIN_AFTER_MS) {
      try {
        return await this.recordOnce(attemptId, placement);
      } catch (error) {
        this.log.warn({ attemptId, recordAgainAfterMs: againAfterMs, error: (error as Error).message });
        await pause(againAfterMs);
      }
    }
    return this.recordOnce(attemptId, placement);
  }

  private recordOnce(attemptId: string, placement: Placement): Promise<PlacementRecord> {
    if (placement.kind !== 'accepted' || placement.slowDown !== undefined)
      return this.attempts.recordPlacement(attemptId, placement);
    return this.accepting.do({ attemptId, providerCallId: placement.providerCallId });
  }

  private async place(claimed: ClaimedAttempt, startsInMs: number, trace: CallTrace): Promise<DialReport> {
    const { attempt } = claimed;
    const attemptId = attempt.id;
    faultPoint('after_claim');
    await pause(startsInMs);

    const { request, missingPlaceholders } = requestOf(claimed);
    // Before the fence: past it, whatever throws leaves an attempt of which nobody can tell.
    const carrier = this.carriers.ofNew(attempt);
    const fence = await trace.step(
      'fence',
      () => this.fence({ claimed, missingPlaceholders }),
      ({ kind }) => ({ 'ringfence.fence.passed': kind === 'passed' }),
    );
    if (fence.kind === 'refused') {
      this.noteClaim('fence_refused', '');
      await this.attempts.releaseClaim(attemptId, 'fence_refused');
      return { result: 'fence_refused', attemptId };
    }
    faultPoint('after_fence');
    const placement = await trace.step(
      'originate',
      () => carrier.originate({ ...request, notAfter: fence.notAfter }),
      (answer) => ({ 'ringfence.trunk': carrier.name, ...toldOfPlacement(answer) }),
    );
    faultPoint('after_originate');
    const { deliveryIds, isUnwanted } = await trace.step(
      'record',
      () => this.record(attemptId, placement),
      () => ({}),
    );
    faultPoint('after_placement');
    // A cancellation that came meanwhile asked the carrier to hang up what it had not heard of yet.
    if (isUnwanted) {
      const providerCallId = placement.kind === 'accepted' ? placement.providerCallId : null;
      await this.carriers.hangUp({ attemptId, providerCallId, trunk: attempt.trunk });
    }
    await this.jobs.deliverWebhooks(deliveryIds);
    return {
      result: 'because' in placement ? `${placement.kind}: ${placement.because}` : placement.kind,
      attemptId,
    };
  }
}

function toldOfClaim(claim: DecidedClaim): Attributes {
  return {
    'ringfence.claim.result': claim.kind,
    'ringfence.reason': 'because' in claim ? claim.because : null,
    'ringfence.claim.starts_in_ms': claim.kind === 'claimed' ? claim.startsInMs : null,
  };
}

/** Whatever is no yes is an error of the request; to the call it may be an outcome like others. */
function toldOfPlacement(placement: Placement): Attributes {
  return {
    'ringfence.placement': placement.kind,
    'ringfence.reason': 'because' in placement ? placement.because : null,
    'ringfence.attempt.outcome': placement.kind === 'refused' ? placement.outcome : null,
    'error.type': placement.kind === 'accepted' ? null : placement.kind,
  };
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
      callId: attempt.callId,
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
