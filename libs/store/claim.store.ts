import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { onScheduleAfter, paceNow, startsFree } from '#policy/campaign-pace.js';
import { decideDial, isAwake, type DialDecision } from '#policy/decide-dial.js';
import { mayReserve, slotLimitsFor } from '#policy/reserved-room.js';
import {
  hold,
  openAttempts,
  refuse,
  withdrawOffers,
  type Dial,
  type Hold,
  type Refusal,
} from './claim-consequences.js';
import { readSnapshots, ticketedCalls, type Snapshot, type Ticket } from './claim-facts.js';
import type { Call } from './call.entity.js';
import { CallerIdChoices } from './caller-ids.js';
import { DialingSettings } from './dialing-settings.js';
import { passFence, type ClaimedAttempt, type Fenced, type FenceResult } from './fencing.js';
import { heardTrunks } from './hearing.js';
import { lockForClaim, lockForFence, numberKey } from './locks.js';
import { databaseClock } from './reading.js';
import { callerIdsOfRoutes, type Route } from './routes.js';
import { ScopedDatabase, together } from './scoped-database.js';
import { LockedSlots } from './slots.js';
import { spendingFacts } from './spending.js';
import { TrunkStarts } from './trunks.js';

export type ClaimResult =
  /** `startsInMs`: from the end of the claim to the start that it has reserved, by the database clock. */
  | ({ kind: 'claimed'; startsInMs: number } & ClaimedAttempt)
  /** A rule holds the call; its row says which, and when it is due again. */
  | { kind: 'held'; because: string }
  /** A rule ended the call. */
  | { kind: 'refused'; because: string; deliveryIds: string[] }
  /** No slot, no start now by the campaign's pace or within a second by the trunk's, or nobody hears the carrier: to be offered again. */
  | { kind: 'no_room' }
  /** The ticket is late, early or a copy: the row has moved on. */
  | { kind: 'stale' }
  /** Another call to its number is decided in the same go, or it is named twice: ask again, once that is written. */
  | { kind: 'behind' }
  /** The rules could not say: a defect, or a row that no rule foresaw. Still due, to be offered again. */
  | { kind: 'undecided'; error: unknown };

/** The two steps before the one request: the claim and the fence. */
@Injectable()
export class ClaimStore {
  constructor(
    private readonly database: ScopedDatabase,
    private readonly settings: DialingSettings,
  ) {}

  /** Step one, for one ticket: see `claimAll`. */
  async claim(callId: string, attempt: number): Promise<ClaimResult> {
    const [result] = await this.claimAll([{ callId, attempt }]);
    return result!;
  }

  /**
   * Step one. Under the locks, reads the facts, lets the rules speak and writes the consequences, of all of them in one
   * transaction. A claimed attempt has taken its slots and reserved its start; it must pass the fence within two seconds.
   * @returns in the order given
   */
  async claimAll(tickets: Ticket[]): Promise<ClaimResult[]> {
    return this.database.everywhere(async (manager) => {
      const calls = new Map((await ticketedCalls(manager, tickets)).map((call) => [call.id, call]));
      const numbers = new Set<string>();
      const results = new Map<Ticket, ClaimResult>();
      for (const ticket of tickets) {
        const call = calls.get(ticket.callId);
        const number = call && numberKey(call.environmentId, call.to);
        if (number === undefined) results.set(ticket, { kind: 'stale' });
        // What the one decides, the other has to read.
        else if (numbers.has(number)) results.set(ticket, { kind: 'behind' });
        else numbers.add(number);
      }
      const decided = tickets.filter((ticket) => !results.has(ticket));
      if (decided.length > 0) {
        await lockForClaim(manager, ...decided.flatMap(({ callId }) => calls.get(callId) ?? []));
        const snapshots = await readSnapshots(manager, decided, this.settings);
        const consequences = await new Deciding(manager, this.settings).decide(inOrderOf(decided, snapshots));
        for (const ticket of decided)
          results.set(ticket, consequences.get(ticket.callId) ?? { kind: 'stale' });
      }
      return tickets.map((ticket) => results.get(ticket)!);
    });
  }

  /** Step two, for one attempt: see `fenceAll`. */
  async fence(claimed: ClaimedAttempt, missingPlaceholders: string[]): Promise<FenceResult> {
    const [result] = await this.fenceAll([{ claimed, missingPlaceholders }]);
    return result!;
  }

