import { In, IsNull, Not, type EntityManager } from 'typeorm';
import { isFinal, type CallState } from '#policy/call-lifecycle.js';
import type { Deadlines } from '#policy/deadlines.js';
import { OUTCOMES, type Outcome } from '#policy/outcomes.js';
import type { AttemptProgress } from '#policy/reduce-events.js';
import { giveBackDelaySeconds, MAX_GIVE_BACKS, planRetry, type RetryDecision } from '#policy/retry-plan.js';
import { fractionOf } from '#policy/seeded.js';
import {
  agentEventsOfEnd,
  campaignEventOfEnd,
  eventsOfUndialledEnd,
  type CallEventType,
} from '#policy/webhook-events.js';
import { Attempt } from './attempt.entity.js';
import { Call } from './call.entity.js';
import { Campaign } from './campaign.entity.js';
import type { RetryTempo } from './dialing-settings.js';
import { addAutomatically } from './do-not-call-triggers.js';
import { Environment } from './environment.entity.js';
import { FreedRoom } from './freed-room.js';
import { oweCallEvents, oweCampaignEvent, oweEventsEverywhere } from './outbox.js';
import { databaseClock, isIn, numberHistory } from './reading.js';
import { together } from './scoped-database.js';

/** An attempt and its call, the call's row locked: every move below starts from these. */
export interface LockedAttempt {
  attempt: Attempt;
  call: Call;
  /** The database clock when the lock was had. */
  now: Date;
  /** Takes what an attempt held that is over. */
  freed: FreedRoom;
}

/** Locks an attempt's call, so that its moves take turns, and moves it. Null for an attempt nobody made. */
export async function movingAttempt<T>(
  manager: EntityManager,
  attemptId: string,
  move: (locked: LockedAttempt) => Promise<T>,
): Promise<T | null> {
  return movingAttempts(manager, [attemptId], ([locked]) =>
    locked === undefined ? Promise.resolve(null) : move(locked),
  );
}

/**
 * The same for many, their calls' rows locked in the order of their ids; those that nobody made are left out. What they held
 * and no longer need is given back once all have moved.
 */
export async function movingAttempts<T>(
  manager: EntityManager,
  attemptIds: string[],
  move: (locked: LockedAttempt[]) => Promise<T>,
): Promise<T> {
  const freed = new FreedRoom();
  const locked = await lockAttempts(manager, attemptIds, freed);
  const moved = await move(locked);
  if (locked[0] !== undefined) await freed.write(manager, locked[0].now);
  return moved;
}

async function lockAttempts(
  manager: EntityManager,
  attemptIds: string[],
  freed: FreedRoom,
): Promise<LockedAttempt[]> {
  const found = await manager.find(Attempt, {
    select: { id: true, callId: true },
    where: { id: In(attemptIds) },
  });
  if (found.length === 0) return [];
  const calls = await manager.find(Call, {
    where: { id: In(found.map(({ callId }) => callId)) },
    order: { id: 'ASC' },
    lock: { mode: 'pessimistic_write' },
  });
  const callById = new Map(calls.map((call) => [call.id, call]));
  // Read only now: an attempt may have moved while its call's lock was waited for.
  const [attempts, now] = await together([
    manager.findBy(Attempt, { id: In(attemptIds) }),
    databaseClock(manager),
  ]);
  return attempts.flatMap((attempt) => {
    const call = callById.get(attempt.callId);
    return call === undefined ? [] : [{ attempt, call, now, freed }];
  });
}

/** Read again, for an attempt of a call that another one has been moved of in the same transaction. */
export async function reread(
  manager: EntityManager,
  { attempt, ...locked }: LockedAttempt,
): Promise<LockedAttempt> {
  const [again, call] = await together([
    manager.findOneByOrFail(Attempt, { id: attempt.id }),
    manager.findOneByOrFail(Call, { id: attempt.callId }),
  ]);
  return { ...locked, attempt: again, call };
}

/** Sending → placed: the carrier has it, by its own answer, by an event, or by a look-up. */
export async function markPlaced(
  manager: EntityManager,
  locked: LockedAttempt,
  providerCallId: string | null,
  silenceSeconds: number,
): Promise<string[]> {
  return markAllPlaced(manager, [{ ...locked, providerCallId }], silenceSeconds);
}

