import { Injectable, Logger } from '@nestjs/common';
import { faultPoint } from '#environment/fault-point.js';
import { JobQueue } from '#jobs/job-queue.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { ReconcileStore, type SilentAttempt } from '#store/reconcile.store.js';
import { Carriers } from '#telephony/carriers.js';
import type { LookUp, TelephonyProvider } from '#telephony/telephony-provider.js';
import { Tracing } from '#tracing/tracing.js';
import { ApplyEvents } from './apply-events.js';

/** Attempts looked after in one turn; the rest is due again at once. */
const BATCH = 100;

/** Looks after attempts nobody speaks of: takes stale claims back, and asks the carrier about the others. */
@Injectable()
export class Reconciler {
  private readonly log = new Logger('reconcile');

  constructor(
    private readonly reconcile: ReconcileStore,
    private readonly attempts: AttemptsStore,
    private readonly events: ProviderEventsStore,
    private readonly applyEvents: ApplyEvents,
    private readonly carriers: Carriers,
    private readonly jobs: JobQueue,
    private readonly tracing: Tracing,
  ) {}

  async run(): Promise<void> {
    const silent = await this.reconcile.silent(BATCH);
    await Promise.all(silent.map((attempt) => this.lookAfterOrLater(attempt)));
    await this.reconcile.releaseOverdueSlots(BATCH);
  }

  /** Corrects limit rows that no longer match the open attempts; it never should have anything to do. */
  async recount(): Promise<void> {
    const drifted = await this.reconcile.recountSlots();
    if (drifted.length > 0) this.log.warn({ slotsDrifted: drifted });
  }

  /** One attempt that cannot be looked after must not keep the others waiting: it steps back like a silent one. */
  private async lookAfterOrLater(attempt: SilentAttempt): Promise<void> {
    try {
      await this.lookAfter(attempt);
    } catch (error) {
      this.log.error({ attemptId: attempt.id, status: attempt.status, error: (error as Error).message });
      await this.heardNothing(attempt.id, null).catch(() => undefined);
    }
  }

  private async heardNothing(attemptId: string, because: string | null, isForgotten = false): Promise<void> {
    await this.jobs.deliverWebhooks(await this.reconcile.heardNothing(attemptId, because, isForgotten));
  }

  private async lookAfter(attempt: SilentAttempt): Promise<void> {
    const { id, status } = attempt;
    if (status === 'claimed') {
      // Safe: the fence refuses a claim this old, so nothing was sent and nothing will be.
      await this.attempts.releaseClaim(id, 'claim_too_old');
      return;
    }
    const provider = this.carriers.of(attempt);
    const answer: LookUp =
      provider === null
        ? { kind: 'cannot_tell', because: 'trunk_is_gone' }
        : await this.asked(provider, attempt);
    faultPoint('after_look_up');
    if (answer.kind === 'found' && provider !== null) {
      const { event } = answer;
      const source = event.isSurmised ? 'likeness' : 'lookup';
      const eventKey = `${source}:${id}:${event.sequence}:${event.kind}`;
      const fresh = await this.events.recordOnce(provider.name, [{ eventKey, attemptId: id, event }]);
      // Old news too: when it came first, applying it may have failed.
      await this.applyEvents.ofAttempt(id);
      if (fresh.length > 0) return;
    }
    const isForgotten = answer.kind === 'not_found' && provider?.capabilities.lookUp === 'while_alive';
    await this.heardNothing(id, whyNothing(answer), isForgotten);
    this.log.debug({ attemptId: id, status, lookUp: answer.kind });
  }

  private asked(provider: TelephonyProvider, attempt: SilentAttempt): Promise<LookUp> {
    return this.tracing.of(attempt.callId).step(
      'look up',
      () => this.ask(provider, attempt),
      (answer) => ({
        'ringfence.attempt.id': attempt.id,
        'ringfence.attempt.state': attempt.status,
        'ringfence.trunk': provider.name,
        'ringfence.look_up.answer': answer.kind,
        'ringfence.reason': answer.kind === 'cannot_tell' ? answer.because : null,
      }),
    );
  }

  /**
   * Asks as surely as the carrier can be asked. Where our reference finds nothing by itself, what is found without the
   * carrier's own id is marked as surmised, and the rules dial nothing on it; should it be another attempt's, it is
   * nothing at all. Nowhere does an answer give an attempt back: not found is waited out and parked, however surely.
   */
  private async ask(provider: TelephonyProvider, attempt: SilentAttempt): Promise<LookUp> {
    const { lookUp } = provider.capabilities;
    const { id, providerCallId, to, from, sentAt } = attempt;
    if (lookUp === 'none' || sentAt === null) return { kind: 'cannot_tell', because: 'not_offered' };
    const answer = await provider.lookUp({ attemptId: id, providerCallId, to, from, sentAt });
    if (answer.kind !== 'found' || lookUp !== 'heuristic' || providerCallId !== null) return answer;
    const foundId = answer.event.providerCallId;
    if (foundId === null || (await this.reconcile.isAnothers(attempt, foundId)))
      return { kind: 'cannot_tell', because: 'may_be_another' };
    return { kind: 'found', event: { ...answer.event, isSurmised: true } };
  }
}

function whyNothing(answer: LookUp): string | null {
  switch (answer.kind) {
    case 'found':
      return null;
    case 'not_found':
      return 'not_found';
    case 'cannot_tell':
      return `look_up: ${answer.because}`;
  }
}
