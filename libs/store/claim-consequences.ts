import type { EntityManager } from 'typeorm';
import { RECLAIM_SECONDS } from '#policy/deadlines.js';
import type { DialDecision } from '#policy/decide-dial.js';
import { eventsOfUndialledEnd } from '#policy/webhook-events.js';
import { Attempt } from './attempt.entity.js';
import { Call } from './call.entity.js';
import type { Snapshot } from './claim-facts.js';
import { oweEventsEverywhere } from './outbox.js';
import { byId, isIn, of } from './reading.js';
import { preparing, together } from './scoped-database.js';
import type { Reservation } from './spending.js';

/** A call that may go, with what was taken for it. */
export interface Dial {
  snapshot: Snapshot;
  decision: Extract<DialDecision, { kind: 'dial' }>;
  startAt: Date;
  reservation: Reservation | null;
  /** Its name. */
  trunk: string;
  from: { callerId: string | null; day: string | null };
}

/** Makes the attempts of calls that may go: waiting → initiated. In the order given. */
export async function openAttempts(manager: EntityManager, dials: Dial[]): Promise<Attempt[]> {
  if (dials.length === 0) return [];
  const attempts = dials.map(({ snapshot, decision, startAt, reservation, trunk, from }) => {
    const { call, campaign, now } = snapshot;
    return manager.create(Attempt, {
      callId: call.id,
      environmentId: call.environmentId,
      campaignId: call.campaignId,
      to: call.to,
      from: from.callerId,
      trunk,
      callerIdDay: from.day,
      number: call.attemptCount + 1,
      status: 'claimed',
      evidence: decision.evidence,
      rulesVersion: campaign.rulesVersion,
      claimedAt: now,
      startAt,
      openUntil: decision.openUntil,
      endSurmised: false,
      durationSeconds: 0,
      checkAt: new Date(now.getTime() + RECLAIM_SECONDS * 1000),
      checks: 0,
      holdsSlot: true,
      ratePerSecond: reservation?.ratePerSecond ?? null,
      reserved: reservation?.amount ?? null,
    });
  });
  const moved = manager.query(
    `UPDATE calls SET status = 'initiated', from_number = dial.from_number, agent_id = dial.agent_id,
       attempt_count = attempt_count + 1, reason = NULL, evidence = NULL, held_since = NULL, offered_at = NULL,
       updated_at = dial.at
     FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::timestamptz[]) AS dial (id, from_number, agent_id, at)
     WHERE calls.id = dial.id AND ${isIn('calls.status', 'waiting')}`,
    [
      attempts.map(({ callId }) => callId),
      attempts.map(({ from }) => from),
      dials.map(({ snapshot }) => snapshot.agent.id),
      attempts.map(({ claimedAt }) => claimedAt),
    ],
  );
  const inserted = preparing(manager).query<{ id: string; callId: string }[]>(INSERT_ATTEMPTS, [
    attempts.map(({ callId }) => callId),
    attempts.map(({ environmentId }) => environmentId),
    attempts.map(({ campaignId }) => campaignId),
    attempts.map(({ to }) => to),
    attempts.map(({ from }) => from),
    attempts.map(({ callerIdDay }) => callerIdDay),
    attempts.map(({ number }) => number),
    attempts.map(({ evidence }) => JSON.stringify(evidence)),
    attempts.map(({ rulesVersion }) => rulesVersion),
    attempts.map(({ claimedAt }) => claimedAt),
    attempts.map(({ startAt }) => startAt),
    attempts.map(({ openUntil }) => openUntil),
    attempts.map(({ checkAt }) => checkAt),
    attempts.map(({ ratePerSecond }) => ratePerSecond),
    attempts.map(({ reserved }) => reserved),
    attempts.map(({ trunk }) => trunk),
  ]);
  const [rows] = await together([inserted, moved]);
  const ids = new Map(rows.map(({ id, callId }) => [callId, id]));
  for (const attempt of attempts) attempt.id = ids.get(attempt.callId)!;
  return attempts;
}

