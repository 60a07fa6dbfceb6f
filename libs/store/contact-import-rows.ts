import type { EntityManager } from 'typeorm';

// The id of a call that was imported is that of its import, but for the last twelve digits, which are its row's number.
// So a row that were taken in twice would be one call all the same, an import's calls stand together in every index by id,
// and which they are is told without a column or an index for it.

/** The id of the call of a row; both are SQL. */
export const CALL_OF_ROW = (importId: string, row: string) =>
  `(left(${importId}::text, 24) || lpad(to_hex(${row}::bigint), 12, '0'))::uuid`;

/** A condition: the ids of an import's calls, from the row after `after` on. */
export const RANGE_OF_CALLS = (importId: string, after = '-1') =>
  `BETWEEN ${CALL_OF_ROW(importId, `(${after}::bigint + 1)`)} AND (left(${importId}::text, 24) || 'ffffffffffff')::uuid`;

/** The row of an imported call. */
export function rowOfCall(callId: string): number {
  return Number.parseInt(callId.slice(-12), 16);
}

/** Which of some calls are of imports that are being undone: nothing of those is to be dialled any more. */
export async function callsBeingUndone(
  manager: EntityManager,
  calls: { id: string; campaignId: string }[],
): Promise<Set<string>> {
  const found = await manager.query<{ id: string }[]>(
    `SELECT asked.id FROM unnest($1::uuid[], $2::uuid[]) AS asked (id, campaign_id)
     WHERE EXISTS (
       SELECT FROM contact_imports AS import
       WHERE import.status = 'undoing' AND import.campaign_id = asked.campaign_id
         AND left(import.id::text, 24) = left(asked.id::text, 24))`,
    [calls.map(({ id }) => id), calls.map(({ campaignId }) => campaignId)],
  );
  return new Set(found.map(({ id }) => id));
}

/** What is wrong with a row, for whoever sent it. */
export interface ContactError {
  row: number;
  column: string | null;
  code: string;
  message: string;
  value: string | null;
}

/** Errors in one row of their table. */
const ERRORS_TOGETHER = 1_000;

export async function keepErrors(
  manager: EntityManager,
  importId: string,
  errors: ContactError[],
): Promise<void> {
  for (let from = 0; from < errors.length; from += ERRORS_TOGETHER) {
    await manager.query(`INSERT INTO contact_import_errors (import_id, errors) VALUES ($1, $2)`, [
      importId,
      JSON.stringify(errors.slice(from, from + ERRORS_TOGETHER)),
    ]);
  }
}

/**
 * Forgets what was wrong with rows longer ago than their environment keeps it: it holds what the client sent. Returns how many
 * parts of it.
 */
export async function forgetOldErrors(manager: EntityManager, limit: number): Promise<number> {
  const [, forgotten] = await manager.query<[unknown[], number]>(
    `DELETE FROM contact_import_errors WHERE (import_id, id) IN (
       SELECT errors.import_id, errors.id FROM contact_import_errors AS errors
         JOIN contact_imports AS import ON import.id = errors.import_id
         JOIN environments AS environment ON environment.id = import.environment_id
       WHERE errors.created_at < (SELECT clock_timestamp()) - interval '1 day'
         AND errors.created_at < clock_timestamp() - environment.import_error_retention_days * interval '1 day' LIMIT $1)`,
    [limit],
  );
  return forgotten;
}
