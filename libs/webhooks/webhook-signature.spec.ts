import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { webhookHeaders } from './webhook-signature.js';

const ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const BODY = '{"type":"campaign_call.completed","name":"José"}';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';

describe('webhook signature', () => {
  it('is accepted by an independent verifier of Standard Webhooks', () => {
    const headers = webhookHeaders(ID, new Date(), BODY, [SECRET]);
    expect(new Webhook(SECRET).verify(BODY, headers)).toEqual(JSON.parse(BODY));
  });

  it('is refused by that verifier when one byte of the body differs', () => {
    const headers = webhookHeaders(ID, new Date(), BODY, [SECRET]);
    expect(() => new Webhook(SECRET).verify(BODY.replace('José', 'Jose'), headers)).toThrow();
  });

  it('is accepted under the new secret and under the one before it, while both are valid', () => {
    const old = 'whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=';
    const headers = webhookHeaders(ID, new Date(), BODY, [SECRET, old]);
    for (const secret of [SECRET, old])
      expect(new Webhook(secret).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    const plain = webhookHeaders(ID, new Date(), BODY, [SECRET])['x-webhook-signature'];
    expect(headers['x-webhook-signature']).toBe(plain);
  });

  it('signs the plain header over the raw body, a plain secret being its UTF-8 bytes', () => {
    const headers = webhookHeaders(ID, new Date(), BODY, ['pässword']);
    const expected = createHmac('sha256', Buffer.from('pässword', 'utf8')).update(BODY).digest('hex');
    expect(headers['x-webhook-signature']).toBe(`sha256=${expected}`);
  });

  it('identifies a delivery without a secret, and signs nothing', () => {
    const headers = webhookHeaders(ID, new Date(1_700_000_000_900), BODY, []);
    expect(headers).toEqual({ 'webhook-id': ID, 'webhook-timestamp': '1700000000' });
  });
});
