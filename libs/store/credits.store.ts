import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { audit } from './audit.js';

export interface CreditBalance {
  /** Null: unlimited. */
  balance: number | null;
  /** By the database clock. */
  asOf: Date;
}

/** What an environment may still spend. Unlimited unless the operator has set a balance. */
@Injectable()
export class CreditsStore {
  constructor(private readonly source: DataSource) {}

  async balance(environmentId: string): Promise<CreditBalance> {
    const [{ balance, asOf }] = await this.source.query<[{ balance: string | null; asOf: Date }]>(
      `SELECT credit_balance AS balance, clock_timestamp() AS "asOf" FROM environments WHERE id = $1`,
      [environmentId],
    );
    // The driver gives a numeric as text.
    return { balance: balance === null ? null : Number(balance), asOf };
  }

  /** Sets the balance; null: unlimited. Audited. */
  async set(environmentId: string, balance: number | null): Promise<void> {
    await this.source.transaction(async (manager) => {
      await manager.query(
        `UPDATE environments SET credit_balance = $2, updated_at = clock_timestamp() WHERE id = $1`,
        [environmentId, balance],
      );
      const entry = { actor: 'cli', action: 'credits.set', subjectId: null } as const;
      await audit(manager, { environmentId, ...entry, detail: { balance } });
    });
  }
}
