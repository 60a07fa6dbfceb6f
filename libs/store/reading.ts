import type { EntityManager } from 'typeorm';
import { HISTORY_DAYS, MAX_LIMIT_CALLS, type NumberHistory } from '#policy/number-limits.js';

/** The database clock, which alone judges windows, ages and deadlines. Never now(): that is the transaction's start. */
export async function databaseClock(manager: EntityManager): Promise<Date> {
  const [{ now }] = await manager.query<[{ now: Date }]>(`SELECT clock_timestamp() AS now`);
  return now;
}

/**
 * Since when the number may be in a call: an attempt to it is open, or parked and not yet past its longest. Null: it is in
 * none.
 */
export async function numberBusySince(
  manager: EntityManager,
  { environmentId, to }: { environmentId: string; to: string },
): Promise<Date | null> {
  const [{ since }] = await manager.query<[{ since: Date | null }]>(
    `SELECT min(claimed_at) AS since FROM attempts WHERE environment_id = $1 AND to_number = $2
       AND (status IN ('claimed', 'sending', 'placed') OR status = 'unknown' AND holds_slot)`,
    [environmentId, to],
  );
  return since;
}

/**
 * What all campaigns of an environment did to a number, but for a request that is being made: it may yet be given back.
 * Exact while the number's lock is held and it is in no call; else a forecast.
 * @param campaignId whose call is to be judged: its own completion does not hold it
 */
export async function numberHistory(
  manager: EntityManager,
  { to, ...asking }: { environmentId: string; campaignId: string; to: string },
  cooldownHourSeconds: number,
): Promise<NumberHistory> {
  const histories = await numberHistories(manager, asking, [to], cooldownHourSeconds);
  return histories.get(to) ?? { sentAt: [], answeredAt: null, completion: null };
}

interface HistoryRow {
  to: string;
  sentAt: Date[] | null;
  answeredAt: Date | null;
  campaignId: string | null;
  completedAt: Date;
  cooldownHours: number;
}

/** The same for many numbers, with an entry for each that was ever called. */
export async function numberHistories(
  manager: EntityManager,
  { environmentId, campaignId }: { environmentId: string; campaignId: string },
  numbers: string[],
  cooldownHourSeconds: number,
): Promise<Map<string, NumberHistory>> {
  const rows = await manager.query<HistoryRow[]>(
    `SELECT asked.to_number AS "to",
            (SELECT array_agg(sending_at) FROM (
               SELECT sending_at FROM attempts
               WHERE environment_id = $1 AND to_number = asked.to_number AND status IN ('placed', 'ended', 'unknown')
                 -- Hours: a day of the session's zone may have 23 of them.
                 AND sending_at > clock_timestamp() - interval '${HISTORY_DAYS * 24} hours'
               ORDER BY sending_at DESC LIMIT ${MAX_LIMIT_CALLS}) AS recent) AS "sentAt",
            -- The end is told by a carrier's clock: it neither comes before its request nor after now.
            (SELECT max(least(greatest(ended_at, sending_at), clock_timestamp())) FROM attempts
             WHERE environment_id = $1 AND to_number = asked.to_number AND sending_at IS NOT NULL
               AND outcome = 'answered') AS "answeredAt",
            completion.*
     FROM unnest($2::text[]) AS asked (to_number)
     -- OFFSET 0 keeps the look-ups of single numbers what they are, however large the table is.
     CROSS JOIN LATERAL (
       SELECT FROM attempts WHERE environment_id = $1 AND to_number = asked.to_number AND sending_at IS NOT NULL
       LIMIT 1 OFFSET 0) AS called
     LEFT JOIN LATERAL (
       SELECT id AS "campaignId", completed_at AS "completedAt", post_completion_cooldown_hours AS "cooldownHours"
       FROM campaigns
       WHERE environment_id = $1 AND id <> $3 AND status = 'completed' AND enable_post_completion_cooldown
         AND completed_at IS NOT NULL
         -- Calls outside campaigns have no campaign's rules.
         AND NOT EXISTS (SELECT FROM campaigns AS asking WHERE asking.id = $3 AND asking.kind = 'direct')
         AND id IN (
           SELECT campaign_id FROM attempts
           WHERE environment_id = $1 AND to_number = asked.to_number AND sending_at IS NOT NULL AND status <> 'released')
       ORDER BY completed_at + post_completion_cooldown_hours * $4::double precision * interval '1 second' DESC LIMIT 1
     ) AS completion ON true`,
    [environmentId, numbers, campaignId, cooldownHourSeconds],
  );
  return new Map(rows.map((row) => [row.to, historyOf(row)]));
}

function historyOf({
  sentAt,
  answeredAt,
  campaignId,
  completedAt,
  cooldownHours,
}: HistoryRow): NumberHistory {
  const completion = campaignId === null ? null : { campaignId, completedAt, cooldownHours };
  return { sentAt: sentAt ?? [], answeredAt, completion };
}
