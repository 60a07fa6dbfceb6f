import type { EntityManager } from 'typeorm';

/** Attempts whose request may have left before a stop: only these may still ring. */
export interface InFlight {
  count: number;
  /** At most a hundred of them, with the carrier's own ids as far as they are known. */
  attempts: { attemptId: string; providerCallId: string | null; trunk: string | null }[];
  /** Attempts parked without proof beside them: whether they rang, nobody can tell. */
  unknown: number;
}

/** Counts sending and placed attempts under a condition over `attempts`. Ask behind the stop's barrier. */
export async function attemptsInFlight(
  manager: EntityManager,
  condition: string,
  parameters: unknown[],
): Promise<InFlight> {
  const [row] = await manager.query<
    [{ count: number; attempts: InFlight['attempts'] | null; unknown: number }]
  >(
    `SELECT count(*) FILTER (WHERE status <> 'unknown')::integer AS count,
            count(*) FILTER (WHERE status = 'unknown')::integer AS unknown,
            to_jsonb((array_agg(jsonb_build_object('attemptId', id, 'providerCallId', provider_call_id, 'trunk', trunk)
              ORDER BY sending_at DESC) FILTER (WHERE status <> 'unknown'))[1:100]) AS attempts
     FROM attempts WHERE status IN ('sending', 'placed', 'unknown') AND ${condition}`,
    parameters,
  );
  return { count: row.count, attempts: row.attempts ?? [], unknown: row.unknown };
}
