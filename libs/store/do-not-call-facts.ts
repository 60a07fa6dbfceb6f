import type { EntityManager } from 'typeorm';
import type { DoNotCallFacts, DoNotCallMatch, RegistryState } from '#policy/do-not-call.js';
import { ASKED, askedColumns, type AskedNumber } from './reading.js';

/** Numbers in one block of a registry. */
export const BLOCK_SIZE = 10_000;

interface Row extends DoNotCallMatch {
  /** The place of the number it is about, from 1 on. */
  nth: number;
  snapshotDate: string | null;
  maxAgeDays: number | null;
  isListed: boolean;
}

/** See `doNotCallFactsOf`. */
export async function doNotCallFacts(manager: EntityManager, asked: AskedNumber): Promise<DoNotCallFacts> {
  const [facts] = await doNotCallFactsOf(manager, [asked]);
  return facts ?? factsOf([]);
}

/**
 * Everything that is known of some numbers, in the order asked, in one statement, and so in one snapshot: the entries of each
 * that could concern its campaign, the registries that its environment is to obey, and whether each has it. Which of them
 * count, the rules say.
 */
export async function doNotCallFactsOf(
  manager: EntityManager,
  asked: AskedNumber[],
): Promise<DoNotCallFacts[]> {
  const rows = await manager.query<Row[]>(
    // OFFSET 0 keeps the look-ups of single numbers what they are, however large the tables are.
    `WITH asked AS MATERIALIZED (SELECT * FROM ${ASKED})
     SELECT nth, id, kind, ${LIST} AS list, source, expires_at AS "expiresAt", NULL::uuid AS "registryId",
            NULL AS "snapshotDate", NULL::integer AS "maxAgeDays", true AS "isListed"
     FROM asked CROSS JOIN LATERAL (
       SELECT * FROM do_not_call_entries AS entries
       WHERE entries.to_number = asked.to_number AND ${concerns('asked.environment_id', 'asked.campaign_id')}
       OFFSET 0) AS entries
     UNION ALL
     SELECT nth, registries.id, 'list', registries.scope, registries.name, NULL, registries.id,
            versions.snapshot_date::text, registries.max_age_days,
            coalesce(get_bit(blocks.bits, ${OFFSET_OF('asked.to_number')}) = 1, false)
     FROM asked
     CROSS JOIN LATERAL (SELECT * FROM ${REGISTRIES_OF('asked.environment_id')} AS its OFFSET 0) AS registries
     LEFT JOIN do_not_call_registry_versions AS versions ON versions.id = registries.current_version_id
     LEFT JOIN LATERAL (
       SELECT bits FROM do_not_call_registry_blocks AS blocks
       WHERE blocks.version_id = registries.current_version_id AND blocks.block = ${BLOCK_OF('asked.to_number')}
       OFFSET 0) AS blocks ON true`,
    askedColumns(asked),
  );
  const found = asked.map((): Row[] => []);
  for (const row of rows) found[Number(row.nth) - 1]?.push(row);
  return found.map(factsOf);
}

/** The registries that an environment is to obey, the operator's global ones included. */
export async function registriesOf(manager: EntityManager, environmentId: string): Promise<RegistryState[]> {
  return manager.query(
    `SELECT registries.id, registries.name, registries.scope AS list, versions.snapshot_date::text AS "snapshotDate",
            registries.max_age_days AS "maxAgeDays"
     FROM ${REGISTRIES_OF('$1')} AS registries
     LEFT JOIN do_not_call_registry_versions AS versions ON versions.id = registries.current_version_id
     ORDER BY registries.name`,
    [environmentId],
  );
}

export interface ListedNumber extends DoNotCallMatch {
  to: string;
}

/**
 * Those of many numbers that stand anywhere, with a row for each place: for lists of numbers before they become calls.
 * @param asked a query with a column `to_number`, E.164, each number once; it may use parameters from $3 on
 * @param campaignId whose own list counts too; null: no campaign's
 */
