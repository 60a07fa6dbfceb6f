import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AttemptState } from '#policy/call-lifecycle.js';
import { nextCheckSeconds } from '#policy/deadlines.js';
import {
  endOrPark,
  movingAttempt,
  movingAttempts,
  parkAsUnknown,
  type LockedAttempt,
} from './attempt-moves.js';
import { DialingSettings } from './dialing-settings.js';
import { readInbox } from './inbox.js';
import { ScopedDatabase } from './scoped-database.js';

export interface SilentAttempt {
  id: string;
  callId: string;
  status: AttemptState;
  to: string;
  from: string | null;
  providerCallId: string | null;
  /** The trunk that it went over; null: it is from before trunks had names. */
  trunk: string | null;
  /** When its fence committed; null while it is claimed. */
  sentAt: Date | null;
}

/** Finds what nobody speaks of any more, and keeps every open state's deadline. */
@Injectable()
export class ReconcileStore {
  constructor(
    private readonly database: ScopedDatabase,
    private readonly settings: DialingSettings,
  ) {}

  /** Attempts whose deadline has passed, by the database clock, longest overdue first. */
  async silent(limit: number): Promise<SilentAttempt[]> {
    return this.database.everywhere((manager) =>
      manager.query(
        `SELECT id, call_id AS "callId", status, to_number AS "to", from_number AS "from", provider_call_id AS "providerCallId",
         trunk, sending_at AS "sentAt"
       -- Those first that are looked after first: then the index in that order is walked, and no further, however many are due.
       FROM (SELECT * FROM attempts WHERE status IN ('claimed', 'sending', 'placed', 'unknown') AND check_at IS NOT NULL
             ORDER BY check_at LIMIT $1) AS next
       WHERE check_at <= clock_timestamp()`,
        [limit],
      ),
    );
  }

  /**
   * A look-up brought no news: it was not found, could not be asked about, or stands where it stood. Sets the next
   * look-up, further away each time; past the horizon a sending attempt is parked as unknown, and so is a placed one
   * that can no longer be a running call. Where an end was told, and only what came before it never was, that end is
   * taken then.
   * @param because what kept the news away; null when the carrier answered, and told nothing new
   * @param isForgotten the carrier knows calls only while they last, and does not know this one. Once it had it, it has ended:
   *   heard so twice, for the end may just have been told, it is parked, since how it ended nobody can say any more
   * @returns the webhook deliveries now owed
   */
  async heardNothing(attemptId: string, because: string | null, isForgotten = false): Promise<string[]> {
    const owed = await this.database.everywhere((manager) =>
      movingAttempt(manager, attemptId, (locked) =>
        this.heardNothingOf(manager, locked, because, isForgotten),
      ),
    );
    return owed ?? [];
  }

  private async heardNothingOf(
    manager: EntityManager,
    locked: LockedAttempt,
    because: string | null,
    isForgotten: boolean,
  ): Promise<string[]> {
    const { attempt, now } = locked;
    const { horizonSeconds, unknownEverySeconds, unknownUntilSeconds } = this.settings.deadlines;
    const sentAt = attempt.sendingAt?.getTime() ?? now.getTime();
    const silentForSeconds = (now.getTime() - sentAt) / 1000;
    const longestSeconds = ((attempt.slotUntil?.getTime() ?? sentAt) - sentAt) / 1000;
    const patienceSeconds = attempt.status === 'placed' ? longestSeconds + horizonSeconds : horizonSeconds;

    const hasEndedUnheard = isForgotten && attempt.status === 'placed' && attempt.reason === because;

    if (attempt.status === 'unknown') {
      await manager.query(
        `UPDATE attempts SET checks = checks + 1,
             check_at = CASE WHEN $3 THEN NULL ELSE $2::timestamptz + $4 * interval '1 second' END
           WHERE id = $1 AND status = 'unknown'`,
        [attempt.id, now, silentForSeconds > unknownUntilSeconds, unknownEverySeconds],
      );
    } else if (silentForSeconds >= patienceSeconds || hasEndedUnheard) {
      const progress = await readInbox(manager, attempt.id);
      if (progress?.phase === 'ended') {
        return endOrPark(manager, locked, progress, this.settings);
      }
      await parkAsUnknown(manager, locked, because ?? 'never_ended', unknownEverySeconds);
    } else {
      const waitSeconds = Math.min(
        nextCheckSeconds(this.settings.deadlines, attempt.checks),
        patienceSeconds - silentForSeconds,
      );
      await manager.query(
        `UPDATE attempts SET checks = checks + 1, reason = coalesce($4, reason),
             check_at = $2::timestamptz + $3 * interval '1 second'
           WHERE id = $1 AND status IN ('sending', 'placed')`,
        [attempt.id, now, waitSeconds, because],
      );
    }
    return [];
  }

