import type { EntityManager, ObjectLiteral } from 'typeorm';
import { HISTORY_DAYS, MAX_LIMIT_CALLS, NEVER_CALLED, type NumberHistory } from '#policy/number-limits.js';

/** The database clock, which alone judges windows, ages and deadlines. Never now(): that is the transaction's start. */
export async function databaseClock(manager: EntityManager): Promise<Date> {
  const [{ now }] = await manager.query<[{ now: Date }]>(`SELECT clock_timestamp() AS now`);
  return now;
}

/** The rows of these ids, each read once. */
export async function byId<Row extends ObjectLiteral & { id: string }>(
  manager: EntityManager,
  entity: new () => Row,
  ids: string[],
): Promise<Map<string, Row>> {
  const rows = await manager
    .createQueryBuilder(entity, 'row')
    .where('row.id = ANY (:ids)', { ids })
    .getMany();
  return new Map(rows.map((row) => [row.id, row]));
}

/** @throws Error where the row is not there: nothing deletes what calls refer to */
export function of<Row>(rows: ReadonlyMap<string, Row>, id: string): Row {
  const row = rows.get(id);
  if (row === undefined) throw new Error(`The row ${id} is gone`);
  return row;
}

/**
 * A condition: the state that rows found by their ids must be in. Written so that it serves as no way to find them, and says
 * nothing of how many there are: by what it knew of states before a busy morning, the planner would walk all that is waiting,
 * or all that is open, for a few rows. It takes what is not null for nearly all.
 */
export function isIn(column: string, state: string): string {
  return `nullif(${column} = '${state}', false) IS NOT NULL`;
}

/** A number that a campaign is to call, or calls. */
export interface AskedNumber {
  environmentId: string;
  campaignId: string;
  /** E.164. */
  to: string;
}

/** See `numbersBusySince`. */
export async function numberBusySince(manager: EntityManager, asked: AskedNumber): Promise<Date | null> {
  const [since] = await numbersBusySince(manager, [asked]);
  return since ?? null;
}

/**
 * Since when each number may be in a call, in the order asked: an attempt to it is open, or parked and not yet past its
 * longest. Null: it is in none.
 */
export async function numbersBusySince(
  manager: EntityManager,
  asked: AskedNumber[],
): Promise<(Date | null)[]> {
  const rows = await manager.query<{ since: Date | null }[]>(
    // Asked apart, each by an index of the number: asked at once, every open attempt there is would be looked at.
    `SELECT least(
       (SELECT min(claimed_at) FROM attempts
        WHERE environment_id = asked.environment_id AND to_number = asked.to_number
          AND status IN ('claimed', 'sending', 'placed')),
       (SELECT min(claimed_at) FROM attempts
        WHERE environment_id = asked.environment_id AND to_number = asked.to_number AND sending_at IS NOT NULL
          AND status = 'unknown' AND holds_slot)) AS since
     FROM ${ASKED} ORDER BY asked.nth`,
    askedColumns(asked),
  );
  return rows.map(({ since }) => since);
}

/** See `numberHistories`. */
export async function numberHistory(
  manager: EntityManager,
  asked: AskedNumber,
  cooldownHourSeconds: number,
): Promise<NumberHistory> {
  const [history] = await numberHistories(manager, [asked], cooldownHourSeconds);
  return history ?? NEVER_CALLED;
}

interface HistoryRow {
  nth: number;
  sentAt: Date[] | null;
  answeredAt: Date | null;
  campaignId: string | null;
  completedAt: Date;
  cooldownHours: number;
}

/**
 * What all campaigns of an environment did to each number, in the order asked, but for a request that is being made: it may
 * yet be given back. Exact while the number's lock is held and it is in no call; else a forecast. The campaign that asks is
 * not held by its own completion.
 */
export async function numberHistories(
  manager: EntityManager,
  asked: AskedNumber[],
  cooldownHourSeconds: number,
): Promise<NumberHistory[]> {
  const rows = await manager.query<HistoryRow[]>(
    `SELECT asked.nth,
            (SELECT array_agg(sending_at) FROM (
               SELECT sending_at FROM attempts
               WHERE environment_id = asked.environment_id AND to_number = asked.to_number
                 AND status IN ('placed', 'ended', 'unknown')
                 -- Hours: a day of the session's zone may have 23 of them.
                 AND sending_at > clock_timestamp() - interval '${HISTORY_DAYS * 24} hours'
               ORDER BY sending_at DESC LIMIT ${MAX_LIMIT_CALLS}) AS recent) AS "sentAt",
            -- The end is told by a carrier's clock: it neither comes before its request nor after now.
            (SELECT max(least(greatest(ended_at, sending_at), clock_timestamp())) FROM attempts
             WHERE environment_id = asked.environment_id AND to_number = asked.to_number AND sending_at IS NOT NULL
               AND outcome = 'answered') AS "answeredAt",
            completion.*
     FROM ${ASKED}
     CROSS JOIN LATERAL (
       SELECT FROM attempts
       WHERE environment_id = asked.environment_id AND to_number = asked.to_number AND sending_at IS NOT NULL
       LIMIT 1 OFFSET 0) AS called
     LEFT JOIN LATERAL (
       SELECT id AS "campaignId", completed_at AS "completedAt", post_completion_cooldown_hours AS "cooldownHours"
       FROM campaigns
       WHERE environment_id = asked.environment_id AND id <> asked.campaign_id AND status = 'completed'
         AND enable_post_completion_cooldown AND completed_at IS NOT NULL
         -- Calls outside campaigns have no campaign's rules.
         AND NOT EXISTS (SELECT FROM campaigns AS asking WHERE asking.id = asked.campaign_id AND asking.kind = 'direct')
         AND id IN (
           SELECT campaign_id FROM attempts
           WHERE environment_id = asked.environment_id AND to_number = asked.to_number AND sending_at IS NOT NULL
             AND status <> 'released')
       ORDER BY completed_at + post_completion_cooldown_hours * $4::double precision * interval '1 second' DESC LIMIT 1
     ) AS completion ON true`,
    [...askedColumns(asked), cooldownHourSeconds],
  );
  const called = new Map(rows.map((row) => [Number(row.nth), historyOf(row)]));
  return asked.map((_, place) => called.get(place + 1) ?? NEVER_CALLED);
}

/**
 * The same for numbers that one campaign asks about, by number; those are left out that nobody has called. A file has a million
 * of them, whose calls are planned together because nothing tells them apart: see `intakePlanner`.
 */
export async function historiesByNumber(
  manager: EntityManager,
  asking: Omit<AskedNumber, 'to'>,
  numbers: string[],
  cooldownHourSeconds: number,
): Promise<Map<string, NumberHistory>> {
  const asked = numbers.map((to) => ({
    environmentId: asking.environmentId,
    campaignId: asking.campaignId,
    to,
  }));
  const histories = await numberHistories(manager, asked, cooldownHourSeconds);
  return new Map(
    numbers.flatMap((to, place): [string, NumberHistory][] => {
      const history = histories[place]!;
      return history === NEVER_CALLED ? [] : [[to, history]];
    }),
  );
}

/** The numbers asked, as rows in their order; `askedColumns` are its parameters $1 to $3. */
export const ASKED = `unnest($1::uuid[], $2::uuid[], $3::text[]) WITH ORDINALITY
  AS asked (environment_id, campaign_id, to_number, nth)`;

export function askedColumns(asked: AskedNumber[]): [string[], string[], string[]] {
  return [
    asked.map(({ environmentId }) => environmentId),
    asked.map(({ campaignId }) => campaignId),
    asked.map(({ to }) => to),
  ];
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
