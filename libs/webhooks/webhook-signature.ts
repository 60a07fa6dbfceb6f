import { createHmac } from 'node:crypto';

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
 */
export function webhookHeaders(
  id: string,
  at: Date,
  body: string,
  secret: string | null,
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000).toString();
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === null) return headers;
  const sign = (text: string) => createHmac('sha256', secretBytes(secret)).update(text, 'utf8');
  return {
    ...headers,
    'webhook-signature': `v1,${sign(`${id}.${timestamp}.${body}`).digest('base64')}`,
    'x-webhook-signature': `sha256=${sign(body).digest('hex')}`,
  };
}
