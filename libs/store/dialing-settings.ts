import { deadlines, type Deadlines } from '#policy/deadlines.js';
import { reservableRate } from '#policy/trunk-pace.js';
import type { Settings } from '#environment/settings.js';

/** All that planning a retry needs to know of the settings. */
export type RetryTempo = Pick<DialingSettings, 'cooldownHourSeconds'>;

/** What the stores need of the settings when they move calls. */
export class DialingSettings {
  /** Length of a cooldown hour, in seconds: 3600 but in demos and tests. */
  readonly cooldownHourSeconds: number;
  readonly deadlines: Deadlines;
  /** Name of the trunk that paces the starts. */
  readonly trunk: string;
  /** Starts that may be reserved on it, so that not more arrive than it may have. */
  readonly trunkCallsPerSecond: number;
  /** Calls that may arrive at the provider in any second. */
  readonly trunkLimitPerSecond: number;
  /** Of each environment's slots and of the trunk's starts, what only calls that somebody waits for may use: 0 to 0.5. */
  readonly reservedShare: number;
  /** How long a campaign's starts take to rise to its rate after its hours have opened, where it does not say; 0: no time. */
  readonly rampSeconds: number;
  /** Whether the carrier tells of calls over a socket that a dialer holds: nothing is sent then while none does. */
  readonly hearsBySocket: boolean;

  static of(settings: Settings): DialingSettings {
    return new DialingSettings({
      cooldownHourSeconds: settings.UNSAFE_COOLDOWN_HOUR_SECONDS,
      deadlines: deadlines(settings.UNSAFE_RECONCILE_HORIZON_SECONDS),
      trunk: settings.TELEPHONY_PROVIDER,
      trunkCallsPerSecond: reservableRate(settings.TRUNK_CALLS_PER_SECOND, settings.TRUNK_JITTER_MS),
      trunkLimitPerSecond: settings.TRUNK_CALLS_PER_SECOND,
      reservedShare: settings.RESERVED_SHARE,
      rampSeconds: settings.CAMPAIGN_RAMP_SECONDS,
      hearsBySocket: settings.TELEPHONY_PROVIDER === 'asterisk',
    });
  }

  constructor(settings: DialingSettings) {
    this.cooldownHourSeconds = settings.cooldownHourSeconds;
    this.deadlines = settings.deadlines;
    this.trunk = settings.trunk;
    this.trunkCallsPerSecond = settings.trunkCallsPerSecond;
    this.trunkLimitPerSecond = settings.trunkLimitPerSecond;
    this.reservedShare = settings.reservedShare;
    this.rampSeconds = settings.rampSeconds;
    this.hearsBySocket = settings.hearsBySocket;
  }
}
