import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import { WORKER_OPTIONS, type Jobs } from '#jobs/job-catalog.js';
import { DeliverWebhook } from './deliver-webhook.js';

/** Webhook deliveries to try. */
@Processor('webhooks', WORKER_OPTIONS)
export class DeliverWebhookProcessor extends WorkerHost {
  private readonly log = new Logger('webhooks');

  constructor(private readonly deliverWebhook: DeliverWebhook) {
    super();
  }

  override async process(job: Job<Jobs['webhooks']>): Promise<string> {
    const result = await this.deliverWebhook.run(job.data);
    this.log.log({ ...job.data, result });
    return result;
  }
}
