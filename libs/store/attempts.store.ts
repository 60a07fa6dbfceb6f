import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { OUTCOMES, type Outcome } from '#policy/outcomes.js';
import type { AttemptProgress, CarrierEvent } from '#policy/reduce-events.js';
import { signOfEnd } from '#policy/trunk-health.js';
import {
  delayAfterGiveBack,
  endAttempt,
  endOrPark,
  giveBack,
  markAllPlaced,
  markPlaced,
  movingAttempt,
  movingAttempts,
  pauseForOurFault,
  reread,
  settleConversion,
  type LockedAttempt,
} from './attempt-moves.js';
import { DialingSettings } from './dialing-settings.js';
import { attemptsToldOf, markApplied, readInboxes, type InboxRow } from './inbox.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';
import { tellTaker } from './told-taker.js';
import type { SaidOfTrunk } from './trunks.js';

/** A provider's word that it is at its limit, and for how long it asks for a pause. */
export interface SlowDown {
  retryAfterSeconds: number | null;
}

/** What an originate request came to; the carrier port's answers fit this. */
export type RecordedPlacement =
  | { kind: 'accepted'; providerCallId: string; slowDown?: SlowDown }
  | { kind: 'refused'; outcome: Outcome; because: string; retryAfterSeconds: number | null }
  | { kind: 'not_sent'; because: string }
  | { kind: 'unknown'; because: string; slowDown?: SlowDown };

/** A request that the carrier took, and starts at once. */
export interface AcceptedRequest {
  attemptId: string;
  providerCallId: string;
}

export interface PlacementRecord {
  /** Webhook deliveries now owed. */
  deliveryIds: string[];
  /** The call was cancelled while its request was under way: what the carrier took, or may have taken, is to be hung up. */
  isUnwanted: boolean;
}

/** An attempt, and what was told of it that nobody had applied. */
export interface ToldAttempt extends Pick<AttemptProgress, 'phase' | 'outcome'> {
  callId: string;
  attemptId: string;
  /** Which attempt of the call it is. */
  number: number;
  events: CarrierEvent['kind'][];
}

/** What came of applying what the inbox holds. */
export interface AppliedEvents {
  /** Webhook deliveries now owed. */
  deliveryIds: string[];
  told: ToldAttempt[];
}

const MAY_BE_A_CALL: ReadonlySet<RecordedPlacement['kind']> = new Set(['accepted', 'unknown']);

/** Moves attempts after the fence: the carrier's answer, its events, its silence. */
@Injectable()
export class AttemptsStore {
  constructor(
    private readonly database: ScopedDatabase,
    private readonly settings: DialingSettings,
  ) {}

  /** Gives a claim back that will not be sent. Safe at any time: a claim once fenced is no longer one. */
  async releaseClaim(attemptId: string, because: string): Promise<void> {
    await this.move(attemptId, async (manager, locked) =>
      locked.attempt.status === 'claimed' ? giveBack(manager, locked, because, null) : [],
    );
  }

  /**
   * Records that the carrier took some attempts, in the order given: as `recordPlacement`, in one transaction for all. One
   * attempt is to be named once.
   */
  async recordAccepted(accepted: AcceptedRequest[]): Promise<PlacementRecord[]> {
    const ids = accepted.map(({ attemptId }) => attemptId);
    return this.database.everywhere((manager) =>
      movingAttempts(manager, ids, async (all) => {
        const locked = new Map(all.map((one) => [one.attempt.id, one]));
        const placed = accepted.flatMap(({ attemptId, providerCallId }) => {
          const one = locked.get(attemptId);
          return one === undefined ? [] : [{ ...one, providerCallId }];
        });
        const deliveryIds = await markAllPlaced(manager, placed, this.settings.deadlines.silenceSeconds);
        for (const { attempt, freed } of placed)
          freed.heard(this.settings.trunkNamed(attempt.trunk), { kind: 'taken', sentAt: attempt.sendingAt });
        return accepted.map(({ attemptId }, place) => ({
          // Whose they are does not matter to whoever names them to the queue.
          deliveryIds: place === 0 ? deliveryIds : [],
          isUnwanted: (locked.get(attemptId)?.call.cancelRequestedAt ?? null) !== null,
        }));
      }),
    );
  }

  /** Records the carrier's answer. */
  async recordPlacement(attemptId: string, placement: RecordedPlacement): Promise<PlacementRecord> {
    let isUnwanted = false;
    const deliveryIds = await this.move(attemptId, async (manager, locked) => {
      isUnwanted = MAY_BE_A_CALL.has(placement.kind) && locked.call.cancelRequestedAt !== null;
      const { trunk, sendingAt, status, reason } = locked.attempt;
      const owed = await this.settle(manager, locked, placement);
      // Recorded twice, or of a call that was told of before its answer came: it says nothing against its trunk.
      if ((status === 'sending' && reason === null) || placement.kind === 'accepted')
        locked.freed.heard(this.settings.trunkNamed(trunk), ...saidBy(placement, sendingAt));
      return owed;
    });
    return { deliveryIds, isUnwanted };
  }

