import type { EntityManager } from 'typeorm';
import { faultPoint } from '#environment/fault-point.js';
import { together, type ScopedDatabase } from './scoped-database.js';

/** How long many dials together wait for their locks. */
const LOCKED_TOGETHER_MS = 200;

/** How long a stop waits for dials already deciding; not reached in time, the stop is not confirmed. */
const BARRIER_TIMEOUT_MS = 3_000;

/** A stop was committed, but a dial that began before it could not be waited out in time. */
export class StopNotConfirmed extends Error {
  constructor(options?: ErrorOptions) {
    super(
      'The change is recorded, but not confirmed: a dial that had begun may still be deciding. Send it again.',
      options,
    );
    this.name = 'StopNotConfirmed';
  }
}

/**
 * Runs what confirms a stop, in a transaction of its own. The stop itself is committed by now, so whatever fails here,
 * a store that goes away included, leaves it unconfirmed and not undone.
 * @throws StopNotConfirmed
 */
export async function confirming<T>(
  database: ScopedDatabase,
  environmentId: string,
  confirm: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  faultPoint('after_stop');
  try {
    return await database.within(environmentId, confirm);
  } catch (error) {
    throw error instanceof StopNotConfirmed ? error : new StopNotConfirmed({ cause: error });
  }
}

export interface DialLocks {
  environmentId: string;
  campaignId: string;
  to: string;
}

/**
 * The locks of claims, taken in one order everywhere: environments and campaigns shared, then the numbers exclusive, each
 * kind by its keys. They end with the transaction. Take them in a statement of their own: only the next one sees what they
 * waited for.
 */
export async function lockForClaim(manager: EntityManager, ...dials: DialLocks[]): Promise<void> {
  await lockForDial(manager, 'pg_advisory_xact_lock', dials);
}

/** The locks of fences: as claims', but many fences may pass one number's lock together. */
export async function lockForFence(manager: EntityManager, ...dials: DialLocks[]): Promise<void> {
  await lockForDial(manager, 'pg_advisory_xact_lock_shared', dials);
}

async function lockForDial(
  manager: EntityManager,
  lockNumber: 'pg_advisory_xact_lock' | 'pg_advisory_xact_lock_shared',
  dials: DialLocks[],
): Promise<void> {
  const locks = () =>
    manager.query(
      // One branch after the other, each in the order of its list: were it otherwise, two dialers could wait for each other.
      `SELECT pg_advisory_xact_lock_shared(hashtextextended(key, 0)) FROM unnest($1::text[]) AS key
       UNION ALL
       SELECT ${lockNumber}(hashtextextended(key, 0)) FROM unnest($2::text[]) AS key`,
      [
        inOrder(dials.flatMap((dial) => [environmentKey(dial.environmentId), campaignKey(dial.campaignId)])),
        inOrder(dials.map(({ environmentId, to }) => numberKey(environmentId, to))),
      ],
    );
  if (dials.length === 1) return void (await locks());
  // A stop of one campaign that waits is to hold up no other's calls: what does not get its locks soon is decided one by one.
  await together([
    manager.query(`SET LOCAL lock_timeout = ${LOCKED_TOGETHER_MS}`),
    locks(),
    manager.query(`SET LOCAL lock_timeout TO DEFAULT`),
  ]);
}

function inOrder(keys: string[]): string[] {
  return [...new Set(keys)].sort();
}

/** The lock of an intake: the campaign's status cannot be changed by a confirmed stop while it inserts. */
export async function lockForIntake(manager: EntityManager, campaignId: string): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))`, [
    campaignKey(campaignId),
  ]);
}

/**
 * Whether no intake and no dial of the campaign is deciding at this moment, and none will until the transaction is over.
 * Ask in a statement of its own: only the next one sees what they wrote.
 */
export async function isQuietNow(manager: EntityManager, campaignId: string): Promise<boolean> {
  const [{ quiet }] = await manager.query<[{ quiet: boolean }]>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS quiet`,
    [campaignKey(campaignId)],
  );
  return quiet;
}

/**
 * Waits until every dial that could have read the state before it was changed has finished deciding. Call it in a
 * transaction of its own, after the one that wrote the new state has committed.
 * @throws StopNotConfirmed after three seconds
 */
export async function barrier(manager: EntityManager, keys: string[]): Promise<void> {
  await manager.query(`SET LOCAL lock_timeout = ${BARRIER_TIMEOUT_MS}`);
  try {
    for (const key of [...keys].sort()) {
      await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [key]);
    }
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) throw new StopNotConfirmed();
    throw error;
  }
}

/** PostgreSQL error class 55, code lock_not_available. */
const LOCK_NOT_AVAILABLE = '55P03';

export function environmentKey(environmentId: string): string {
  return `environment:${environmentId}`;
}

export function campaignKey(campaignId: string): string {
  return `campaign:${campaignId}`;
}

export function numberKey(environmentId: string, to: string): string {
  return `number:${environmentId}:${to}`;
}
