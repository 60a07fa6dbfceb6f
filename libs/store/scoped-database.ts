import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { NotReady } from '#environment/not-ready.js';
import { answerWithinMs } from './silent-server.js';

/**
 * The database roles, each with the rows and verbs its process needs, and no login; migration 0006 says which. A process
 * logs in as whoever DATABASE_URL names, and takes its role at the start of every transaction.
 */
export type ProcessRole =
  'ringfence_api' | 'ringfence_dialer' | 'ringfence_operator' | 'ringfence_metrics' | 'ringfence_console';

/** PostgreSQL's codes for a role that is not there, and for one that this user may not take. */
const PERMISSION_DENIED = '42501';
const UNDEFINED_TABLE = '42P01';
const CANNOT_TAKE_ROLE = new Set(['22023', PERMISSION_DENIED]);

/** Before an environment is known: reads the token that is shown, takes callbacks in, and nothing else. */
const GATE = 'ringfence_gate';

/**
 * The only way of a store to the database. A transaction says in its first statement who asks and for which environment,
 * and PostgreSQL shows it no row of another one, whatever its queries forget. Both end with the transaction, so that a
 * pooled connection carries nothing on.
 */
export class ScopedDatabase {
  constructor(
    private readonly source: DataSource,
    private readonly role: ProcessRole,
  ) {}

  /** A transaction over the rows of one environment. */
  within<T>(environmentId: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.run(this.role, environmentId, work);
  }

  /** A transaction over all environments: for the dialer, for operators and for counting. The api's role would see nothing. */
  everywhere<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.role === 'ringfence_api') throw new Error('The api asks for one environment at a time.');
    return this.run(this.role, '', work);
  }

  /** The same, of statements that may take longer than the process's others. */
  patiently<T>(statementTimeoutMs: number, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.everywhere(async (manager) => {
      const { connectionParameters } = (await manager.queryRunner?.connect()) as PoolClient;
      const usual = connectionParameters.query_timeout;
      connectionParameters.query_timeout = answerWithinMs(statementTimeoutMs);
      try {
        await manager.query(`SET LOCAL statement_timeout = ${statementTimeoutMs}`);
        return await work(manager);
      } finally {
        connectionParameters.query_timeout = usual;
      }
    });
  }

  /**
   * A transaction of one who is not known yet: it sees the token whose hash is shown and that token's environment, and
   * takes in what carriers tell.
   */
  atGate<T>(tokenHash: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.run(GATE, '', work, tokenHash);
  }

  /** One reading over the rows of one environment: a transaction with a single round trip. See `preparing` for its text. */
  readWithin<Row extends pg.QueryResultRow>(
    environmentId: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    return this.read(this.role, environmentId, '', text, values);
  }

  /** The same at the gate. */
  readAtGate<Row extends pg.QueryResultRow>(
    tokenHash: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    return this.read(GATE, '', tokenHash, text, values);
  }

  /**
   * Sees to it, before the process does any work, that its role can be taken and is bound by row-level security, and that the
   * database has all that this version of the code goes by.
   * @throws NotReady that says what to do
   */
  async assertReady(): Promise<void> {
    await this.assertBound();
    await this.assertMigrated();
  }

  /**
   * Sees to it that the database has all migrations that this version of the code goes by; it may have later ones.
   * @throws NotReady that says what to do
   */
  async assertMigrated(): Promise<void> {
    const applied = await this.run(this.role, '', (manager) =>
      manager.query<{ name: string }[]>(`SELECT name FROM migrations`),
    ).catch((error: unknown) => {
      // Never migrated, or not since they can be seen.
      if ([PERMISSION_DENIED, UNDEFINED_TABLE].includes((error as { code?: string }).code ?? '')) return [];
      throw error;
    });
    const known = new Set(applied.map(({ name }) => name));
    const missing = this.source.migrations.filter(({ name }) => name === undefined || !known.has(name));
    if (missing.length > 0)
      throw new NotReady(
        `The database is not migrated (${missing.at(-1)?.name} is missing): run npm run migrate.`,
      );
  }

  /**
   * Sees to it that its role can be taken and is bound by row-level security.
   * @throws NotReady that says what to do
   */
  async assertBound(): Promise<void> {
    const [{ free }] = await this.run<[{ free: boolean }]>(this.role, '', (manager) =>
      manager.query(`SELECT rolsuper OR rolbypassrls AS free FROM pg_roles WHERE rolname = current_user`),
    ).catch((error: unknown) => {
      if (!CANNOT_TAKE_ROLE.has((error as { code?: string }).code ?? '')) throw error;
      throw new NotReady(
        `The database has no role ${this.role} for this user (${(error as Error).message}): run npm run migrate.`,
      );
    });
    if (free) {
      throw new NotReady(
        `The database role ${this.role} passes by row-level security: ALTER ROLE ${this.role} NOSUPERUSER NOBYPASSRLS.`,
      );
    }
  }

  private run<T>(
    role: string,
    environmentId: string,
    work: (manager: EntityManager) => Promise<T>,
    tokenHash = '',
  ): Promise<T> {
    return this.source.transaction((manager) => {
      const scoped = preparing(manager).query(SCOPE, [role, environmentId, tokenHash]);
      // The work's first statement goes out right behind: where the first one fails, so do all of the transaction.
      return together([scoped, Promise.resolve().then(() => work(manager))]).then(([, result]) => result);
    });
  }

  private async read<Row extends pg.QueryResultRow>(
    role: string,
    environmentId: string,
    tokenHash: string,
    text: string,
    values: unknown[],
  ): Promise<Row[]> {
    const runner = this.source.createQueryRunner();
    try {
      const connection = (await runner.connect()) as PoolClient;
      sendInOnePiece(connection.connection.stream);
      const [, , found] = await together([
        connection.query('START TRANSACTION READ ONLY'),
        connection.query(prepared(SCOPE, [role, environmentId, tokenHash])),
        connection.query<Row>(prepared(text, values)),
        // Where one of them failed, it takes back.
        connection.query('COMMIT'),
      ]);
      return found.rows;
    } finally {
      await runner.release();
    }
  }
}