  /**
   * Applies all that the inbox holds about some attempts. The same events in any order, any number of times, leave the
   * same rows.
   */
  async applyEvents(attemptIds: string[]): Promise<AppliedEvents> {
    return this.database.everywhere((manager) => this.applyAll(manager, attemptIds));
  }

  /** The same for the attempts that some entries are about, but for entries that were applied meanwhile with others. */
  async applyEntries(eventIds: string[]): Promise<AppliedEvents> {
    return this.database.everywhere(async (manager) =>
      this.applyAll(manager, await attemptsToldOf(manager, eventIds)),
    );
  }

  private async applyAll(manager: EntityManager, attemptIds: string[]): Promise<AppliedEvents> {
    if (attemptIds.length === 0) return { deliveryIds: [], told: [] };
    return movingAttempts(manager, attemptIds, async (all) => {
      const inbox = await readInboxes(manager, attemptIds);
      const deliveryIds: string[] = [];
      const told: ToldAttempt[] = [];
      const moved = new Set<string>();
      for (const one of inOneOrder(all)) {
        const progress = inbox.progress.get(one.attempt.id);
        if (progress === undefined) continue;
        // What an attempt comes to is written to its call, which another one of it has read.
        const locked = moved.has(one.call.id) ? await reread(manager, one) : one;
        moved.add(one.call.id);
        const news = toldOf(locked, progress, inbox.unapplied);
        deliveryIds.push(...(await this.follow(manager, locked, progress, news.events.length > 0)));
        told.push(news);
      }
      // Those of an attempt that nobody made too: nothing will ever come of them.
      const applied = inbox.unapplied.map(({ id }) => id);
      await markApplied(manager, applied, all[0]?.now ?? (await databaseClock(manager)));
      return { deliveryIds, told: told.filter(({ events }) => events.length > 0) };
    });
  }

  private async settle(
    manager: EntityManager,
    locked: LockedAttempt,
    placement: RecordedPlacement,
  ): Promise<string[]> {
    switch (placement.kind) {
      case 'accepted':
        return markPlaced(manager, locked, placement.providerCallId, this.settings.deadlines.silenceSeconds);
      case 'not_sent':
        return giveBack(manager, locked, placement.because, delayAfterGiveBack(locked, null));
      case 'refused':
        return this.recordRefusal(manager, locked, placement);
      case 'unknown':
        // The look-up that is already due decides; what is known is kept for people to read.
        await manager.query(`UPDATE attempts SET reason = $2 WHERE id = $1 AND status = 'sending'`, [
          locked.attempt.id,
          placement.because,
        ]);
        return [];
    }
  }

  /** @param isNews whether any of it was not applied before: what a look-up tells once more keeps the next one no nearer */
  private async follow(
    manager: EntityManager,
    locked: LockedAttempt,
    progress: AttemptProgress,
    isNews: boolean,
  ): Promise<string[]> {
    const { attempt } = locked;
    const { silenceSeconds, gapSeconds } = this.settings.deadlines;
    if (attempt.status === 'ended') return this.noteLateConversion(manager, locked, progress);
    if (attempt.status === 'released' || attempt.status === 'claimed') return [];

    const deliveries: string[] = [];
    if (attempt.status === 'sending' || attempt.status === 'unknown')
      locked.freed.heard(this.settings.trunkNamed(attempt.trunk), {
        kind: 'exists',
        sentAt: attempt.sendingAt,
      });
    if (attempt.status === 'sending') {
      deliveries.push(...(await markPlaced(manager, locked, progress.providerCallId, silenceSeconds)));
    }
    // Said at once, and not only at the end: a conversation may last for longer than thirty calls take to fail.
    if (!progress.isSurmised && (progress.phase === 'ringing' || progress.phase === 'answered'))
      locked.freed.heard(this.settings.trunkNamed(attempt.trunk), {
        kind: 'reached',
        sentAt: attempt.sendingAt,
      });
    await this.advance(manager, locked, progress);
    deliveries.push(...(await tellTaker(manager, locked, progress)));
    if (progress.phase === 'ended' && progress.conclusive) {
      deliveries.push(...(await endOrPark(manager, locked, progress, this.settings)));
      locked.freed.heard(
        this.settings.trunkNamed(attempt.trunk),
        ...saidByEnd(progress.outcome, attempt.sendingAt),
      );
    } else {
      // A parked attempt whose end is told over a gap is asked about at once, like one that is not parked.
      const patienceSeconds = progress.phase === 'ended' ? gapSeconds : silenceSeconds;
      await manager.query(
        `UPDATE attempts SET check_at = $2::timestamptz + $3 * interval '1 second',
           checks = CASE WHEN $6 THEN 0 ELSE checks END, answered_at = coalesce(answered_at, $4)
         WHERE id = $1 AND (status = 'placed' OR status = 'unknown' AND $5)`,
        [attempt.id, locked.now, patienceSeconds, progress.answeredAt, progress.phase === 'ended', isNews],
      );
    }
    return deliveries;
  }

