import type { EntityManager } from 'typeorm';

/** The tables of a kind of import: its imports, the batches that their files are kept in, and what arriving is called. */
export interface UploadTables {
  imports: string;
  batches: string;
  arriving: string;
}

/** An import whose file was not heard of for this long has lost its reader. */
const READER_GONE_SECONDS = 300;

/** The import was ended by somebody else while its file was read. */
export class UploadEnded extends Error {
  override name = 'UploadEnded';

  constructor() {
    super('The import was ended while its file was read.');
  }
}

/** A file that could not be read to its end: none of it counts. */
export async function failUpload(
  manager: EntityManager,
  { imports, batches, arriving }: UploadTables,
  id: string,
  because: string,
): Promise<void> {
  const [, failed] = await manager.query<[unknown[], number]>(
    `UPDATE ${imports} SET status = 'failed', failure = $2, updated_at = clock_timestamp(),
       completed_at = clock_timestamp()
     WHERE id = $1 AND status = '${arriving}'`,
    [id, because],
  );
  if (failed > 0) await manager.query(`DELETE FROM ${batches} WHERE import_id = $1`, [id]);
}

/** Fails imports whose reader died. For the dialer, who leads. */
export async function failAbandonedUploads(
  manager: EntityManager,
  { imports, batches, arriving }: UploadTables,
): Promise<void> {
  const [failed] = await manager.query<[{ id: string }[], number]>(
    `UPDATE ${imports} SET status = 'failed', completed_at = clock_timestamp(),
       failure = 'The process that read the file ended. Send it again.'
     WHERE status = '${arriving}' AND updated_at < clock_timestamp() - interval '${READER_GONE_SECONDS} seconds'
     RETURNING id`,
  );
  if (failed.length === 0) return;
  await manager.query(`DELETE FROM ${batches} WHERE import_id = ANY ($1)`, [failed.map(({ id }) => id)]);
}

/** A column of a batch: null where none of its rows says anything. */
export function columnOf<T>(values: (T | null)[]): (T | null)[] | null {
  return values.every((value) => value === null) ? null : values;
}
