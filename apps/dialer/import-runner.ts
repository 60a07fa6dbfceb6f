import { Injectable, Logger } from '@nestjs/common';
import { JobQueue } from '#jobs/job-queue.js';
import { DoNotCallImportStepsStore } from '#store/do-not-call-import-steps.store.js';
import { DoNotCallImportsStore } from '#store/do-not-call-imports.store.js';

/** A turn is no longer than this, and a step: a dialer that is to end does not finish ten million numbers first. */
const TURN_MS = 1_000;

/** Carries on what files of numbers brought, whoever read them, until their numbers are listed and calls withdrawn. */
@Injectable()
export class ImportRunner {
  private readonly log = new Logger('import');

  constructor(
    private readonly imports: DoNotCallImportsStore,
    private readonly steps: DoNotCallImportStepsStore,
    private readonly jobs: JobQueue,
  ) {}

  async run(): Promise<void> {
    const endsAt = performance.now() + TURN_MS;
    await this.imports.failAbandoned();
    for (const id of await this.steps.unfinished()) {
      // One that cannot go on, such as while a dial cannot be waited out, must not keep the others waiting.
      await this.carryOn(id, endsAt).catch((error: unknown) =>
        this.log.warn({ importId: id, error: (error as Error).message }),
      );
    }
  }

  private async carryOn(id: string, endsAt: number): Promise<void> {
    for (let isOver = false; !isOver && performance.now() < endsAt;) {
      const { state, deliveryIds } = await this.steps.advance(id);
      await this.jobs.deliverWebhooks(deliveryIds);
      isOver = state.completedAt !== null;
    }
  }
}
