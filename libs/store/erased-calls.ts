import type { EntityManager } from 'typeorm';
import { IMPERSONAL_RULES } from '#policy/evidence.js';
import { HISTORY_DAYS } from '#policy/number-limits.js';
import { ERASED_NUMBER } from '#policy/phone-number.js';

/** What happens to the number in a call's attempts. */
export type NumberInAttempts =
  /** It goes at once: nobody is to find the person any more. */
  | { kind: 'goes' }
  /** It stays where a rule still reads how often the number was dialled, and until none does. */
  | { kind: 'stays_for_rules'; cooldownHourSeconds: number };

/** Rows, by the table that they are of. */
export type ErasedRows = Record<'calls' | 'attempts' | 'provider_events', number>;

/**
 * Takes the person out of calls that have ended: number, payload, context, place, what the rules looked at, and what the
 * carrier said. When it was, what it came to, what it cost and what each rule decided stay. Others of these calls are left
 * as they are. Their rows are locked by the caller.
 */
export async function eraseCalls(
  manager: EntityManager,
  callIds: string[],
  number: NumberInAttempts,
): Promise<ErasedRows> {
  const [erased] = await manager.query<[{ id: string }[], number]>(
    `UPDATE calls SET erased_at = clock_timestamp(), to_number = $2, payload = '{}', context = '{}', timezone = NULL,
       evidence = ${withoutPerson('evidence', '$3')}
     WHERE id = ANY ($1) AND finished_at IS NOT NULL AND erased_at IS NULL
       AND NOT EXISTS (SELECT FROM attempts WHERE call_id = calls.id AND status NOT IN ('ended', 'released'))
     RETURNING id`,
    [callIds, ERASED_NUMBER, IMPERSONAL_RULES],
  );
  const ids = erased.map(({ id }) => id);
  if (ids.length === 0) return { calls: 0, attempts: 0, provider_events: 0 };
  const [, events] = await manager.query<[unknown[], number]>(
    `DELETE FROM provider_events WHERE attempt_id IN (SELECT id FROM attempts WHERE call_id = ANY ($1))`,
    [ids],
  );
  const [, attempts] = await manager.query<[unknown[], number]>(
    `UPDATE attempts SET provider_call_id = NULL, evidence = ${withoutPerson('evidence', '$2')}
     WHERE call_id = ANY ($1) AND status IN ('ended', 'released')`,
    [ids, IMPERSONAL_RULES],
  );
  if (number.kind === 'goes') await takeNumbers(manager, 'call_id = ANY ($2)', [ids]);
  else await keepNumbersForRules(manager, 'attempts.call_id = ANY ($3)', ids, number.cooldownHourSeconds);
  return { calls: ids.length, attempts, provider_events: events };
}

/**
 * Takes the number out of attempts that have ended, whatever reads it. Returns how many.
 * @param condition which of them; its parameters are $2 and those after it
 */
export async function takeNumbers(
  manager: EntityManager,
  condition: string,
  parameters: unknown[],
): Promise<number> {
  const [, taken] = await manager.query<[unknown[], number]>(
    `UPDATE attempts SET to_number = $1, number_kept_until = NULL
     WHERE ${condition} AND status IN ('ended', 'released') AND to_number <> $1`,
    [ERASED_NUMBER, ...parameters],
  );
  return taken;
}

/**
 * Takes the number out of attempts that no rule reads any more, and says of the others until when one does; of a campaign
 * that is not over nobody knows, and a day later it is asked again.
 * @param condition which of them; its parameter is $3
 */
export async function keepNumbersForRules(
  manager: EntityManager,
  condition: string,
  parameter: unknown,
  cooldownHourSeconds: number,
): Promise<void> {
  await manager.query(
    `UPDATE attempts SET number_kept_until = asked.until, to_number = CASE WHEN asked.until IS NULL THEN $1 ELSE to_number END
     FROM (SELECT attempts.id, CASE WHEN ${READ_UNTIL} > clock_timestamp() THEN ${READ_UNTIL} END AS until
           FROM attempts JOIN campaigns AS campaign ON campaign.id = attempts.campaign_id
             JOIN environments AS environment ON environment.id = attempts.environment_id
           WHERE ${condition}) AS asked
     WHERE attempts.id = asked.id AND attempts.status IN ('ended', 'released')`,
    [ERASED_NUMBER, cooldownHourSeconds, parameter],
  );
}

/**
 * Until when `numberHistories` reads the number of an attempt: as far back as caps look, for as long as the environment cools
 * down after a conversation, and for as long as its campaign's completion does. Null: it reads it no more.
 */
const READ_UNTIL = `CASE WHEN attempts.sending_at IS NOT NULL AND attempts.status <> 'released' THEN greatest(
  attempts.sending_at + interval '${HISTORY_DAYS * 24} hours',
  CASE WHEN attempts.outcome = 'answered' THEN greatest(attempts.ended_at, attempts.sending_at)
    + environment.success_cooldown_hours * $2::double precision * interval '1 second' END,
  CASE WHEN campaign.enable_post_completion_cooldown AND campaign.status <> 'cancelled' THEN
    CASE WHEN campaign.status = 'completed' THEN campaign.completed_at
        + campaign.post_completion_cooldown_hours * $2::double precision * interval '1 second'
      ELSE clock_timestamp() + interval '1 day' END END) END`;

/** Evidence with every verdict, and with what was looked at only by the rules that look at no person. Both are SQL. */
function withoutPerson(evidence: string, impersonalRules: string): string {
  return `CASE WHEN ${evidence} ? 'rules' THEN jsonb_set(${evidence}, '{rules}', coalesce((
    SELECT jsonb_agg(CASE WHEN asked.rule ->> 'rule' = ANY (${impersonalRules}) THEN asked.rule
        ELSE asked.rule || '{"inputs": {}}'::jsonb END ORDER BY asked.nth)
    FROM jsonb_array_elements(${evidence} -> 'rules') WITH ORDINALITY AS asked (rule, nth)), '[]')) ELSE ${evidence} END`;
}
