import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House, type Answer } from '../running-house.js';
import { WebhookReceiver } from '../webhook-receiver.js';

let house: House;
let agentId: string;

beforeAll(async () => {
  house = await House.open({ dialers: 1, speed: 60 });
  agentId = await house.agent({ description: 'You are calling {{name}}.' });
});

afterAll(() => house.close());

const NOBODY = '00000000-0000-4000-8000-000000000000';

function make(body: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Answer> {
  return house.api('POST', `/agents/${agentId}/call`, body, headers);
}

async function requestsTo(to: string): Promise<number> {
  return (await house.ledger()).filter((line) => line.kind === 'request' && line.to === to).length;
}

describe('a call of an agent, outside campaigns', () => {
  it.each([
    ['the agent’s own path', (body: object) => make({ ...body })],
    ['/calls', (body: object) => house.api('POST', '/calls', { ...body, agent_id: agentId })],
  ])('made on %s rings once and completes, and belongs to no campaign', async (_, ask) => {
    const to = aNumber();
    const { status, body } = await ask({ to, payload: { name: 'Ada' }, context: { lead: 7 } });
    expect([status, body.success]).toEqual([200, true]);
    expect(body.data).toMatchObject({ agent_id: agentId, to, status: 'initiated' });
    const call = (await house.settled([body.data.id])).get(body.data.id);
    expect(call).toMatchObject({ status: 'completed', campaign_id: null, context: { lead: 7 } });
    expect(call.attempts).toHaveLength(1);
    expect(await requestsTo(to)).toBe(1);
  });

  it('is not tried again, and no campaign is shown for it', async () => {
    const { body } = await make({ to: aNumber('70') });
    expect((await house.settled([body.data.id])).get(body.data.id).status).toBe('busy');
    const { data } = await house.must('GET', `/campaigns?agent_id=${agentId}`);
    expect(data).toEqual([]);
  });

  it('waits for its delay, counted by the database, and may be cancelled until then', async () => {
    const before = Date.now();
    const { body } = await make({ to: aNumber(), delay_seconds: 3600 });
    const due = Date.parse(body.data.scheduled_at);
    expect(due).toBe(Date.parse(body.data.created_at) + 3_600_000);
    expect(due).toBeGreaterThan(before);
    expect((await house.readCall(body.data.id)).status).toBe('scheduled');
    await house.must('POST', `/calls/${body.data.id}/cancel`);
    expect((await house.readCall(body.data.id)).status).toBe('cancelled');
  });

  it('may be made to one number twice, one after the other', async () => {
    const to = aNumber();
    const ids = await Promise.all([make({ to }), make({ to })]);
    const settled = await house.settled(ids.map(({ body }) => body.data.id as string));
    expect([...settled.values()].map(({ status }) => status)).toEqual(['completed', 'completed']);
    const lines = (await house.ledger()).filter((line) => line.to === to);
    const order = lines.filter(({ kind }) => kind === 'ring' || kind === 'end').map(({ kind }) => kind);
    expect(order).toEqual(['ring', 'end', 'ring', 'end']);
  });

  it('to a number that asked not to be called is blocked, and nothing is dialled', async () => {
    const to = aNumber();
    await house.must('POST', '/do-not-call', { to });
    const { status, body } = await make({ to });
    expect([status, body.data.status, body.data.blocked_reason]).toEqual([200, 'blocked', 'do_not_call']);
    expect(await requestsTo(to)).toBe(0);
  });

  it('made twice under one Idempotency-Key is one call', async () => {
    const to = aNumber();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => make({ to }, { 'idempotency-key': 'direct-1' })),
    );
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(9);
    const other = await make({ to: aNumber() }, { 'idempotency-key': 'direct-1' });
    expect([other.status, other.body.error.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('made first by many at once hangs on one row', async () => {
    const fresh = await house.agent();
    const path = `/agents/${fresh}/call`;
    const made = await Promise.all(
      Array.from({ length: 20 }, () => house.api('POST', path, { to: aNumber(), delay_seconds: 60 })),
    );
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await house.must('GET', `/agents/${fresh}/calls`)).pagination.total).toBe(20);
  });

  it('tells its agent’s webhooks, and names no campaign to them', async () => {
    const agent = await house.agent();
    const heard = new WebhookReceiver();
    await heard.listen();
    try {
      await house.must('POST', `/agents/${agent}/webhooks`, {
        name: 'direct',
        webhook_url: heard.url('/'),
        events: ['event_phone_call_ended'],
      });
      const { data } = await house.must('POST', `/agents/${agent}/call`, {
        to: aNumber(),
        context: { lead: 9 },
      });
      await house.until('the end is told', () => Promise.resolve(heard.deliveries.length > 0));
      const event = heard.deliveries[0]?.body;
      expect(event).toMatchObject({ agent_id: agent, call: { id: data.id }, context: { lead: 9 } });
      expect(event).not.toHaveProperty('campaign_id');
    } finally {
      await heard.close();
    }
  });
});

describe('an error of make-call', () => {
  const cases: [string, Record<string, unknown>, number, Record<string, unknown>][] = [
    ['no number', {}, 400, { code: 'MISSING_PHONE_NUMBER' }],
    [
      'a number that is none',
      { to: '12' },
      400,
      { code: 'INVALID_PHONE_NUMBER', details: { field: 'to', value: '12' } },
    ],
    [
      'a delay beyond an hour',
      { to: '+12015550100', delay_seconds: 3601 },
      422,
      { code: 'VALIDATION_ERROR' },
    ],
    ['an unknown field', { to: '+12015550100', hours: 1 }, 422, { code: 'VALIDATION_ERROR' }],
  ];

  it.each(cases)('for %s stands inside an error object', async (_, given, status, error) => {
    const answer = await make(given);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ success: false, error });
    expect(Object.keys(answer.body).sort()).toEqual(['error', 'request_id', 'success']);
  });

  it('names the field of a body that does not fit', async () => {
    const { body } = await make({ to: '+12015550100', hours: 1 });
    expect(body.error.details.errors).toHaveProperty('hours');
  });

  it('for an agent that is not there, not published, or another environment’s', async () => {
    const unknown = await house.api('POST', `/agents/${NOBODY}/call`, { to: aNumber() });
    expect(unknown.status).toBe(404);
    expect(unknown.body.error).toMatchObject({ code: 'AGENT_NOT_FOUND', details: { agent_id: NOBODY } });
    const draft = await house.agent();
    await house.must('POST', `/agents/${draft}/unpublish`);
    const inactive = await house.api('POST', '/calls', { to: aNumber(), agent_id: draft });
    expect([inactive.status, inactive.body.error.code]).toEqual([400, 'AGENT_INACTIVE']);
    const neighbour = await house.neighbour();
    const foreign = await neighbour('POST', `/agents/${agentId}/call`, { to: aNumber() });
    expect([foreign.status, foreign.body.error.code]).toEqual([404, 'AGENT_NOT_FOUND']);
  });

  it('for an environment that has nothing to spend any more, but for test calls', async () => {
    const poor = ['credits', 'set', '--environment', house.environmentId, '--balance'];
    await house.cli([...poor, '0']);
    const refused = await make({ to: aNumber() });
    expect([refused.status, refused.body.error.code]).toEqual([402, 'INSUFFICIENT_CREDITS']);
    expect((await make({ to: aNumber(), is_testing: true })).status).toBe(200);
    await house.cli([...poor, 'unlimited']);
    expect((await make({ to: aNumber() })).status).toBe(200);
  });

  it('for a token that is nobody’s, or may not place calls', async () => {
    const nobody = await house.as('talq_nobody')('POST', '/calls', {});
    expect([nobody.status, nobody.body.error.code]).toEqual([401, 'INVALID_TOKEN']);
    const weak = await house.withScopes('agents');
    const refused = await weak('POST', `/agents/${agentId}/call`, { to: aNumber() });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'FORBIDDEN']);
  });
});
