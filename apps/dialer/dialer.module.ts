import { Module, type DynamicModule } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { SealedSecrets } from '#environment/sealed-secret.js';
import { Settings } from '#environment/settings.js';
import { Stopping } from '#environment/stopping.js';
import { Vitals } from '#environment/vitals.js';
import { JobsModule } from '#jobs/jobs.module.js';
import { queueAccess } from '#jobs/queue-connection.js';
import { Metrics } from '#metrics/metrics.js';
import { DIALER_LIMITS } from '#store/database.js';
import { DialingSettings } from '#store/dialing-settings.js';
import { LeasesStore } from '#store/leases.store.js';
import { StoreModule } from '#store/store.module.js';
import { TelephonyModule } from '#telephony/telephony.module.js';
import { Tracing } from '#tracing/tracing.js';
import { WebhookReach } from '#webhooks/webhook-reach.js';
import { WebhookSender } from '#webhooks/webhook-sender.js';
import { ApplyEvents } from './apply-events.js';
import { ApplyEventsProcessor } from './apply-events.processor.js';
import { DeliverWebhookProcessor } from './deliver-webhook.processor.js';
import { DeliverWebhooks } from './deliver-webhooks.js';
import { DialCall } from './dial-call.js';
import { DialCallProcessor } from './dial-call.processor.js';
import { Dialer } from './dialer.js';
import { Feeder } from './feeder.js';
import { ImportRunner } from './import-runner.js';
import { Leader } from './leader.js';
import { Listeners } from './listeners.js';
import { MeetAgent } from './meet-agent.js';
import { Reconciler } from './reconciler.js';
import { Sweeper } from './sweeper.js';
import { TicketWorkers } from './ticket-workers.js';

/** What the dialer process is made of. */
@Module({})
export class DialerModule {
  static for(settings: Settings, tracing: Tracing): DynamicModule {
    const dialing = DialingSettings.of(settings);
    const metrics = new Metrics();
    return {
      module: DialerModule,
      imports: [
        StoreModule.forDialer(settings.DATABASE_URL, DIALER_LIMITS, dialing),
        JobsModule.for(queueAccess(settings)),
        TelephonyModule.for(settings, metrics),
      ],
      providers: [
        { provide: Settings, useValue: settings },
        { provide: Metrics, useValue: metrics },
        { provide: Tracing, useValue: tracing },
        { provide: Stopping, useValue: new Stopping() },
        { provide: Vitals, useValue: new Vitals(() => performance.now()) },
        { provide: SealedSecrets, useValue: new SealedSecrets(settings.ENCRYPTION_KEY) },
        { provide: WebhookReach, useValue: WebhookReach.of(settings) },
        {
          provide: Leader,
          inject: [LeasesStore, Vitals],
          // Host and process for people to read; two containers may have both in common, and must not take each other for one.
          useFactory: (leases: LeasesStore, vitals: Vitals) =>
            new Leader(leases, `${hostname()}:${process.pid}:${randomUUID()}`, vitals),
        },
        ApplyEvents,
        ApplyEventsProcessor,
        DeliverWebhookProcessor,
        DeliverWebhooks,
        DialCall,
        DialCallProcessor,
        Dialer,
        Feeder,
        ImportRunner,
        Listeners,
        MeetAgent,
        Reconciler,
        Sweeper,
        TicketWorkers,
        WebhookSender,
      ],
    };
  }
}
