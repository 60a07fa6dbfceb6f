import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isReadableSecret, webhookHeaders } from './webhook-signature.js';

const ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const BODY = '{"type":"campaign_call.completed","name":"José"}';
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
const OLD_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDmfKQ9r8GKYo=';
const OTHER_SECRET = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';

interface Vector {
  name: string;
  secrets: string[];
  id: string;
  timestamp: number;
  body: string;
  headers: Record<string, string>;
}

/** What is published for whoever writes a verifier. Every command of the project runs in its top folder. */
const { vectors } = JSON.parse(readFileSync(resolve('docs/webhooks-vectors.json'), 'utf8')) as {
  vectors: Vector[];
};

/** The verifier that the authors of Standard Webhooks publish; it takes a secret that is not base64 for what it is. */
function verifier(secret: string): Webhook {
  return secret.startsWith('whsec_') ? new Webhook(secret) : new Webhook(secret, { format: 'raw' });
}

describe('webhook signature', () => {
  it('is refused by an independent verifier when one byte of the body differs', () => {
    const headers = webhookHeaders(ID, new Date(), BODY, [SECRET]);
    expect(verifier(SECRET).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(() => verifier(SECRET).verify(BODY.replace('José', 'Jose'), headers)).toThrow();
  });

  it('signs the plain header over the raw body, a plain secret being its UTF-8 bytes', () => {
    const headers = webhookHeaders(ID, new Date(), BODY, ['pässword']);
    const expected = createHmac('sha256', Buffer.from('pässword', 'utf8')).update(BODY).digest('hex');
    expect(headers['x-webhook-signature']).toBe(`sha256=${expected}`);
  });

  it('by two secrets is good for whoever knows either, and the plain one for whoever knows the newest', () => {
    const headers = webhookHeaders(ID, new Date(), BODY, [SECRET, OLD_SECRET]);
    for (const secret of [SECRET, OLD_SECRET]) {
      expect(verifier(secret).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    }
    expect(() => verifier(OTHER_SECRET).verify(BODY, headers)).toThrow();
    expect(headers['x-webhook-signature']).toBe(
      webhookHeaders(ID, new Date(), BODY, [SECRET])['x-webhook-signature'],
    );
  });

  it('identifies a delivery without a secret, and signs nothing', () => {
    const headers = webhookHeaders(ID, new Date(1_700_000_000_900), BODY, []);
    expect(headers).toEqual({ 'webhook-id': ID, 'webhook-timestamp': '1700000000' });
  });
});

describe('a secret', () => {
  it.each(['a plain one: any', SECRET, SECRET.replace('=', ''), 'whsec_AA', 'whsec_AA==', 'whsec_AAAA'])(
    '%j is read alike by everybody',
    (secret) => expect(isReadableSecret(secret)).toBe(true),
  );

  it.each([
    'whsec_',
    'whsec_A',
    'whsec_AA=',
    'whsec_AAAA=',
    'whsec_A-_A',
    'whsec_AA AA',
    'whsec_whsec_AA',
    'whsec_===',
  ])('%j is not', (secret) => expect(isReadableSecret(secret)).toBe(false));
});

describe('the published vector', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it.each(vectors)('of $name is what is sent, and is good for every secret of it', (vector) => {
    const { secrets, id, timestamp, body, headers } = vector;
    expect(webhookHeaders(id, new Date(timestamp * 1000), body, secrets)).toEqual(headers);
    vi.setSystemTime(timestamp * 1000);
    for (const secret of secrets) verifier(secret).verify(body, headers);
    expect(() => verifier(OTHER_SECRET).verify(body, headers)).toThrow();
  });
});
