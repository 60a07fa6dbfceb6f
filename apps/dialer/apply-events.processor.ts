import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { Vitals, type InHand } from '#environment/vitals.js';
import { WORKER_OPTIONS, type Jobs } from '#jobs/job-catalog.js';
import { ApplyEvents } from './apply-events.js';

/** Events of the carrier to apply. */
@Processor('carrier-events', WORKER_OPTIONS)
export class ApplyEventsProcessor extends WorkerHost {
  private readonly inHand: InHand;

  constructor(
    private readonly applyEvents: ApplyEvents,
    vitals: Vitals,
  ) {
    super();
    this.inHand = vitals.inHand('events to apply');
  }

  override async process(job: Job<Jobs['carrier-events']>): Promise<void> {
    await this.inHand.during(() => this.applyEvents.ofEvent(job.data.eventId));
  }
}
