import type { Token } from '#store/token.entity.js';

/** A token for people to tell from others; never its text, which nobody has any more. */
export function tokenView(token: Token): Record<string, unknown> {
  return {
    id: token.id,
    name: token.name,
    last_four: token.lastFour,
    scopes: token.scopes,
    expires_at: token.expiresAt?.toISOString() ?? null,
    revoked_at: token.revokedAt?.toISOString() ?? null,
    replaced_by: token.replacedBy,
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
    created_at: token.createdAt.toISOString(),
  };
}
