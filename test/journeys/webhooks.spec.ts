import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Webhook } from 'standardwebhooks';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
const CONTEXT = { order: 'A-17', nested: { deep: [1, 2] } };

let house: House;

beforeAll(async () => {
  house = await House.open();
});

afterAll(() => house.close());

async function listen(
  campaignId: string,
  path: string,
  events: string[],
  more: Record<string, unknown> = {},
): Promise<string> {
  const endpoint = {
    name: path,
    webhook_url: house.receiver.url(path),
    events,
    webhook_secret: SECRET,
    ...more,
  };
  const { data } = await house.must('POST', `/campaigns/${campaignId}/webhooks`, endpoint);
  return `/campaigns/${campaignId}/webhooks/${data.id as string}`;
}

/** The logs of a webhook, once none of so many is on its way. */
async function settledLogs(webhook: string, count: number): Promise<any[]> {
  const logs = async () => (await house.must('GET', `${webhook}/logs`)).data as any[];
  await house.until(
    'the logs are settled',
    async () => (await logs()).filter(({ status }) => status !== 'pending').length >= count,
  );
  return logs();
}

const told = (path: string) => house.receiver.deliveries.filter((delivery) => delivery.path === path);

describe('the webhooks of a campaign', () => {
  it('tell the life of a call, signed, with its context, in a sequence without gaps', async () => {
    const campaignId = await house.campaign({ max_retries: 1 });
    const events = [
      'campaign_call.queued',
      'campaign_call.started',
      'campaign_call.retry_scheduled',
      'campaign_call.completed',
    ];
    await listen(campaignId, '/life', events);
    const id = await house.call(campaignId, aNumber('96'), { context: CONTEXT });
    await house.until('all is told', async () => told('/life').length >= 5);

    const bodies = told('/life').map(
      ({ raw, headers }) => new Webhook(SECRET).verify(raw, headers as never) as any,
    );
    const inOrder = bodies.sort((a, b) => a.sequence - b.sequence);
    expect(inOrder.map(({ type }) => type)).toEqual([
      'campaign_call.queued',
      'campaign_call.started',
      'campaign_call.retry_scheduled',
      'campaign_call.started',
      'campaign_call.completed',
    ]);
    for (const body of inOrder) {
      expect(body).toMatchObject({
        event: body.type,
        campaign_id: campaignId,
        context: CONTEXT,
        call: { id },
      });
    }
    expect(inOrder[4].call).toMatchObject({ status: 'completed', outcome: 'answered', attempt: 2 });
    expect(inOrder[4].call.duration).toBeGreaterThan(0);
    expect(new Set(inOrder.map((body) => body.id)).size).toBe(5);
  });

  it('also tell the agent-level events where the endpoint asks for them', async () => {
    const campaignId = await house.campaign();
    await listen(campaignId, '/calls', ['campaign_call.completed'], { include_call_events: true });
    await house.call(campaignId, aNumber('80'));
    await house.until(
      'the end is told',
      async () =>
        told('/calls').some(({ body }) => body.type === 'campaign_call.completed') &&
        told('/calls').some(({ body }) => body.type === 'event_phone_call_ended'),
    );
    const types = told('/calls').map(({ body }) => body.type);
    expect(types).toEqual(
      expect.arrayContaining([
        'event_phone_call_started',
        'event_phone_call_connected',
        'event_voicemail_detected',
      ]),
    );
  });

  it('are delivered again after a failure, under the same id', async () => {
    const campaignId = await house.campaign();
    const webhook = await listen(campaignId, '/again', ['campaign_call.queued']);
    house.receiver.nextStatuses.push(500);
    await house.call(campaignId, aNumber('70'));
    await house.until('it was tried twice', async () => told('/again').length >= 2);
    const [first, second] = told('/again');
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.raw).toBe(first?.raw);

    const logs = await settledLogs(webhook, 2);
    const shown = { event: 'campaign_call.queued', error: null, request_payload: first?.body };
    expect(logs).toMatchObject([
      { ...shown, attempt: 2, status: 'success', http_status: 200, response_body: 'answered 200' },
      { ...shown, attempt: 1, status: 'retrying', http_status: 500, response_body: 'answered 500' },
    ]);
    expect(logs[0].delivered_at).toMatch(/Z$/);
    expect(logs[1].delivered_at).toBeNull();
    expect(logs[0].response_headers).not.toHaveProperty('set-cookie');
  });
});

