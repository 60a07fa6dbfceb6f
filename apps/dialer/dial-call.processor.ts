import { Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import { Vitals, type InHand } from '#environment/vitals.js';
import { WORKER_OPTIONS, type Jobs } from '#jobs/job-catalog.js';
import { DialCall } from './dial-call.js';

/** Tickets to dial. */
@Processor('dial', WORKER_OPTIONS)
export class DialCallProcessor extends WorkerHost {
  private readonly log = new Logger('dial');

  private readonly inHand: InHand;

  constructor(
    private readonly dialCall: DialCall,
    vitals: Vitals,
  ) {
    super();
    this.inHand = vitals.inHand('tickets to dial');
  }

  override async process(job: Job<Jobs['dial']>): Promise<string> {
    const report = await this.inHand.during(() => this.dialCall.run(job.data));
    this.log.log({ callId: job.data.callId, attempt: job.data.attempt, ...report });
    return report.result;
  }
}