/** The same for many. */
export async function markAllPlaced(
  manager: EntityManager,
  placed: (LockedAttempt & { providerCallId: string | null })[],
  silenceSeconds: number,
): Promise<string[]> {
  const now = placed[0]?.now;
  if (now === undefined) return [];
  const [rows] = await manager.query<[{ id: string }[], number]>(
    `UPDATE attempts SET status = 'placed', placed_at = $3, checks = 0, reason = NULL,
       provider_call_id = coalesce(placed.provider_call_id, attempts.provider_call_id),
       check_at = $3::timestamptz + $4 * interval '1 second'
     FROM unnest($1::uuid[], $2::text[]) AS placed (id, provider_call_id)
     WHERE attempts.id = placed.id AND ${isIn('attempts.status', 'sending')} RETURNING attempts.id`,
    [
      placed.map(({ attempt }) => attempt.id),
      placed.map(({ providerCallId }) => providerCallId),
      now,
      silenceSeconds,
    ],
  );
  const moved = new Set(rows.map(({ id }) => id));
  const changes = placed
    .filter(({ attempt }) => moved.has(attempt.id))
    .map(({ attempt, call }) => ({ call, types: STARTED, attempt }));
  for (const { attempt } of changes) attempt.status = 'placed';
  return oweEventsEverywhere(manager, changes, now);
}

const STARTED: CallEventType[] = ['campaign_call.started', 'event_phone_call_started'];

/**
 * Gives a try back: provably nothing was dialled. The attempt stays as evidence; the call waits for a new attempt
 * under a new id, or fails once it was given back too often or its deadline has passed.
 * @param delaySeconds null: due as it was
 */
export async function giveBack(
  manager: EntityManager,
  { attempt, call, now, freed }: LockedAttempt,
  because: string,
  delaySeconds: number | null,
): Promise<string[]> {
  const [, moved] = await manager.query<[unknown[], number]>(
    `UPDATE attempts SET status = 'released', reason = $2, ended_at = $3, check_at = NULL
     WHERE id = $1 AND status = $4 AND status IN ('claimed', 'sending')`,
    // The state as it was read: a fence that commits while this waits for the row must win, or its request and a new
    // attempt would both ring.
    [attempt.id, because, now, attempt.status],
  );
  if (moved === 0) return [];
  freed.undialledOf(attempt);
  const dueAt = delaySeconds === null ? call.readyAt : new Date(now.getTime() + delaySeconds * 1000);
  const tooLate = call.expiresAt !== null && dueAt >= call.expiresAt;
  const counts = delaySeconds !== null;
  if (call.cancelRequestedAt !== null) {
    await manager.query(
      `UPDATE calls SET status = 'cancelled', reason = 'call_cancelled', updated_at = $2, finished_at = $2
       WHERE id = $1 AND status = 'initiated'`,
      [call.id, now],
    );
    const told = eventsOfUndialledEnd('cancelled', call.isDirect);
    return oweCallEvents(manager, await callNow(manager, call), told, now, attempt);
  }
  if (!tooLate && call.giveBacks < MAX_GIVE_BACKS) {
    await manager.query(
      `UPDATE calls SET status = 'waiting', ready_at = $2, next_attempt_at = $2, reason = $3, give_backs = give_backs + $4,
         offered_at = NULL, updated_at = $5
       WHERE id = $1 AND status = 'initiated'`,
      [call.id, dueAt, because, counts ? 1 : 0, now],
    );
    return [];
  }
  const outcome: Outcome = because === 'carrier_limit' ? 'carrier_limit' : 'carrier_failure';
  await manager.query(
    `UPDATE calls SET status = 'failed', outcome = $2, reason = $3, updated_at = $4, finished_at = $4
     WHERE id = $1 AND status = 'initiated'`,
    [call.id, outcome, tooLate ? 'expired' : because, now],
  );
  const told = eventsOfUndialledEnd('failed', call.isDirect);
  return oweCallEvents(manager, await callNow(manager, call), told, now, attempt);
}

/** The delay before a try that the carrier turned away, or that never left, is made again. */
export function delayAfterGiveBack({ call }: LockedAttempt, carrierAskedSeconds: number | null): number {
  return giveBackDelaySeconds(call.giveBacks + 1, carrierAskedSeconds);
}

