import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { freshDatabase } from './database.js';
import { House as AnyHouse, type HouseOptions } from './house.js';

export type { Answer, LedgerLine } from './house.js';

/** A house on the stores of this run of the tests. */
export class House extends AnyHouse {
  static async open(options: HouseOptions = {}): Promise<House> {
    const stores = {
      databaseUrl: await freshDatabase(),
      redisUrl: inject('redisUrl'),
      prefix: `rf_${inject('runId')}_${randomBytes(4).toString('hex')}`,
    };
    return AnyHouse.on(stores, { isLookedThrough: true, ...options });
  }
}
