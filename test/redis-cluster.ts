import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../apps/start/free-port.js';

const PROGRAMS = ['valkey-server', 'redis-server'];
const SLOTS = 16_384;
const PATIENCE_MS = 20_000;

/** Why a test has no cluster. */
export const NO_PROGRAM = 'neither valkey-server nor redis-server is on the PATH';

/** A server with cluster support that is on the PATH; null: there is none. */
export function clusterProgram(): string | null {
  return PROGRAMS.find((program) => spawnSync(program, ['--version']).status === 0) ?? null;
}

interface Node {
  port: number;
  busPort: number;
  folder: string;
  firstSlot: number;
  lastSlot: number;
  process?: ChildProcess;
}

/**
 * A Redis Cluster of its own on this machine: masters alone, the slots shared out as `redis-cli --cluster create` does, each
 * serving its own while another is away, and keeping nothing over a restart.
 */
export class RedisCluster {
  private readonly nodes: Node[] = [];

  private constructor(
    private readonly program: string,
    private readonly folder: string,
  ) {}

  static async start(program: string, masters = 3): Promise<RedisCluster> {
    const cluster = new RedisCluster(program, mkdtempSync(join(tmpdir(), 'redis-cluster-')));
    try {
      await cluster.form(masters);
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  /** For REDIS_URL: every node. */
  get url(): string {
    return this.nodes.map(({ port }) => `redis://127.0.0.1:${port}`).join(',');
  }

  /** Ends a master as a power cut does. */
  async kill(nth: number): Promise<void> {
    const { process } = this.node(nth);
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  }

  /** A master that was ended comes back, with its slots and without its keys. */
  async bringBack(nth: number): Promise<void> {
    await this.startNode(this.node(nth));
    await this.whole();
  }

  /** Has a master stand still, its connections open, or go on. */
  freeze(nth: number): void {
    this.node(nth).process?.kill('SIGSTOP');
  }

  thaw(nth: number): void {
    this.node(nth).process?.kill('SIGCONT');
  }

  /** Asks one master. */
  async ask<T>(nth: number, question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.node(nth).port, '127.0.0.1');
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((_, nth) => this.kill(nth)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async form(masters: number): Promise<void> {
    for (let nth = 0; nth < masters; nth += 1) {
      const folder = join(this.folder, `${nth}`);
      mkdirSync(folder);
      const bounds = [nth, nth + 1].map((share) => Math.round((share * SLOTS) / masters));
      this.nodes.push({
        port: await freePort(),
        busPort: await freePort(),
        folder,
        firstSlot: bounds[0]!,
        lastSlot: bounds[1]! - 1,
      });
    }
    await Promise.all(this.nodes.map((node) => this.startNode(node)));
    const [first] = this.nodes;
    for (const [nth, { firstSlot, lastSlot }] of this.nodes.entries()) {
      await this.ask(nth, async (redis) => {
        // Nodes of one epoch that meet each believe to have been first.
        await redis.call('CLUSTER', 'SET-CONFIG-EPOCH', `${nth + 1}`);
        await redis.call('CLUSTER', 'ADDSLOTSRANGE', `${firstSlot}`, `${lastSlot}`);
        if (nth > 0) await redis.call('CLUSTER', 'MEET', '127.0.0.1', `${first!.port}`, `${first!.busPort}`);
      });
    }
    await this.whole();
  }

  private async startNode(node: Node): Promise<void> {
    const settings = {
      bind: '127.0.0.1',
      port: node.port,
      dir: node.folder,
      save: '',
      appendonly: 'no',
      'maxmemory-policy': 'noeviction',
      'cluster-enabled': 'yes',
      'cluster-port': node.busPort,
      'cluster-node-timeout': 1_000,
      'cluster-require-full-coverage': 'no',
    };
    node.process = spawn(
      this.program,
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]),
      { stdio: 'ignore' },
    );
    await until('a node answers', async () => (await info(node.port, 'PING')) === 'PONG');
  }

  /** Waits until every node knows every other, and says that its slots are served. */
  private async whole(): Promise<void> {
    for (const { port } of this.nodes) {
      await until('the cluster is whole', async () => {
        const state = (await info(port, 'CLUSTER', 'INFO')) ?? '';
        return (
          state.includes('cluster_state:ok') &&
          state.includes(`cluster_slots_ok:${SLOTS}`) &&
          state.includes(`cluster_known_nodes:${this.nodes.length}`)
        );
      });
    }
  }

  private node(nth: number): Node {
    const node = this.nodes[nth];
    if (node === undefined) throw new Error(`The cluster has no node ${nth}.`);
    return node;
  }
}

async function info(port: number, command: string, ...words: string[]): Promise<string | null> {
  const redis = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.call(command, ...words)) as string;
  } catch {
    return null;
  } finally {
    redis.disconnect();
  }
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    if (await ask()) return;
    await pause(50);
  }
  throw new Error(`It never came to this: ${what}`);
}
