import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ENTRY_TEXT, HOUSE_CHAIN, sealOf, sha256, type ChainHead, type Link } from './audit-chain.js';
import { ScopedDatabase } from './scoped-database.js';

/** Why a chain is not what it was. */
export type Break =
  /** A seal is not there, while a later one is. */
  | 'seal_missing'
  | 'entry_missing'
  /** The entry says something else than when it was written. */
  | 'entry_changed'
  /** The seal is not that of its entry and the seal before it: changed, or put into another order. */
  | 'seal_changed'
  /** A head that was kept is not in the chain: its end was cut off. */
  | 'head_missing'
  /** Another seal is in the place of a head that was kept: the chain was written anew. */
  | 'head_differs'
  /** An entry that is neither sealed nor waits for it. */
  | 'never_sealed';

export interface BrokenChain {
  chain: string;
  because: Break;
  /** The first place that is wrong; null where it has none. */
  position: number | null;
  /** The entry there, where one is. */
  auditId: string | null;
}

export interface Verification {
  /** Chains as far as they are whole, by the id of their environment. */
  heads: ChainHead[];
  broken: BrokenChain[];
  /** Entries that wait to be sealed: nothing says yet that they are what they were. */
  unsealed: number;
}

/** Links verified in one statement. */
const PAGE = 1_000;

/** Seals the audit log, and verifies what was sealed. */
@Injectable()
export class AuditSealsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Seals up to `limit` entries, each in the chain of its environment. The order of a chain is that in which entries were
   * found, so that whoever writes one waits for nobody. Returns how many.
   */
  async seal(limit: number): Promise<number> {
    return this.database.everywhere(async (manager) => {
      // Those who seal take turns: in the next statement each sees what the one before it has sealed.
      await manager.query(
        `SELECT pg_advisory_xact_lock(hashtextextended('audit_seals ' || current_schema(), 0))`,
      );
      const [taken] = await manager.query<[{ id: string }[], number]>(
        `DELETE FROM audit_unsealed WHERE audit_id IN (
           SELECT audit_id FROM audit_unsealed ORDER BY audit_id LIMIT $1) RETURNING audit_id AS id`,
        [limit],
      );
      if (taken.length === 0) return 0;
      const entries = await manager.query<Omit<Link, 'position'>[]>(
        `SELECT coalesce(environment_id, $2) AS chain, id AS "auditId", encode(digest, 'hex') AS digest
         FROM audit_log WHERE id = ANY ($1)
           -- Some wait although they are sealed where somebody has put a copy of the log back.
           AND NOT EXISTS (SELECT FROM audit_seals WHERE audit_id = audit_log.id)
         ORDER BY id`,
        [taken.map(({ id }) => id), HOUSE_CHAIN],
      );
      const heads = await headsOf(manager, [...new Set(entries.map(({ chain }) => chain))]);
      await append(manager, entries, new Map(heads.map((head) => [head.chain, head])));
      return taken.length;
    });
  }

  /** The last seal of every chain that has one. @param environmentId null: of all */
  async heads(environmentId: string | null): Promise<ChainHead[]> {
    return this.database.everywhere(async (manager) =>
      headsOf(manager, await chainsOf(manager, environmentId)),
    );
  }

  /**
   * Walks chains from their first seal on, and finds the first break of each.
   * @param environmentId null: all of them
   * @param kept heads that were printed before and kept elsewhere; those of other chains are left aside
   */
  async verify(environmentId: string | null, kept: ChainHead[]): Promise<Verification> {
    const chains = await this.database.everywhere((manager) => chainsOf(manager, environmentId));
    const found: Verification = { heads: [], broken: [], unsealed: 0 };
    for (const chain of chains) {
      const walked = await this.walk(
        chain,
        kept.filter((head) => head.chain === chain),
      );
      if (walked.head !== null) found.heads.push(walked.head);
      if (walked.broken !== null) found.broken.push(walked.broken);
    }
    const { unsealed, never } = await this.database.everywhere((manager) => withoutSeal(manager, chains));
    return { ...found, broken: [...found.broken, ...never], unsealed };
  }

  private async walk(
    chain: string,
    kept: ChainHead[],
  ): Promise<{ head: ChainHead | null; broken: BrokenChain | null }> {
    const awaited = new Map(kept.map((head) => [head.position, head.hash]));
    let head: ChainHead | null = null;
    let end = 0;
    for (;;) {
      const after = end;
      const page = await this.database.everywhere((manager) => linksAfter(manager, chain, after));
      for (const link of page) {
        const position = end + 1;
        const because = breakOf(link, head, awaited.get(position));
        if (because !== null) return { head, broken: { chain, because, position, auditId: link.auditId } };
        head = { chain, position, hash: link.hash };
        end = position;
      }
      if (page.length === PAGE) continue;
      const cut = Math.min(...[...awaited.keys()].filter((position) => position > end));
      const isCut = Number.isFinite(cut);
      return {
        head,
        broken: isCut ? { chain, because: 'head_missing', position: cut, auditId: null } : null,
      };
    }
  }
}

