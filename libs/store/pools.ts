import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PoolUse } from '#metrics/house-facts.js';

/** The pools of this process' connections, for counting. */
export class Pools {
  /** @param sources by what they are for */
  constructor(private readonly sources: Record<string, DataSource>) {}

  use(): PoolUse[] {
    return Object.entries(this.sources).map(([pool, source]) => {
      const { totalCount, idleCount, waitingCount, options } = poolOf(source);
      return { pool, limit: options.max, open: totalCount, idle: idleCount, waiting: waitingCount };
    });
  }
}

/** The driver's own pool. */
export function poolOf(source: DataSource): Pool {
  return (source.driver as unknown as { master: Pool }).master;
}
