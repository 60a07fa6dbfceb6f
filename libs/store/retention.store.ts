import { Inject, Injectable } from '@nestjs/common';
import { DialingSettings, type RetryTempo } from './dialing-settings.js';
import { eraseCalls, keepNumbersForRules } from './erased-calls.js';
import { ScopedDatabase } from './scoped-database.js';

/** Forgets, bit by bit, what environments have said they keep for so long and no longer. For the dialer, who leads. */
@Injectable()
export class RetentionStore {
  constructor(
    private readonly database: ScopedDatabase,
    @Inject(DialingSettings) private readonly settings: RetryTempo,
  ) {}

  /**
   * Takes the person out of up to `limit` calls that ended longer ago than their environment keeps them, and whose row nobody
   * is at. Returns how many.
   */
  async forgetCalls(limit: number): Promise<number> {
    const { cooldownHourSeconds } = this.settings;
    return this.database.everywhere(async (manager) => {
      const old = await manager.query<{ id: string }[]>(
        // From the oldest of each environment on. A clock that is asked again for each row would have every row looked at.
        `SELECT call.id FROM environments AS environment CROSS JOIN LATERAL (
           SELECT id FROM calls
           WHERE environment_id = environment.id AND finished_at IS NOT NULL AND erased_at IS NULL
             AND finished_at < (SELECT clock_timestamp()) - environment.call_data_retention_days * interval '1 day'
           ORDER BY finished_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS call
         WHERE environment.call_data_retention_days IS NOT NULL LIMIT $1`,
        [limit],
      );
      const { calls } = await eraseCalls(
        manager,
        old.map(({ id }) => id),
        { kind: 'stays_for_rules', cooldownHourSeconds },
      );
      return calls;
    });
  }

  /** Takes the numbers out of up to `limit` attempts that were kept for a rule, once none reads them. Returns how many were due. */
  async forgetNumbers(limit: number): Promise<number> {
    const { cooldownHourSeconds } = this.settings;
    return this.database.everywhere(async (manager) => {
      const due = await manager.query<{ id: string }[]>(
        `SELECT id FROM attempts WHERE number_kept_until <= (SELECT clock_timestamp())
         ORDER BY number_kept_until LIMIT $1 FOR UPDATE SKIP LOCKED`,
        [limit],
      );
      const ids = due.map(({ id }) => id);
      if (ids.length > 0)
        await keepNumbersForRules(manager, 'attempts.id = ANY ($3)', ids, cooldownHourSeconds);
      return ids.length;
    });
  }

  /** Forgets what files were called that became calls so long ago. Returns how many imports. */
  async forgetFiles(limit: number): Promise<number> {
    return this.database.everywhere(async (manager) => {
      const [, contacts] = await manager.query<[unknown[], number]>(
        `UPDATE contact_imports SET filename = NULL, idempotency_key = NULL, fingerprint = NULL WHERE id IN (
           SELECT import.id FROM contact_imports AS import JOIN environments AS environment
             ON environment.id = import.environment_id
           WHERE import.completed_at < (SELECT clock_timestamp()) - environment.call_data_retention_days * interval '1 day'
             AND num_nonnulls(import.filename, import.idempotency_key, import.fingerprint) > 0
           LIMIT $1 FOR UPDATE OF import SKIP LOCKED)`,
        [limit],
      );
      return contacts;
    });
  }
}