/** A link as it stands, with what its entry says now. */
interface StandingLink {
  chain: string;
  position: string;
  auditId: string;
  hash: string;
  /** Null: there is no such entry. */
  text: string | null;
  digest: string | null;
}

function breakOf(link: StandingLink, before: ChainHead | null, kept: string | undefined): Break | null {
  const position = (before?.position ?? 0) + 1;
  if (Number(link.position) !== position) return 'seal_missing';
  if (link.text === null || link.digest === null) return 'entry_missing';
  const { chain, auditId, digest } = { ...link, digest: link.digest };
  if (sha256(link.text) !== digest) return 'entry_changed';
  if (sealOf({ chain, position, auditId, digest }, before?.hash ?? null) !== link.hash) return 'seal_changed';
  return kept === undefined || kept === link.hash ? null : 'head_differs';
}

function linksAfter(manager: EntityManager, chain: string, position: number): Promise<StandingLink[]> {
  return manager.query(
    `SELECT seal.chain, seal.position, seal.audit_id AS "auditId", encode(seal.hash, 'hex') AS hash,
       CASE WHEN entry.id IS NOT NULL THEN ${ENTRY_TEXT('entry')} END AS text, encode(entry.digest, 'hex') AS digest
     FROM audit_seals AS seal LEFT JOIN audit_log AS entry ON entry.id = seal.audit_id
     WHERE seal.chain = $1 AND seal.position > $2 ORDER BY seal.position LIMIT ${PAGE}`,
    [chain, position],
  );
}

async function chainsOf(manager: EntityManager, environmentId: string | null): Promise<string[]> {
  if (environmentId !== null) return [environmentId];
  const rows = await manager.query<{ id: string }[]>(`SELECT id FROM environments ORDER BY id`);
  return [HOUSE_CHAIN, ...rows.map(({ id }) => id)];
}

async function headsOf(manager: EntityManager, chains: string[]): Promise<ChainHead[]> {
  const rows = await manager.query<(Omit<ChainHead, 'position'> & { position: string })[]>(
    `SELECT asked.chain, head.position, encode(head.hash, 'hex') AS hash
     FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (chain, nth) CROSS JOIN LATERAL (
       SELECT position, hash FROM audit_seals WHERE chain = asked.chain ORDER BY position DESC LIMIT 1) AS head
     ORDER BY asked.nth`,
    [chains],
  );
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}

async function append(
  manager: EntityManager,
  entries: Omit<Link, 'position'>[],
  heads: Map<string, ChainHead>,
): Promise<void> {
  const sealed = entries.map((entry) => {
    const before = heads.get(entry.chain) ?? null;
    const link = { ...entry, position: (before?.position ?? 0) + 1 };
    const hash = sealOf(link, before?.hash ?? null);
    heads.set(entry.chain, { chain: entry.chain, position: link.position, hash });
    return { ...link, hash };
  });
  await manager.query(
    `INSERT INTO audit_seals (chain, position, audit_id, hash)
     SELECT chain, position, audit_id, decode(hash, 'hex')
     FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[]) AS sealed (chain, position, audit_id, hash)`,
    [
      sealed.map(({ chain }) => chain),
      sealed.map(({ position }) => position),
      sealed.map(({ auditId }) => auditId),
      sealed.map(({ hash }) => hash),
    ],
  );
}

/** Entries without a seal, in one snapshot: those that wait are counted, and of the others the first of each chain is told. */
async function withoutSeal(
  manager: EntityManager,
  chains: string[],
): Promise<{ unsealed: number; never: BrokenChain[] }> {
  const rows = await manager.query<{ chain: string; unsealed: number; auditId: string | null }[]>(
    `SELECT coalesce(environment_id, $2) AS chain, count(waiting.audit_id)::integer AS unsealed,
       min(entry.id) FILTER (WHERE waiting.audit_id IS NULL) AS "auditId"
     FROM audit_log AS entry LEFT JOIN audit_unsealed AS waiting ON waiting.audit_id = entry.id
     WHERE coalesce(environment_id, $2) = ANY ($1)
       AND NOT EXISTS (SELECT FROM audit_seals WHERE audit_seals.audit_id = entry.id)
     GROUP BY 1 ORDER BY 1`,
    [chains, HOUSE_CHAIN],
  );
  const never = rows.flatMap(({ chain, auditId }): BrokenChain[] =>
    auditId === null ? [] : [{ chain, because: 'never_sealed', position: null, auditId }],
  );
  return { unsealed: rows.reduce((sum, row) => sum + row.unsealed, 0), never };
}
