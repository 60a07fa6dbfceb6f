import type { EntityManager } from 'typeorm';
import type { ContactError } from './contact-import-rows.js';

/**
 * Takes a number out of files of contacts that are on their way: the rows with it will not become calls. The steps of an
 * import take turns by its row, and so does this.
 * @returns how many batches had it
 */
export async function eraseFromStagedContacts(
  manager: EntityManager,
  environmentId: string,
  to: string,
): Promise<number> {
  await manager.query(
    `SELECT FROM contact_imports WHERE environment_id = $1 AND completed_at IS NULL ORDER BY id FOR UPDATE`,
    [environmentId],
  );
  const [, batches] = await manager.query<[unknown[], number]>(
    `UPDATE contact_import_batches AS batch SET ${COLUMNS.map((name) => `${name} = ${keptOf(name)}`).join(', ')}
     FROM contact_import_batches AS old JOIN contact_imports AS import ON import.id = old.import_id,
       LATERAL (
         SELECT ${COLUMNS.map((name) => `array_agg(contact.${name} ORDER BY contact.nth) AS ${name}`).join(', ')}
         FROM unnest(${COLUMNS.map((name) => `old.${name}`).join(', ')}) WITH ORDINALITY
           AS contact (${COLUMNS.join(', ')}, nth)
         WHERE contact.numbers <> $2) AS kept
     WHERE import.environment_id = $1 AND $2 = ANY (old.numbers)
       AND batch.import_id = old.import_id AND batch.batch = old.batch`,
    [environmentId, to],
  );
  return batches;
}

/** Of a batch: a list of as many as it has contacts, or null where none of them says anything. */
const COLUMNS = [
  'rows',
  'numbers',
  'timezones',
  'payloads',
  'contexts',
  'testing',
  'duplicable',
  'not_befores',
  'expiries',
  'priorities',
];

function keptOf(name: string): string {
  return `CASE WHEN old.${name} IS NOT NULL THEN coalesce(kept.${name}, '{}') END`;
}

/** A number is at least so long: fewer digits at the end of one say nothing. */
const FEWEST_DIGITS = 7;

/** A file that is wrong in each of its rows has thousands of parts. */
const PARTS_AT_ONCE = 50;

/**
 * Takes a number out of what was wrong with rows of a file, however it was written there; some parts of it at a time.
 * @param after the last part that was looked at; null: none was
 * @returns how many parts had it, and the last that was looked at; null: there was none after `after`
 */
export async function eraseFromImportErrors(
  manager: EntityManager,
  importId: string,
  to: string,
  after: string | null,
): Promise<{ found: number; last: string | null }> {
  const parts = await manager.query<{ id: string; errors: ContactError[] }[]>(
    `SELECT id, errors FROM contact_import_errors
     WHERE import_id = $1 AND id > coalesce($2::bigint, 0) ORDER BY id LIMIT ${PARTS_AT_ONCE}`,
    [importId, after],
  );
  const digits = to.slice(1);
  const isIt = (value: string | null) => {
    const written = value?.replaceAll(/\D/g, '').replace(/^0+/, '') ?? '';
    return written.length >= FEWEST_DIGITS && digits.endsWith(written);
  };
  const found = parts.filter(({ errors }) => errors.some(({ value }) => isIt(value)));
  for (const { id, errors } of found) {
    await manager.query(`UPDATE contact_import_errors SET errors = $3 WHERE import_id = $1 AND id = $2`, [
      importId,
      id,
      JSON.stringify(errors.map((error) => (isIt(error.value) ? { ...error, value: null } : error))),
    ]);
  }
  return { found: found.length, last: parts.at(-1)?.id ?? null };
}
