import { networkOf } from '#environment/client-network.js';
import { RecentlySeen } from '../recently-seen.js';

/** Forged callbacks of one network that are answered, and logged, one by one. */
const MAX_FORGED_PER_MINUTE = 60;

const WINDOW_MS = 60_000;

/** One callback too many. */
export interface Excess {
  network: string;
  /** The first one beyond the limit in this minute. */
  isFirst: boolean;
  waitSeconds: number;
}

/** Counts forged callbacks by network, at this process alone: counting with the others would cost more than refusing does. */
export class ForgedCallbacks {
  private readonly windows = new RecentlySeen<{ count: number; endsMs: number }>();

  /** Counts one; null while its network is within the limit. */
  note(address: string, nowMs = Date.now()): Excess | null {
    const network = networkOf(address);
    const window = this.windows.get(network);
    const current =
      window === undefined || window.endsMs <= nowMs ? { count: 0, endsMs: nowMs + WINDOW_MS } : window;
    current.count += 1;
    this.windows.set(network, current);
    if (current.count <= MAX_FORGED_PER_MINUTE) return null;
    return {
      network,
      isFirst: current.count === MAX_FORGED_PER_MINUTE + 1,
      waitSeconds: Math.ceil((current.endsMs - nowMs) / 1000),
    };
  }
}
