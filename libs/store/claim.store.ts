import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { MAX_CLAIM_AGE_SECONDS, RECLAIM_SECONDS, RING_TIMEOUT_SECONDS } from '#policy/deadlines.js';
import { onScheduleAfter, paceNow, startsFree } from '#policy/campaign-pace.js';
import { decideDial, type DialDecision, type DialFacts } from '#policy/decide-dial.js';
import { doNotCallVerdict } from '#policy/do-not-call.js';
import { mayReserve, slotLimitsFor } from '#policy/reserved-room.js';
import { eventsOfUndialledEnd } from '#policy/webhook-events.js';
import { Agent } from './agent.entity.js';
import { Attempt } from './attempt.entity.js';
import { Call } from './call.entity.js';
import { CallerIdChoices, callerIdFacts } from './caller-ids.js';
import { Campaign } from './campaign.entity.js';
import { isBeingUndone } from './contact-import-rows.js';
import { DialingSettings } from './dialing-settings.js';
import { doNotCallFacts } from './do-not-call-facts.js';
import { Environment } from './environment.entity.js';
import { lockForClaim, lockForFence, type DialLocks } from './locks.js';
import { oweCallEvents } from './outbox.js';
import { databaseClock, numberBusySince, numberHistory } from './reading.js';
import { lockFreeSlot, takeSlots } from './slots.js';
import { ScopedDatabase } from './scoped-database.js';
import { spendingFacts, type Reservation } from './spending.js';
import { reserveStart } from './trunks.js';

/** An attempt ready to be sent, with what the carrier is to be told. */
export interface ClaimedAttempt {
  attempt: Attempt;
  call: Call;
  agent: Agent;
}

export type ClaimResult =
  | ({ kind: 'claimed' } & ClaimedAttempt)
  /** A rule holds the call; its row says which, and when it is due again. */
  | { kind: 'held'; because: string }
  /** A rule ended the call. */
  | { kind: 'refused'; because: string; deliveryIds: string[] }
  /** No slot, or no start now by the campaign's pace or within a second by the trunk's: still due, to be offered again. */
  | { kind: 'no_room' }
  /** The ticket is late, early or a copy: the row has moved on. */
  | { kind: 'stale' };

interface Snapshot extends DialFacts {
  call: Call;
  campaign: Campaign;
  agent: Agent;
  environment: Environment;
  reservation: Reservation | null;
}

/** The two steps before the one request: the claim and the fence. */
@Injectable()
export class ClaimStore {
  constructor(
    private readonly database: ScopedDatabase,
    private readonly settings: DialingSettings,
  ) {}

  /**
   * Step one. Under the locks, reads the facts, lets the rules speak and writes the consequence. A claimed attempt
   * has taken its slots and reserved its start; it must pass the fence within two seconds.
   */
  async claim(callId: string, attemptNumber: number): Promise<ClaimResult> {
    return this.database.everywhere(async (manager) => {
      const locks = await this.locksOf(manager, callId, attemptNumber);
      if (locks === null) return { kind: 'stale' };
      await lockForClaim(manager, locks);
      const snapshot = await this.readFacts(manager, callId, attemptNumber);
      if (snapshot === null) return { kind: 'stale' };
      const decision = decideDial(snapshot);
      switch (decision.kind) {
        case 'dial':
          return this.open(manager, snapshot, decision);
        case 'wait':
          return this.hold(manager, snapshot, decision);
        case 'refuse':
          return this.refuse(manager, snapshot, decision);
      }
    });
  }

  /**
   * Step two, right before the request: takes the locks in one statement, and in a new snapshot moves the attempt
   * from claimed to sending, unless the claim is too old, the window has closed, the provider asked for a pause, or a stop, a Do-Not-Call entry or an
   * edit of the agent has come between. A refused claim is the caller's to release.
   * @returns the instant after which the carrier must not start the call, or null when the fence refused
   */
  async fence({ attempt, call, agent }: ClaimedAttempt, missingPlaceholders: string[]): Promise<Date | null> {
    return this.database.everywhere(async (manager) => {
      await lockForFence(manager, attempt);
      const { campaignId, environmentId } = attempt;
      const campaign = await manager.findOneByOrFail(Campaign, { id: campaignId });
      const environment = await manager.findOneByOrFail(Environment, { id: environmentId });
      const listed = doNotCallVerdict(
        attempt.to,
        await doNotCallFacts(manager, attempt),
        campaign,
        await databaseClock(manager),
      );
      const allowed =
        campaign.status === 'active' &&
        campaign.rulesVersion === attempt.rulesVersion &&
        !environment.killSwitch &&
        listed.kind === 'clear' &&
        (await this.isUnchanged(manager, agent)) &&
        (await this.isWanted(manager, call));
      if (!allowed) return null;
      if (missingPlaceholders.length > 0) {
        await manager.query(`UPDATE calls SET missing_placeholders = $2 WHERE id = $1`, [
          call.id,
          missingPlaceholders,
        ]);
      }
      return this.moveToSending(manager, attempt, agent);
    });
  }

