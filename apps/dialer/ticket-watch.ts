import type { Queue } from 'bullmq';
import { inTime } from '#jobs/queue-shard.js';

export const LOOK_EVERY_MS = 5_000;

/**
 * Whether the tickets of a queue are taken. While one and the same is the next to be taken, look after look, and this worker
 * takes none, nobody takes any: the others would have taken that one.
 */
export class TicketWatch {
  private wasTaken = false;
  private lastNext: string | null = null;

  /** @param goesOn called at every look that finds nothing wrong */
  constructor(
    private readonly queue: Queue,
    private readonly goesOn: () => void,
  ) {}

  /** This worker has taken a ticket. */
  noteTaken(): void {
    this.wasTaken = true;
  }

  async look(): Promise<void> {
    const next = await this.next();
    if (this.wasTaken || next === null || next !== this.lastNext) this.goesOn();
    this.wasTaken = false;
    this.lastNext = next;
  }

  /** The ticket that is next; null: none waits, or whoever paused the queue keeps it waiting, or the queue does not say. */
  private next(): Promise<string | null> {
    const asked = Promise.all([this.queue.isPaused(), this.queue.getWaiting(0, 0)]);
    return inTime(
      asked.then(([isPaused, [next]]) => (isPaused ? null : (next?.id ?? null))).catch(() => null),
      null,
    );
  }
}
