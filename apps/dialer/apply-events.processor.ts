import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { WORKER_OPTIONS, type Jobs } from '#jobs/job-catalog.js';
import { ApplyEvents } from './apply-events.js';

/** Events of the carrier to apply. */
@Processor('carrier-events', WORKER_OPTIONS)
export class ApplyEventsProcessor extends WorkerHost {
  constructor(private readonly applyEvents: ApplyEvents) {
    super();
  }

  override async process(job: Job<Jobs['carrier-events']>): Promise<void> {
    await this.applyEvents.ofEvent(job.data.eventId);
  }
}
