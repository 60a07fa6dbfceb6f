import { FAULT_POINTS, type FaultPoint } from '#environment/fault-point.js';

/** The fault points at which processes have died, over a whole run: one that is never hit has tested nothing. */
export class HitPoints {
  private readonly deaths = new Map<string, number>();

  /** A process has died where it was armed to. `setting` is its FAULT_POINT. */
  note(setting: string): void {
    const [point = ''] = setting.split('@');
    this.deaths.set(point, this.deathsAt(point) + 1);
  }

  deathsAt(point: string): number {
    return this.deaths.get(point) ?? 0;
  }

  /** Points that nobody died at. */
  missed(): FaultPoint[] {
    return ALL.filter((point) => this.deathsAt(point) === 0);
  }

  /** How often each was hit, in words. */
  told(): string {
    return ALL.map((point) => `${point} ${this.deathsAt(point)}`).join(', ');
  }
}

const ALL = Object.keys(FAULT_POINTS) as FaultPoint[];