/** How an attempt ended, as far as it is known. */
export type AttemptEnd = Pick<
  AttemptProgress,
  'answeredAt' | 'durationSeconds' | 'converted' | 'providerCallId' | 'sipCode' | 'q850' | 'isSurmised'
> & { outcome: Outcome; endedAt: Date };

/**
 * Ends an attempt as its events tell. An end without a word for how is nobody's to guess: the attempt is parked, for
 * late proof or an operator, and what it held is free, for the call itself is over.
 */
export async function endOrPark(
  manager: EntityManager,
  locked: LockedAttempt,
  progress: AttemptProgress,
  settings: RetryTempo & { deadlines: Deadlines },
): Promise<string[]> {
  const { attempt, now, freed } = locked;
  const { outcome } = progress;
  if (outcome !== null && outcome !== 'unknown') {
    return endAttempt(manager, locked, { ...progress, outcome, endedAt: progress.endedAt ?? now }, settings);
  }
  await parkAsUnknown(manager, locked, 'end_without_outcome', settings.deadlines.unknownEverySeconds);
  freed.slotOf(attempt);
  return [];
}

/**
 * Ends an attempt, once, and plans what follows: a retry, or the call's final state. In the same transaction go the
 * slots, the events owed, and what the outcome adds to a Do-Not-Call list.
 */
export async function endAttempt(
  manager: EntityManager,
  locked: LockedAttempt,
  end: AttemptEnd,
  settings: RetryTempo,
): Promise<string[]> {
  const { attempt, call, now, freed } = locked;
  const wasUnknown = attempt.status === 'unknown';
  const [, moved] = await manager.query<[unknown[], number]>(
    `UPDATE attempts SET status = 'ended', outcome = $2, ended_at = $3, answered_at = $4, duration_seconds = $5,
       provider_call_id = coalesce($6, provider_call_id), sip_code = $7, q850 = $8, check_at = NULL,
       end_surmised = $9
     WHERE id = $1 AND status IN ('sending', 'placed', 'unknown')`,
    [
      attempt.id,
      end.outcome,
      end.endedAt,
      end.answeredAt,
      end.durationSeconds,
      end.providerCallId,
      end.sipCode,
      end.q850,
      end.isSurmised,
    ],
  );
  if (moved === 0) return [];
  freed.allOf(attempt, end.durationSeconds);

  const campaign = await manager.findOneByOrFail(Campaign, { id: call.campaignId });
  const environment = await manager.findOneByOrFail(Environment, { id: call.environmentId });
  const attemptsSpent = call.attemptsSpent + (OUTCOMES[end.outcome].spendsAttempt && !wasUnknown ? 1 : 0);
  const plan = await planAfter(manager, locked, { campaign, environment }, end, attemptsSpent, settings);
  // An earlier conversation that reached its goal is what the call came to, however this later try ended.
  const outcome = call.converted ? 'answered' : end.outcome;
  const status: CallState = plan.kind === 'retry' ? 'waiting' : OUTCOMES[outcome].finalState;
  const isGivenBack = plan.kind === 'retry' && !OUTCOMES[end.outcome].spendsAttempt;
  await manager.query(
    `UPDATE calls SET status = $2, outcome = $3, reason = $4, next_attempt_at = coalesce($5, next_attempt_at),
       ready_at = coalesce($11, ready_at), attempts_spent = $6, duration_seconds = $7, converted = converted OR $8,
       evidence = $12, give_backs = give_backs + $13, offered_at = NULL, updated_at = $9, finished_at = $10
     WHERE id = $1 AND status IN ('initiated', 'ringing', 'answered', 'outcome_unknown')`,
    [
      call.id,
      status,
      outcome,
      plan.because,
      plan.kind === 'retry' ? plan.at : null,
      attemptsSpent,
      call.converted ? call.durationSeconds : end.durationSeconds,
      end.converted,
      now,
      isFinal(status) ? now : null,
      plan.kind === 'retry' ? plan.readyAt : null,
      plan.evidence,
      isGivenBack ? 1 : 0,
    ],
  );
  const ended = await callNow(manager, call);
  if (isFinal(status)) await addAutomatically(manager, ended, campaign);
  const paused =
    end.outcome === 'our_fault' ? await pauseForOurFault(manager, locked, `sip_${end.sipCode}`) : [];
  const summary = { number: attempt.number, durationSeconds: end.durationSeconds, endedAt: end.endedAt };
  const types = [...agentEventsOfEnd(end.outcome, attempt.answeredBy), campaignEventOfEnd(status)];
  return [...paused, ...(await oweCallEvents(manager, ended, types, now, summary))];
}

