import { Injectable } from '@nestjs/common';
import { faultPoint } from '#environment/fault-point.js';
import { callerIdStartsFree } from '#policy/caller-ids.js';
import { isOpen } from '#policy/calling-window.js';
import { paceNow, startsFree } from '#policy/campaign-pace.js';
import { noTurns, shareOut, weightOf } from '#policy/fair-share.js';
import { currentRate, hasStart } from '#policy/trunk-pace.js';
import { JobQueue } from '#jobs/job-queue.js';
import { DialingSettings } from '#store/dialing-settings.js';
import { FeedStore, type DueCampaign } from '#store/feed.store.js';

/** Tops the queue up with what can be dialled within the next second, and no more: the rest waits in its rows. */
@Injectable()
export class Feeder {
  /** Starts that may still be offered: grows at the trunk's rate, never beyond one second's worth. */
  private starts: number;
  private fedAtMs = performance.now();
  /** Whose turn it is. A process that takes the lead over begins them anew. */
  private readonly turns = noTurns();

  constructor(
    private readonly feed: FeedStore,
    private readonly jobs: JobQueue,
    private readonly settings: DialingSettings,
  ) {
    this.starts = settings.trunkCallsPerSecond;
  }

  async run(): Promise<void> {
    if (!this.jobs.isReachable()) return;
    if (await this.jobs.hasBeenEmptied()) await this.feed.withdrawOffers();

    const { now, due } = await this.feed.dueCampaigns();
    const rate = due.length > 0 ? await this.trunkRate() : null;
    if (rate === null) return;
    const open = due.filter(({ campaign }) => isOpen(campaign, now));
    const shares = shareOut(
      open.map((one) => ({
        environmentId: one.campaign.environmentId,
        id: one.campaign.id,
        most: this.startsNow(one, now),
        weight: weightOf(one.campaign),
      })),
      new Map(
        open.map(({ campaign, environmentFree, environmentWeight }) => [
          campaign.environmentId,
          { free: Math.max(0, environmentFree), weight: environmentWeight },
        ]),
      ),
      Math.floor(this.earnStarts(rate)),
      this.turns,
    );
    for (const [campaignId, share] of shares) {
      const offers = await this.feed.offer(campaignId, share);
      this.starts -= offers.length;
      faultPoint('after_offer');
      await this.jobs.offerDials(offers);
    }
  }

  /** Starts per second, as the provider takes them now; null: no claim could reserve one at this moment. */
  private async trunkRate(): Promise<number | null> {
    const { trunk: name, trunkCallsPerSecond } = this.settings;
    const trunk = await this.feed.trunk(name);
    if (trunk === null) return trunkCallsPerSecond;
    const { pace, nowMs } = trunk;
    return hasStart(pace, trunkCallsPerSecond, nowMs) ? currentRate(pace, trunkCallsPerSecond, nowMs) : null;
  }

  /** By its slots, its own pace and its caller ids; the trunk's is everybody's. */
  private startsNow({ campaign, free, onScheduleAtMs, callerIds }: DueCampaign, now: Date): number {
    const pace = paceNow(campaign, this.settings, now);
    const paced = pace === null ? free : startsFree(pace, onScheduleAtMs, now.getTime());
    const calledFrom = callerIds === null ? free : callerIdStartsFree(callerIds, now);
    return Math.max(0, Math.min(free, paced, calledFrom));
  }

  private earnStarts(perSecond: number): number {
    const nowMs = performance.now();
    const earned = (perSecond * (nowMs - this.fedAtMs)) / 1000;
    this.fedAtMs = nowMs;
    this.starts = Math.min(Math.max(perSecond, 1), this.starts + earned);
    return this.starts;
  }
}