  /** Whether the agent is published, and says what it said when the call was claimed. */
  private async isUnchanged(manager: EntityManager, { id, revision }: Agent): Promise<boolean> {
    return manager.existsBy(Agent, { id, revision, currentStatus: 'published' });
  }

  /** Whether nobody has cancelled the call since it was claimed. */
  private async isWanted(manager: EntityManager, { id }: Call): Promise<boolean> {
    return manager.existsBy(Call, { id, cancelRequestedAt: IsNull() });
  }

  private async locksOf(
    manager: EntityManager,
    callId: string,
    attemptNumber: number,
  ): Promise<DialLocks | null> {
    const rows = await manager.query<DialLocks[]>(
      `SELECT environment_id AS "environmentId", campaign_id AS "campaignId", to_number AS "to" FROM calls
       WHERE id = $1 AND status = 'waiting' AND attempt_count = $2 - 1`,
      [callId, attemptNumber],
    );
    return rows[0] ?? null;
  }

  private async readFacts(
    manager: EntityManager,
    callId: string,
    attemptNumber: number,
  ): Promise<Snapshot | null> {
    const call = await manager.findOne(Call, { where: { id: callId }, lock: { mode: 'pessimistic_write' } });
    if (call?.status !== 'waiting' || call.attemptCount !== attemptNumber - 1) return null;
    const now = await databaseClock(manager);
    if (call.readyAt > now || (await isBeingUndone(manager, call))) return null;
    const campaign = await manager.findOneByOrFail(Campaign, { id: call.campaignId });
    // The campaign's agent of today, as the feed judges it: the one of the call's intake may have been replaced.
    const agent = await manager.findOneByOrFail(Agent, { id: campaign.agentId });
    const environment = await manager.findOneByOrFail(Environment, { id: call.environmentId });
    const [callerIds = null] = await callerIdFacts(manager, [{ campaign, environment }]);
    return {
      now,
      call,
      campaign,
      agent,
      environment,
      callerIds,
      doNotCall: await doNotCallFacts(manager, call),
      ...(await spendingFacts(manager, campaign, agent, now)),
      history: await numberHistory(manager, call, this.settings.cooldownHourSeconds),
      cooldownHourSeconds: this.settings.cooldownHourSeconds,
      numberBusySince: await numberBusySince(manager, call),
    };
  }

  private async open(
    manager: EntityManager,
    snapshot: Snapshot,
    { openUntil, evidence }: Extract<DialDecision, { kind: 'dial' }>,
  ): Promise<ClaimResult> {
    const { call, campaign, agent, environment, now } = snapshot;
    const { reservedShare } = this.settings;
    const limits = slotLimitsFor(
      call,
      { environment: environment.maxConcurrentCalls, campaign: campaign.maxConcurrentCalls },
      reservedShare,
    );
    const slot = await lockFreeSlot(manager, call, limits);
    const callerIds = await CallerIdChoices.read(manager, [snapshot]);
    const held = slot === null ? null : await this.holdsUnderLocks(manager, snapshot, callerIds);
    if (held !== null) return this.hold(manager, snapshot, held);
    const pace = paceNow(campaign, this.settings, now);
    const isOnPace =
      slot !== null && (pace === null || startsFree(pace, slot.onScheduleAtMs, now.getTime()) > 0);
    const isWanted = (at: Date) =>
      mayReserve(call, at.getTime(), now.getTime(), reservedShare) && callerIds.has(snapshot, at);
    const startAt = isOnPace ? await reserveStart(manager, this.settings, isWanted) : null;
    if (startAt === null) {
      await manager.query(`UPDATE calls SET offered_at = NULL WHERE id = $1 AND status = 'waiting'`, [
        call.id,
      ]);
      return { kind: 'no_room' };
    }
    const before = slot?.onScheduleAtMs ?? null;
    const reservation = call.isTesting ? null : snapshot.reservation;
    const onScheduleAtMs = pace && onScheduleAfter(pace, before, startAt.getTime());
    await takeSlots(manager, call, onScheduleAtMs, reservation?.amount ?? null);
    const { callerId: from, day: callerIdDay } = callerIds.take(snapshot, startAt);
    await callerIds.write();
    await manager.query(
      `UPDATE calls SET status = 'initiated', from_number = $2, agent_id = $4, attempt_count = attempt_count + 1, reason = NULL,
         evidence = NULL, held_since = NULL, offered_at = NULL, updated_at = $3
       WHERE id = $1 AND status = 'waiting'`,
      [call.id, from, now, agent.id],
    );
    const attempt = manager.create(Attempt, {
      callId: call.id,
      environmentId: call.environmentId,
      campaignId: call.campaignId,
      to: call.to,
      from,
      callerIdDay,
      number: call.attemptCount + 1,
      status: 'claimed',
      evidence,
      rulesVersion: campaign.rulesVersion,
      claimedAt: now,
      startAt,
      openUntil,
      durationSeconds: 0,
      checkAt: new Date(now.getTime() + RECLAIM_SECONDS * 1000),
      checks: 0,
      holdsSlot: true,
      ratePerSecond: reservation?.ratePerSecond ?? null,
      reserved: reservation?.amount ?? null,
    });
    await manager.save(attempt);
    return { kind: 'claimed', attempt, call, agent };
  }

