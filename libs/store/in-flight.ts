import type { EntityManager } from 'typeorm';

/** Attempts whose request may have left before a stop: only these may still ring. */
export interface InFlight {
  count: number;
  /** At most a hundred of them. */
  attemptIds: string[];
  /** Attempts parked without proof beside them: whether they rang, nobody can tell. */
  unknown: number;
}

/** Counts sending and placed attempts under a condition over `attempts`. Ask behind the stop's barrier. */
export async function attemptsInFlight(
  manager: EntityManager,
  condition: string,
  parameters: unknown[],
): Promise<InFlight> {
  const [row] = await manager.query<[{ count: number; ids: string[] | null; unknown: number }]>(
    `SELECT count(*) FILTER (WHERE status <> 'unknown')::integer AS count,
            count(*) FILTER (WHERE status = 'unknown')::integer AS unknown,
            (array_agg(id ORDER BY sending_at DESC) FILTER (WHERE status <> 'unknown'))[1:100] AS ids
     FROM attempts WHERE status IN ('sending', 'placed', 'unknown') AND ${condition}`,
    parameters,
  );
  return { count: row.count, attemptIds: row.ids ?? [], unknown: row.unknown };
}
