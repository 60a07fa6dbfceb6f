import type { EntityManager } from 'typeorm';
import { ACTIVE_STATES } from '#policy/call-lifecycle.js';
import { RING_TIMEOUT_SECONDS } from '#policy/deadlines.js';
import { evidenceOf } from '#policy/evidence.js';
import { audit } from './audit.js';
import { IS_LED } from './leases.store.js';
import { databaseClock } from './reading.js';
import type { ScopedDatabase } from './scoped-database.js';

/** Why an attempt is there that nobody saw: the backup that the database was restored from is older than it may be. */
export const RESTORED = 'restored';

/** Calls parked in one transaction. */
const BATCH = 1_000;

/** Numbers in one question. */
const NUMBERS_A_QUESTION = 10_000;

/** What became of calls that may have been dialled after the backup. */
export interface Quarantine {
  /** Claims of the backup, any of which may have become a request: the carrier is asked about them by their ids. */
  asked: number;
  /** Calls that were under way, or parked, and may have been tried again since: they end as they did, and are tried no more. */
  barred: number;
  /** Waiting calls, parked as of unknown outcome. */
  parked: number;
}

export type QuarantineResult =
  | ({ kind: 'done' } & Quarantine)
  /** A dialer leads: it may be dialling them at this moment. */
  | { kind: 'dialling' }
  /** Something was dialled after the backup is said to have been taken: this is no database restored from it. */
  | { kind: 'newer'; dialledAt: Date };

/**
 * After the database was restored to an earlier point. What was dialled since is a fact that it has lost: a call that waits in
 * it may have rung. No dialer may start before such calls are parked.
 */
export class RestoredStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Parks every waiting call that may have been dialled since the backup, keeps those under way from being tried again, and has
   * the carrier asked about every claim of the backup. Begun again, it goes on. Audited.
   * @param numbers those that the carrier was asked to ring since; null: nobody can tell, and every waiting call is parked
   */
  async quarantine(backupTakenAt: Date, numbers: readonly string[] | null): Promise<QuarantineResult> {
    const refusal = await this.refusal(backupTakenAt);
    if (refusal !== null) return refusal;
    const asked = await this.database.everywhere(assumeSent);
    let [barred, parked] = [0, 0];
    for (const some of questionsOf(numbers)) {
      barred += await this.database.everywhere((manager) => bar(manager, some));
      parked += await this.parkAll(backupTakenAt, some);
    }
    await this.database.everywhere((manager) =>
      audit(manager, {
        ...{ environmentId: null, actor: 'cli', action: 'restore.quarantined', subjectId: null },
        detail: { backupTakenAt, asked, barred, parked, of: numbers === null ? 'all' : 'dialled' },
      }),
    );
    return { kind: 'done', asked, barred, parked };
  }

  private async refusal(backupTakenAt: Date): Promise<QuarantineResult | null> {
    return this.database.everywhere(async (manager) => {
      const [{ isLed, dialledAt }] = await manager.query<[{ isLed: boolean; dialledAt: Date | null }]>(
        `SELECT ${IS_LED} AS "isLed",
           (SELECT max(sending_at) FROM attempts WHERE reason IS DISTINCT FROM $1) AS "dialledAt"`,
        [RESTORED],
      );
      if (isLed) return { kind: 'dialling' };
      return dialledAt !== null && dialledAt > backupTakenAt ? { kind: 'newer', dialledAt } : null;
    });
  }

  private async parkAll(backupTakenAt: Date, numbers: readonly string[] | null): Promise<number> {
    let parked = 0;
    for (;;) {
      const some = await this.park(backupTakenAt, numbers);
      parked += some;
      if (some < BATCH) return parked;
    }
  }

  /** Waiting → initiated → outcome_unknown, with the attempt that there may have been. */
  private park(backupTakenAt: Date, numbers: readonly string[] | null): Promise<number> {
    return this.database.everywhere(async (manager) => {
      const now = await databaseClock(manager);
      const [calls] = await manager.query<[{ id: string }[], number]>(
        `UPDATE calls SET status = 'initiated', attempt_count = attempt_count + 1, offered_at = NULL, held_since = NULL,
           updated_at = $1
         FROM (SELECT id FROM calls WHERE status = 'waiting' AND ($2::text[] IS NULL OR to_number = ANY ($2))
               ORDER BY id LIMIT $3 FOR UPDATE) AS doubtful
         WHERE calls.id = doubtful.id AND calls.status = 'waiting' RETURNING calls.id`,
        [now, numbers, BATCH],
      );
      const ids = calls.map(({ id }) => id);
      if (ids.length === 0) return 0;
      const evidence = evidenceOf(now, [
        { rule: RESTORED, passed: false, inputs: { backupTakenAt: backupTakenAt.toISOString() } },
      ]);
      // It holds no slot, for nobody knows whether it ever was; and is looked for nowhere, for the carrier knows it by another id.
      await manager.query(
        `INSERT INTO attempts (call_id, environment_id, campaign_id, to_number, from_number, number, status, reason, evidence,
           rules_version, claimed_at, start_at, open_until, sending_at, holds_slot, end_surmised)
         SELECT calls.id, calls.environment_id, campaign_id, to_number, from_number, attempt_count, 'unknown', $2, $3,
           rules_version, $4, $4, $4, $4, false, false
         FROM calls JOIN campaigns ON campaigns.id = calls.campaign_id WHERE calls.id = ANY ($1)`,
        [ids, RESTORED, evidence, now],
      );
      await manager.query(
        `UPDATE calls SET status = 'outcome_unknown', outcome = 'unknown', reason = $2, attempts_spent = attempts_spent + 1,
           updated_at = $3
         WHERE id = ANY ($1) AND status = 'initiated'`,
        [ids, RESTORED, now],
      );
      return ids.length;
    });
  }
}