  /**
   * Asks the rules again with what is there to spend, and to call from, under the locks of the limit rows: another claim may
   * have taken the last of it. Null: the dial may go.
   */
  private async holdsUnderLocks(
    manager: EntityManager,
    snapshot: Snapshot,
    choices: CallerIdChoices,
  ): Promise<Extract<DialDecision, { kind: 'wait' }> | null> {
    const { campaign, agent, creditBalance, spending, now } = snapshot;
    const callerIds = choices.facts(snapshot);
    const isLimited =
      creditBalance !== null || spending.totalBudget !== null || spending.dailyBudget !== null;
    if (!isLimited && callerIds === null) return null;
    const money = isLimited ? await spendingFacts(manager, campaign, agent, now) : {};
    const decision = decideDial({ ...snapshot, ...money, callerIds });
    return decision.kind === 'wait' ? decision : null;
  }

  private async hold(
    manager: EntityManager,
    { call, now }: Snapshot,
    { until, expected, because, evidence }: Extract<DialDecision, { kind: 'wait' }>,
  ): Promise<ClaimResult> {
    await manager.query(
      `UPDATE calls SET ready_at = coalesce($2, ready_at), next_attempt_at = coalesce($6, next_attempt_at), reason = $3,
         held_since = CASE WHEN reason = $3 THEN coalesce(held_since, $5) ELSE $5 END,
         evidence = $4, offered_at = NULL, updated_at = $5
       WHERE id = $1 AND status = 'waiting'`,
      [call.id, until, because, evidence, now, expected ?? until],
    );
    return { kind: 'held', because };
  }

  private async refuse(
    manager: EntityManager,
    { call, now }: Snapshot,
    { state, because, evidence }: Extract<DialDecision, { kind: 'refuse' }>,
  ): Promise<ClaimResult> {
    await manager.query(
      `UPDATE calls SET status = $2, reason = $3, evidence = $4, offered_at = NULL, updated_at = $5, finished_at = $5,
         next_attempt_at = CASE WHEN $2 = 'blocked' THEN NULL ELSE next_attempt_at END
       WHERE id = $1 AND status = 'waiting'`,
      [call.id, state, because, evidence, now],
    );
    const refused = await manager.findOneByOrFail(Call, { id: call.id });
    return {
      kind: 'refused',
      because,
      deliveryIds: await oweCallEvents(
        manager,
        refused,
        eventsOfUndialledEnd(state, call.isDirect),
        now,
        null,
      ),
    };
  }

  private async moveToSending(manager: EntityManager, attempt: Attempt, agent: Agent): Promise<Date | null> {
    const { silenceSeconds } = this.settings.deadlines;
    const [rows] = await manager.query<[{ not_after: Date }[], number]>(
      `UPDATE attempts SET status = 'sending', sending_at = clock_timestamp(),
         check_at = clock_timestamp() + $2 * interval '1 second',
         slot_until = clock_timestamp() + $3 * interval '1 second'
       WHERE id = $1 AND status = 'claimed' AND clock_timestamp() < open_until
         AND claimed_at > clock_timestamp() - $4 * interval '1 second'
         -- Claimed before the provider asked for a pause.
         AND NOT EXISTS (SELECT FROM trunks WHERE name = $6 AND resumes_at > clock_timestamp())
       RETURNING least(open_until, sending_at + $5 * interval '1 second') AS not_after`,
      [
        attempt.id,
        silenceSeconds,
        longestCallSeconds(agent),
        MAX_CLAIM_AGE_SECONDS,
        REQUEST_VALID_SECONDS,
        this.settings.trunk,
      ],
    );
    return rows[0]?.not_after ?? null;
  }
}

/** A carrier that honours `not_after` starts no call later than this after the fence. */
const REQUEST_VALID_SECONDS = 10;

/** Ringing and talking together: after that, an attempt of unknown fate is no running call. */
function longestCallSeconds(agent: Agent): number {
  return RING_TIMEOUT_SECONDS + agent.maxCallDurationSeconds;
}