export async function listedAmong(
  manager: EntityManager,
  { environmentId, campaignId }: { environmentId: string; campaignId: string | null },
  asked: string,
  parameters: unknown[],
): Promise<ListedNumber[]> {
  return manager.query(
    // OFFSET 0 keeps the look-ups of single numbers what they are: to read ten million rows instead, each time, looks cheaper
    // to a planner that has not seen the table since it was filled.
    `WITH asked AS MATERIALIZED (${asked})
     SELECT asked.to_number AS "to", id, kind, ${LIST} AS list, source, expires_at AS "expiresAt",
            NULL::uuid AS "registryId"
     FROM asked CROSS JOIN LATERAL (
       SELECT * FROM do_not_call_entries AS entries
       WHERE entries.to_number = asked.to_number AND ${concerns('$1', '$2')} OFFSET 0) AS entries
     UNION ALL
     SELECT number, registries.id, 'list', registries.scope, registries.name, NULL, registries.id
     FROM ${REGISTRIES_OF('$1')} AS registries
     CROSS JOIN (SELECT ${BLOCK_OF('to_number')} AS block, array_agg(to_number) AS numbers FROM asked GROUP BY 1) AS places
     CROSS JOIN LATERAL (${BITS_OF('registries.current_version_id')}) AS blocks
     CROSS JOIN LATERAL unnest(numbers) AS number
     WHERE ${IS_SET('number')}`,
    [environmentId, campaignId, ...parameters],
  );
}

/**
 * Whether an entry could concern an environment and a campaign. Not as a choice between keys, which would be looked up one
 * after the other: a number has few entries.
 */
const concerns = (environmentId: string, campaignId: string) =>
  `coalesce(entries.environment_id = ${environmentId}, true)
   AND coalesce(entries.campaign_id = ${campaignId}, entries.campaign_id IS NULL)`;

/** Which list an entry stands on, in the words of the rules. */
const LIST = `CASE WHEN entries.environment_id IS NULL THEN 'global' WHEN entries.campaign_id IS NULL THEN 'environment'
  ELSE 'campaign' END`;

/** A subquery: the registries that an environment is to obey. */
const REGISTRIES_OF = (environmentId: string) =>
  `(SELECT * FROM do_not_call_registries
    WHERE scope = 'global' OR id IN (
      SELECT registry_id FROM do_not_call_registry_environments WHERE environment_id = ${environmentId}))`;

/** The block that a number, in E.164 as text, has its bit in. */
export const BLOCK_OF = (number: string) => `substr(${number}, 2)::bigint / ${BLOCK_SIZE}`;

/** The place of its bit in there. */
const OFFSET_OF = (number: string) => `substr(${number}, 2)::bigint % ${BLOCK_SIZE}`;

/** The bits of `places.block`, as a column of `blocks`. */
export const BITS_OF = (versionId: string) =>
  `SELECT bits FROM do_not_call_registry_blocks AS blocks
   WHERE blocks.version_id = ${versionId} AND blocks.block = places.block OFFSET 0`;

/** Whether the bit of a number is set in the bits of its block. */
export const IS_SET = (number: string) => `get_bit(blocks.bits, ${OFFSET_OF(number)}) = 1`;

/** Where a number has its bit: the digits without the `+`, as a number. */
export function placeInBlocks(e164: string): { block: number; offset: number } {
  const digits = Number(e164.slice(1));
  return { block: Math.floor(digits / BLOCK_SIZE), offset: digits % BLOCK_SIZE };
}

function factsOf(rows: Row[]): DoNotCallFacts {
  return {
    matches: rows
      .filter(({ isListed }) => isListed)
      .map(({ nth: _, snapshotDate: __, maxAgeDays: ___, isListed: ____, ...match }) => match),
    registries: rows.flatMap(({ registryId, source, list, snapshotDate, maxAgeDays }) =>
      registryId === null || list === 'campaign'
        ? []
        : [{ id: registryId, name: source ?? '', list, snapshotDate, maxAgeDays }],
    ),
  };
}
