import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';
import { LeasesStore } from '#store/leases.store.js';

/** The lease runs out this long after its last renewal, so another dialer leads within three seconds. */
const LEASE_SECONDS = 2;
const RENEW_EVERY_MS = 500;
const LEASE = 'dialer';

/** Work that one dialer does for all. It must be harmless when two do it: a lease is a wish, not a fence. */
export interface LeaderTask {
  name: string;
  everyMs: number;
  run: () => Promise<void>;
}

/** Holds the lease while it can, and runs each task in its own rhythm while it leads. */
@Injectable()
export class Leader {
  private readonly log = new Logger('leader');
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private readonly wakers = new Map<string, () => void>();
  private leading = false;

  constructor(
    private readonly leases: LeasesStore,
    /** Of this process, as the holder of leases. */
    readonly name: string,
  ) {}

  start(tasks: LeaderTask[]): void {
    this.loops.push(
      this.repeat({ name: 'lease', everyMs: RENEW_EVERY_MS, run: () => this.renew() }, () => true),
    );
    for (const task of tasks) this.loops.push(this.repeat(task, () => this.leading));
  }

  /** Runs a task at once instead of at its next turn. */
  wake(taskName: string): void {
    this.wakers.get(taskName)?.();
  }

  /** Finishes what runs, and lets the next leader in. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
    if (this.leading) await this.leases.release(LEASE, this.name).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    const had = this.leading;
    // Not known to lead means not leading: a lease that cannot be renewed may be somebody else's by now.
    this.leading = false;
    this.leading = await this.leases.hold(LEASE, this.name, LEASE_SECONDS);
    if (this.leading && !had) this.log.log({ leading: true });
  }

  private async repeat(task: LeaderTask, allowed: () => boolean): Promise<void> {
    while (!this.stopping.signal.aborted) {
      if (allowed()) {
        await task
          .run()
          .catch((error: unknown) => this.log.error({ task: task.name, error: reasonOf(error) }));
      }
      await this.turn(task);
    }
  }

  /** Waits for the task's next turn, a wake, or the end. */
  private async turn({ name, everyMs }: LeaderTask): Promise<void> {
    const woken = new AbortController();
    this.wakers.set(name, () => woken.abort());
    const signal = AbortSignal.any([woken.signal, this.stopping.signal]);
    await pause(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** An error's message without its parameters: those carry numbers. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