  /**
   * Whether a call that was found by its likeness may be another attempt's of ours: one that has the carrier's id of it, or
   * one to the same number, in whatever environment, that has none yet.
   */
  async isAnothers({ id, to }: SilentAttempt, providerCallId: string): Promise<boolean> {
    const [{ taken }] = await this.database.everywhere((manager) =>
      manager.query<[{ taken: boolean }]>(
        `SELECT EXISTS (
           SELECT FROM environments JOIN attempts ON attempts.environment_id = environments.id
           WHERE attempts.to_number = $2 AND attempts.id <> $1 AND attempts.sending_at IS NOT NULL
             AND (provider_call_id = $3 OR provider_call_id IS NULL AND attempts.status IN ('sending', 'placed', 'unknown'))
         ) AS taken`,
        [id, to, providerCallId],
      ),
    );
    return taken;
  }

  /** Gives back the slots of unknown attempts that can no longer be running calls. Returns how many. */
  async releaseOverdueSlots(limit: number): Promise<number> {
    return this.database.everywhere(async (manager) => {
      const overdue = await manager.query<{ id: string }[]>(
        `SELECT id FROM attempts WHERE holds_slot AND status = 'unknown' AND slot_until <= clock_timestamp() LIMIT $1`,
        [limit],
      );
      const ids = overdue.map(({ id }) => id);
      await movingAttempts(manager, ids, (locked) => {
        for (const { attempt, freed } of locked) freed.slotOf(attempt);
        return Promise.resolve();
      });
      return overdue.length;
    });
  }

  /** Sets every limit row to the attempts that really hold a slot. Returns the scopes that had drifted. */
  async recountSlots(): Promise<string[]> {
    return this.database.everywhere(async (manager) => {
      // With every limit row locked no attempt opens or closes; only then is the count the truth.
      await manager.query(`SELECT scope FROM slots ORDER BY scope FOR UPDATE`);
      const [drifted] = await manager.query<[{ scope: string }[], number]>(
        `UPDATE slots SET in_use = held.count, reserved = held.reserved
         FROM (SELECT slots.scope, count(attempts.id) FILTER (WHERE attempts.holds_slot)::integer AS count,
                 coalesce(sum(attempts.reserved), 0) AS reserved
               FROM slots LEFT JOIN (
                 SELECT id, campaign_id, environment_id, holds_slot, reserved FROM attempts WHERE holds_slot
                 UNION SELECT id, campaign_id, environment_id, holds_slot, reserved FROM attempts WHERE reserved IS NOT NULL
                 ) AS attempts
                 ON slots.scope IN ('campaign:' || attempts.campaign_id, 'environment:' || attempts.environment_id)
               GROUP BY slots.scope) AS held
         WHERE slots.scope = held.scope AND (slots.in_use <> held.count OR slots.reserved <> held.reserved)
         RETURNING slots.scope`,
      );
      return drifted.map(({ scope }) => scope);
    });
  }
}
