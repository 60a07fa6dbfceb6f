import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { audit, type AuditedAction } from './audit.js';
import { ScopedDatabase } from './scoped-database.js';

/** Tries at a login are counted for as long, and whoever had too many waits for the rest of it. */
const WINDOW_SECONDS = 15 * 60;

/** Of one address. */
const TRIES_OF_ADDRESS = 5;

/** By one name, from all addresses together: more, so that nobody keeps its owner out from a single one. */
const TRIES_OF_NAME = 20;

/** A session that nobody has used for so long is over. */
const IDLE_MINUTES = 30;

/** And every one after this. */
const LIFE_HOURS = 12;

/** Who tries to log in. */
export interface Trier {
  /** The address, or the network where providers hand out networks. */
  from: string;
  /** A digest of the name: people type their passwords into the wrong field. */
  nameHash: string;
}

/** Somebody at the admin port, for the audit log. */
interface Doer {
  actor: string;
  from: string;
}

/**
 * Logins at the admin ports. They come before any environment is known, so that they pass the gate. Judged by the database's
 * clock, kept where no restart and no other process's memory changes them.
 */
@Injectable()
export class AdminLoginsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Counts a try, before the password is looked at: a hundred at once are a hundred tries.
   * @returns seconds that have to be waited instead; null: it may be looked at
   */
  begin({ from, nameHash }: Trier): Promise<number | null> {
    return this.database.atGate('', async (manager) => {
      // The address first: one that is refused counts against nobody's name.
      const ofAddress = await count(manager, addressKey(from), TRIES_OF_ADDRESS);
      return ofAddress ?? (await count(manager, nameKey(nameHash), TRIES_OF_NAME));
    });
  }

  /** Seconds that the trier has to wait; null: none. Counts nothing. */
  waitSeconds({ from, nameHash }: Trier): Promise<number | null> {
    return this.database.atGate('', async (manager) => {
      const ofAddress = await waitOf(manager, addressKey(from), TRIES_OF_ADDRESS);
      return ofAddress ?? (await waitOf(manager, nameKey(nameHash), TRIES_OF_NAME));
    });
  }

  /** The password was wrong. */
  async fail({ from, nameHash }: Trier, way: 'form' | 'basic'): Promise<void> {
    await this.database.atGate('', async (manager) => {
      await write(manager, { actor: 'admin', from }, 'admin.login_failed', { way });
      for (const { locked, key, most } of [
        { locked: 'address', key: addressKey(from), most: TRIES_OF_ADDRESS },
        { locked: 'name', key: nameKey(nameHash), most: TRIES_OF_NAME },
      ]) {
        if (await locks(manager, key, most))
          await write(manager, { actor: 'admin', from }, 'admin.locked_out', { locked });
      }
    });
  }

  /** The password was right: the try is taken back. */
  succeed({ from, nameHash }: Trier): Promise<void> {
    return this.database.atGate('', (manager) => takeBack(manager, { from, nameHash }));
  }

  /** The same, and a session begins; one that the same browser had ends. */
  logIn(trier: Trier, session: { idHash: string; name: string; instead: string | null }): Promise<void> {
    return this.database.atGate('', async (manager) => {
      await takeBack(manager, trier);
      await manager.query(`DELETE FROM admin_sessions WHERE id_hash = $1`, [session.instead]);
      await manager.query(`INSERT INTO admin_sessions (id_hash, name) VALUES ($1, $2)`, [
        session.idHash,
        session.name,
      ]);
      await write(manager, { actor: `admin:${session.name}`, from: trier.from }, 'admin.logged_in', {});
    });
  }

  /** Whose session it is, which is used by that; null: nobody's, or it is over. */
  async nameOf(idHash: string): Promise<string | null> {
    const [[found]] = await this.database.atGate('', (manager) =>
      manager.query<[{ name: string }[], number]>(
        `UPDATE admin_sessions SET used_at = clock_timestamp() WHERE id_hash = $1 AND ${IS_ALIVE} RETURNING name`,
        [idHash],
      ),
    );
    return found?.name ?? null;
  }

  /** Whether a session is not over. Asking is no use of it. */
  async isAlive(idHash: string): Promise<boolean> {
    const found = await this.database.atGate('', (manager) =>
      manager.query<unknown[]>(`SELECT FROM admin_sessions WHERE id_hash = $1 AND ${IS_ALIVE}`, [idHash]),
    );
    return found.length === 1;
  }

  /** Ends a session, at every process at once. */
  async logOut(idHash: string, who: Doer): Promise<void> {
    await this.database.atGate('', async (manager) => {
      await manager.query(`DELETE FROM admin_sessions WHERE id_hash = $1`, [idHash]);
      await write(manager, who, 'admin.logged_out', {});
    });
  }

  /** Writes down what somebody is about to do that is no change of the database. */
  async note(who: Doer, detail: Record<string, unknown>): Promise<void> {
    await this.database.atGate('', (manager) => write(manager, who, 'admin.changed', detail));
  }

  /** For the dialer: forgets sessions that are over, and tries that count no more, with the addresses they came from. */
  async forgetOver(): Promise<void> {
    await this.database.everywhere(async (manager) => {
      await manager.query(`DELETE FROM admin_sessions WHERE NOT (${IS_ALIVE})`);
      await manager.query(`DELETE FROM admin_tries WHERE ends_at <= clock_timestamp()`);
    });
  }

  /** For an operator: forgets all tries. Returns how many names and addresses had some. */
  unlock(): Promise<number> {
    return this.database.everywhere(async (manager) => {
      const [, forgotten] = await manager.query<[unknown[], number]>(`DELETE FROM admin_tries`);
      await audit(manager, {
        ...{ environmentId: null, actor: 'cli', action: 'admin.unlocked', subjectId: null },
        detail: { forgotten },
      });
      return forgotten;
    });
  }
}

