import { Injectable } from '@nestjs/common';
import { faultPoint } from '#environment/fault-point.js';
import { isOpen } from '#policy/calling-window.js';
import { paceOf, startsFree } from '#policy/campaign-pace.js';
import { noTurns, shareOut, weightOf } from '#policy/fair-share.js';
import { boundAfter, FIRST_OFFER_BOUND, roomToOffer } from '#policy/offer-bound.js';
import { currentRate, hasStart } from '#policy/trunk-pace.js';
import { JobQueue } from '#jobs/job-queue.js';
import { DialingSettings } from '#store/dialing-settings.js';
import { FeedStore, type DueCampaign } from '#store/feed.store.js';
import { Leader } from './leader.js';

/** At the latest this often it looks. */
export const FEED_EVERY_MS = 250;

const MINUTE_MS = 60_000;

/** A timer may be early by as much, and the window then still be closed. */
const TIMER_EARLY_MS = 1;

/**
 * Tops the queue up with what the trunk can start and the dialers can take within the next second, and no more: the rest
 * waits in its rows.
 */
@Injectable()
export class Feeder {
  /** Starts that may still be offered: grows at the trunk's rate, never beyond one second's worth. */
  private starts: number;
  private fedAtMs = performance.now();
  private bound = FIRST_OFFER_BOUND;
  /** Tickets that waited when the last were offered, those included. */
  private offered = 0;
  /** Whose turn it is. A process that takes the lead over begins them anew. */
  private readonly turns = noTurns();
  private minuteTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly feed: FeedStore,
    private readonly jobs: JobQueue,
    private readonly settings: DialingSettings,
    private readonly leader: Leader,
  ) {
    this.starts = settings.trunkCallsPerSecond;
  }

  async run(): Promise<void> {
    if (!this.jobs.isReachable()) return;
    if (await this.jobs.hasBeenEmptied()) await this.feed.withdrawOffers();

    const { now, due } = await this.feed.dueCampaigns();
    this.lookAtFullMinute(now);
    const rate = due.length > 0 ? await this.trunkRate() : null;
    if (rate === null) return;
    const waiting = await this.jobs.waitingDials();
    if (waiting === null) return;
    const starts = Math.min(Math.floor(this.lookAt(waiting, rate)), roomToOffer(this.bound, waiting));
    const open = due.filter(({ campaign }) => isOpen(campaign, now));
    const shares = shareOut(
      open.map((one) => ({
        environmentId: one.campaign.environmentId,
        id: one.campaign.id,
        most: startsNow(one, now),
        weight: weightOf(one.campaign),
      })),
      new Map(
        open.map(({ campaign, environmentFree, environmentWeight }) => [
          campaign.environmentId,
          { free: Math.max(0, environmentFree), weight: environmentWeight },
        ]),
      ),
      starts,
      this.turns,
    );
    this.offered = waiting;
    for (const [campaignId, share] of shares) {
      const offers = await this.feed.offer(campaignId, share);
      this.starts -= offers.length;
      this.offered += offers.length;
      faultPoint('after_offer');
      await this.jobs.offerDials(offers);
    }
  }

  /** Windows open at full minutes of the database clock, and a call then need not wait for the next turn. */
  private lookAtFullMinute(now: Date): void {
    const leftMs = MINUTE_MS - (now.getTime() % MINUTE_MS) + TIMER_EARLY_MS;
    if (leftMs > FEED_EVERY_MS) return;
    clearTimeout(this.minuteTimer);
    this.minuteTimer = setTimeout(() => this.leader.wake('feed'), leftMs).unref();
  }

  /** Starts per second, as the provider takes them now; null: no claim could reserve one at this moment. */
  private async trunkRate(): Promise<number | null> {
    const { trunk: name, trunkCallsPerSecond } = this.settings;
    const trunk = await this.feed.trunk(name);
    if (trunk === null) return trunkCallsPerSecond;
    const { pace, nowMs } = trunk;
    return hasStart(pace, trunkCallsPerSecond, nowMs) ? currentRate(pace, trunkCallsPerSecond, nowMs) : null;
  }

  /** Learns from what has become of the last tickets, and earns starts for the time that has passed. */
  private lookAt(waiting: number, perSecond: number): number {
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.fedAtMs;
    this.bound = boundAfter(this.bound, { waiting, taken: this.offered - waiting, elapsedMs });
    const earned = (perSecond * elapsedMs) / 1000;
    this.fedAtMs = nowMs;
    this.starts = Math.min(Math.max(perSecond, 1), this.starts + earned);
    return this.starts;
  }
}

/** By its slots and its own pace; the trunk's is everybody's. */
function startsNow({ campaign, free, onScheduleAtMs }: DueCampaign, now: Date): number {
  const { maxCallsPerMinute } = campaign;
  const paced =
    maxCallsPerMinute === null ? free : startsFree(paceOf(maxCallsPerMinute), onScheduleAtMs, now.getTime());
  return Math.max(0, Math.min(free, paced));
}
