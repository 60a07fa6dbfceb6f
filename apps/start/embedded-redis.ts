import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import type { Processes } from './processes.js';
import { whenReady } from './when-ready.js';

export interface EmbeddedRedis {
  /** With its password; reachable from this machine only. */
  url: string;
  /** valkey-server or redis-server. */
  program: string;
  stop(): Promise<void>;
}

const PROGRAMS = ['valkey-server', 'redis-server'];
const START_TIMEOUT_SECONDS = 60;

/**
 * The Redis or Valkey that is installed on this machine, as a process of its own on a free port of 127.0.0.1, its data
 * kept in the given folder. Null where none is installed. Throws with what to do where it does not start.
 */
export async function startEmbeddedRedis(options: {
  dataFolder: string;
  processes: Processes;
}): Promise<EmbeddedRedis | null> {
  const command = PROGRAMS.map(onPath).find((found) => found !== null);
  if (command === undefined) return null;
  const folder = resolve(options.dataFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const password = randomBytes(24).toString('hex');
  const running = options.processes.start({
    name: 'Redis',
    command: command.path,
    // Its settings come by standard input: a password among the arguments is everybody's.
    args: ['-'],
    input: settings(port, password),
    folder,
    logFile: join(folder, 'redis.log'),
  });
  const url = `redis://default:${password}@127.0.0.1:${port}`;
  try {
    await whenReady(running, () => answers(url), START_TIMEOUT_SECONDS);
  } catch (error) {
    const advice =
      'Without it: npm start -- --no-redis. If its data is not worth keeping: npm start -- --fresh';
    throw new Error(`${(error as Error).message}\n${advice}`, { cause: error });
  }
  options.processes.require(running);
  return { url, program: command.program, stop: () => running.stop() };
}

function onPath(program: string): { program: string; path: string } | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return { program, path };
    } catch {
      // Not in this one.
    }
  }
  return null;
}

function settings(port: number, password: string): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'daemonize no',
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    // BullMQ loses jobs where keys may be evicted.
    'maxmemory-policy noeviction',
    '',
  ].join('\n');
}

async function answers(url: string): Promise<boolean> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
