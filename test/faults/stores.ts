import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { freePort } from '../../apps/start/free-port.js';
import { startEmbeddedPostgres } from '../../apps/start/embedded-postgres.js';
import { Processes } from '../../apps/start/processes.js';
import { ROLES } from '#store/migrations/row-security.js';
import { COMMAND_LIMITS, database, migrate } from '#store/database.js';
import { BreakableProxy } from '../breakable-proxy.js';

/** A Redis of the harness's own: it may be killed, frozen, emptied and damaged. Its data lives in an AOF. */
export class OwnRedis {
  private running: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(folder: string): Promise<OwnRedis> {
    mkdirSync(folder, { recursive: true });
    const redis = new OwnRedis(folder, await freePort());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const settings = [
      ...['--port', this.port.toString(), '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''],
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'],
      ...['--aof-load-truncated', 'yes', '--loglevel', 'warning'],
    ];
    this.running = spawn('redis-server', settings, { stdio: 'ignore' });
    const deadline = Date.now() + 20_000;
    while (!(await this.answers())) {
      if (Date.now() > deadline) throw new Error('redis-server does not start; is it installed?');
      await pause(20);
    }
  }

  async kill(): Promise<void> {
    const { running } = this;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGCONT');
    running.kill('SIGKILL');
    await exited;
  }

  freeze(): void {
    this.running?.kill('SIGSTOP');
  }

  thaw(): void {
    this.running?.kill('SIGCONT');
  }

  /** Whether it takes writes, or refuses each for want of replicas, as one that was cut off from its cluster. */
  async takeWrites(takes: boolean): Promise<void> {
    await this.ask('CONFIG', 'SET', 'min-replicas-to-write', takes ? '0' : '1');
  }

  /** Cuts the last bytes off its log, as a power loss would; only while it is not running. */
  cutTail(bytes: number): void {
    const folder = join(this.folder, 'appendonlydir');
    const log = readdirSync(folder).find((name) => name.endsWith('.incr.aof'));
    if (log === undefined) return;
    const path = join(folder, log);
    truncateSync(path, Math.max(0, statSync(path).size - bytes));
  }

  async ask(...words: [string, ...string[]]): Promise<unknown> {
    const redis = new Redis(this.url, { retryStrategy: () => null, lazyConnect: true });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return await redis.call(...words);
    } finally {
      redis.disconnect();
    }
  }

  private async answers(): Promise<boolean> {
    return this.ask('PING').then(
      (answer) => answer === 'PONG',
      () => false,
    );
  }
}

/** A PostgreSQL of the harness's own, reached through a proxy that can be cut and held up. */
export class OwnPostgres {
  private constructor(
    private readonly processes: Processes,
    /** Goes straight to the server: for judging, and for the faults that need a connection. */
    readonly directUrl: string,
    readonly proxy: BreakableProxy,
  ) {}

  static async start(folder: string, processes: Processes): Promise<OwnPostgres> {
    const { url } = await startEmbeddedPostgres({ dataFolder: folder, processes, isThrowaway: true });
    const { hostname, port } = new URL(url);
    const proxy = new BreakableProxy({ host: hostname, port: Number(port) });
    await proxy.mend();
    return new OwnPostgres(processes, url, proxy);
  }

  /**
   * A migrated database of its own for one scenario. `direct` is its administrator, past the proxy; `proxied` is a role
   * that owns the database and nothing else, so that limits hold for it.
   */
  async fresh(name: string): Promise<{ direct: string; proxied: string }> {
    await this.query(this.directUrl, `CREATE ROLE ${name} LOGIN PASSWORD '${name}'`);
    await this.query(this.directUrl, `CREATE DATABASE ${name} OWNER ${name}`);
    await this.letTakeRoles(name);
    const direct = new URL(this.directUrl);
    direct.pathname = `/${name}`;
    const owned = new URL(direct);
    owned.username = name;
    owned.password = name;
    const source = await database(owned.href, COMMAND_LIMITS).initialize();
    await migrate(source);
    await source.destroy();
    return { direct: direct.href, proxied: this.proxy.through(owned.href) };
  }

  /** What an administrator runs for an owner who may make no roles. */
  private async letTakeRoles(login: string): Promise<void> {
    for (const role of ROLES) {
      const known = await this.query(this.directUrl, `SELECT FROM pg_roles WHERE rolname = '${role}'`);
      if (known.length === 0) await this.query(this.directUrl, `CREATE ROLE ${role} NOLOGIN`);
      await this.query(this.directUrl, `GRANT ${role} TO ${login}`);
    }
  }

  /** Leaves a database so few connections for a while that its users' pools starve. An administrator has one anyway. */
  async starve(url: string, connections: number, milliseconds: number): Promise<void> {
    const name = new URL(url).pathname.slice(1);
    await this.query(this.directUrl, `ALTER DATABASE ${name} CONNECTION LIMIT ${connections}`);
    try {
      await this.terminateBackends(url);
      await pause(milliseconds);
    } finally {
      await this.query(this.directUrl, `ALTER DATABASE ${name} CONNECTION LIMIT -1`);
    }
  }

  /** Refuses every write to these tables for a while as a full disk does (53100): reads work, and nothing grows. */
  async fillDisk(url: string, tables: string[], milliseconds: number): Promise<void> {
    await this.query(
      url,
      `CREATE OR REPLACE FUNCTION faults_disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`,
    );
    for (const table of tables) {
      await this.query(
        url,
        `CREATE TRIGGER a_faults_disk_full BEFORE INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION faults_disk_full()`,
      );
    }
    try {
      await pause(milliseconds);
    } finally {
      for (const table of tables) await this.query(url, `DROP TRIGGER a_faults_disk_full ON ${table}`);
    }
  }

  /** Ends every connection of a database as an administrator would. Returns how many. */
  async terminateBackends(url: string): Promise<number> {
    const rows = await this.query(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    );
    return rows.length;
  }

  /** Kills one server process: PostgreSQL throws every session out and recovers from its log. */
  async crash(): Promise<void> {
    const [row] = (await this.query(
      this.directUrl,
      `SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'`,
    )) as { pid: number }[];
    if (row !== undefined) process.kill(row.pid, 'SIGKILL');
  }

  /** Holds a table so that every write waits, for a while. */
  async lockTable(url: string, table: string, milliseconds: number): Promise<void> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query('BEGIN');
      await client.query(`LOCK TABLE ${table} IN EXCLUSIVE MODE`);
      await pause(milliseconds);
      await client.query('COMMIT');
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async query(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    await this.proxy.cut();
    await this.processes.stopAll();
  }
}