/** Some numbers at a time; null is asked at once. */
function questionsOf(numbers: readonly string[] | null): (readonly string[] | null)[] {
  if (numbers === null) return [null];
  const count = Math.ceil(numbers.length / NUMBERS_A_QUESTION);
  return Array.from({ length: count }, (_, nth) =>
    numbers.slice(nth * NUMBERS_A_QUESTION, (nth + 1) * NUMBERS_A_QUESTION),
  );
}

/**
 * The backup knows of a dial that had not come to its end, and not of the next try, which the carrier does. Whatever the first
 * came to, the person is not rung a third time.
 */
async function bar(manager: EntityManager, numbers: readonly string[] | null): Promise<number> {
  const [, barred] = await manager.query<[unknown[], number]>(
    `UPDATE calls SET cancel_requested_at = clock_timestamp(), updated_at = clock_timestamp()
     WHERE status = ANY ($1) AND reason IS DISTINCT FROM $2 AND cancel_requested_at IS NULL
       AND ($3::text[] IS NULL OR to_number = ANY ($3))`,
    [[...ACTIVE_STATES, 'outcome_unknown'], RESTORED, numbers],
  );
  return barred;
}

/**
 * Claimed → sending. The fence of a claim may have committed after the backup; taken back, its call would be dialled anew. As
 * sent, it is looked up by its own id, and parked where the carrier cannot tell.
 */
async function assumeSent(manager: EntityManager): Promise<number> {
  const [, asked] = await manager.query<[unknown[], number]>(
    `UPDATE attempts SET status = 'sending', sending_at = claimed_at, check_at = clock_timestamp(),
       slot_until = claimed_at + ($1 + agents.max_call_duration_seconds) * interval '1 second'
     FROM calls JOIN agents ON agents.id = calls.agent_id
     WHERE calls.id = attempts.call_id AND attempts.status = 'claimed'`,
    [RING_TIMEOUT_SECONDS],
  );
  return asked;
}
