import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { audit } from './audit.js';
import type { Page, PageOf } from './page.js';
import { databaseClock } from './reading.js';
import { SCOPES, Token, type Scope } from './token.entity.js';
import { hashOf, newToken } from './token-form.js';
import { ScopedDatabase } from './scoped-database.js';
import { SharedReads } from './together-by-key.js';

/** Who is asking, as their token says. */
export interface Caller {
  tokenId: string;
  /** The same, as the audit log names who did something. */
  actor: string;
  environmentId: string;
  scopes: Scope[];
  /** When the token ends, and with it whatever it may hand on; null: never. */
  expiresAt: Date | null;
  rateLimitPerMinute: number;
  /** What its requests are counted under; its successors' too, or rotating it would double its rate. */
  rateKey: string;
}

export interface NewTokenSettings {
  name?: string | null;
  scopes?: Scope[];
  expiresAt?: Date | null;
}

/** A token's text is seen here and never again. */
export interface MadeToken {
  id: string;
  token: string;
}

/** Environment tokens: kept as hashes, shown once. Nothing of them is cached: a revoked one ends at once, everywhere. */
@Injectable()
export class TokensStore {
  private readonly reads = new SharedReads<Caller | 'expired' | null>();

  constructor(private readonly database: ScopedDatabase) {}

  /**
   * Makes a token. Audited.
   * @param grantorId the token that asks; one that was revoked meanwhile, or has expired, makes none: null
   */
  async create(
    environmentId: string,
    actor: string,
    { name = null, scopes = [...SCOPES], expiresAt = null }: NewTokenSettings,
    grantorId: string | null = null,
  ): Promise<MadeToken | null> {
    return this.database.within(environmentId, async (manager) => {
      if (!(await mayGrant(manager, grantorId))) return null;
      const made = await insert(manager, { environmentId, name, scopes, expiresAt });
      const detail = { scopes, expiresAt };
      await audit(manager, { environmentId, actor, action: 'token.created', subjectId: made.id, detail });
      return made;
    });
  }

  /** Newest first, those that ended included. */
  async list(environmentId: string, page: Page): Promise<PageOf<Token>> {
    const [items, total] = await this.database.within(environmentId, (manager) =>
      manager.findAndCount(Token, {
        where: { environmentId },
        order: { createdAt: 'DESC', id: 'DESC' },
        skip: (page.number - 1) * page.size,
        take: page.size,
      }),
    );
    return { items, total, page };
  }

  /** @param environmentId null: any, for an operator at a machine */
  async find(environmentId: string | null, id: string): Promise<Token | null> {
    return environmentId === null
      ? this.database.everywhere((manager) => manager.findOneBy(Token, { id }))
      : this.database.within(environmentId, (manager) => manager.findOneBy(Token, { id, environmentId }));
  }

  /**
   * Makes a token with the rights and the end of another, which stays valid for the overlap and then ends by itself.
   * Audited. Null: the other is revoked, expired, replaced, or nobody's.
   * @param overlapSeconds judged by the database clock
   * @param grantorId as for `create`
   */
  async rotate(
    environmentId: string,
    actor: string,
    id: string,
    overlapSeconds: number,
    grantorId: string | null = null,
  ): Promise<MadeToken | 'grantor_ended' | null> {
    return this.database.within(environmentId, async (manager) => {
      if (!(await mayGrant(manager, grantorId))) return 'grantor_ended';
      const old = await manager.findOne(Token, {
        where: { id, environmentId },
        lock: { mode: 'pessimistic_write' },
      });
      const now = await databaseClock(manager);
      if (old === null || old.revokedAt !== null || old.replacedBy !== null) return null;
      if (old.expiresAt !== null && old.expiresAt <= now) return null;
      const { name, scopes, expiresAt, rateKey } = old;
      const made = await insert(manager, { environmentId, name, scopes, expiresAt, rateKey });
      await manager.query(
        `UPDATE tokens SET replaced_by = $2, expires_at = least(expires_at, $3::timestamptz + $4 * interval '1 second')
         WHERE id = $1 AND replaced_by IS NULL AND revoked_at IS NULL`,
        [id, made.id, now, overlapSeconds],
      );
      const detail = { replacedBy: made.id, overlapSeconds };
      await audit(manager, { environmentId, actor, action: 'token.rotated', subjectId: id, detail });
      return made;
    });
  }

