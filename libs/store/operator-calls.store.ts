import { Inject, Injectable } from '@nestjs/common';
import { IsNull, Not, type EntityManager } from 'typeorm';
import { ACTIVE_STATES, isFinal, type CallState } from '#policy/call-lifecycle.js';
import type { Outcome } from '#policy/outcomes.js';
import { eventsOfUndialledEnd } from '#policy/webhook-events.js';
import { endAttempt, movingAttempt, settleConversion, type LockedAttempt } from './attempt-moves.js';
import { Attempt } from './attempt.entity.js';
import { audit } from './audit.js';
import { Call } from './call.entity.js';
import { DialingSettings, type RetryTempo } from './dialing-settings.js';
import { attemptsInFlight, type InFlight } from './in-flight.js';
import { barrier, confirming, numberKey } from './locks.js';
import { oweCallEvents } from './outbox.js';
import { databaseClock, isIn } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

/** Outcomes that somebody may vouch for: every word for an end but the ones that say nothing of the phone. */
export const RESOLUTIONS = [
  'answered',
  'voicemail',
  'no_answer',
  'busy',
  'rejected',
  'invalid_number',
  'unreachable',
  'carrier_failure',
  'cancelled',
] as const satisfies Outcome[];

export type Resolution = (typeof RESOLUTIONS)[number];

/** A parked call, for somebody to find out about. */
export interface UnknownCall {
  callId: string;
  attemptId: string;
  environmentId: string;
  campaignId: string;
  /** When its one request may have left. */
  sentAt: Date;
  reason: string | null;
}

export type ConvertResult =
  | { kind: 'converted'; deliveryIds: string[] }
  /** No request of it was ever sent, so nobody can have been won over by it. */
  | { kind: 'not_dialled' }
  | { kind: 'not_found' };

export type CancelResult =
  /** `stopped`: 1 when it will not be dialled any more, 0 when its attempt was under way already. */
  | { kind: 'cancelled'; stopped: number; inFlight: InFlight; deliveryIds: string[] }
  | { kind: 'already_ended'; call: Call }
  | { kind: 'not_found' };

/** States of a call that a cancellation has kept from being dialled. */
const STOPPED_IN: CallState[] = ['cancelled', 'initiated'];

/** What people decide about single calls. */
@Injectable()
export class OperatorCallsStore {
  constructor(
    private readonly database: ScopedDatabase,
    @Inject(DialingSettings) private readonly settings: RetryTempo,
  ) {}

  /** Calls whose outcome nobody could tell, longest parked first. */
  async unknown(environmentId: string | null, limit: number): Promise<UnknownCall[]> {
    return this.database.everywhere((manager) =>
      manager.query(
        `SELECT calls.id AS "callId", attempts.id AS "attemptId", calls.environment_id AS "environmentId",
              calls.campaign_id AS "campaignId", attempts.sending_at AS "sentAt", calls.reason
       FROM calls JOIN attempts ON attempts.call_id = calls.id AND attempts.status = 'unknown'
       WHERE ${isIn('calls.status', 'outcome_unknown')} AND ($1::uuid IS NULL OR calls.environment_id = $1)
       ORDER BY attempts.sending_at LIMIT $2`,
        [environmentId, limit],
      ),
    );
  }

  /**
   * Gives a parked call the outcome that somebody vouches for; what follows is as if the carrier had told it, a retry
   * included. Audited.
   * @param environmentId null: any, for an operator at a machine
   * @returns the webhook deliveries now owed, or null when there is no such parked call
   */
  async resolve(
    { environmentId, actor }: { environmentId: string | null; actor: string },
    callId: string,
    outcome: Resolution,
    note: string | null,
  ): Promise<string[] | null> {
    const resolved = async (manager: EntityManager) => {
      const [parked] = await manager.query<{ id: string }[]>(
        `SELECT id FROM attempts
         WHERE call_id = $1 AND status = 'unknown' AND ($2::uuid IS NULL OR environment_id = $2)`,
        [callId, environmentId],
      );
      if (parked === undefined) return null;
      return movingAttempt(manager, parked.id, (locked) => this.endAs(manager, locked, actor, outcome, note));
    };
    return environmentId === null
      ? this.database.everywhere(resolved)
      : this.database.within(environmentId, resolved);
  }

