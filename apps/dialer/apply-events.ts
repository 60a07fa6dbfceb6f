import { Injectable } from '@nestjs/common';
import { faultPoint } from '#environment/fault-point.js';
import { JobQueue } from '#jobs/job-queue.js';
import { AttemptsStore, type AppliedEvents } from '#store/attempts.store.js';
import { Together } from '#store/together.js';
import { Tracing } from '#tracing/tracing.js';
import { Leader } from './leader.js';

/** Two at once keep the database at work, and each call's row is locked by one of them. */
const TOGETHER = { most: 50, goes: 2 };

/** Applies what the inbox holds about attempts, and wakes what follows from it. */
@Injectable()
export class ApplyEvents {
  private readonly applying: Together<string, string[]>;

  constructor(
    private readonly attempts: AttemptsStore,
    private readonly jobs: JobQueue,
    private readonly leader: Leader,
    private readonly tracing: Tracing,
  ) {
    this.applying = new Together(async (eventIds) => {
      const deliveryIds = await this.applied(() => attempts.applyEntries(eventIds));
      // Whose they are does not matter to whoever names them to the queue.
      return eventIds.map((_, place) => (place === 0 ? deliveryIds : []));
    }, TOGETHER);
  }

  async ofEvent(eventId: string): Promise<void> {
    await this.follow(await this.applying.do(eventId));
  }

  async ofAttempt(attemptId: string): Promise<void> {
    await this.follow(await this.applied(() => this.attempts.applyEvents([attemptId])));
  }

  /** Whose calls they are is known once they are applied. */
  private async applied(apply: () => Promise<AppliedEvents>): Promise<string[]> {
    const sinceMs = Date.now();
    const { deliveryIds, told } = await apply();
    for (const { callId, attemptId, number, events, phase, outcome } of told) {
      this.tracing.of(callId).note('apply events', sinceMs, {
        'ringfence.attempt.id': attemptId,
        'ringfence.attempt.number': number,
        'ringfence.events': events,
        'ringfence.attempt.phase': phase,
        'ringfence.attempt.outcome': outcome,
      });
    }
    return deliveryIds;
  }

  private async follow(deliveryIds: string[]): Promise<void> {
    faultPoint('after_events');
    await this.jobs.deliverWebhooks(deliveryIds);
    // An end frees a slot, or makes a retry due: the feeder need not wait for its next turn.
    this.leader.wake('feed');
  }
}
