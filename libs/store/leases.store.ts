import { Injectable } from '@nestjs/common';
import { ScopedDatabase } from './scoped-database.js';

/** The lease of whoever leads. */
export const LEADING = 'dialer';

/** A condition: some dialer leads. */
export const IS_LED = `EXISTS (SELECT FROM leases WHERE name = '${LEADING}' AND expires_at > clock_timestamp())`;

/** Who does what one dialer does for all: one row a lease, judged by the database clock. */
@Injectable()
export class LeasesStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Takes a lease that is free, run out, or already the holder's own. Returns whether the holder has it now. */
  async hold(name: string, holder: string, seconds: number): Promise<boolean> {
    const rows = await this.database.everywhere((manager) =>
      manager.query<unknown[]>(
        `INSERT INTO leases AS lease (name, holder, expires_at)
       VALUES ($1, $2, clock_timestamp() + $3 * interval '1 second')
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
         WHERE lease.holder = excluded.holder OR lease.expires_at < clock_timestamp()
       RETURNING name`,
        [name, holder, seconds],
      ),
    );
    return rows.length === 1;
  }

  /** Lets go, so that the next holder need not wait for the lease to run out. */
  async release(name: string, holder: string): Promise<void> {
    await this.database.everywhere((manager) =>
      manager.query(`DELETE FROM leases WHERE name = $1 AND holder = $2`, [name, holder]),
    );
  }
}
