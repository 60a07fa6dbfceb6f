import { setTimeout as pause } from 'node:timers/promises';
import type { CarrierCallback } from '#telephony/telephony-provider.js';

/** Entries that go into the inbox at once. */
const BATCH = 200;

const AGAIN_AFTER_MS = 500;

/**
 * Brings what was heard over a socket into the inbox, in order, and again where the database fails: unlike a request, nobody
 * sends it a second time. What is still here when the process dies is lost, and looked up.
 */
export class InboxFeed {
  private readonly waiting: CarrierCallback[] = [];
  private running: Promise<void> | null = null;
  private isStopped = false;

  constructor(
    private readonly record: (callbacks: CarrierCallback[]) => Promise<void>,
    private readonly failed: (error: unknown) => void,
    private readonly againAfterMs = AGAIN_AFTER_MS,
  ) {}

  add(callbacks: CarrierCallback[]): void {
    this.waiting.push(...callbacks);
    this.running ??= this.drain().finally(() => (this.running = null));
  }

  /** Resolves when all is in, or has been tried once more. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, BATCH);
      try {
        await this.record(batch);
        this.waiting.splice(0, batch.length);
      } catch (error) {
        this.failed(error);
        if (this.isStopped) return;
        await pause(this.againAfterMs);
      }
    }
  }
}
