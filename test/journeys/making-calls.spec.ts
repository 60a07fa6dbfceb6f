import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House, type Answer } from '../running-house.js';

let house: House;
let campaignId: string;

// No dialer: what is taken in stays as it was taken in.
beforeAll(async () => {
  house = await House.open({ dialers: 0 });
  campaignId = await house.campaign();
});

afterAll(() => house.close());

const NOBODY = '00000000-0000-4000-8000-000000000000';
const callPath = (id = campaignId) => `/campaigns/${id}/call`;

function codeOf({ status, body }: Answer): [number, string] {
  return [status, body.code];
}

describe('making a campaign call', () => {
  it('answers 201 with the call and its campaign, unwrapped', async () => {
    const to = aNumber();
    const { status, body } = await house.api('POST', callPath(), {
      to,
      payload: { a: 1 },
      context: { b: 2 },
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      campaign_call: {
        id: expect.any(String),
        campaign_id: campaignId,
        to,
        status: 'queued',
        scheduled_at: expect.any(String),
        created_at: expect.any(String),
      },
      campaign: { id: campaignId, name: 'Reminders', status: 'active' },
    });
    expect(await house.readCall(body.campaign_call.id)).toMatchObject({
      status: 'queued',
      payload: { a: 1 },
      context: { b: 2 },
    });
  });

  it('is scheduled when its delay, or its own earliest time, is still to come', async () => {
    const delayed = await house.campaign({ initial_call_delay: 3600 });
    const { body } = await house.api('POST', callPath(delayed), { to: aNumber() });
    expect(body.campaign_call.status).toBe('scheduled');
    const notBefore = new Date(Date.now() + 7_200_000).toISOString();
    const later = await house.api('POST', callPath(), { to: aNumber(), not_before: notBefore });
    expect(later.body.campaign_call).toMatchObject({ status: 'scheduled', scheduled_at: notBefore });
  });

  it('is blocked at once when no opening will ever come', async () => {
    const over = await house.campaign({ start_date: '2020-01-01', end_date: '2020-02-01' });
    const { status, body } = await house.api('POST', callPath(over), { to: aNumber() });
    expect(status).toBe(201);
    expect(body.campaign_call).toMatchObject({
      status: 'blocked',
      scheduled_at: null,
      blocked_reason: 'no_lawful_opening',
    });
  });

  it('answers 409 with the live call for a number that has one, unless duplicates are allowed', async () => {
    const to = aNumber();
    const first = await house.call(campaignId, to);
    const { status, body } = await house.api('POST', callPath(), { to });
    expect(status).toBe(409);
    expect(body).toMatchObject({
      success: false,
      code: 'DUPLICATE_CALL',
      message: expect.any(String),
      request_id: expect.any(String),
      existing_call: {
        id: first,
        campaign_id: campaignId,
        to,
        status: 'queued',
        created_at: expect.any(String),
      },
    });
    expect((await house.api('POST', callPath(), { to, allow_duplicates: true })).status).toBe(201);
    expect((await house.api('POST', callPath(), { to })).status).toBe(409);
  });

  it('keeps the duplicate rule when the live call was itself allowed beside another', async () => {
    const to = aNumber();
    expect((await house.api('POST', callPath(), { to, allow_duplicates: true })).status).toBe(201);
    expect((await house.api('POST', callPath(), { to })).status).toBe(409);
  });

  it('takes one of twenty equal requests at once, and tells the others which', async () => {
    const to = aNumber();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => house.api('POST', callPath(), { to })),
    );
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) {
      expect([status, body.existing_call.id]).toEqual([409, made[0]?.body.campaign_call.id]);
    }
  });

  it.each<[string, unknown, string]>([
    ['a missing number', {}, 'to'],
    ['a number without a plus', { to: '12025550100' }, 'to'],
    ['a word', { to: 'mother' }, 'to'],
    ['a number that is a number', { to: 12025550100 }, 'to'],
    ['an impossibly short number', { to: '+1202' }, 'to'],
    ['a payload that is a list', { to: '+12025550100', payload: [] }, 'payload'],
    ['a payload that is too large', { to: '+12025550100', payload: { a: 'x'.repeat(17_000) } }, 'payload'],
    [
      'a context that is too deep',
      { to: '+12025550100', context: { a: { a: { a: { a: { a: { a: { a: { a: {} } } } } } } } } },
      'context',
    ],
    ['a flag that is a word', { to: '+12025550100', is_testing: 'yes' }, 'is_testing'],
    ['a time without a zone', { to: '+12025550100', expires_at: '2026-12-01T10:00:00' }, 'expires_at'],
    ['an unknown field', { to: '+12025550100', speed: 9 }, 'speed'],
    [
      'a key that reaches into prototypes',
      { to: '+12025550100', payload: { constructor: 1 } },
      'payload.constructor',
    ],
    ['text that no database keeps', { to: '+12025550100', payload: { a: ['\0'] } }, 'payload.a.0'],
    ['half of a surrogate pair', { to: '+12025550100', context: { a: '\ud800' } }, 'context.a'],
    ['a body that is a list', [], 'body'],
  ])('answers 422 for %s, naming the field', async (_, body, field) => {
    const answer = await house.api('POST', callPath(), body);
    expect(codeOf(answer)).toEqual([422, 'VALIDATION_ERROR']);
    expect(answer.body.success).toBe(false);
    expect(Object.keys(answer.body.errors)).toEqual([field]);
    expect(answer.body.errors[field][0]).toEqual(expect.any(String));
  });

  it('under one Idempotency-Key is made once by fifty equal requests, each with the same answer', async () => {
    const body = { to: aNumber(), payload: { a: 1, b: 2 }, allow_duplicates: true };
    const headers = { 'idempotency-key': 'order-17' };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, turn) =>
        // The order of keys is nobody's business.
        house.api(
          'POST',
          callPath(),
          turn % 2 ? body : Object.fromEntries(Object.entries(body).reverse()),
          headers,
        ),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    const replayed = answers.filter((answer) => answer.headers.get('idempotent-replayed') === 'true');
    expect(replayed.length).toBe(49);
    const { pagination } = await house.must('GET', `/calls?to=${encodeURIComponent(body.to)}`);
    expect(pagination.total).toBe(1);

    const other = await house.api('POST', callPath(), { ...body, payload: {} }, headers);
    expect(codeOf(other)).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const elsewhere = await house.api('POST', callPath(await house.campaign()), body, headers);
    expect([elsewhere.status, elsewhere.headers.get('idempotent-replayed')]).toEqual([201, null]);
  });

  it('keeps no answer but a success under a key: a request that was refused may be mended', async () => {
    const paused = await house.campaign({}, {}, 'paused');
    const headers = { 'idempotency-key': 'later' };
    const body = { to: aNumber() };
    expect((await house.api('POST', callPath(paused), body, headers)).status).toBe(400);
    await house.must('PATCH', `/campaigns/${paused}/status`, { status: 'active' });
    expect((await house.api('POST', callPath(paused), body, headers)).status).toBe(201);
    const bad = await house.api('POST', callPath(), { to: aNumber() }, { 'idempotency-key': 'a b' });
    expect([bad.status, Object.keys(bad.body.errors)]).toEqual([422, ['Idempotency-Key']]);
  });

  it.each<[string, string, [number, string]]>([
    ['that is not JSON', '{"to":', [400, 'INVALID_JSON']],
    [
      'with a __proto__ key',
      '{"to":"+12025550100","payload":{"__proto__":{"a":1}}}',
      [422, 'VALIDATION_ERROR'],
    ],
    [
      'nested a thousand levels',
      `{"to":"+12025550100","payload":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}}`,
      [422, 'VALIDATION_ERROR'],
    ],
    ['larger than a quarter of a megabyte', `{"to":"${'1'.repeat(300_000)}"}`, [413, 'PAYLOAD_TOO_LARGE']],
  ])('answers a body %s in the shape of errors', async (_, raw, expected) => {
    const { status, body } = await house.raw(callPath(), raw);
    expect([status, body.code]).toEqual(expected);
    expect(body).toMatchObject({
      success: false,
      message: expect.any(String),
      request_id: expect.any(String),
    });
  });

  it('answers a form 415', async () => {
    const { status, body } = await house.raw(callPath(), 'to=1', 'application/x-www-form-urlencoded');
    expect([status, body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it.each(['draft', 'paused', 'completed', 'cancelled'])(
    'answers 400 for a campaign that is %s',
    async (status) => {
      const id = await house.campaign({}, {}, status);
      expect(codeOf(await house.api('POST', callPath(id), { to: aNumber() }))).toEqual([
        400,
        'CAMPAIGN_NOT_ACTIVE',
      ]);
    },
  );

  it('checks in the order of the contract: token, campaign, right, body, status', async () => {
    const paused = await house.campaign({}, {}, 'paused');
    const reader = await house.withScopes('campaigns');
    const bad = { to: 'mother' };
    expect(codeOf(await house.as(null)('POST', callPath(NOBODY), bad))).toEqual([401, 'INVALID_TOKEN']);
    expect(codeOf(await reader('POST', callPath(NOBODY), bad))).toEqual([404, 'CAMPAIGN_NOT_FOUND']);
    expect(codeOf(await reader('POST', callPath(paused), bad))).toEqual([403, 'FORBIDDEN']);
    expect(codeOf(await house.api('POST', callPath(paused), bad))).toEqual([422, 'VALIDATION_ERROR']);
    expect(codeOf(await house.api('POST', callPath(paused), { to: aNumber() }))).toEqual([
      400,
      'CAMPAIGN_NOT_ACTIVE',
    ]);
  });

  it('answers 403 when the agent of the campaign is not published', async () => {
    const id = await house.campaign();
    const { agent } = (await house.must('GET', `/campaigns/${id}`)).data;
    await house.must('POST', `/agents/${agent.id}/unpublish`);
    expect(codeOf(await house.api('POST', callPath(id), { to: aNumber() }))).toEqual([403, 'FORBIDDEN']);
  });
});
