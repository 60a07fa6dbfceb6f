import { deadlines, type Deadlines } from '#policy/deadlines.js';
import { fenceLimit, type FenceLimit } from '#policy/fence-window.js';
import { rateTogether, reservableRate } from '#policy/trunk-pace.js';
import type { TrunkRoute } from '#policy/trunk-routes.js';
import type { Settings } from '#environment/settings.js';

/** All that planning a retry needs to know of the settings. */
export type RetryTempo = Pick<DialingSettings, 'cooldownHourSeconds'>;

/** A trunk that calls go over, as the settings have it. */
export interface Trunk extends TrunkRoute {
  /** Starts that may be reserved on it, so that not more arrive than it may have. */
  callsPerSecond: number;
  /** Calls that may arrive at the provider in any second. */
  limitPerSecond: number;
  /** Starts that may pass the fence over it, whatever was reserved. */
  fence: FenceLimit;
  /** Whether its carrier tells of calls over a socket that a dialer holds: nothing is sent over it while none does. */
  hearsBySocket: boolean;
}

/** What the stores need of the settings when they move calls. */
export class DialingSettings {
  /** Length of a cooldown hour, in seconds: 3600 but in demos and tests. */
  readonly cooldownHourSeconds: number;
  readonly deadlines: Deadlines;
  /** At least one; the first is that of attempts which name none. */
  readonly trunks: readonly Trunk[];
  /** Of each environment's slots and of the trunks' starts, what only calls that somebody waits for may use: 0 to 0.5. */
  readonly reservedShare: number;
  /** How long a campaign's starts take to rise to its rate after its hours have opened, where it does not say; 0: no time. */
  readonly rampSeconds: number;

  static of(settings: Settings): DialingSettings {
    return new DialingSettings({
      cooldownHourSeconds: settings.UNSAFE_COOLDOWN_HOUR_SECONDS,
      deadlines: deadlines(settings.UNSAFE_RECONCILE_HORIZON_SECONDS),
      trunks: settings.trunks.map((trunk) => ({
        name: trunk.name,
        prefixes: trunk.PREFIXES,
        callerIds: trunk.CALLER_IDS,
        callsPerSecond: reservableRate(trunk.TRUNK_CALLS_PER_SECOND, trunk.TRUNK_JITTER_MS),
        limitPerSecond: trunk.TRUNK_CALLS_PER_SECOND,
        fence: fenceLimit(trunk.TRUNK_CALLS_PER_SECOND, trunk.TRUNK_JITTER_MS),
        hearsBySocket: trunk.TELEPHONY_PROVIDER === 'asterisk',
      })),
      reservedShare: settings.RESERVED_SHARE,
      rampSeconds: settings.CAMPAIGN_RAMP_SECONDS,
    });
  }

  constructor(settings: Omit<DialingSettings, 'trunkNamed' | 'trunksOf' | 'houseOf'>) {
    this.cooldownHourSeconds = settings.cooldownHourSeconds;
    this.deadlines = settings.deadlines;
    this.trunks = settings.trunks;
    this.reservedShare = settings.reservedShare;
    this.rampSeconds = settings.rampSeconds;
  }

  /** @param name of an attempt's trunk; null: it is from before trunks had names */
  trunkNamed(name: string | null): Trunk | undefined {
    return name === null ? this.trunks[0] : this.trunks.find((trunk) => trunk.name === name);
  }

  /** The trunks that a campaign may use. */
  trunksOf(campaign: { trunks: readonly string[] | null }): readonly Trunk[] {
    return trunksWithin(this.trunks, campaign);
  }

  /** What the pace of a campaign rises to where it has none of its own. */
  houseOf(campaign: { trunks: readonly string[] | null }): {
    trunkCallsPerSecond: number;
    rampSeconds: number;
  } {
    const rates = this.trunksOf(campaign).map(({ callsPerSecond }) => callsPerSecond);
    return { trunkCallsPerSecond: rateTogether(rates), rampSeconds: this.rampSeconds };
  }
}

/** Those of some trunks that a campaign may use. */
export function trunksWithin<One extends Pick<Trunk, 'name'>>(
  trunks: readonly One[],
  { trunks: names }: { trunks: readonly string[] | null },
): One[] {
  return trunks.filter(({ name }) => names === null || names.includes(name));
}