describe('the webhooks of an agent', () => {
  it('tell what becomes of its calls', async () => {
    const campaignId = await house.campaign();
    const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    await house.must('POST', `/agents/${agent.id}/webhooks`, {
      name: 'agent',
      webhook_url: house.receiver.url('/agent'),
      events: ['event_phone_call_did_not_connect'],
    });
    const id = await house.call(campaignId, aNumber('70'), { context: CONTEXT });
    await house.until('it is told', async () => told('/agent').length > 0);
    expect(told('/agent')[0]?.body).toMatchObject({
      agent_id: agent.id,
      call: { id, outcome: 'busy' },
      context: CONTEXT,
    });
    expect(told('/agent')[0]?.headers['webhook-signature']).toBeUndefined();
  });
});

describe('a webhook', () => {
  it.each([
    ['bearer', 'a-token', { authorization: 'Bearer a-token' }],
    ['basic', 'us:er', { authorization: `Basic ${btoa('us:er')}` }],
    ['api_key', 'a-key', { 'x-api-key': 'a-key' }],
    ['custom', 'Digest abc', { authorization: 'Digest abc' }],
  ])('says who it is by the scheme %s, and in headers of its own', async (scheme, credential, expected) => {
    const campaignId = await house.campaign({}, {}, 'draft');
    const webhook = await listen(campaignId, `/${scheme}`, ['campaign.updated'], {
      http_method: 'PUT',
      authorization_scheme: scheme,
      authorization_credential: credential,
      custom_headers: [{ key: 'X-Tenant', value: 'seven' }],
    });
    await house.must('PUT', `/campaigns/${campaignId}`, { name: 'Changed' });
    await house.until('it is told', async () => told(`/${scheme}`).length > 0);
    expect(told(`/${scheme}`)[0]?.headers).toMatchObject({ ...expected, 'x-tenant': 'seven' });
    const { data } = await house.must('GET', webhook);
    expect(JSON.stringify(data)).not.toContain(credential);
    expect(data).toMatchObject({
      http_method: 'PUT',
      authorization_scheme: scheme,
      has_authorization_credential: true,
      custom_headers: [{ key: 'X-Tenant', value: null }],
    });
  });

  it('is told what its template says, where it has one for the event', async () => {
    const campaignId = await house.campaign({}, {}, 'draft');
    await listen(campaignId, '/template', ['campaign.updated'], {
      payload_templates: { 'campaign.updated': { name: '{{campaign.name}}', at: ['{{occurred_at}}'] } },
    });
    await house.must('PUT', `/campaigns/${campaignId}`, { name: 'So "called"' });
    await house.until('it is told', async () => told('/template').length > 0);
    const [{ raw, headers, body }] = told('/template') as [any];
    expect(new Webhook(SECRET).verify(raw, headers)).toEqual(body);
    expect(body).toEqual({ name: 'So "called"', at: [expect.stringMatching(/Z$/)] });
  });

  it('that gives up shows an error, and delivers again by hand, with the settings of then', async () => {
    const campaignId = await house.campaign({}, {}, 'draft');
    const webhook = await listen(campaignId, '/refuses', ['campaign.updated'], { max_retries: 0 });
    house.receiver.nextStatuses.push(422);
    await house.must('PUT', `/campaigns/${campaignId}`, { name: 'Once more' });
    const [failed] = await settledLogs(webhook, 1);
    expect(failed).toMatchObject({ attempt: 1, status: 'failed', http_status: 422 });
    expect((await house.must('GET', webhook)).data.status).toBe('error');

    await house.must('PUT', webhook, { webhook_url: house.receiver.url('/takes') });
    const { data } = await house.must('POST', `${webhook}/logs/${failed.id}/retry`);
    expect(data).toEqual({ log_id: expect.any(String), original_log_id: failed.id });
    const [again] = await settledLogs(webhook, 2);
    expect(again).toMatchObject({ id: data.log_id, attempt: 2, status: 'success' });
    expect(told('/takes')[0]?.headers['webhook-id']).toBe(told('/refuses')[0]?.headers['webhook-id']);
    expect(told('/takes')[0]?.raw).toBe(told('/refuses')[0]?.raw);
    expect((await house.must('GET', webhook)).data.status).toBe('active');

    const refused = await house.api('POST', `${webhook}/logs/${failed.id}/retry`);
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ code: 'LOG_NOT_RETRIABLE', details: { reason: 'succeeded' } });
  });

  it('that is switched off is owed, and not told; deleted, it is neither, and its logs stay', async () => {
    const campaignId = await house.campaign({}, {}, 'draft');
    const webhook = await listen(campaignId, '/switched', ['campaign.updated'], { max_retries: 0 });
    house.receiver.nextStatuses.push(500);
    await house.must('PUT', `/campaigns/${campaignId}`, { name: 'First' });
    const [failed] = await settledLogs(webhook, 1);
    const toggled = await house.must('PATCH', `${webhook}/toggle`);
    expect(toggled).toMatchObject({ message: 'The webhook is disabled.', data: { status: 'disabled' } });
    const off = await house.api('POST', `${webhook}/logs/${failed.id}/retry`);
    expect(off.body).toMatchObject({ code: 'LOG_NOT_RETRIABLE', details: { reason: 'webhook_disabled' } });
    expect((await house.must('PATCH', `${webhook}/toggle`)).data.enabled).toBe(true);

    await house.must('DELETE', webhook);
    await house.must('PUT', `/campaigns/${campaignId}`, { name: 'Second' });
    expect((await house.api('GET', webhook)).body).toMatchObject({ code: 'WEBHOOK_NOT_FOUND' });
    const { data, pagination } = await house.must('GET', `${webhook}/logs?per_page=1`);
    expect(data).toMatchObject([{ id: failed.id, status: 'failed' }]);
    expect(pagination).toEqual({ current_page: 1, last_page: 1, per_page: 1, total: 1 });
    expect(told('/switched')).toHaveLength(1);
  });

  it('is signed under its new secret and the one before it, for as long as the change says', async () => {
    const campaignId = await house.campaign({}, {}, 'draft');
    const webhook = await listen(campaignId, '/rotated', ['campaign.updated']);
    const fresh = 'whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=';
    const rotated = await house.must('PUT', webhook, { webhook_secret: fresh });
    expect(JSON.stringify(rotated)).not.toContain(fresh);
    expect(rotated.data.has_secret).toBe(true);
    const hours = (Date.parse(rotated.data.previous_secret_until as string) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    // Sent again, it is no change.
    const { data } = await house.must('PUT', webhook, { webhook_secret: fresh });
    expect(data.previous_secret_until).toBe(rotated.data.previous_secret_until);

    const verifies = async (nth: number) => {
      await house.must('PUT', `/campaigns/${campaignId}`, { name: `Update ${nth}` });
      await house.until('it is told', async () => told('/rotated').length >= nth);
      const { raw, headers } = told('/rotated')[nth - 1] as any;
      return [fresh, SECRET].filter((secret) => {
        try {
          return new Webhook(secret).verify(raw, headers);
        } catch {
          return false;
        }
      });
    };
    expect(await verifies(1)).toEqual([fresh, SECRET]);
    expect((await house.must('POST', `${webhook}/test`)).success).toBe(true);
    expect(told('/rotated')[1]?.headers['webhook-signature']?.toString().split(' ')).toHaveLength(2);
    const ended = await house.must('PUT', webhook, {
      webhook_secret: fresh,
      webhook_secret_overlap_seconds: 0,
    });
    expect(ended.data.previous_secret_until).toBeNull();
    expect(await verifies(3)).toEqual([fresh]);
  });

  it('that says it is gone is switched off; switched on again it is told what waits, and replayed what it missed', async () => {
    const campaignId = await house.campaign({}, {}, 'draft');
    const since = new Date(Date.now() - 60_000).toISOString();
    const webhook = await listen(campaignId, '/gone', ['campaign.updated']);
    house.receiver.nextStatuses.push(410);
    await house.must('PUT', `/campaigns/${campaignId}`, { name: 'First' });
    await house.until('it is off', async () => !(await house.must('GET', webhook)).data.enabled);
    expect((await house.must('GET', webhook)).data).toMatchObject({
      status: 'error',
      health: { disabled_because: 'gone', consecutive_failures: 1 },
    });
    await house.must('PUT', `/campaigns/${campaignId}`, { name: 'Second' });
    const refused = await house.api('POST', `${webhook}/replay`, { since });
    expect([refused.status, refused.body.code]).toEqual([409, 'WEBHOOK_DISABLED']);
    expect((await house.must('PATCH', `${webhook}/toggle`)).data).toMatchObject({
      status: 'active',
      health: { disabled_because: null, consecutive_failures: 0 },
    });
    const replay = await house.must('POST', `${webhook}/replay`, { since });
    expect(replay.data).toEqual({ replayed: 1, missed: 1, more: false });
    await house.until('it is told', async () => told('/gone').length >= 3);
    const [first, ...again] = told('/gone');
    expect(again.map(({ body }) => body.campaign.name).sort()).toEqual(['First', 'Second']);
    const repeated = again.find(({ body }) => body.campaign.name === 'First');
    expect(repeated?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(repeated?.raw).toBe(first?.raw);

    expect((await house.api('POST', `${webhook}/replay`, {})).body.errors).toHaveProperty('since');
    let replays = 3;
    while ((await house.api('POST', `${webhook}/replay`, { since })).status === 200) replays += 1;
    expect(replays).toBe(11);
  });

  it('of a campaign is tested with an event it listens for, and of an agent with the documented one', async () => {
    const campaignId = await house.campaign({}, {}, 'draft');
    const webhook = await listen(campaignId, '/tested', ['campaign_call.completed']);
    expect(await house.must('POST', `${webhook}/test`)).toEqual({
      success: true,
      message: 'The webhook took the test.',
    });
    expect(told('/tested')[0]?.body).toMatchObject({
      event: 'campaign_call.completed',
      campaign_id: campaignId,
      call: { status: 'completed', outcome: 'answered' },
      test: true,
    });
    house.receiver.nextStatuses.push(503);
    expect(await house.must('POST', `${webhook}/test`)).toEqual({
      success: false,
      message: 'The webhook answered the test with status 503.',
    });
    const logs = (await house.must('GET', `${webhook}/logs`)).data;
    expect(logs.map(({ status }: any) => status)).toEqual(['failed', 'success']);
    const again = await house.api('POST', `${webhook}/logs/${logs[0].id}/retry`);
    expect(again.body).toMatchObject({ code: 'LOG_NOT_RETRIABLE', details: { reason: 'test' } });

    const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    const owned = `/agents/${agent.id}/webhooks`;
    const { data } = await house.must('POST', owned, {
      name: 'agent',
      webhook_url: house.receiver.url('/tested-agent'),
      events: ['event_phone_call_ended'],
    });
    const tested = await house.must('POST', `${owned}/${data.id}/test`);
    expect(tested.data).toEqual({ status_code: 200, response_time: expect.any(Number) });
    expect(told('/tested-agent')[0]?.body).toMatchObject({
      event: 'webhook.test',
      agent_id: agent.id,
      webhook_id: data.id,
      webhook_name: 'agent',
      test: true,
    });
    let tests = 1;
    while ((await house.api('POST', `${owned}/${data.id}/test`)).status === 200) tests += 1;
    expect(tests).toBe(10);
  });

  it('names its events by what they mean at an agent, and in a list at a campaign', async () => {
    const campaignId = await house.campaign({}, {}, 'draft');
    const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    const ofAgent = (await house.must('GET', `/agents/${agent.id}/webhooks`)).data.available_events;
    expect(ofAgent).toMatchObject({
      event_phone_call_ended: expect.any(String),
      event_action: expect.any(String),
    });
    const ofCampaign = (await house.must('GET', `/campaigns/${campaignId}/webhooks`)).data.available_events;
    expect(ofCampaign).toEqual(expect.arrayContaining(['campaign.created', 'event_call_report']));
  });

  it.each([
    [{ timeout: 4 }, 'timeout'],
    [{ max_concurrent_deliveries: 0 }, 'max_concurrent_deliveries'],
    [{ webhook_secret_overlap_seconds: 60 }, 'webhook_secret_overlap_seconds'],
    [{ max_retries: 11 }, 'max_retries'],
    [{ events: ['campaign_call.completed', 'nothing'] }, 'events'],
    [{ http_method: 'GET' }, 'http_method'],
    [{ authorization_scheme: 'none', authorization_credential: 'x' }, 'authorization_credential'],
    [{ custom_headers: [{ key: 'webhook-signature', value: 'v1,x' }] }, 'custom_headers.0.key'],
    [{ custom_headers: [{ key: 'Host', value: 'inside' }] }, 'custom_headers.0.key'],
    [{ custom_headers: [{ key: 'X-New' }] }, 'custom_headers.0.value'],
    [{ payload_templates: { 'no.such': {} } }, 'payload_templates.no.such'],
    [
      { payload_templates: { 'campaign_call.completed': '{{call.id}}, he said' } },
      'payload_templates.campaign_call.completed',
    ],
    [{ webhook_url: 'http://other.example/hook' }, 'authorization_credential'],
    [{ webhook_secret: 'whsec_of-another-alphabet' }, 'webhook_secret'],
    [{ id: 'mine' }, 'id'],
  ])('does not become %j: 422 names the field', async (change, field) => {
    const webhook = await guarded();
    const { status, body } = await house.api('PUT', webhook, change);
    expect(status).toBe(422);
    expect(body.errors).toHaveProperty([field]);
  });
});

let guardedWebhook: string | undefined;

/** One that holds a credential. */
async function guarded(): Promise<string> {
  guardedWebhook ??= await listen(
    await house.campaign({}, {}, 'draft'),
    '/guarded',
    ['campaign_call.completed'],
    {
      authorization_scheme: 'bearer',
      authorization_credential: 'kept',
    },
  );
  return guardedWebhook;
}
