import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { audit, type AuditedAction } from './audit.js';
import { lookAgainAtHeld } from './held-calls.js';
import { environmentKey } from './locks.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

export interface CreditBalance {
  /** What may still be spent: granted, less what was charged, less what is reserved. Null: unlimited. */
  balance: number | null;
  /** By dials whose cost is not known yet. */
  reserved: number;
  /** What a second of talk costs. */
  ratePerSecond: number;
  /** By the database clock. */
  asOf: Date;
}

export interface CreditEntry {
  id: string;
  at: Date;
  kind: 'grant' | 'charge';
  /** Below zero: taken away. */
  amount: number;
  /** Who granted it; null: it was charged. */
  actor: string | null;
  campaignId: string | null;
  attemptId: string | null;
  seconds: number | null;
}

export interface Rate {
  perSecond: number;
  /** Most seconds that a dial reserves; null: the longest that its agent may talk. */
  reserveSeconds: number | null;
}

/** What an environment may spend, and what it has spent. Unlimited unless the operator has granted something. */
@Injectable()
export class CreditsStore {
  constructor(private readonly database: ScopedDatabase) {}

  async balance(environmentId: string): Promise<CreditBalance> {
    return this.database.within(environmentId, async (manager) => {
      const [row] = await manager.query<[{ balance: string | null; reserved: string; rate: string }]>(
        `SELECT CASE WHEN is_credit_limited THEN granted - spent - reserved END AS balance, reserved,
           rate_per_second AS rate
         FROM environments JOIN slots ON slots.scope = $2 WHERE environments.id = $1`,
        [environmentId, environmentKey(environmentId)],
      );
      return {
        // The driver gives a numeric as text.
        balance: row.balance === null ? null : Number(row.balance),
        reserved: Number(row.reserved),
        ratePerSecond: Number(row.rate),
        asOf: await databaseClock(manager),
      };
    });
  }

  /**
   * Grants what brings granted less charged to `balance`, and what is reserved comes off that; null: unlimited from now on.
   * Audited.
   */
  async set(environmentId: string, balance: number | null): Promise<void> {
    await this.change(environmentId, 'credits.set', { balance }, async (manager, left) => {
      await limit(manager, environmentId, balance !== null);
      if (balance !== null) await grant(manager, environmentId, balance, left);
    });
  }

  /** Adds to what may be spent, or, below zero, takes from it; an unlimited environment becomes a limited one. Audited. */
  async add(environmentId: string, amount: number): Promise<void> {
    await this.change(environmentId, 'credits.added', { amount }, async (manager) => {
      await limit(manager, environmentId, true);
      await grant(manager, environmentId, amount, '0');
    });
  }

  /** Sets what a second of talk costs, for dials from now on. Audited. */
  async setRate(environmentId: string, { perSecond, reserveSeconds }: Rate): Promise<void> {
    await this.change(environmentId, 'credits.rated', { perSecond, reserveSeconds }, (manager) =>
      manager.query(
        `UPDATE environments SET rate_per_second = $2, reserve_seconds = $3, updated_at = clock_timestamp() WHERE id = $1`,
        [environmentId, perSecond, reserveSeconds],
      ),
    );
  }

  /** The newest entries of the ledger, newest first. */
  async entries(environmentId: string, most: number): Promise<CreditEntry[]> {
    return this.database.within(environmentId, (manager) =>
      manager.query<CreditEntry[]>(
        `SELECT id, at, kind, amount::double precision AS amount, actor, campaign_id AS "campaignId",
           attempt_id AS "attemptId", seconds
         FROM credit_entries WHERE environment_id = $1 ORDER BY id DESC LIMIT $2`,
        [environmentId, most],
      ),
    );
  }

  /** Under the lock of the environment's limit row; then calls that it held are looked at again. */
  private async change(
    environmentId: string,
    action: AuditedAction,
    detail: Record<string, unknown>,
    work: (manager: EntityManager, left: string) => Promise<unknown>,
  ): Promise<void> {
    await this.database.within(environmentId, async (manager) => {
      const [row] = await manager.query<{ left: string }[]>(
        `SELECT granted - spent AS left FROM slots WHERE scope = $1 FOR UPDATE`,
        [environmentKey(environmentId)],
      );
      if (row === undefined) throw new Error('There is no such environment.');
      await work(manager, row.left);
      await audit(manager, { environmentId, actor: 'cli', action, subjectId: null, detail });
    });
    await lookAgainAtHeld(this.database, environmentId, null);
  }
}

async function limit(manager: EntityManager, environmentId: string, isLimited: boolean): Promise<void> {
  await manager.query(
    `UPDATE environments SET is_credit_limited = $2, updated_at = clock_timestamp() WHERE id = $1`,
    [environmentId, isLimited],
  );
}

/** Grants `amount` less `left`, in the ledger and in the sum. */
async function grant(
  manager: EntityManager,
  environmentId: string,
  amount: number,
  left: string,
): Promise<void> {
  const difference = [environmentId, amount, left];
  await manager.query(
    `INSERT INTO credit_entries (environment_id, kind, amount, actor)
     SELECT $1, 'grant', $2::numeric - $3::numeric, 'cli' WHERE $2::numeric <> $3::numeric`,
    difference,
  );
  await manager.query(
    `UPDATE slots SET granted = granted + $2::numeric - $3::numeric WHERE scope = 'environment:' || $1`,
    difference,
  );
}
