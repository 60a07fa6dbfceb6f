import { createHmac } from 'node:crypto';

/** Base64 that decoders of all languages read alike; padding may be left out. */
const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Whether what follows `whsec_` in a secret is base64 of at least a byte, so that both ends come to the same key. */
export function isReadableSecret(secret: string): boolean {
  return (
    !secret.startsWith('whsec_') ||
    (BASE64.test(secret.slice('whsec_'.length)) && secretBytes(secret).length > 0)
  );
}

/** The key bytes of a secret: what follows `whsec_` is base64, anything else is its UTF-8 bytes. */
export function secretBytes(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

/**
 * The headers that identify a delivery, and sign it where there is a secret: those of Standard Webhooks 1.0.0 (id,
 * dot, seconds, dot, body under HMAC-SHA256), and beside them a plain HMAC of the body.
 * @param id the event's, the same at every try
 * @param at when this try is made
 * @param secrets those that are valid, the newest first: while one takes the place of another, receivers may know either.
 *   The plain header has room for one signature, and carries the newest's
 */
export function webhookHeaders(
  id: string,
  at: Date,
  body: string,
  secrets: string[],
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000).toString();
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  const [newest] = secrets;
  if (newest === undefined) return headers;
  const signatures = secrets.map((secret) => `v1,${hmac(secret, `${id}.${timestamp}.${body}`, 'base64')}`);
  return {
    ...headers,
    'webhook-signature': signatures.join(' '),
    'x-webhook-signature': `sha256=${hmac(newest, body, 'hex')}`,
  };
}

function hmac(secret: string, text: string, encoding: 'base64' | 'hex'): string {
  return createHmac('sha256', secretBytes(secret)).update(text, 'utf8').digest(encoding);
}