const IS_ALIVE = `used_at > clock_timestamp() - interval '${IDLE_MINUTES} minutes'
  AND made_at > clock_timestamp() - interval '${LIFE_HOURS} hours'`;

const addressKey = (from: string) => `address:${from}`;
const nameKey = (nameHash: string) => `name:${nameHash}`;

/** Nothing is written of a try that is refused: whoever floods a login writes no rows. */
async function count(manager: EntityManager, key: string, most: number): Promise<number | null> {
  const counted = await manager.query<unknown[]>(
    `INSERT INTO admin_tries AS tried (key, tries, ends_at)
     VALUES ($1, 1, clock_timestamp() + interval '${WINDOW_SECONDS} seconds')
     ON CONFLICT (key) DO UPDATE SET
       tries = CASE WHEN tried.ends_at <= clock_timestamp() THEN 1 ELSE tried.tries + 1 END,
       ends_at = CASE WHEN tried.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE tried.ends_at END,
       locked_at = CASE WHEN tried.ends_at <= clock_timestamp() THEN NULL ELSE tried.locked_at END
     WHERE tried.ends_at <= clock_timestamp() OR tried.tries < $2
     RETURNING key`,
    [key, most],
  );
  // At least a second: what ran out between the two statements may be tried again at once, and is told to whoever asks again.
  return counted.length === 1 ? null : ((await waitOf(manager, key, most)) ?? 1);
}

async function waitOf(manager: EntityManager, key: string, most: number): Promise<number | null> {
  const [locked] = await manager.query<{ seconds: number }[]>(
    `SELECT greatest(1, ceil(extract(epoch FROM ends_at - clock_timestamp())))::integer AS seconds
     FROM admin_tries WHERE key = $1 AND tries >= $2 AND ends_at > clock_timestamp()`,
    [key, most],
  );
  return locked?.seconds ?? null;
}

/** Whether that was the try that locks. Of several that fail together one is. */
async function locks(manager: EntityManager, key: string, most: number): Promise<boolean> {
  const [, locked] = await manager.query<[unknown[], number]>(
    `UPDATE admin_tries SET locked_at = clock_timestamp() WHERE key = $1 AND tries >= $2 AND locked_at IS NULL`,
    [key, most],
  );
  return locked === 1;
}

async function takeBack(manager: EntityManager, { from, nameHash }: Trier): Promise<void> {
  // Whoever knows the password need not guess from there; from elsewhere somebody else may.
  await manager.query(`DELETE FROM admin_tries WHERE key = $1`, [addressKey(from)]);
  await manager.query(`UPDATE admin_tries SET tries = tries - 1 WHERE key = $1 AND tries > 0`, [
    nameKey(nameHash),
  ]);
}

function write(
  manager: EntityManager,
  { actor, from }: Doer,
  action: AuditedAction,
  detail: Record<string, unknown>,
): Promise<void> {
  return audit(manager, { environmentId: null, actor, action, subjectId: null, detail: { ...detail, from } });
}
