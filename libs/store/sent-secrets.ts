import type { AuthorizationScheme, SealedHeader } from './agent-action.entity.js';

/** A header as it is sent to be stored; without a value where the stored one is meant. */
export interface SentHeader {
  key: string;
  sealedValue: string | undefined;
}

/** The headers to store: an absent list leaves them as they are. Null stands for one whose value nobody has. */
export function headersToStore(
  sent: SentHeader[] | undefined,
  stored: SealedHeader[],
): (SealedHeader | null)[] {
  if (sent === undefined) return stored;
  return sent.map(({ key, sealedValue }) => {
    if (sealedValue !== undefined) return { key, sealedValue };
    return stored.find((header) => header.key.toLowerCase() === key.toLowerCase()) ?? null;
  });
}

interface Authorization {
  authorizationScheme: AuthorizationScheme;
  sealedAuthorizationCredential: string | null;
}

/** A credential of one scheme means nothing under another, and would be sent where it was never meant to go. */
export function credentialToStore(
  scheme: AuthorizationScheme,
  sent: string | null | undefined,
  stored: Authorization | null,
): string | null {
  if (sent !== undefined) return sent;
  return stored?.authorizationScheme === scheme ? stored.sealedAuthorizationCredential : null;
}
