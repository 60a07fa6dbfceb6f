import { SCOPES, type Token } from '#store/token.entity.js';
import { ID, INSTANT, list, named, object, oneOf, orNull, TEXT } from '../openapi/schema.js';

const TOKEN_FIELDS = {
  id: ID,
  name: orNull(TEXT),
  last_four: TEXT,
  scopes: list(oneOf(SCOPES)),
  expires_at: orNull(INSTANT),
  revoked_at: orNull(INSTANT),
  replaced_by: orNull(ID),
  last_used_at: orNull(INSTANT),
  created_at: INSTANT,
};

export const tokenSchema = named('Token', object(TOKEN_FIELDS));

/** With its secret, this once. */
export const newTokenSchema = named('NewToken', object({ ...TOKEN_FIELDS, token: TEXT }));

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
