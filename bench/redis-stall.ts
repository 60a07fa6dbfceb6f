import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** The longest that Redis left somebody waiting who asked it for nothing. */
export class RedisStall {
  private readonly probe;

  constructor(redisUrl: string) {
    this.probe = fork(resolve(import.meta.dirname, 'redis-probe.js'), {
      env: { ...process.env, REDIS_URL: redisUrl },
    });
  }

  begin(): void {
    this.probe.send('begin');
  }

  /** Milliseconds since `begin`. */
  async longestMs(): Promise<number> {
    const told = once(this.probe, 'message');
    this.probe.send('tell');
    const [longestMs] = (await told) as [number];
    return longestMs;
  }

  stop(): void {
    this.probe.kill('SIGKILL');
  }
}