  /**
   * Step two, right before the request: takes the locks in one statement, and in a new snapshot moves the attempts
   * from claimed to sending, each unless something has come between, or its trunk has started as many as it may: see
   * `passFence`.
   * @returns in the order given
   */
  async fenceAll(fenced: Fenced[]): Promise<FenceResult[]> {
    return this.database.everywhere(async (manager) => {
      await lockForFence(manager, ...fenced.map(({ claimed }) => claimed.attempt));
      return passFence(manager, fenced, this.settings);
    });
  }
}

/** In the order of the tickets: whoever came first is served first where there is not room for all. */
function inOrderOf(tickets: Ticket[], snapshots: Snapshot[]): Snapshot[] {
  const byCall = new Map(snapshots.map((snapshot) => [snapshot.call.id, snapshot]));
  return tickets.flatMap(({ callId }) => byCall.get(callId) ?? []);
}

/** What claims take of, locked. */
interface LockedRoom {
  slots: LockedSlots;
  callerIds: CallerIdChoices;
}

/** A call that the rules let go, and its trunks that do not rest, the first choice first. */
interface Free {
  snapshot: Snapshot;
  decision: Extract<DialDecision, { kind: 'dial' }>;
  trunks: Route[];
}

/** The same, and the trunk that it goes over. */
interface Going extends Omit<Free, 'trunks'> {
  trunk: Route;
}

/** The first choice that has a caller id left for the day: another trunk may show others. */
function trunkOf({ snapshot, trunks }: Free, callerIds: CallerIdChoices): Route {
  const [first] = trunks;
  if (trunks.length === 1) return first!;
  return trunks.find((trunk) => !callerIds.areSpent(snapshot, trunk, snapshot.now)) ?? first!;
}

function awakeTrunks({ trunks, now }: Snapshot): Route[] {
  return trunks.filter((trunk) => isAwake(trunk, now));
}

/** None where they are all one and the same: that one is locked when it is come to. */
function several(trunks: Route[]): Route[] {
  return trunks.some(({ name }) => name !== trunks[0]?.name) ? trunks : [];
}

/** What the rules say of some calls, and what comes of it: each kind of consequence is written at once for all. */
class Deciding {
  private readonly dials: Dial[] = [];
  private readonly holds: Hold[] = [];
  private readonly refusals: Refusal[] = [];
  private readonly withoutRoom: Call[] = [];
  private readonly undecided: { call: Call; error: unknown }[] = [];
  private readonly starts: TrunkStarts;

  constructor(
    private readonly manager: EntityManager,
    private readonly settings: DialingSettings,
  ) {
    this.starts = new TrunkStarts(manager);
  }

  /** @returns by the id of the call */
  async decide(snapshots: Snapshot[]): Promise<Map<string, ClaimResult>> {
    const free: Free[] = [];
    for (const snapshot of snapshots) {
      const decision = this.decisionOn(snapshot);
      if (decision === null) continue;
      if (decision.kind === 'dial') free.push({ snapshot, decision, trunks: awakeTrunks(snapshot) });
      else if (decision.kind === 'wait') this.holds.push({ snapshot, decision });
      else this.refusals.push({ snapshot, decision });
    }
    const going = await this.heard(free);
    if (going.length > 0) {
      const slots = await LockedSlots.lock(
        this.manager,
        going.map(({ snapshot }) => snapshot.call),
      );
      const callerIds = await CallerIdChoices.read(
        this.manager,
        going.map(({ snapshot }) => snapshot),
      );
      const ways = going.map((one) => ({ ...one, trunk: trunkOf(one, callerIds) }));
      await this.starts.lock(several(ways.map(({ trunk }) => trunk)));
      for (const one of ways) await this.take({ slots, callerIds }, one);
      await together([slots.write(), callerIds.write(), this.starts.write()]);
    }
    return this.write();
  }

  /** Each with those of its trunks whose carriers somebody hears; one that has none is left for later. */
  private async heard(free: Free[]): Promise<Free[]> {
    if (free.length === 0) return [];
    const heardOf = await heardTrunks(this.manager, this.settings.trunks);
    const heard = new Set(heardOf.map(({ name }) => name));
    return free.flatMap((one) => {
      const trunks = one.trunks.filter(({ name }) => heard.has(name));
      if (trunks.length > 0) return [{ ...one, trunks }];
      this.withoutRoom.push(one.snapshot.call);
      return [];
    });
  }

