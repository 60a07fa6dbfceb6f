import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { audit } from './audit.js';
import { lookAgainAtHeld } from './held-calls.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

export interface CreditBalance {
  /** Null: unlimited. */
  balance: number | null;
  /** By the database clock. */
  asOf: Date;
}

/** What an environment may still spend. Unlimited unless the operator has set a balance. */
@Injectable()
export class CreditsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async balance(environmentId: string): Promise<CreditBalance> {
    return this.database.within(environmentId, async (manager) => ({
      balance: await creditBalance(manager, environmentId),
      asOf: await databaseClock(manager),
    }));
  }

  /** Sets the balance; null: unlimited. Audited. */
  async set(environmentId: string, balance: number | null): Promise<void> {
    await this.database.within(environmentId, async (manager) => {
      await manager.query(
        `UPDATE environments SET credit_balance = $2, updated_at = clock_timestamp() WHERE id = $1`,
        [environmentId, balance],
      );
      const entry = { actor: 'cli', action: 'credits.set', subjectId: null } as const;
      await audit(manager, { environmentId, ...entry, detail: { balance } });
    });
    await lookAgainAtHeld(this.database, environmentId, null);
  }
}

/** The balance of an environment; null: unlimited. */
export async function creditBalance(manager: EntityManager, environmentId: string): Promise<number | null> {
  const [{ balance }] = await manager.query<[{ balance: string | null }]>(
    `SELECT credit_balance AS balance FROM environments WHERE id = $1`,
    [environmentId],
  );
  // The driver gives a numeric as text.
  return balance === null ? null : Number(balance);
}
