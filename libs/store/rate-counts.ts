import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Pool } from 'pg';
import { poolOf } from './pools.js';

/**
 * Where requests are counted in a house without Redis: a table that a crash may empty, and a pool for the library that
 * counts in it, which brings its own statements.
 */
@Injectable()
export class RateCounts {
  readonly table = 'rate_counts';

  constructor(private readonly source: DataSource) {}

  pool(): Pool {
    return poolOf(this.source);
  }
}

/** Forgets counts whose window was over a minute ago. Returns how many. */
export async function forgetOldCounts(manager: EntityManager, limit: number): Promise<number> {
  const over = `expire < extract(epoch FROM clock_timestamp()) * 1000 - 60000`;
  const [, forgotten] = await manager.query<[unknown[], number]>(
    `DELETE FROM rate_counts WHERE ctid IN (SELECT ctid FROM rate_counts WHERE ${over} LIMIT $1) AND ${over}`,
    [limit],
  );
  return forgotten;
}