/** Not by the ORM, which asks of each column of each row how it is written. */
const INSERT_ATTEMPTS = `INSERT INTO attempts (call_id, environment_id, campaign_id, to_number, from_number, caller_id_day,
    number, status, evidence, rules_version, claimed_at, start_at, open_until, check_at, rate_per_second, reserved, trunk,
    end_surmised)
  SELECT call_id, environment_id, campaign_id, to_number, from_number, caller_id_day, number, 'claimed', evidence,
    rules_version, claimed_at, start_at, open_until, check_at, rate_per_second, reserved, trunk, false
  FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::date[], $7::integer[], $8::jsonb[],
      $9::integer[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::numeric[],
      $15::numeric[], $16::text[])
    AS dial (call_id, environment_id, campaign_id, to_number, from_number, caller_id_day, number, evidence, rules_version,
      claimed_at, start_at, open_until, check_at, rate_per_second, reserved, trunk)
  RETURNING id, call_id AS "callId"`;

/** A call that a rule holds. */
export interface Hold {
  snapshot: Snapshot;
  decision: Extract<DialDecision, { kind: 'wait' }>;
}

/** Says on the rows what holds them, and until when. */
export async function hold(manager: EntityManager, held: Hold[]): Promise<void> {
  if (held.length === 0) return;
  await manager.query(
    `UPDATE calls SET ready_at = coalesce(held.until, ready_at),
       next_attempt_at = coalesce(held.expected, next_attempt_at), reason = held.because,
       held_since = CASE WHEN reason = held.because THEN coalesce(held_since, held.at) ELSE held.at END,
       evidence = held.evidence, offered_at = NULL, updated_at = held.at
     FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[], $4::text[], $5::jsonb[], $6::timestamptz[])
       AS held (id, until, expected, because, evidence, at)
     WHERE calls.id = held.id AND ${isIn('calls.status', 'waiting')}`,
    [
      held.map(({ snapshot }) => snapshot.call.id),
      held.map(({ decision }) => decision.until),
      held.map(({ decision }) => decision.expected ?? decision.until),
      held.map(({ decision }) => decision.because),
      held.map(({ decision }) => JSON.stringify(decision.evidence)),
      held.map(({ snapshot }) => snapshot.now),
    ],
  );
}

/** A call that a rule ends. */
export interface Refusal {
  snapshot: Snapshot;
  decision: Extract<DialDecision, { kind: 'refuse' }>;
}

/** Ends the calls, undialled. Returns the webhook deliveries now owed. */
export async function refuse(manager: EntityManager, refused: Refusal[]): Promise<string[]> {
  const now = refused[0]?.snapshot.now;
  if (now === undefined) return [];
  await manager.query(
    `UPDATE calls SET status = refused.state, reason = refused.because, evidence = refused.evidence, offered_at = NULL,
       updated_at = $5, finished_at = $5,
       next_attempt_at = CASE WHEN refused.state = 'blocked' THEN NULL ELSE next_attempt_at END
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[]) AS refused (id, state, because, evidence)
     WHERE calls.id = refused.id AND ${isIn('calls.status', 'waiting')}`,
    [
      refused.map(({ snapshot }) => snapshot.call.id),
      refused.map(({ decision }) => decision.state),
      refused.map(({ decision }) => decision.because),
      refused.map(({ decision }) => JSON.stringify(decision.evidence)),
      now,
    ],
  );
  const calls = await byId(
    manager,
    Call,
    refused.map(({ snapshot }) => snapshot.call.id),
  );
  const changes = refused.map(({ snapshot, decision }) => {
    const call = of(calls, snapshot.call.id);
    return { call, types: eventsOfUndialledEnd(decision.state, call.isDirect), attempt: null };
  });
  return oweEventsEverywhere(manager, changes, now);
}

/** Takes calls back that there was no room for: still due, to be offered again. */
export async function withdrawOffers(manager: EntityManager, calls: Call[]): Promise<void> {
  if (calls.length === 0) return;
  await manager.query(
    `UPDATE calls SET offered_at = NULL WHERE id = ANY ($1) AND ${isIn('status', 'waiting')}`,
    [calls.map(({ id }) => id)],
  );
}
