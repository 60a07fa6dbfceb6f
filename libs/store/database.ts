import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { AgentAction } from './agent-action.entity.js';
import { AgentTraining } from './agent-training.entity.js';
import { Agent } from './agent.entity.js';
import { Attempt } from './attempt.entity.js';
import { Call } from './call.entity.js';
import { Campaign } from './campaign.entity.js';
import { DoNotCallEntry } from './do-not-call-entry.entity.js';
import { Environment } from './environment.entity.js';
import { FirstHouse1763900000000 } from './migrations/0001-first-house.js';
import { AgentsAndNumbers1763900000003 } from './migrations/0003-agents-and-numbers.js';
import { TokenRotation1764000500000 } from './migrations/0005-token-rotation.js';
import { RowSecurity1764000600000 } from './migrations/0006-row-security.js';
import { DirectCalls1764000700000 } from './migrations/0007-direct-calls.js';
import { WebhookLogs1764000800000 } from './migrations/0008-webhook-logs.js';
import { LegalGuardSettings1764001000000 } from './migrations/0010-legal-guard.js';
import { RateKeys1764001200000 } from './migrations/0012-rate-keys.js';
import { DoNotCallLists1764001300000 } from './migrations/0013-do-not-call-lists.js';
import { NumberLimits1764001400000 } from './migrations/0014-number-limits.js';
import { WebhookDelivery1764001500000 } from './migrations/0015-webhook-delivery.js';
import { ContactImports1764001800000 } from './migrations/0018-contact-imports.js';
import { PaceAndWeight1764001900000 } from './migrations/0019-pace-and-weight.js';
import { CampaignStats1764002000000 } from './migrations/0020-campaign-stats.js';
import { CreditLedger1764002100000 } from './migrations/0021-credit-ledger.js';
import { TrunkPace1764002200000 } from './migrations/0022-trunk-pace.js';
import { ParkedSlots1764002300000 } from './migrations/0023-parked-slots.js';
import { AgentPlaces1764002600000 } from './migrations/0026-agent-places.js';
import { WindowRamp1764002700000 } from './migrations/0027-window-ramp.js';
import { CallerIds1764002800000 } from './migrations/0028-caller-ids.js';
import { UrgentCalls1764002900000 } from './migrations/0029-urgent-calls.js';
import { SurmisedEnds1764003000000 } from './migrations/0030-surmised-ends.js';
import { PoliciesOfEverything1764003100000 } from './migrations/0031-policies-of-everything.js';
import { KnownMigrations1764003200000 } from './migrations/0032-known-migrations.js';
import { Metrics1764003400000 } from './migrations/0034-metrics.js';
import { HearingLease1764003500000 } from './migrations/0035-hearing-lease.js';
import { AdminLogins1764003600000 } from './migrations/0036-admin-logins.js';
import { ConsoleReading1764003700000 } from './migrations/0037-console-reading.js';
import { AuditChain1764003800000 } from './migrations/0038-audit-chain.js';
import { Retention1764003900000 } from './migrations/0039-retention.js';
import { SeveralTrunks1764004000000 } from './migrations/0040-several-trunks.js';
import { FencedStarts1764004100000 } from './migrations/0041-fenced-starts.js';
import { ExpiringCalls1764004200000 } from './migrations/0042-expiring-calls.js';
import { PhoneNumber } from './phone-number.entity.js';
import { ProviderEvent } from './provider-event.entity.js';
import { ReleaseRequest } from './release-request.entity.js';
import { answerWithinMs } from './silent-server.js';
import { SnakeNames } from './snake-names.js';
import { Token } from './token.entity.js';
import { WebhookDelivery, WebhookEvent } from './webhook-delivery.entity.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import { WebhookLog } from './webhook-log.entity.js';

export interface DatabaseLimits {
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Connections of this process. */
  poolSize: number;
  /** Longest statement, in milliseconds. */
  statementTimeoutMs: number;
  /** Longest pause inside a transaction: a frozen worker cannot hold a stop for longer. */
  idleInTransactionTimeoutMs: number;
}

export const API_LIMITS: DatabaseLimits = {
  applicationName: 'ringfence-api',
  poolSize: 10,
  statementTimeoutMs: 5_000,
  idleInTransactionTimeoutMs: 5_000,
};

export const DIALER_LIMITS: DatabaseLimits = {
  applicationName: 'ringfence-dialer',
  poolSize: 10,
  statementTimeoutMs: 2_000,
  idleInTransactionTimeoutMs: 1_000,
};

/** Beside the dialer's: deliveries have connections of their own, and never wait for, nor keep waiting, what dials. */
export const WEBHOOK_LIMITS: DatabaseLimits = {
  applicationName: 'ringfence-webhooks',
  poolSize: 3,
  statementTimeoutMs: 5_000,
  idleInTransactionTimeoutMs: 5_000,
};

/** Beside both: what is scraped takes no connection from what works, and is cut short before it is missed. */
export const METRICS_LIMITS: DatabaseLimits = {
  applicationName: 'ringfence-metrics',
  poolSize: 1,
  statementTimeoutMs: 1_000,
  idleInTransactionTimeoutMs: 1_000,
};

