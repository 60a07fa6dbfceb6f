import { Injectable, Logger } from '@nestjs/common';
import { JobQueue } from '#jobs/job-queue.js';
import { AdminLoginsStore } from '#store/admin-logins.store.js';
import { AuditSealsStore } from '#store/audit-seals.store.js';
import { CampaignCompletionStore } from '#store/campaign-completion.store.js';
import { FinaliseStore } from '#store/finalise.store.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { RegistryVersionsStore } from '#store/registry-versions.store.js';
import { RetentionStore } from '#store/retention.store.js';
import { StatsFoldStore } from '#store/stats-fold.store.js';
import { ApplyEvents } from './apply-events.js';

const BATCH = 200;

/** Blocks of registries forgotten at once: 2.5 MB. */
const BLOCK_BATCH = 2_000;

/** Changes of figures folded at once: well within a statement's time, whatever campaigns they are of. */
const STATS_BATCH = 5_000;

/** Entries of the audit log sealed at once. */
const SEAL_BATCH = 1_000;

/** An inbox entry this old has lost its wake-up. */
const UNAPPLIED_AFTER_MS = 1_000;

/** Told that a turn has got on: it may have much to do, and is to be told from one that hangs. */
type GoesOn = () => void;

/** The safety net under every "then wake": what a lost ticket left undone is found in the rows. */
@Injectable()
export class Sweeper {
  private readonly log = new Logger('sweep');

  constructor(
    private readonly finalise: FinaliseStore,
    private readonly completion: CampaignCompletionStore,
    private readonly events: ProviderEventsStore,
    private readonly registryVersions: RegistryVersionsStore,
    private readonly statsFold: StatsFoldStore,
    private readonly auditSeals: AuditSealsStore,
    private readonly retention: RetentionStore,
    private readonly adminLogins: AdminLoginsStore,
    private readonly applyEvents: ApplyEvents,
    private readonly jobs: JobQueue,
  ) {}

  /** Ends waiting calls of campaigns that will not dial again. */
  async finaliseCalls(goesOn: GoesOn): Promise<void> {
    let more = true;
    while (more) {
      goesOn();
      const batch = await this.finalise.finaliseBatch(BATCH);
      await this.jobs.deliverWebhooks(batch.deliveryIds);
      more = batch.more;
    }
  }

  /** Completes campaigns that asked for it and have nobody left to call. */
  async completeCampaigns(goesOn: GoesOn): Promise<void> {
    for (const campaignId of await this.completion.processed()) {
      goesOn();
      await this.jobs.deliverWebhooks(await this.completion.complete(campaignId));
    }
  }

  /** Adds what was counted since to the counters, for figures to be read quickly. */
  async foldStats(goesOn: GoesOn): Promise<void> {
    while (await this.statsFold.fold(STATS_BATCH)) goesOn();
  }

  /** Seals what was audited since, so that it cannot be changed unseen. */
  async sealAudit(goesOn: GoesOn): Promise<void> {
    while ((await this.auditSeals.seal(SEAL_BATCH)) === SEAL_BATCH) goesOn();
  }

  /**
   * Forgets what has outlived its use: clients' keys a day after, request counts a minute after their window, what
   * webhooks were told and what was wrong with rows of files after as many days as their environment says, snapshots of
   * registries once another is in force, and who was logged in at the admin port.
   */
  async forget(goesOn: GoesOn): Promise<void> {
    while (await this.finalise.forgetKeys(BATCH)) goesOn();
    while (await this.finalise.forgetCounts(BATCH)) goesOn();
    while (await this.finalise.forgetWebhooks(BATCH)) goesOn();
    while (await this.finalise.forgetImportErrors(BATCH)) goesOn();
    while ((await this.retention.forgetFiles(BATCH)) === BATCH) goesOn();
    while (await this.registryVersions.forgetDropped(BLOCK_BATCH)) goesOn();
    await this.adminLogins.forgetOver();
  }

  /**
   * Takes people out of calls that their environments have kept long enough. A batch a turn, seventeen million calls a day:
   * what has waited for months is not to be in the way of what is to be dialled now.
   */
  async forgetPeople(): Promise<void> {
    await this.retention.forgetCalls(BATCH);
    await this.retention.forgetNumbers(BATCH);
  }

  /** Applies events whose ticket was lost. */
  async applyForgottenEvents(goesOn: GoesOn): Promise<void> {
    for (const attemptId of await this.events.unapplied(UNAPPLIED_AFTER_MS, BATCH)) {
      goesOn();
      // One that cannot be applied must not keep the others waiting.
      await this.applyEvents
        .ofAttempt(attemptId)
        .catch((error: unknown) => this.log.error({ attemptId, error: (error as Error).message }));
    }
  }
}
