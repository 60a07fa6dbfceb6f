import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SCOPES, Token, type Scope } from './token.entity.js';
import { hashOf, newToken } from './token-form.js';

/** Who is asking, as their token says. */
export interface Caller {
  tokenId: string;
  /** The same, as the audit log names who did something. */
  actor: string;
  environmentId: string;
  scopes: Scope[];
  rateLimitPerMinute: number;
}

/** Environment tokens: kept as hashes, shown once. */
@Injectable()
export class TokensStore {
  constructor(private readonly source: DataSource) {}

  /** Makes a token. The returned text is the only time it is seen. */
  async create(
    environmentId: string,
    {
      name = null,
      scopes = [...SCOPES],
      expiresAt = null,
    }: { name?: string | null; scopes?: Scope[]; expiresAt?: Date | null },
  ): Promise<{ id: string; token: string }> {
    const token = newToken();
    const row = this.source.manager.create(Token, {
      environmentId,
      name,
      scopes,
      expiresAt,
      hash: hashOf(token),
      lastFour: token.slice(-4),
    });
    await this.source.manager.save(row);
    return { id: row.id, token };
  }

  /** Revokes a token, at once. False when there is none, or it was revoked before. */
  async revoke(tokenId: string): Promise<boolean> {
    const [, revoked] = await this.source.query<[unknown[], number]>(
      `UPDATE tokens SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL`,
      [tokenId],
    );
    return revoked === 1;
  }

  /** Who a well-formed token stands for, or null when it is unknown, expired or revoked. Notes its use. */
  async callerOf(token: string): Promise<Caller | null> {
    const rows = await this.source.query<(Caller & { stale: boolean })[]>(
      `SELECT tokens.id AS "tokenId", tokens.environment_id AS "environmentId", tokens.scopes,
              environments.rate_limit_per_minute AS "rateLimitPerMinute",
              coalesce(tokens.last_used_at < clock_timestamp() - interval '1 minute', true) AS stale
       FROM tokens JOIN environments ON environments.id = tokens.environment_id
       WHERE tokens.hash = $1 AND tokens.revoked_at IS NULL
         AND (tokens.expires_at IS NULL OR tokens.expires_at > clock_timestamp())`,
      [hashOf(token)],
    );
    const caller = rows[0];
    if (caller === undefined) return null;
    if (caller.stale) await this.noteUse(caller.tokenId);
    const { tokenId, environmentId, scopes, rateLimitPerMinute } = caller;
    return { tokenId, actor: `token:${tokenId}`, environmentId, scopes, rateLimitPerMinute };
  }

  /** At most once a minute: a busy token must not become a hot row. */
  private async noteUse(tokenId: string): Promise<void> {
    await this.source.query(
      `UPDATE tokens SET last_used_at = clock_timestamp()
       WHERE id = $1 AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)`,
      [tokenId],
    );
  }
}