/** Beside the api's: who looks on takes no connection from what works, and has none while nobody does. */
export const CONSOLE_LIMITS: DatabaseLimits = {
  applicationName: 'ringfence-console',
  poolSize: 2,
  statementTimeoutMs: 2_000,
  idleInTransactionTimeoutMs: 1_000,
};

/** For the command line: no statement is cut short, a migration may take its time. */
export const COMMAND_LIMITS: DatabaseLimits = {
  applicationName: 'ringfence-cli',
  poolSize: 2,
  statementTimeoutMs: 0,
  idleInTransactionTimeoutMs: 0,
};

/** A database not yet connected. The schema is the URL's search_path, else public. */
export function database(url: string, limits: DatabaseLimits): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    namingStrategy: new SnakeNames(),
    entities: [
      Agent,
      AgentAction,
      AgentTraining,
      Attempt,
      Call,
      Campaign,
      DoNotCallEntry,
      Environment,
      PhoneNumber,
      ProviderEvent,
      ReleaseRequest,
      Token,
      WebhookDelivery,
      WebhookEndpoint,
      WebhookEvent,
      WebhookLog,
    ],
    migrations: [
      FirstHouse1763900000000,
      AgentsAndNumbers1763900000003,
      TokenRotation1764000500000,
      RowSecurity1764000600000,
      DirectCalls1764000700000,
      WebhookLogs1764000800000,
      LegalGuardSettings1764001000000,
      RateKeys1764001200000,
      DoNotCallLists1764001300000,
      NumberLimits1764001400000,
      WebhookDelivery1764001500000,
      ContactImports1764001800000,
      PaceAndWeight1764001900000,
      CampaignStats1764002000000,
      CreditLedger1764002100000,
      TrunkPace1764002200000,
      ParkedSlots1764002300000,
      AgentPlaces1764002600000,
      WindowRamp1764002700000,
      CallerIds1764002800000,
      UrgentCalls1764002900000,
      SurmisedEnds1764003000000,
      PoliciesOfEverything1764003100000,
      KnownMigrations1764003200000,
      Metrics1764003400000,
      HearingLease1764003500000,
      AdminLogins1764003600000,
      ConsoleReading1764003700000,
      AuditChain1764003800000,
      Retention1764003900000,
      SeveralTrunks1764004000000,
      FencedStarts1764004100000,
      ExpiringCalls1764004200000,
    ],
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    // The usual one says on standard output that a migration failed, between what commands print there.
    logger: 'debug',
    applicationName: limits.applicationName,
    poolSize: limits.poolSize,
    extra: {
      statement_timeout: limits.statementTimeoutMs,
      idle_in_transaction_session_timeout: limits.idleInTransactionTimeoutMs,
      connectionTimeoutMillis: 3_000,
      query_timeout: answerWithinMs(limits.statementTimeoutMs),
      keepAlive: true,
      // Statements that do not need each other's results are sent without waiting for them: see `ScopedDatabase`.
      pipeline: true,
    },
  });
}

/**
 * Longest wait of a migration for a lock. Whoever comes meanwhile waits behind it, and a dialer's statements are cut short after
 * two seconds: it gives up before, lets them pass, and tries again.
 */
const MIGRATION_LOCK_TIMEOUT_MS = 1_000;

const MOST_TRIES = 60;

/** PostgreSQL's code for a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03';

const TURN_LOOK_MS = 100;

/**
 * Applies what is missing, and holds nobody up for longer than the locks themselves are held. Several at once take turns; each
 * then finds nothing to do.
 * @returns the names of those applied
 */
export async function migrate(source: DataSource): Promise<string[]> {
  const { options } = source;
  const extra = { ...(options.extra as object), lock_timeout: MIGRATION_LOCK_TIMEOUT_MS };
  const migrating = new DataSource({ ...options, extra });
  const turn = source.createQueryRunner();
  await turn.connect();
  try {
    await takeTurn(turn);
    await migrating.initialize();
    const missing = await new MigrationExecutor(migrating).getPendingMigrations();
    await runInTries(migrating);
    return missing.map(({ name }) => name);
  } finally {
    if (migrating.isInitialized) await migrating.destroy();
    await turn.query(`SELECT pg_advisory_unlock(hashtextextended('ringfence-migrate', 0))`);
    await turn.release();
  }
}

/**
 * Looks again and again, and does not wait in a statement: an index that is built concurrently waits for every statement that
 * began before it, and the two would wait for each other, which PostgreSQL does not notice.
 */
async function takeTurn(turn: QueryRunner): Promise<void> {
  for (;;) {
    const [{ mine }] = (await turn.query(
      `SELECT pg_try_advisory_lock(hashtextextended('ringfence-migrate', 0)) AS mine`,
    )) as [{ mine: boolean }];
    if (mine) return;
    await pause(TURN_LOOK_MS);
  }
}

/** Each is a transaction of its own, or may be run again from its beginning: what a try has applied stays so. */
async function runInTries(migrating: DataSource): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return void (await migrating.runMigrations());
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || tries === MOST_TRIES) throw error;
    }
  }
}
