import type { EntityManager } from 'typeorm';

/** The database clock, which alone judges windows, ages and deadlines. Never now(): that is the transaction's start. */
export async function databaseClock(manager: EntityManager): Promise<Date> {
  const [{ now }] = await manager.query<[{ now: Date }]>(`SELECT clock_timestamp() AS now`);
  return now;
}

/** Whether the number may be in a call now: an attempt to it is open, or parked and not yet past its longest. */
export async function isNumberBusy(
  manager: EntityManager,
  { environmentId, to }: { environmentId: string; to: string },
): Promise<boolean> {
  const [{ busy }] = await manager.query<[{ busy: boolean }]>(
    `SELECT EXISTS (SELECT FROM attempts WHERE environment_id = $1 AND to_number = $2
       AND (status IN ('claimed', 'sending', 'placed') OR status = 'unknown' AND holds_slot)) AS busy`,
    [environmentId, to],
  );
  return busy;
}
