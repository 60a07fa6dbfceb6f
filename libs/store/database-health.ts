import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NotReady } from '#environment/not-ready.js';
import { ScopedDatabase } from './scoped-database.js';

/** Beyond this a machine's clock is wrong enough to mislead whoever reads its logs; no rule reads it. */
const MAX_SKEW_MS = 2_000;

/** How the database is, seen from this process. */
@Injectable()
export class DatabaseHealth {
  constructor(
    private readonly source: DataSource,
    private readonly scoped: ScopedDatabase,
  ) {}

  /** @throws Error when it does not answer */
  async reached(): Promise<'reached'> {
    await this.source.query('SELECT 1');
    return 'reached';
  }

  /** @throws NotReady when a migration is missing: it was undone, or another database is behind the same address */
  async migrations(): Promise<'current'> {
    await this.scoped.assertMigrated();
    return 'current';
  }

  /** How far this machine's clock is ahead of the database's, in milliseconds, exact to half the time of the question. */
  private async skewMs(localClock: () => number): Promise<number> {
    const runner = this.source.createQueryRunner();
    try {
      // Before the question: the time that it takes to get a connection is nobody's skew.
      await runner.connect();
      const before = localClock();
      const [{ now }] = (await runner.query(`SELECT clock_timestamp() AS now`)) as [{ now: Date }];
      return Math.round((before + localClock()) / 2 - now.getTime());
    } finally {
      await runner.release();
    }
  }

  /**
   * @param localClock this machine's, in milliseconds since 1970
   * @throws NotReady when the clocks differ too much. Dialling goes on all the same: only the database's clock judges.
   */
  async clock(localClock: () => number): Promise<'in step'> {
    const skewMs = await this.skewMs(localClock);
    if (Math.abs(skewMs) > MAX_SKEW_MS)
      throw new NotReady(`This machine's clock is ${skewMs} ms from the database's.`);
    return 'in step';
  }
}
