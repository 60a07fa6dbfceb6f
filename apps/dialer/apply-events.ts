import { Injectable } from '@nestjs/common';
import { faultPoint } from '#environment/fault-point.js';
import { JobQueue } from '#jobs/job-queue.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { Leader } from './leader.js';

/** Applies what the inbox holds about an attempt, and wakes what follows from it. */
@Injectable()
export class ApplyEvents {
  constructor(
    private readonly events: ProviderEventsStore,
    private readonly attempts: AttemptsStore,
    private readonly jobs: JobQueue,
    private readonly leader: Leader,
  ) {}

  async ofEvent(eventId: string): Promise<void> {
    const attemptId = await this.events.attemptOf(eventId);
    if (attemptId !== null) await this.ofAttempt(attemptId);
  }

  async ofAttempt(attemptId: string): Promise<void> {
    const deliveryIds = await this.attempts.applyEvents(attemptId);
    faultPoint('after_events');
    await this.jobs.deliverWebhooks(deliveryIds);
    // An end frees a slot, or makes a retry due: the feeder need not wait for its next turn.
    this.leader.wake('feed');
  }
}