/**
 * Notes that a call reached its goal, learnt after an attempt's end or from the client: a retry that waits is withdrawn,
 * one under way is the last. The call's row is locked by the caller.
 */
export async function settleConversion(
  manager: EntityManager,
  { id, campaignId }: Call,
  now: Date,
): Promise<string[]> {
  await manager.query(`UPDATE calls SET converted = true, updated_at = $2 WHERE id = $1 AND NOT converted`, [
    id,
    now,
  ]);
  const [, withdrawn] = await manager.query<[unknown[], number]>(
    `UPDATE calls SET status = 'completed', outcome = 'answered', reason = 'settled', offered_at = NULL,
       finished_at = $2
     WHERE id = $1 AND status = 'waiting'`,
    [id, now],
  );
  if (withdrawn === 0) return [];
  const settled = await manager.findOneByOrFail(Call, { id });
  await addAutomatically(manager, settled, await manager.findOneByOrFail(Campaign, { id: campaignId }));
  return oweCallEvents(manager, settled, ['campaign_call.completed'], now, null);
}

/**
 * Our own mistake would fail every contact of the list: the campaign is paused, and says why. Direct calls have no list,
 * and nobody could lift their pause: each is given back until its bound.
 */
export async function pauseForOurFault(
  manager: EntityManager,
  { call, now }: LockedAttempt,
  because: string,
): Promise<string[]> {
  const [, paused] = await manager.query<[unknown[], number]>(
    `UPDATE campaigns SET status = 'paused', stop_confirmed = false, pause_reason = $2, updated_at = $3
     WHERE id = $1 AND status = 'active' AND kind = 'campaign'`,
    [call.campaignId, `our_fault: ${because}`, now],
  );
  if (paused === 0) return [];
  const campaign = await manager.findOneByOrFail(Campaign, { id: call.campaignId });
  return oweCampaignEvent(manager, campaign, 'campaign.paused', now);
}

/**
 * Parks an attempt whose fate nobody can tell. It keeps its slot until it can no longer be a running call, counts as
 * a try, and is never dialled again by itself.
 */
export async function parkAsUnknown(
  manager: EntityManager,
  { attempt, call, now }: LockedAttempt,
  because: string,
  checkAgainSeconds: number,
): Promise<void> {
  const [, moved] = await manager.query<[unknown[], number]>(
    `UPDATE attempts SET status = 'unknown', reason = $2, check_at = $3::timestamptz + $4 * interval '1 second'
     WHERE id = $1 AND status IN ('sending', 'placed')`,
    [attempt.id, because, now, checkAgainSeconds],
  );
  if (moved === 0) return;
  await manager.query(
    `UPDATE calls SET status = 'outcome_unknown', outcome = 'unknown', reason = $2, attempts_spent = attempts_spent + 1,
       updated_at = $3
     WHERE id = $1 AND status IN ('initiated', 'ringing', 'answered')`,
    [call.id, because, now],
  );
}

async function planAfter(
  manager: EntityManager,
  { attempt, call, now }: LockedAttempt,
  { campaign, environment }: { campaign: Campaign; environment: Environment },
  end: AttemptEnd,
  attemptsSpent: number,
  { cooldownHourSeconds }: RetryTempo,
): Promise<RetryDecision> {
  const sent = await manager.find(Attempt, {
    select: { id: true, sendingAt: true },
    where: { callId: call.id, sendingAt: Not(IsNull()) },
  });
  const ended = {
    outcome: end.outcome,
    // The cooldown runs from when we learnt of the end: a carrier's clock must not shorten it.
    endedAt: now,
    converted: call.converted || end.converted,
    isSurmised: end.isSurmised,
    attemptsSpent,
    triedAt: sent.flatMap(({ sendingAt }) => sendingAt ?? []),
  };
  const history = await numberHistory(manager, call, cooldownHourSeconds);
  const facts = { call, campaign, environment, history, cooldownHourSeconds };
  return planRetry(ended, facts, fractionOf(attempt.id));
}

function callNow(manager: EntityManager, { id }: Call): Promise<Call> {
  return manager.findOneByOrFail(Call, { id });
}