  private async endAs(
    manager: EntityManager,
    locked: LockedAttempt,
    actor: string,
    outcome: Resolution,
    note: string | null,
  ): Promise<string[] | null> {
    const { attempt, call, now } = locked;
    if (attempt.status !== 'unknown') return null;
    await audit(manager, {
      environmentId: call.environmentId,
      actor,
      action: 'unknown.resolved',
      subjectId: call.id,
      detail: { outcome, note, attemptId: attempt.id },
    });
    const end = {
      ...{ outcome, endedAt: now, answeredAt: attempt.answeredAt, durationSeconds: 0, converted: false },
      ...{ providerCallId: null, sipCode: null, q850: null, isSurmised: false },
    };
    return endAttempt(manager, locked, end, this.settings);
  }

  /**
   * Cancels one call: a waiting one ends, one under way is not tried again. Once this has returned no dial of it begins;
   * what is in flight may still ring. Audited.
   * @throws StopNotConfirmed when it is written, but a dial that had begun could not be waited out
   */
  async cancel(environmentId: string, actor: string, callId: string): Promise<CancelResult> {
    const written = await this.database.within(environmentId, (manager) =>
      this.writeCancel(manager, environmentId, actor, callId),
    );
    if (written === null) return { kind: 'not_found' };
    const { call, ended, deliveryIds } = written;
    if (ended) return { kind: 'already_ended', call };
    const confirmed = await confirming(this.database, environmentId, async (manager) => {
      await barrier(manager, [numberKey(environmentId, call.to)]);
      const inFlight = await attemptsInFlight(manager, 'call_id = $1', [callId]);
      const { status, outcome } = await manager.findOneByOrFail(Call, { id: callId });
      // Cancelled while it waited, or claimed by an attempt that can no longer pass its fence. One that was hung up had
      // been dialled: its outcome says so.
      const isStopped =
        inFlight.count + inFlight.unknown === 0 && STOPPED_IN.includes(status) && outcome !== 'cancelled';
      return { inFlight, stopped: isStopped ? 1 : 0 };
    });
    return { kind: 'cancelled', ...confirmed, deliveryIds };
  }

  /** Notes that a call reached its goal, as its client says. Said again, it changes nothing. Audited. */
  async convert(environmentId: string, actor: string, callId: string): Promise<ConvertResult> {
    return this.database.within(environmentId, async (manager) => {
      const call = await manager.findOne(Call, {
        where: { id: callId, environmentId },
        lock: { mode: 'pessimistic_write' },
      });
      if (call === null) return { kind: 'not_found' };
      if (call.converted) return { kind: 'converted', deliveryIds: [] };
      const wasSent = await manager.existsBy(Attempt, { callId, sendingAt: Not(IsNull()) });
      if (!wasSent) return { kind: 'not_dialled' };
      const detail = { status: call.status };
      await audit(manager, { environmentId, actor, action: 'call.converted', subjectId: callId, detail });
      const deliveryIds = await settleConversion(manager, call, await databaseClock(manager));
      return { kind: 'converted', deliveryIds };
    });
  }

  private async writeCancel(
    manager: EntityManager,
    environmentId: string,
    actor: string,
    id: string,
  ): Promise<{ call: Call; ended: boolean; deliveryIds: string[] } | null> {
    const call = await manager.findOne(Call, {
      where: { id, environmentId },
      lock: { mode: 'pessimistic_write' },
    });
    if (call === null) return null;
    // Asked for twice is confirmed twice: the first answer may have been lost, or not been reached.
    const isRepeated = call.cancelRequestedAt !== null;
    if (isFinal(call.status) && !isRepeated) return { call, ended: true, deliveryIds: [] };
    if (isRepeated) return { call, ended: false, deliveryIds: [] };
    const now = await databaseClock(manager);
    await audit(manager, {
      environmentId,
      actor,
      action: 'call.cancelled',
      subjectId: id,
      detail: { status: call.status },
    });
    if (call.status !== 'waiting') {
      await manager.query(
        `UPDATE calls SET cancel_requested_at = $2, updated_at = $2 WHERE id = $1 AND status = ANY ($3)`,
        [id, now, [...ACTIVE_STATES, 'outcome_unknown']],
      );
      return { call, ended: false, deliveryIds: [] };
    }
    await manager.query(
      `UPDATE calls SET status = 'cancelled', reason = 'call_cancelled', cancel_requested_at = $2, offered_at = NULL,
         updated_at = $2, finished_at = $2
       WHERE id = $1 AND status = 'waiting'`,
      [id, now],
    );
    const cancelled = await manager.findOneByOrFail(Call, { id });
    return {
      call: cancelled,
      ended: false,
      deliveryIds: await oweCallEvents(
        manager,
        cancelled,
        eventsOfUndialledEnd('cancelled', call.isDirect),
        now,
        null,
      ),
    };
  }
}
