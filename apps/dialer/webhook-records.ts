import { Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import type { Waiting } from '#policy/webhook-turns.js';
import { WebhookDeliveriesStore } from '#store/webhook-deliveries.store.js';
import type { EndedTry } from '#store/webhook-try.js';

/** Ends recorded in one transaction at most. */
const BATCH = 200;

/** Pause before a transaction that failed is made again. */
const AGAIN_AFTER_MS = 500;

/** An end that could not be recorded for so long is let go: its delivery is due again by then. */
const LET_GO_AFTER_MS = 180_000;

type Ended = EndedTry & Waiting;

/**
 * Records what tries came to, as many as there are in one transaction and one transaction at a time: while one is
 * written, the next batch gathers. A store that is away is waited for; what is lost with this process is told again.
 */
export class WebhookRecords {
  private readonly log = new Logger('webhooks');
  private waiting: { ended: Ended; untilMs: number }[] = [];
  private writing: Promise<void> | null = null;
  private isClosed = false;
  /** Halved by each failure: one end that the store does not take must not keep the others from it. */
  private size = BATCH;

  /** @param onRecorded hears whose tries are over */
  constructor(
    private readonly deliveries: WebhookDeliveriesStore,
    private readonly onRecorded: (endpoints: Waiting[]) => void,
  ) {}

  add(ended: Ended): void {
    this.waiting.push({ ended, untilMs: performance.now() + LET_GO_AFTER_MS });
    this.writing ??= this.write();
  }

  /** Records what there is; from now on what fails is let go. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.size);
      try {
        const ended = batch.map((each) => each.ended);
        for (const disabled of await this.deliveries.record(ended)) this.log.warn({ disabled });
        this.size = BATCH;
        this.onRecorded(ended);
      } catch (error) {
        this.log.error({ notRecorded: batch.length, error: (error as Error).message });
        this.size = Math.max(1, Math.floor(this.size / 2));
        if (!this.isClosed) await this.putBack(batch);
      }
    }
    // In the step that found nothing waiting: what is added later begins anew.
    this.writing = null;
  }

  private async putBack(batch: typeof this.waiting): Promise<void> {
    await pause(AGAIN_AFTER_MS);
    this.waiting.push(...batch.filter(({ untilMs }) => untilMs > performance.now()));
  }
}
