import { Injectable } from '@nestjs/common';
import { faultPoint } from '#environment/fault-point.js';
import { callerIdStartsFree } from '#policy/caller-ids.js';
import { isOpen } from '#policy/calling-window.js';
import { paceNow, startsFree } from '#policy/campaign-pace.js';
import { noTurns, shareOut, weightOf } from '#policy/fair-share.js';
import { heldUpAfter, heldUpSeconds, NOT_HELD_UP } from '#policy/held-up.js';
import { boundAfter, FIRST_OFFER_BOUND, roomToOffer } from '#policy/offer-bound.js';
import { mayReserve, ORDINARY, reservedSlots } from '#policy/reserved-room.js';
import { isResting } from '#policy/trunk-health.js';
import { currentRate, hasStart, nextStart, rateTogether } from '#policy/trunk-pace.js';
import { JobQueue } from '#jobs/job-queue.js';
import { DialingSettings } from '#store/dialing-settings.js';
import { FeedStore, type DueCampaign, type OnOffer } from '#store/feed.store.js';
import { Leader } from './leader.js';

/** At the latest this often it looks. */
export const FEED_EVERY_MS = 250;

const MINUTE_MS = 60_000;

/** How calls are held up is written down this often. */
const NOTE_EVERY_MS = 1_000;
const KNOWN_MS = 5 * NOTE_EVERY_MS;

/** A timer may be early by as much, and the window then still be closed. */
const TIMER_EARLY_MS = 1;

/** What is offered: the calls that somebody waits for, which have room of their own, and then all that is due. */
type Lane = 'urgent' | 'any';

/** What keeps from offering more; `trunk`: none has a start; `untold`: the queue does not say what is in it. */
type KeptBy = 'nothing' | 'trunk' | 'dialers' | 'untold';

/**
 * Tops the queue up with what the trunks can start and the dialers can take within the next second, and no more: the rest
 * waits in its rows.
 */
