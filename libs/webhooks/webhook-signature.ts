import { createHmac } from 'node:crypto';

/** The key bytes of a secret: what follows `whsec_` is base64, anything else is its UTF-8 bytes. */
export function secretBytes(secret: string): Buffer {
  return secret.startsWith('whsec_')
    ? Buffer.from(secret.slice('whsec_'.length), 'base64')
    : Buffer.from(secret, 'utf8');
}

/**
 * The headers that identify a delivery, and sign it where there is a secret: those of Standard Webhooks 1.0.0 (id,
 * dot, seconds, dot, body under HMAC-SHA256, a signature for each secret), and beside them a plain HMAC of the body.
 * @param id the event's, the same at every try
 * @param at when this try is made
 * @param secrets the one that signs everything first, then those of before that are still valid
 */
export function webhookHeaders(
  id: string,
  at: Date,
  body: string,
  secrets: string[],
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000).toString();
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  const [current] = secrets;
  if (current === undefined) return headers;
  const sign = (secret: string, text: string) =>
    createHmac('sha256', secretBytes(secret)).update(text, 'utf8');
  const signatures = secrets.map(
    (secret) => `v1,${sign(secret, `${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return {
    ...headers,
    'webhook-signature': signatures.join(' '),
    'x-webhook-signature': `sha256=${sign(current, body).digest('hex')}`,
  };
}
