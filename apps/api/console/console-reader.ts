import { forecast, paceLately, type Forecast } from '#policy/campaign-forecast.js';
import type { ConsoleStores } from '#store/console-stores.js';
import type { CampaignLookedOn, HoursOfCampaign, LookedOn } from '#store/console.store.js';
import type { CampaignGlance } from '#store/why.store.js';
import { campaignView, environmentView, hoursView, houseView, unknownView } from './console-views.js';
import type { Parts } from './live-parts.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Minutes whose starts are shown, the one under way among them. */
export const MINUTES_SHOWN = 15;

/** Hours whose outcomes are shown, the one under way among them. */
export const HOURS_SHOWN = 24;

/** What changes slowly, or takes long to read, is read so often. */
const HOURS_EVERY_MS = 10_000;

/** Why a campaign is idle is asked again after so long, of so many at a time. */
const GLANCE_EVERY_MS = 5_000;
const MOST_GLANCES = 10;

/** Unknowns that are listed, those that have been so for the longest. */
const MOST_UNKNOWN = 50;

interface Glance {
  askedAtMs: number;
  /** What the reasons depend on that is seen at every reading: when it changes they are asked at once. */
  of: string;
  told: CampaignGlance | null;
}

/** Reads the console's parts, and remembers from one reading to the next what need not be read again. */
export class ConsoleReader {
  private starts = new Map<string, Map<number, number>>();
  private readStartsAt = new Date(0);
  private hours: { of: Map<string, HoursOfCampaign>; readAtMs: number } | null = null;
  private readonly glances = new Map<string, Glance>();
  private readonly forecasts = new Map<string, Forecast>();

  /** @param mayChange whether what is shown may also be changed */
  constructor(
    private readonly stores: ConsoleStores,
    private readonly mayChange: boolean,
  ) {}

  async read(): Promise<Parts> {
    const looked = await this.stores.house.read();
    const unknown = await this.stores.calls.unknown(null, MOST_UNKNOWN + 1);
    await this.readStarts(looked);
    await this.readHours(looked);
    await this.glanceAt(looked);
    const told = new Map<string, unknown>([['house', houseView(looked, this.mayChange)]]);
    for (const environment of looked.environments) {
      told.set(`environment:${environment.id}`, environmentView(environment));
    }
    for (const campaign of looked.campaigns) this.tell(told, campaign, looked.now);
    told.set('unknown', unknownView(unknown.slice(0, MOST_UNKNOWN), unknown.length > MOST_UNKNOWN));
    return new Map([...told].map(([key, part]) => [key, JSON.stringify(part)]));
  }

  private tell(told: Map<string, unknown>, campaign: CampaignLookedOn, now: Date): void {
    const { id } = campaign;
    const starts = this.starts.get(id) ?? new Map<number, number>();
    const lastMinute = Math.floor(now.getTime() / MINUTE_MS);
    told.set(
      `campaign:${id}`,
      campaignView({
        ...{ campaign, now },
        starts: Array.from(
          { length: MINUTES_SHOWN },
          (_, nth) => starts.get(lastMinute - MINUTES_SHOWN + 1 + nth) ?? 0,
        ),
        perMinute: paceLately(starts, now),
        forecast: this.forecasts.get(id) ?? null,
        glance: isAsked(campaign) ? (this.glances.get(id)?.told ?? null) : null,
      }),
    );
    const hours = this.hours?.of.get(id);
    if (hours !== undefined && hours.outcomes.length > 0) told.set(`hours:${id}`, hoursView(hours));
  }

  /** Of campaigns that were there before, only from the minute before the last reading on: what began then may have been committed since. */
  private async readStarts({ campaigns, now }: LookedOn): Promise<void> {
    const ids = campaigns.map(({ id }) => id);
    const first = startOfMinute(now, MINUTES_SHOWN - 1);
    const again = new Date(Math.max(first.getTime(), startOfMinute(this.readStartsAt, 1).getTime()));
    const known = ids.filter((id) => this.starts.has(id));
    const fresh = ids.filter((id) => !this.starts.has(id));
    const { house } = this.stores;
    const read = [
      ...(known.length > 0 ? await house.startsSince(known, again) : []),
      ...(fresh.length > 0 ? await house.startsSince(fresh, first) : []),
    ];
    const kept = (minute: number) => minute >= first.getTime() / MINUTE_MS;
    this.starts = new Map(
      read.map(([id, minutes]) => {
        const before = [...(this.starts.get(id) ?? [])].filter(
          ([minute]) => kept(minute) && minute < again.getTime() / MINUTE_MS,
        );
        return [id, new Map([...before, ...minutes])];
      }),
    );
    this.readStartsAt = now;
  }

  private async readHours({ campaigns, now }: LookedOn): Promise<void> {
    if (this.hours !== null && now.getTime() - this.hours.readAtMs < HOURS_EVERY_MS) return;
    const ids = campaigns.map(({ id }) => id);
    const since = new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS - (HOURS_SHOWN - 1) * HOUR_MS);
    const of = await this.stores.house.hoursSince(ids, since);
    this.hours = { of, readAtMs: now.getTime() };
    this.forecasts.clear();
    for (const campaign of campaigns) this.forecasts.set(campaign.id, this.forecastOf(campaign, now));
  }

  /** By the pace of these minutes; while it does not dial, by that of the busiest quarter of an hour of its last day. */
  private forecastOf({ id, schedule, maxRetries, waiting, figures }: CampaignLookedOn, now: Date): Forecast {
    const lately = paceLately(this.starts.get(id) ?? new Map<number, number>(), now);
    return forecast({
      ...{ now, schedule, waiting, maxRetries },
      dials: figures.dials,
      finished: figures.finishedByDials,
      startsPerMinute: lately > 0 ? lately : (this.hours?.of.get(id)?.busiestPerMinute ?? 0),
    });
  }

  /** Those first that were asked the longest ago, or of which something has changed that their reasons depend on. */
  private async glanceAt({ campaigns, environments, now }: LookedOn): Promise<void> {
    const stopped = new Set(environments.filter(({ killSwitch }) => killSwitch).map(({ id }) => id));
    const nowMs = now.getTime();
    const asking = campaigns
      .filter(isAsked)
      .map((campaign) => {
        const of = `${campaign.status} ${stopped.has(campaign.environmentId)} ${campaign.waiting > 0}`;
        const before = this.glances.get(campaign.id);
        return { campaign, of, askedAtMs: before?.of === of ? before.askedAtMs : Number.NEGATIVE_INFINITY };
      })
      .filter(({ askedAtMs }) => nowMs - askedAtMs >= GLANCE_EVERY_MS)
      .sort((a, b) => a.askedAtMs - b.askedAtMs);
    for (const { campaign, of } of asking.slice(0, MOST_GLANCES)) {
      const told = await this.stores.why.glance(campaign.environmentId, campaign.id, campaign.waiting);
      this.glances.set(campaign.id, { askedAtMs: nowMs, of, told });
    }
    const shown = new Set(campaigns.map(({ id }) => id));
    for (const id of this.glances.keys()) if (!shown.has(id)) this.glances.delete(id);
  }
}

/** Of what has not begun, or is over, the state says all. */
function isAsked({ status }: CampaignLookedOn): boolean {
  return status === 'active' || status === 'paused';
}

function startOfMinute(at: Date, minutesBefore: number): Date {
  return new Date((Math.floor(at.getTime() / MINUTE_MS) - minutesBefore) * MINUTE_MS);
}