@Injectable()
export class Feeder {
  /** Starts that may still be offered: grows at the trunks' rate, never beyond one second's worth. */
  private starts: number;
  private fedAtMs = performance.now();
  private bound = FIRST_OFFER_BOUND;
  /** Tickets that waited when the last were offered, those included. */
  private offered = 0;
  /** What it offered and has not seen taken. A process that takes the lead over knows of none, and may offer too much once. */
  private offeredIds: string[] = [];
  /** Whose turn it is. A process that takes the lead over begins them anew. */
  private readonly turns = { urgent: noTurns(), any: noTurns() };
  private heldUp = NOT_HELD_UP;
  /** The most that it was since it was written down, in seconds. */
  private worstHeldUp = 0;
  private notedAtMs = -Infinity;
  private minuteTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly feed: FeedStore,
    private readonly jobs: JobQueue,
    private readonly settings: DialingSettings,
    private readonly leader: Leader,
  ) {
    this.starts = rateTogether(settings.trunks.map(({ callsPerSecond }) => callsPerSecond));
  }

  async run(): Promise<void> {
    if (!this.jobs.isReachable()) return;
    if (await this.jobs.hasBeenEmptied()) await this.feed.withdrawOffers();

    // Before what is free: a ticket that is taken in between counts twice, and not never.
    const onOffer = await this.feed.onOffer(this.offeredIds);
    this.offeredIds = onOffer.map(({ callId }) => callId);
    const kept = await this.topUp(onOffer);
    if (kept !== 'untold') await this.noteHeldUp(onOffer, kept);
  }

  /** @returns what kept it from offering more */
  private async topUp(onOffer: OnOffer[]): Promise<KeptBy> {
    const { now, due } = await this.feed.dueCampaigns();
    this.lookAtFullMinute(now);
    if (due.length === 0) return 'nothing';
    const ready = await this.readyTrunks();
    const all = together(ready);
    if (all === null) return 'trunk';
    const waiting = await this.jobs.waitingDials();
    if (waiting === null) return 'untold';
    const open = besideOffered(
      due.filter(({ campaign }) => isOpen(campaign, now)),
      onOffer,
    );
    this.lookAt(waiting, all.rate);
    const { reservedShare } = this.settings;
    if (reservedShare > 0) {
      // Whatever else was offered: their part of a second's starts is theirs.
      const urgent = open.filter(({ hasUrgent }) => hasUrgent);
      await this.offer(urgent, 'urgent', Math.max(this.starts, reservedShare * all.rate, 1), ready);
    }
    if (!mayReserve(ORDINARY, all.nextStartMs, all.nowMs, reservedShare)) return 'trunk';
    const room = roomToOffer(this.bound, this.offered);
    const isFull = room < Math.floor(this.starts) && room < this.startsOfAll(open, ready);
    await this.offer(open, 'any', Math.min(this.starts, room), ready);
    return isFull ? 'dialers' : 'nothing';
  }

  /** What the trunk has no start for is not held up by anybody; its tickets are taken, and handed back. */
  private async noteHeldUp(onOffer: OnOffer[], kept: KeptBy): Promise<void> {
    const nowMs = performance.now();
    const before = new Set(onOffer.map(({ callId }) => callId));
    const seen = {
      onOffer: [...before],
      offered: this.offeredIds.filter((callId) => !before.has(callId)),
      isFull: kept === 'dialers',
    };
    // After a while without a look, as when it led no more, nobody knows what became of what it had offered.
    const known = nowMs - this.notedAtMs < KNOWN_MS ? this.heldUp : NOT_HELD_UP;
    this.heldUp = kept === 'trunk' ? NOT_HELD_UP : heldUpAfter(known, { ...seen, nowMs });
    this.worstHeldUp = Math.max(this.worstHeldUp, heldUpSeconds(this.heldUp, nowMs));
    if (nowMs - this.notedAtMs < NOTE_EVERY_MS) return;
    this.notedAtMs = nowMs;
    await this.feed.noteLag(this.worstHeldUp);
    this.worstHeldUp = 0;
  }

  private async offer(campaigns: Offerable[], lane: Lane, starts: number, ready: Ready[]): Promise<void> {
    const shares = shareOut(
      campaigns.map((one) => ({
        environmentId: one.campaign.environmentId,
        id: one.campaign.id,
        most: this.startsNow(one, lane, ready),
        weight: weightOf(one.campaign),
      })),
      new Map(
        campaigns.map(({ campaign, environmentFree, environmentLimit, environmentWeight }) => [
          campaign.environmentId,
          {
            free: Math.max(0, environmentFree - this.reservedOf(environmentLimit, lane)),
            weight: environmentWeight,
          },
        ]),
      ),
      Math.floor(starts),
      this.turns[lane],
    );
    const offers = await this.feed.offer(shares, lane);
    if (offers.length === 0) return;
    this.starts -= offers.length;
    this.offered += offers.length;
    this.offeredIds.push(...offers.map(({ callId }) => callId));
    faultPoint('after_offer');
    await this.jobs.offerDials(offers);
  }

  /** Windows open at full minutes of the database clock, and a call then need not wait for the next turn. */
  private lookAtFullMinute(now: Date): void {
    const leftMs = MINUTE_MS - (now.getTime() % MINUTE_MS) + TIMER_EARLY_MS;
    if (leftMs > FEED_EVERY_MS) return;
    clearTimeout(this.minuteTimer);
    this.minuteTimer = setTimeout(() => this.leader.wake('feed'), leftMs).unref();
  }

  /** The trunks that a claim could reserve a start on at this moment. */
  private async readyTrunks(): Promise<Ready[]> {
    const known = await this.feed.trunks(this.settings.trunks);
    return [...known].flatMap(([{ name, callsPerSecond }, { pace, health, nowMs }]) => {
      if (isResting(health, nowMs) || !hasStart(pace, callsPerSecond, nowMs)) return [];
      const rate = currentRate(pace, callsPerSecond, nowMs);
      return [{ name, rate, nextStartMs: nextStart(pace, callsPerSecond, nowMs), nowMs }];
    });
  }

  /** By its slots, its own pace, its caller ids, and what its trunks start in a second; of that others take their part. */
  private startsNow(one: Offerable, lane: Lane, ready: Ready[]): number {
    const { campaign, onScheduleAtMs, callerIds } = one;
    const own = this.settings.trunksOf(campaign);
    const over = together(ready.filter(({ name }) => own.some((trunk) => trunk.name === name)));
    if (over === null) return 0;
    const { rate, nowMs, nextStartMs } = over;
    const free = one.free - this.reservedOf(campaign.maxConcurrentCalls ?? 0, lane);
    const pace = paceNow(campaign, this.settings.houseOf(campaign), new Date(nowMs));
    const paced = pace === null ? free : startsFree(pace, onScheduleAtMs, nowMs);
    const calledFrom = callerIds === null ? free : callerIdStartsFree(callerIds, new Date(nextStartMs));
    return Math.max(0, Math.min(free, paced, calledFrom, Math.ceil(rate)) - one.onOffer);
  }

  /** By the slots of their environments too. */
  private startsOfAll(campaigns: Offerable[], ready: Ready[]): number {
    const free = new Map(
      campaigns.map(({ campaign, environmentFree }) => [campaign.environmentId, environmentFree]),
    );
    let starts = 0;
    for (const one of campaigns) {
      const { environmentId } = one.campaign;
      const own = Math.min(this.startsNow(one, 'any', ready), Math.max(0, free.get(environmentId)!));
      free.set(environmentId, free.get(environmentId)! - own);
      starts += own;
    }
    return starts;
  }

  private reservedOf(slots: number, lane: Lane): number {
    return lane === 'urgent' ? 0 : reservedSlots(slots, this.settings.reservedShare);
  }

  /** Learns from what has become of the last tickets, and earns starts for the time that has passed. */
  private lookAt(waiting: number, perSecond: number): void {
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.fedAtMs;
    this.bound = boundAfter(this.bound, { waiting, taken: this.offered - waiting, elapsedMs });
    this.offered = waiting;
    const earned = (perSecond * elapsedMs) / 1000;
    this.fedAtMs = nowMs;
    this.starts = Math.min(Math.max(perSecond, 1), this.starts + earned);
  }
}

/** A campaign that may be offered from, and what of it is on offer: that will take slots and starts which are free still. */
type Offerable = DueCampaign & { onOffer: number };

function besideOffered(due: DueCampaign[], onOffer: OnOffer[]): Offerable[] {
  const offered = new Map<string, number>();
  for (const { campaignId, environmentId } of onOffer) {
    for (const id of [campaignId, environmentId]) offered.set(id, (offered.get(id) ?? 0) + 1);
  }
  return due.map((one) => ({
    ...one,
    onOffer: offered.get(one.campaign.id) ?? 0,
    environmentFree: one.environmentFree - (offered.get(one.campaign.environmentId) ?? 0),
  }));
}

/** A trunk that has a start. Instants are epoch milliseconds of the database clock. */
interface Ready {
  name: string;
  /** Starts per second, as the provider takes them now. */
  rate: number;
  nextStartMs: number;
  nowMs: number;
}

/** What several trunks start as if they were one; null: there are none. */
function together(ready: Ready[]): Omit<Ready, 'name'> | null {
  const [first] = ready;
  if (first === undefined) return null;
  return {
    rate: rateTogether(ready.map(({ rate }) => rate)),
    nextStartMs: Math.min(...ready.map(({ nextStartMs }) => nextStartMs)),
    nowMs: first.nowMs,
  };
}
