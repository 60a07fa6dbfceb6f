import {
  Inject,
  Module,
  Optional,
  type DynamicModule,
  type OnApplicationShutdown,
  type Provider,
} from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AdminLoginsStore } from './admin-logins.store.js';
import { AgentPartsStore } from './agent-parts.store.js';
import { AgentsStore } from './agents.store.js';
import { AnsweredCallsStore } from './answered-calls.store.js';
import { AttemptsStore } from './attempts.store.js';
import { AuditSealsStore } from './audit-seals.store.js';
import { CallIntakeStore } from './call-intake.store.js';
import { CallReadingStore } from './call-reading.store.js';
import { CampaignCompletionStore } from './campaign-completion.store.js';
import { CampaignStatsStore } from './campaign-stats.store.js';
import { CampaignsStore } from './campaigns.store.js';
import { ClaimStore } from './claim.store.js';
import { ConsoleStore } from './console.store.js';
import { ConsoleStores } from './console-stores.js';
import { ContactImportStepsStore } from './contact-import-steps.store.js';
import { ContactImportsStore } from './contact-imports.store.js';
import { CreditsStore } from './credits.store.js';
import { DatabaseHealth } from './database-health.js';
import { CONSOLE_LIMITS, database, METRICS_LIMITS, WEBHOOK_LIMITS, type DatabaseLimits } from './database.js';
import { DialingSettings } from './dialing-settings.js';
import { DoNotCallImportStepsStore } from './do-not-call-import-steps.store.js';
import { DoNotCallImportsStore } from './do-not-call-imports.store.js';
import { DoNotCallScrubStore } from './do-not-call-scrub.store.js';
import { DoNotCallStore } from './do-not-call.store.js';
import { EnvironmentsStore } from './environments.store.js';
import { FeedStore } from './feed.store.js';
import { FinaliseStore } from './finalise.store.js';
import { HouseFactsStore } from './house-facts.store.js';
import { LeasesStore } from './leases.store.js';
import { OperatorCallsStore } from './operator-calls.store.js';
import { PhoneNumbersStore } from './phone-numbers.store.js';
import { Pools } from './pools.js';
import { ProviderEventsStore } from './provider-events.store.js';
import { RateCounts } from './rate-counts.js';
import { RegistriesStore } from './registries.store.js';
import { RegistryVersionsStore } from './registry-versions.store.js';
import { ReconcileStore } from './reconcile.store.js';
import { RetentionStore } from './retention.store.js';
import { ScopedDatabase, type ProcessRole } from './scoped-database.js';
import { StatsFoldStore } from './stats-fold.store.js';
import { TokensStore } from './tokens.store.js';
import { WebhookDeliveriesStore } from './webhook-deliveries.store.js';
import { WebhookEndpointsStore } from './webhook-endpoints.store.js';
import { WebhookLogsStore } from './webhook-logs.store.js';
import { WebhookReplaysStore } from './webhook-replays.store.js';
import { WhyStore } from './why.store.js';

/** The stores of the api. */
const API_STORES: Provider[] = [
  AdminLoginsStore,
  AgentPartsStore,
  AgentsStore,
  AnsweredCallsStore,
  CallIntakeStore,
  CallReadingStore,
  CampaignStatsStore,
  CampaignsStore,
  ContactImportsStore,
  CreditsStore,
  DoNotCallImportsStore,
  DoNotCallScrubStore,
  DoNotCallStore,
  EnvironmentsStore,
  OperatorCallsStore,
  PhoneNumbersStore,
  ProviderEventsStore,
  RateCounts,
  RegistriesStore,
  TokensStore,
  WebhookEndpointsStore,
  WebhookLogsStore,
  WebhookReplaysStore,
  WhyStore,
];

/** The stores of the dialer, which need to know how it dials. */
const DIALER_STORES: Provider[] = [
  AdminLoginsStore,
  AnsweredCallsStore,
  AttemptsStore,
  AuditSealsStore,
  CampaignCompletionStore,
  ClaimStore,
  ContactImportStepsStore,
  ContactImportsStore,
  DoNotCallImportStepsStore,
  DoNotCallImportsStore,
  FeedStore,
  FinaliseStore,
  LeasesStore,
  ProviderEventsStore,
  ReconcileStore,
  RegistryVersionsStore,
  RetentionStore,
  StatsFoldStore,
];

const WEBHOOK_CONNECTION = Symbol('webhook connection');

