import { createHash } from 'node:crypto';

/** The chain of what concerns every environment. */
export const HOUSE_CHAIN = '00000000-0000-0000-0000-000000000000';

/** The last seal of a chain: whoever keeps it elsewhere can tell later that nothing before it was changed or left out. */
export interface ChainHead {
  /** The environment's id, or HOUSE_CHAIN. */
  chain: string;
  /** Seals in the chain, this one included. */
  position: number;
  /** Hexadecimal SHA-256. */
  hash: string;
}

/** One link: the place in a chain of one entry of the audit log. */
export interface Link {
  chain: string;
  /** From 1, without gaps. */
  position: number;
  /** Of the entry, as the database writes a bigint. */
  auditId: string;
  /** Hexadecimal SHA-256 of what the entry says. */
  digest: string;
}

/** In the place of a seal before the first. */
const NOTHING_BEFORE = '0'.repeat(64);

/** The hash of a seal: of its entry and the seal before it. As JSON, so that no two links are written alike. */
export function sealOf({ chain, position, auditId, digest }: Link, previousHash: string | null): string {
  return sha256(JSON.stringify([chain, position, auditId, digest, previousHash ?? NOTHING_BEFORE]));
}

/**
 * SQL: what the entry of a row of `audit_log` says, as a text that is the same wherever it is written: a JSON array in
 * PostgreSQL's own form. The trigger of migration 0038 digests the same text.
 */
export const ENTRY_TEXT = (entry: string) => `jsonb_build_array(${entry}.id,
  to_char(${entry}.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ${entry}.environment_id, ${entry}.actor,
  ${entry}.action, ${entry}.subject_id, ${entry}.detail)::text`;

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