  /** Revokes a token, at once. Audited. False when there is none, or it was revoked before. */
  async revoke(environmentId: string, actor: string, id: string): Promise<boolean> {
    return this.database.within(environmentId, async (manager) => {
      const [, revoked] = await manager.query<[unknown[], number]>(
        `UPDATE tokens SET revoked_at = clock_timestamp()
         WHERE id = $1 AND environment_id = $2 AND revoked_at IS NULL`,
        [id, environmentId],
      );
      if (revoked === 0) return false;
      await audit(manager, { environmentId, actor, action: 'token.revoked', subjectId: id, detail: {} });
      return true;
    });
  }

  /** Who a well-formed token stands for: null when it is unknown or revoked. Notes its use. */
  callerOf(token: string): Promise<Caller | 'expired' | null> {
    const hash = hashOf(token);
    return this.reads.of(hash, () => this.readCaller(hash));
  }

  private async readCaller(hash: string): Promise<Caller | 'expired' | null> {
    const found = await this.database.readAtGate<Caller & { stale: boolean; expired: boolean }>(
      hash,
      `SELECT tokens.id AS "tokenId", tokens.environment_id AS "environmentId", tokens.scopes,
              tokens.expires_at AS "expiresAt", environments.rate_limit_per_minute AS "rateLimitPerMinute",
              tokens.rate_key AS "rateKey",
              coalesce(tokens.expires_at <= clock_timestamp(), false) AS expired,
              coalesce(tokens.last_used_at < clock_timestamp() - interval '1 minute', true) AS stale
       FROM tokens JOIN environments ON environments.id = tokens.environment_id
       WHERE tokens.hash = $1 AND tokens.revoked_at IS NULL`,
      [hash],
    );
    if (found[0] === undefined) return null;
    const { stale, expired, ...caller } = found[0];
    if (expired) return 'expired';
    // For people to see; that it could not be written is no reason to refuse anybody.
    if (stale) await this.noteUse(hash).catch(() => undefined);
    return { ...caller, actor: `token:${caller.tokenId}` };
  }

  /** At most once a minute, and never waiting for another that does the same: a busy token must not be a hot row. */
  private async noteUse(hash: string): Promise<void> {
    await this.database.atGate(hash, (manager) =>
      manager.query(
        `UPDATE tokens SET last_used_at = clock_timestamp()
         WHERE id IN (SELECT id FROM tokens WHERE hash = $1 FOR NO KEY UPDATE SKIP LOCKED)
           AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)`,
        [hash],
      ),
    );
  }
}

/**
 * Whether the token that asks is still good, and holds it so: a revocation waits until what it was let in for is done,
 * or is seen here.
 */
async function mayGrant(manager: EntityManager, grantorId: string | null): Promise<boolean> {
  if (grantorId === null) return true;
  const rows = await manager.query<unknown[]>(
    `SELECT FROM tokens WHERE id = $1 AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > clock_timestamp()) FOR NO KEY UPDATE`,
    [grantorId],
  );
  return rows.length === 1;
}

async function insert(
  manager: EntityManager,
  settings: Pick<Token, 'environmentId' | 'name' | 'scopes' | 'expiresAt'> & { rateKey?: string },
): Promise<MadeToken> {
  const token = newToken();
  const row = manager.create(Token, { ...settings, hash: hashOf(token), lastFour: token.slice(-4) });
  await manager.save(row);
  return { id: row.id, token };
}
