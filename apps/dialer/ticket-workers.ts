import { Injectable, Logger } from '@nestjs/common';
import type { WorkerHost } from '@nestjs/bullmq';
import { Worker } from 'bullmq';
import { Settings } from '#environment/settings.js';
import { Vitals } from '#environment/vitals.js';
import { WORKER_OPTIONS } from '#jobs/job-catalog.js';
import { JobQueue } from '#jobs/job-queue.js';
import { QueueConnection } from '#jobs/queue-connection.js';
import { Metrics } from '#metrics/metrics.js';
import { ApplyEventsProcessor } from './apply-events.processor.js';
import { DeliverWebhookProcessor } from './deliver-webhook.processor.js';
import { DialCallProcessor } from './dial-call.processor.js';
import { LOOK_EVERY_MS, TicketWatch } from './ticket-watch.js';

/** This process's workers: for each kind of ticket one a shard, all of them doing what the kind's processor does. */
@Injectable()
export class TicketWorkers {
  private readonly log = new Logger('dialer');
  private readonly processors: WorkerHost[];
  /** Beside those that Nest has made, which are of the first shard. */
  private readonly others: Worker[] = [];
  private readonly watches: TicketWatch[] = [];
  private watchTimer: NodeJS.Timeout | undefined;

  constructor(
    dialCalls: DialCallProcessor,
    applyEvents: ApplyEventsProcessor,
    private readonly webhookTickets: DeliverWebhookProcessor,
    private readonly connection: QueueConnection,
    private readonly jobs: JobQueue,
    private readonly vitals: Vitals,
    private readonly metrics: Metrics,
    private readonly settings: Settings,
  ) {
    this.processors = [dialCalls, applyEvents, webhookTickets];
  }

  /** Those of the first shard. */
  first(): Worker[] {
    return this.processors.map(({ worker }) => worker);
  }

  /** Has every shard worked on, as many tickets of a kind at once as the process may. */
  async start(): Promise<void> {
    const { DIALER_CONCURRENCY, WEBHOOK_CONCURRENCY } = this.settings;
    // A ticket that this process took would be lost to those that deliver.
    if (WEBHOOK_CONCURRENCY === 0) await this.webhookTickets.worker.close();
    const working = this.processors.filter((one) => WEBHOOK_CONCURRENCY > 0 || one !== this.webhookTickets);
    const { shards } = this.connection;
    for (const processor of working) {
      for (const [shard, options] of shards.entries()) {
        const worker = shard === 0 ? processor.worker : this.another(processor, options);
        worker.concurrency = shareOf(DIALER_CONCURRENCY, shard, shards.length);
        this.listenTo(worker, shard);
        this.watch(worker, shard);
      }
    }
    this.watchTimer = setInterval(() => {
      for (const watch of this.watches) void watch.look();
    }, LOOK_EVERY_MS);
  }

  /** Takes no new tickets, and finishes what is in hand. */
  async stop(): Promise<void> {
    clearInterval(this.watchTimer);
    await Promise.all([...this.first(), ...this.others].map((worker) => worker.close()));
  }

  private another(processor: WorkerHost, { connection, prefix }: QueueConnection['shards'][number]): Worker {
    const { name } = processor.worker;
    const worker = new Worker(name, (job) => processor.process(job), {
      connection,
      prefix,
      ...WORKER_OPTIONS,
    });
    this.others.push(worker);
    return worker;
  }

  private listenTo(worker: Worker, shard: number): void {
    const of = { queue: worker.name, ...(this.connection.shards.length > 1 && { shard }) };
    this.measure(worker);
    worker.on('failed', (job, error) => this.log.error({ ...of, job: job?.id, error: error.message }));
    // A queue that is away says so over and over, and the workers come back by themselves.
    worker.on('error', (error) => this.log.debug({ ...of, error: error.message }));
  }

  /** A worker that has lost its queue for good reports nothing: what waits for it does. */
  private watch(worker: Worker, shard: number): void {
    const queue = this.jobs.all()[shard]?.find(({ name }) => name === worker.name);
    if (queue === undefined) return;
    const name = `worker of ${worker.name}${this.connection.shards.length > 1 ? ` ${shard}` : ''}`;
    const watch = new TicketWatch(queue, this.vitals.loop(name, LOOK_EVERY_MS / 1000));
    worker.on('active', () => watch.noteTaken());
    this.watches.push(watch);
  }

  /** Clocks of two machines may differ, so that a ticket is taken before it was put in: never by less than nothing. */
  private measure(worker: Worker): void {
    const { name: queue } = worker;
    worker.on('active', ({ timestamp, processedOn = timestamp }) =>
      this.metrics.observe(
        'ringfence_job_wait_seconds',
        { queue },
        Math.max(0, processedOn - timestamp) / 1000,
      ),
    );
    worker.on('completed', () => this.metrics.count('ringfence_jobs_total', { queue, result: 'completed' }));
    worker.on('failed', () => this.metrics.count('ringfence_jobs_total', { queue, result: 'failed' }));
  }
}

/**
 * A shard's part of what the process works on at once. Tickets fall on shards evenly, and what one shard has too many of for
 * a moment other dialers take, or the next to be finished makes room for.
 */
function shareOf(concurrency: number, shard: number, shards: number): number {
  return Math.floor(concurrency / shards) + (shard < concurrency % shards ? 1 : 0);
}