  /** Null where the rules cannot say: one call must not keep back those that are decided with it. */
  private decisionOn(snapshot: Snapshot): DialDecision | null {
    try {
      return decideDial(snapshot);
    } catch (error) {
      this.undecided.push({ call: snapshot.call, error });
      return null;
    }
  }

  /** Takes all that a dial needs, or nothing. */
  private async take({ slots, callerIds }: LockedRoom, { snapshot, decision, trunk }: Going): Promise<void> {
    const { call, campaign, environment, now } = snapshot;
    const { reservedShare } = this.settings;
    const limits = slotLimitsFor(
      call,
      { environment: environment.maxConcurrentCalls, campaign: campaign.maxConcurrentCalls },
      reservedShare,
    );
    if (!slots.haveRoom(call, limits)) return void this.withoutRoom.push(call);
    const held = await this.holdsUnderLocks({ slots, callerIds }, snapshot);
    if (held !== null) return void this.holds.push({ snapshot, decision: held });
    const pace = paceNow(campaign, this.settings.houseOf(campaign), now);
    const onScheduleAtMs = slots.onScheduleAtMs(call);
    const isOnPace = pace === null || startsFree(pace, onScheduleAtMs, now.getTime()) > 0;
    // By the clock of the trunk's lock: that of the snapshot may be a wait for the slots ago.
    const isWanted = (at: Date, nowMs: number) =>
      mayReserve(call, at.getTime(), nowMs, reservedShare) && callerIds.has(snapshot, trunk, at);
    const startAt = isOnPace ? await this.starts.reserve(trunk, isWanted) : null;
    if (startAt === null) return void this.withoutRoom.push(call);
    const reservation = call.isTesting ? null : snapshot.reservation;
    slots.take({
      scopes: call,
      onScheduleAtMs: pace && onScheduleAfter(pace, onScheduleAtMs, startAt.getTime()),
      reserved: reservation?.amount ?? null,
    });
    const from = callerIds.take(snapshot, trunk, startAt);
    this.dials.push({ snapshot, decision, startAt, reservation, trunk: trunk.name, from });
  }

  /**
   * Asks the rules again with what is there to spend, and to call from, under the locks of the limit rows: another claim may
   * have taken the last of it. Null: the dial may go.
   */
  private async holdsUnderLocks(
    { slots, callerIds }: LockedRoom,
    snapshot: Snapshot,
  ): Promise<Extract<DialDecision, { kind: 'wait' }> | null> {
    const { creditBalance, spending, now } = snapshot;
    const isLimited =
      creditBalance !== null || spending.totalBudget !== null || spending.dailyBudget !== null;
    const calledFrom = callerIdsOfRoutes(callerIds.facts(snapshot), snapshot.trunks, now);
    if (!isLimited && calledFrom === null) return null;
    // Those before it in the same go have reserved too.
    if (isLimited) await slots.write();
    const money = isLimited ? await spendingFacts(this.manager, snapshot, now) : {};
    const decision = decideDial({ ...snapshot, ...money, callerIds: calledFrom });
    return decision.kind === 'wait' ? decision : null;
  }

  private async write(): Promise<Map<string, ClaimResult>> {
    const [attempts] = await together([
      openAttempts(this.manager, this.dials),
      hold(this.manager, this.holds),
      withdrawOffers(this.manager, this.withoutRoom),
    ]);
    const deliveryIds = await refuse(this.manager, this.refusals);
    const results = new Map<string, ClaimResult>();
    // Only now: a claim that was long in coming leaves so much less to wait for.
    const decidedAtMs = attempts.length > 0 ? (await databaseClock(this.manager)).getTime() : 0;
    for (const [place, { snapshot, startAt }] of this.dials.entries()) {
      const { call, agent } = snapshot;
      const startsInMs = Math.max(0, startAt.getTime() - decidedAtMs);
      results.set(call.id, { kind: 'claimed', attempt: attempts[place]!, call, agent, startsInMs });
    }
    for (const { snapshot, decision } of this.holds) {
      results.set(snapshot.call.id, { kind: 'held', because: decision.because });
    }
    for (const { call, error } of this.undecided) results.set(call.id, { kind: 'undecided', error });
    for (const call of this.withoutRoom) results.set(call.id, { kind: 'no_room' });
    for (const [place, { snapshot, decision }] of this.refusals.entries()) {
      // Whose they are does not matter to whoever names them to the queue.
      const owed = place === 0 ? deliveryIds : [];
      results.set(snapshot.call.id, { kind: 'refused', because: decision.because, deliveryIds: owed });
    }
    return results;
  }
}
