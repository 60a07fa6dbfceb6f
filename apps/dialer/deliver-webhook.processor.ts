import { Processor, WorkerHost } from '@nestjs/bullmq';
import type { Job } from 'bullmq';
import { WORKER_OPTIONS, type Jobs } from '#jobs/job-catalog.js';
import { DeliverWebhooks } from './deliver-webhooks.js';

/** Webhook deliveries that are owed. */
@Processor('webhooks', WORKER_OPTIONS)
export class DeliverWebhookProcessor extends WorkerHost {
  constructor(private readonly deliverWebhooks: DeliverWebhooks) {
    super();
  }

  override process(job: Job<Jobs['webhooks']>): Promise<void> {
    this.deliverWebhooks.hear(job.data.deliveryId);
    return Promise.resolve();
  }
}
