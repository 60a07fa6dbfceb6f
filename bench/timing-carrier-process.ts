import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../apps/start/free-port.js';

/** One call as the carrier saw it; in epoch milliseconds with their fraction. */
export interface CarrierStart {
  to: string;
  atMs: number;
  /** Null: it has not ended. */
  endedAtMs: number | null;
}

/** The carrier of `timing-carrier.ts`, running. */
export class TimingCarrier {
  private constructor(
    readonly url: string,
    private readonly running: ChildProcess,
  ) {}

  /** @param talkMs how long calls last, from and to; null: they do not end */
  static async start(secret: string, talkMs: readonly [number, number] | null): Promise<TimingCarrier> {
    const port = await freePort();
    const running = spawn(process.execPath, [resolve(import.meta.dirname, 'timing-carrier.js')], {
      env: { ...process.env, PORT: port.toString(), SECRET: secret, TALK_MS: talkMs?.join('-') ?? '' },
      stdio: 'inherit',
    });
    const carrier = new TimingCarrier(`http://127.0.0.1:${port}`, running);
    while ((await carrier.count().catch(() => null)) === null) await pause(20);
    return carrier;
  }

  async count(): Promise<number> {
    return (await (await fetch(`${this.url}/count`)).json()) as number;
  }

  /** In the order in which they came. */
  async starts(): Promise<CarrierStart[]> {
    const told = (await (await fetch(`${this.url}/starts`)).json()) as [string, number, number | null][];
    return told.map(([to, atMs, endedAtMs]) => ({ to, atMs, endedAtMs }));
  }

  /** Waits until so many calls have come. @throws Error after `patienceMs` */
  async untilCount(count: number, patienceMs: number): Promise<void> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const come = await this.count();
      if (come >= count) return;
      if (performance.now() > deadline)
        throw new Error(`${come} of ${count} calls came to the carrier in ${patienceMs / 1000} s.`);
      await pause(20);
    }
  }

  async forget(): Promise<void> {
    await fetch(`${this.url}/forget`, { method: 'POST' });
  }

  stop(): void {
    this.running.kill('SIGKILL');
  }
}

/** Most of these instants within any second, its beginning included and its end not. */
export function mostInASecond(instantsMs: readonly number[]): number {
  const inOrder = [...instantsMs].sort((a, b) => a - b);
  let [most, first] = [0, 0];
  for (const [nth, atMs] of inOrder.entries()) {
    while (inOrder[first]! <= atMs - 1000) first += 1;
    most = Math.max(most, nth - first + 1);
  }
  return most;
}