/** Deliveries, on connections of their own. */
const WEBHOOK_STORES = (url: string): Provider[] => [
  { provide: WEBHOOK_CONNECTION, useFactory: () => database(url, WEBHOOK_LIMITS).initialize() },
  {
    provide: WebhookDeliveriesStore,
    inject: [WEBHOOK_CONNECTION],
    useFactory: (source: DataSource) =>
      new WebhookDeliveriesStore(new ScopedDatabase(source, 'ringfence_dialer')),
  },
];

const CONSOLE_CONNECTION = Symbol('console connection');

/** What people look on by, on connections of its own: the house in a role that may only look, one environment's reasons as the api. */
const CONSOLE_STORES = (url: string): Provider[] => [
  { provide: CONSOLE_CONNECTION, useFactory: () => database(url, CONSOLE_LIMITS).initialize() },
  {
    provide: ConsoleStores,
    inject: [CONSOLE_CONNECTION, DialingSettings],
    useFactory: async (source: DataSource, dialing: DialingSettings) => {
      const looking = new ScopedDatabase(source, 'ringfence_console');
      await looking.assertBound();
      return new ConsoleStores(
        new ConsoleStore(looking, dialing),
        new OperatorCallsStore(looking, dialing),
        new WhyStore(new ScopedDatabase(source, 'ringfence_api'), dialing),
      );
    },
  },
];

const METRICS_CONNECTION = Symbol('metrics connection');

/** What is scraped, on a connection of its own, and how all of them are used. */
const METRICS_STORES = (url: string): Provider[] => [
  { provide: METRICS_CONNECTION, useFactory: () => database(url, METRICS_LIMITS).initialize() },
  {
    provide: HouseFactsStore,
    inject: [METRICS_CONNECTION, DialingSettings],
    useFactory: async (source: DataSource, dialing: DialingSettings) => {
      const scoped = new ScopedDatabase(source, 'ringfence_metrics');
      await scoped.assertBound();
      return new HouseFactsStore(scoped, dialing);
    },
  },
  {
    provide: Pools,
    inject: [
      DataSource,
      METRICS_CONNECTION,
      { token: WEBHOOK_CONNECTION, optional: true },
      { token: CONSOLE_CONNECTION, optional: true },
    ],
    useFactory: (work: DataSource, metrics: DataSource, webhooks?: DataSource, console?: DataSource) =>
      new Pools({
        ...{ work, metrics },
        ...(webhooks === undefined ? {} : { webhooks }),
        ...(console === undefined ? {} : { console }),
      }),
  },
];

/** The connection, and the stores that use it. Connects before the process starts its work; closes after it. */
@Module({})
export class StoreModule implements OnApplicationShutdown {
  static forApi(url: string, limits: DatabaseLimits, dialing: DialingSettings): DynamicModule {
    const stores = [...API_STORES, ...CONSOLE_STORES(url), ...METRICS_STORES(url)];
    return storeModule(url, limits, 'ringfence_api', dialing, stores);
  }

  static forDialer(url: string, limits: DatabaseLimits, dialing: DialingSettings): DynamicModule {
    const stores = [...DIALER_STORES, ...WEBHOOK_STORES(url), ...METRICS_STORES(url)];
    return storeModule(url, limits, 'ringfence_dialer', dialing, stores);
  }

  constructor(
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(METRICS_CONNECTION) private readonly metricsSource: DataSource,
    @Optional() @Inject(WEBHOOK_CONNECTION) private readonly webhookSource?: DataSource,
    @Optional() @Inject(CONSOLE_CONNECTION) private readonly consoleSource?: DataSource,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    const sources = [this.source, this.metricsSource, this.webhookSource, this.consoleSource];
    await Promise.all(sources.flatMap((source) => (source === undefined ? [] : [source.destroy()])));
  }
}

function storeModule(
  url: string,
  limits: DatabaseLimits,
  role: ProcessRole,
  dialing: DialingSettings,
  stores: Provider[],
): DynamicModule {
  const connection: Provider = {
    provide: DataSource,
    useFactory: () => database(url, limits).initialize(),
  };
  const scopedDatabase: Provider = {
    provide: ScopedDatabase,
    inject: [DataSource],
    useFactory: async (source: DataSource) => {
      const scoped = new ScopedDatabase(source, role);
      await scoped.assertReady();
      return scoped;
    },
  };
  return {
    module: StoreModule,
    global: true,
    providers: [
      connection,
      scopedDatabase,
      { provide: DialingSettings, useValue: dialing },
      DatabaseHealth,
      ...stores,
    ],
    exports: [DialingSettings, DatabaseHealth, ...stores],
  };
}
