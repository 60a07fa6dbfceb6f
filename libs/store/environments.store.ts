import { Injectable } from '@nestjs/common';
import { audit } from './audit.js';
import { Environment } from './environment.entity.js';
import { lookAgainAtHeld } from './held-calls.js';
import { attemptsInFlight, type InFlight } from './in-flight.js';
import { barrier, confirming, environmentKey } from './locks.js';
import { addSlotScope } from './slots.js';
import { ScopedDatabase } from './scoped-database.js';

export type EnvironmentChange = Partial<
  Pick<
    Environment,
    | 'name'
    | 'legalGuard'
    | 'trustCallTimezone'
    | 'legalDates'
    | 'killSwitch'
    | 'rateLimitPerMinute'
    | 'maxConcurrentCalls'
    | 'weight'
    | 'maxAttemptsPerNumberDay'
    | 'maxAttemptsPerNumberWeek'
    | 'minAttemptGapMinutes'
    | 'successCooldownHours'
    | 'maxCallsPerCallerIdSecond'
    | 'maxCallsPerCallerIdDay'
    | 'callerIdTimezone'
    | 'callDataRetentionDays'
    | 'webhookLogRetentionDays'
    | 'importErrorRetentionDays'
  >
>;

/** What calls are held by, that a change of may free. */
const HOLDING_SETTINGS = [
  'legalGuard',
  'trustCallTimezone',
  'legalDates',
  'maxAttemptsPerNumberDay',
  'maxAttemptsPerNumberWeek',
  'minAttemptGapMinutes',
  'successCooldownHours',
] as const;

/** Tenants and their limits. */
@Injectable()
export class EnvironmentsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async create(settings: EnvironmentChange & { name: string }): Promise<Environment> {
    return this.database.everywhere(async (manager) => {
      const [{ id }] = await manager.query<[{ id: string }]>(
        `INSERT INTO environments (name, legal_guard, rate_limit_per_minute, max_concurrent_calls, trust_call_timezone,
           legal_dates, max_attempts_per_number_day, max_attempts_per_number_week, min_attempt_gap_minutes,
           success_cooldown_hours, weight, max_calls_per_caller_id_second, max_calls_per_caller_id_day,
           caller_id_timezone, call_data_retention_days, webhook_log_retention_days, import_error_retention_days)
         VALUES ($1, coalesce($2, 'auto'), coalesce($3, 100), coalesce($4, 100), coalesce($5, false),
           coalesce($6::text[], '{}'), $7, $8, $9, $10, coalesce($11::double precision, 1), $12, $13,
           coalesce($14, 'UTC'), $15, coalesce($16::integer, 30), coalesce($17::integer, 30)) RETURNING id`,
        [
          settings.name,
          settings.legalGuard,
          settings.rateLimitPerMinute,
          settings.maxConcurrentCalls,
          settings.trustCallTimezone,
          settings.legalDates,
          settings.maxAttemptsPerNumberDay,
          settings.maxAttemptsPerNumberWeek,
          settings.minAttemptGapMinutes,
          settings.successCooldownHours,
          settings.weight,
          settings.maxCallsPerCallerIdSecond,
          settings.maxCallsPerCallerIdDay,
          settings.callerIdTimezone,
          settings.callDataRetentionDays,
          settings.webhookLogRetentionDays,
          settings.importErrorRetentionDays,
        ],
      );
      await addSlotScope(manager, environmentKey(id));
      return manager.findOneByOrFail(Environment, { id });
    });
  }

  async get(environmentId: string): Promise<Environment> {
    return this.database.within(environmentId, (manager) =>
      manager.findOneByOrFail(Environment, { id: environmentId }),
    );
  }

  /** Environments of an id or a name; for the command line. */
  async named(idOrName: string): Promise<Environment[]> {
    return this.database.everywhere((manager) =>
      manager
        .createQueryBuilder(Environment, 'environment')
        .where('environment.id::text = :idOrName OR environment.name = :idOrName', { idOrName })
        .getMany(),
    );
  }

  /**
   * Changes what is named; nothing named changes nothing. Audited, with the new values. Calls that it may free are looked
   * at again.
   * @throws StopNotConfirmed when it is changed, and a dial that began before may still hold a call by what was
   */
  async change(environmentId: string, actor: string, change: EnvironmentChange): Promise<Environment> {
    if (Object.keys(change).length === 0) return this.get(environmentId);
    const changed = await this.database.within(environmentId, async (manager) => {
      await manager.update(Environment, { id: environmentId }, change);
      const action = 'environment.changed';
      await audit(manager, { environmentId, actor, action, subjectId: environmentId, detail: change });
      return manager.findOneByOrFail(Environment, { id: environmentId });
    });
    const mayFree = HOLDING_SETTINGS.some((setting) => change[setting] !== undefined);
    if (mayFree) {
      // A claim that read the old settings would hold its call behind the look.
      await confirming(this.database, environmentId, (manager) =>
        barrier(manager, [environmentKey(environmentId)]),
      );
      await lookAgainAtHeld(this.database, environmentId, null);
    }
    return changed;
  }

  /**
   * Waits out every dial that began before the kill switch was thrown, names those in flight, and counts those held.
   * @throws StopNotConfirmed
   */
  async confirmStop(environmentId: string): Promise<{ inFlight: InFlight; stopped: number }> {
    return confirming(this.database, environmentId, async (manager) => {
      await barrier(manager, [environmentKey(environmentId)]);
      const inFlight = await attemptsInFlight(manager, 'environment_id = $1', [environmentId]);
      const [{ stopped }] = await manager.query<[{ stopped: number }]>(
        `SELECT (SELECT count(*) FROM calls WHERE environment_id = $1 AND status = 'waiting')::integer
              + (SELECT count(*) FROM attempts WHERE environment_id = $1 AND status = 'claimed')::integer AS stopped`,
        [environmentId],
      );
      return { inFlight, stopped };
    });
  }
}