/**
 * The first statement of every transaction. What the planner expects of many look-ups would make it compile a query first,
 * which takes longer than the look-ups do: never here.
 */
const SCOPE = `SELECT set_config('role', $1, true), set_config('ringfence.environment_id', $2, true),
  set_config('ringfence.token_hash', $3, true), set_config('jit', 'off', true)`;

/**
 * Waits for statements that were sent one behind the other, all of them: one that is still under way when the transaction
 * ends would be outside of it.
 * @throws what the first of them failed with
 */
export async function together<T extends readonly unknown[]>(sent: {
  [Place in keyof T]: Promise<T[Place]>;
}): Promise<T> {
  for (const one of await Promise.allSettled(sent)) if (one.status === 'rejected') throw one.reason;
  return Promise.all(sent);
}

/** Names under which statements are prepared, by their text. */
const names = new Map<string, string>();

/**
 * The same manager, whose own statements (`query`) PostgreSQL plans once for each connection and not every time: planning
 * takes longer than most of them do. For SELECT and INSERT with a text that never changes; each one is kept for as long as
 * the connection is.
 */
export function preparing(manager: EntityManager): EntityManager {
  const query = async (text: string, values: unknown[]): Promise<unknown> => {
    const connection = (await manager.queryRunner?.connect()) as PoolClient;
    sendInOnePiece(connection.connection.stream);
    return (await connection.query(prepared(text, values))).rows;
  };
  return Object.create(manager, { query: { value: query } }) as EntityManager;
}

function prepared(text: string, values: unknown[]): pg.QueryConfig {
  const name = names.get(text) ?? `ringfence_${names.size + 1}`;
  names.set(text, name);
  return { name, text, values };
}

/** What the types of `pg` leave out: where the bytes go, and how long each answer is waited for. */
type PoolClient = pg.PoolClient & {
  connection: { stream: Duplex };
  connectionParameters: { query_timeout: number | undefined };
};

/** What is sent in one turn goes out at its end, in one piece: PostgreSQL is woken once for all of it. */
function sendInOnePiece(stream: Duplex): void {
  stream.cork();
  process.nextTick(() => stream.uncork());
}
