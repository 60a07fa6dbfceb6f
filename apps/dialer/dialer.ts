import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '#environment/settings.js';
import { NotReady } from '#environment/not-ready.js';
import { JobQueue } from '#jobs/job-queue.js';
import { DatabaseHealth } from '#store/database-health.js';
import { DeliverWebhooks } from './deliver-webhooks.js';
import { FEED_EVERY_MS, Feeder } from './feeder.js';
import { ImportRunner } from './import-runner.js';
import { Leader } from './leader.js';
import { Listeners } from './listeners.js';
import { Reconciler } from './reconciler.js';
import { Sweeper } from './sweeper.js';
import { TicketWorkers } from './ticket-workers.js';

/** Where the reconciler's deadlines are short, and rows of files wait. */
const LOOK_EVERY_MS = 250;
const SWEEP_EVERY_MS = 1_000;
const RECOUNT_EVERY_MS = 30_000;
const WATCH_CLOCK_EVERY_MS = 30_000;

/** Starts this process's work, and ends it in order. */
@Injectable()
export class Dialer {
  private readonly log = new Logger('dialer');
  private clockTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly workers: TicketWorkers,
    private readonly deliverWebhooks: DeliverWebhooks,
    private readonly leader: Leader,
    private readonly feeder: Feeder,
    private readonly reconciler: Reconciler,
    private readonly sweeper: Sweeper,
    private readonly imports: ImportRunner,
    private readonly listeners: Listeners,
    private readonly jobs: JobQueue,
    private readonly health: DatabaseHealth,
    private readonly settings: Settings,
  ) {}

  async start(): Promise<void> {
    await this.jobs.connected(this.workers.first());
    await this.workers.start();
    this.clockTimer = setInterval(() => void this.watchClock(), WATCH_CLOCK_EVERY_MS);
    void this.watchClock();
    const { WEBHOOK_CONCURRENCY } = this.settings;
    if (WEBHOOK_CONCURRENCY > 0) this.deliverWebhooks.start(WEBHOOK_CONCURRENCY);
    this.leader.start([
      ...this.listeners.tasks(),
      { name: 'feed', everyMs: FEED_EVERY_MS, run: () => this.feeder.run() },
      { name: 'reconcile', everyMs: LOOK_EVERY_MS, run: () => this.reconciler.run() },
      { name: 'events', everyMs: SWEEP_EVERY_MS, run: (goesOn) => this.sweeper.applyForgottenEvents(goesOn) },
      { name: 'finalise', everyMs: SWEEP_EVERY_MS, run: (goesOn) => this.sweeper.finaliseCalls(goesOn) },
      { name: 'complete', everyMs: SWEEP_EVERY_MS, run: (goesOn) => this.sweeper.completeCampaigns(goesOn) },
      { name: 'stats', everyMs: SWEEP_EVERY_MS, run: (goesOn) => this.sweeper.foldStats(goesOn) },
      { name: 'audit', everyMs: SWEEP_EVERY_MS, run: (goesOn) => this.sweeper.sealAudit(goesOn) },
      { name: 'imports', everyMs: LOOK_EVERY_MS, run: (goesOn) => this.imports.run(goesOn) },
      { name: 'forget', everyMs: RECOUNT_EVERY_MS, run: (goesOn) => this.sweeper.forget(goesOn) },
      { name: 'retention', everyMs: SWEEP_EVERY_MS, run: () => this.sweeper.forgetPeople() },
      { name: 'recount', everyMs: RECOUNT_EVERY_MS, run: () => this.reconciler.recount() },
    ]);
  }

  /** A clock that is off is an alarm and no reason to stop: nothing here is judged by it. */
  private async watchClock(): Promise<void> {
    await this.health.clock(Date.now).catch((error: unknown) => {
      if (error instanceof NotReady) this.log.warn({ clock: error.message });
    });
  }

  /** Takes no new work, finishes what is in hand (at most one request to the carrier), lets another lead. */
  async stop(): Promise<void> {
    clearInterval(this.clockTimer);
    await Promise.all([this.leader.stop(), this.deliverWebhooks.stop(), this.workers.stop()]);
    // Last: what is in hand may have rung a phone.
    await this.listeners.stop();
  }
}