  /** Moves the call forward, never back: ringing, then answered. */
  private async advance(
    manager: EntityManager,
    { attempt, call, now }: LockedAttempt,
    progress: AttemptProgress,
  ): Promise<void> {
    if (attempt.status !== 'placed') return;
    const reachedRinging = progress.phase === 'ringing';
    const reachedAnswer =
      progress.phase === 'answered' || (progress.phase === 'ended' && progress.answeredAt !== null);
    if (reachedRinging) {
      await manager.query(
        `UPDATE calls SET status = 'ringing', updated_at = $2 WHERE id = $1 AND status = 'initiated'`,
        [call.id, now],
      );
    }
    if (reachedAnswer) {
      await manager.query(
        `UPDATE calls SET status = 'answered', updated_at = $2 WHERE id = $1 AND status IN ('initiated', 'ringing')`,
        [call.id, now],
      );
    }
  }

  /** A conversion learnt after the end: it is kept, and withdraws the retry that waits. */
  private async noteLateConversion(
    manager: EntityManager,
    { call, now }: LockedAttempt,
    progress: AttemptProgress,
  ): Promise<string[]> {
    if (!progress.converted || call.converted) return [];
    return settleConversion(manager, call, now);
  }

  private async recordRefusal(
    manager: EntityManager,
    locked: LockedAttempt,
    { outcome, because, retryAfterSeconds }: Extract<RecordedPlacement, { kind: 'refused' }>,
  ): Promise<string[]> {
    if (OUTCOMES[outcome].spendsAttempt) {
      const end = {
        outcome,
        endedAt: locked.now,
        answeredAt: null,
        durationSeconds: 0,
        converted: false,
        providerCallId: null,
        sipCode: null,
        q850: null,
        isSurmised: false,
      };
      return endAttempt(manager, locked, end, this.settings);
    }
    const deliveries = await giveBack(
      manager,
      locked,
      outcome,
      delayAfterGiveBack(locked, retryAfterSeconds),
    );
    if (outcome !== 'our_fault') return deliveries;
    return [...deliveries, ...(await pauseForOurFault(manager, locked, because))];
  }

  private async move(
    attemptId: string,
    step: (manager: EntityManager, locked: LockedAttempt) => Promise<string[]>,
  ): Promise<string[]> {
    const owed = await this.database.everywhere((manager) =>
      movingAttempt(manager, attemptId, (locked) => step(manager, locked)),
    );
    return owed ?? [];
  }
}

function toldOf(
  { attempt, call }: LockedAttempt,
  { phase, outcome }: AttemptProgress,
  unapplied: InboxRow[],
): ToldAttempt {
  const own = unapplied.filter(({ attemptId, isItsOwn }) => attemptId === attempt.id && isItsOwn);
  const events = own.map(({ event }) => event.kind);
  return { callId: call.id, attemptId: attempt.id, number: attempt.number, events, phase, outcome };
}

/** Ends write to campaigns and lists of numbers: those of two goes meet in one order, and not crosswise. */
function inOneOrder(all: LockedAttempt[]): LockedAttempt[] {
  const place = ({ call: { campaignId, to } }: LockedAttempt) => `${campaignId} ${to}`;
  return all.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** What the end of a call says of its trunk, if anything. With events comes no Retry-After. */
function saidByEnd(outcome: Outcome | null, sentAt: Date | null): SaidOfTrunk[] {
  if (outcome === null) return [];
  if (outcome === 'carrier_limit') return [{ kind: 'limited', retryAfterSeconds: null, sentAt }];
  const kind = signOfEnd(outcome);
  return kind === null ? [] : [{ kind, sentAt }];
}

/** What an answer says of its trunk, if anything. */
function saidBy(placement: RecordedPlacement, sentAt: Date | null): SaidOfTrunk[] {
  switch (placement.kind) {
    case 'accepted':
      return placement.slowDown === undefined
        ? [{ kind: 'taken', sentAt }]
        : [{ kind: 'limited', ...placement.slowDown, sentAt }];
    case 'refused': {
      const { outcome, retryAfterSeconds } = placement;
      if (outcome === 'carrier_limit') return [{ kind: 'limited', retryAfterSeconds, sentAt }];
      const says = signOfEnd(outcome);
      // A refusal is an answer, and reaches nobody.
      return says === null ? [] : [{ kind: says === 'reached' ? 'taken' : says, sentAt }];
    }
    case 'unknown':
      return [
        { kind: 'unknown', sentAt },
        ...(placement.slowDown ? [{ kind: 'limited' as const, ...placement.slowDown, sentAt }] : []),
      ];
    case 'not_sent':
      return [{ kind: 'not_sent', sentAt }];
  }
}
