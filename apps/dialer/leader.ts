import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { Vitals } from '#environment/vitals.js';
import { LEADING, LeasesStore } from '#store/leases.store.js';

/** The lease runs out this long after its last renewal, so another dialer leads within three seconds. */
const LEASE_SECONDS = 2;
const RENEW_EVERY_MS = 500;

/** Between two runs of a task, however often it is woken: what wakes it comes in crowds. */
const REST_MS = 20;

/** Work that one dialer does for all. It must be harmless when two do it: a lease is a wish, not a fence. */
export interface LeaderTask {
  name: string;
  everyMs: number;
  /** @param goesOn to be called whenever a turn that may be long has got on */
  run: (goesOn: () => void) => Promise<void>;
}

/** Holds the lease while it can, and runs each task in its own rhythm while it leads. */
@Injectable()
export class Leader {
  private readonly log = new Logger('leader');
  private readonly loops: Promise<void>[] = [];
  private readonly wakers = new Map<string, () => void>();
  private readonly rests = new Set<AbortController>();
  private isStopping = false;
  /** Of `performance.now()`; a lease that cannot be renewed may be somebody else's from then on. */
  private leadsUntilMs = 0;

  constructor(
    private readonly leases: LeasesStore,
    /** Of this process, as the holder of leases. */
    readonly name: string,
    private readonly vitals: Vitals,
  ) {}

  start(tasks: LeaderTask[]): void {
    this.loops.push(
      this.repeat({ name: 'lease', everyMs: RENEW_EVERY_MS, run: () => this.renew() }, () => true),
    );
    for (const task of tasks) this.loops.push(this.repeat(task, () => this.isLeading));
  }

  get isLeading(): boolean {
    return performance.now() < this.leadsUntilMs;
  }

  /** Runs a task at once instead of at its next turn. */
  wake(taskName: string): void {
    this.wakers.get(taskName)?.();
  }

  /** Finishes what runs, and lets the next leader in. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const rest of this.rests) rest.abort();
    await Promise.all(this.loops);
    if (this.isLeading) await this.leases.release(LEADING, this.name).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    const had = this.isLeading;
    // From before it was asked for: the lease runs from some moment after that.
    const untilMs = performance.now() + LEASE_SECONDS * 1000;
    this.leadsUntilMs = (await this.leases.hold(LEADING, this.name, LEASE_SECONDS)) ? untilMs : 0;
    if (!this.isLeading || had) return;
    this.log.log({ leading: true });
    for (const wake of this.wakers.values()) wake();
  }

  private async repeat(task: LeaderTask, allowed: () => boolean): Promise<void> {
    const goesOn = this.vitals.loop(task.name, task.everyMs / 1000);
    while (!this.isStopping) {
      // Whoever does not lead comes round as well.
      goesOn();
      // From before it runs: what wakes it meanwhile may have come too late to be seen by this run.
      const turn = new AbortController();
      this.wakers.set(task.name, () => turn.abort());
      if (allowed()) {
        await task
          .run(goesOn)
          .catch((error: unknown) => this.log.error({ task: task.name, error: reasonOf(error) }));
      }
      await this.rest(REST_MS);
      await this.rest(task.everyMs - REST_MS, turn);
    }
  }

  /** Until it is aborted, or the process ends. */
  private async rest(forMs: number, rest = new AbortController()): Promise<void> {
    if (this.isStopping) return;
    // Not by `AbortSignal.any`: Node 20 keeps each of those for as long as the process lives.
    this.rests.add(rest);
    await pause(forMs, undefined, { signal: rest.signal }).catch(() => undefined);
    this.rests.delete(rest);
  }
}

/** An error's message without its parameters: those carry numbers. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
