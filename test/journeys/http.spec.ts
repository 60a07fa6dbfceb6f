import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import createClient from 'openapi-fetch';
import type { paths } from '../../docs/openapi.d.ts';
import { A_CAMPAIGN, AN_AGENT } from '../bodies.js';
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

function codeOf({ status, body }: Answer): [number, string] {
  return [status, body.code];
}

describe('a token', () => {
  it.each(['', 'talq_', 'talq_' + 'a'.repeat(46)])('that is %j is nobody', async (token) => {
    expect(codeOf(await house.as(token)('GET', '/campaigns'))).toEqual([401, 'INVALID_TOKEN']);
  });

  it('stops working at once when it is revoked', async () => {
    const { id, token } = await house.cli(['token', 'create', '--environment', house.environmentId]);
    const ask = house.as(token as string);
    expect((await ask('GET', '/campaigns')).status).toBe(200);
    await house.cli(['token', 'revoke', id as string]);
    expect((await ask('GET', '/campaigns')).status).toBe(401);
  });

  it('is limited per minute, with headers on every answer and Retry-After beyond', async () => {
    const { id } = await house.cli(['environment', 'create', '--name', 'limited', '--rate-limit', '3']);
    const { token } = await house.cli(['token', 'create', '--environment', id as string]);
    const ask = house.as(token as string);
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await ask('GET', `/campaigns/${NOBODY}`));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 429]);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['2', '1', '0', '0']);
    const [last] = answers.slice(-1);
    expect(last?.headers.get('x-ratelimit-limit')).toBe('3');
    expect(Number(last?.headers.get('x-ratelimit-reset')) * 1000).toBeGreaterThan(Date.now());
    expect(last?.body).toMatchObject({ success: false, code: 'RATE_LIMIT_EXCEEDED' });
    expect(last?.headers.get('retry-after')).toBe(String(last?.body.details.retry_after));
    expect((await fetch(house.url('/api/v1/health'))).headers.get('x-ratelimit-limit')).toBeNull();
  });
});

describe('a campaign', () => {
  it('is created as a draft with every field, and shown with both kinds of hours', async () => {
    const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    const ranges = [
      { start: '09:00', end: '12:00' },
      { start: '13:30', end: '24:00' },
    ];
    const answer = await house.api('POST', '/campaigns', {
      ...A_CAMPAIGN,
      agent_id: agent.id,
      call_time_ranges: ranges,
      holidays: ['2026-12-25'],
    });
    expect(answer.status).toBe(201);
    const { data } = await house.must('GET', `/campaigns/${answer.body.data.id}`);
    expect(data).toMatchObject({
      status: 'draft',
      call_time_ranges: ranges,
      earliest_call_time: '09:00:00',
      latest_call_time: '24:00:00',
      holidays: ['2026-12-25'],
      end_date: null,
      post_completion_cooldown_hours: 168,
      do_not_call_enabled: false,
      do_not_call_list_source: 'environment',
      auto_dnc_trigger_statuses: [],
      agent: { id: agent.id },
      stats: { total_calls: 0, success_rate: 0, average_duration: 0 },
      calls: [],
      files: [],
    });
  });

  it.each<[object, string]>([
    [{ name: '' }, 'name'],
    [{ campaign_type: 'party' }, 'campaign_type'],
    [{ start_date: '2026-02-30' }, 'start_date'],
    [{ end_date: '2026-01-01' }, 'end_date'],
    [{ days_of_week: [] }, 'days_of_week'],
    [{ days_of_week: [1, 8] }, 'days_of_week.1'],
    [{ call_time_ranges: [] }, 'call_time_ranges'],
    [{ call_time_ranges: [{ start: '09:00', end: '09:00' }] }, 'call_time_ranges.0.end'],
    [{ call_time_ranges: [{ start: '24:00', end: '24:00' }] }, 'call_time_ranges.0.start'],
    [{ timezone: 'Mars/Olympus' }, 'timezone'],
    [{ agent_id: NOBODY }, 'agent_id'],
    [{ max_retries: 11 }, 'max_retries'],
    [{ retry_cooldown_hours: 0 }, 'retry_cooldown_hours'],
    [{ max_retries: '3' }, 'max_retries'],
    [{ caller_ids: ['+12025550100', 'x'] }, 'caller_ids.1'],
    [{ status: 'active' }, 'status'],
  ])('with %j is refused, naming %s', async (fault, field) => {
    const { agent } = (await house.must('GET', `/campaigns/${campaignId}`)).data;
    const answer = await house.api('POST', '/campaigns', {
      ...A_CAMPAIGN,
      agent_id: agent.id,
      ...fault,
    });
    expect(answer.status).toBe(422);
    expect(Object.keys(answer.body.errors)).toEqual([field]);
  });

  it.each([
    ['draft', ['active', 'cancelled']],
    ['active', ['paused', 'completed', 'cancelled']],
    ['paused', ['active', 'completed', 'cancelled']],
    ['completed', []],
    ['cancelled', []],
  ])('that is %s moves to %j and nowhere else', async (from, allowed) => {
    for (const to of ['draft', 'active', 'paused', 'completed', 'cancelled']) {
      const id = await house.campaign({}, {}, from);
      const answer = await house.api('PATCH', `/campaigns/${id}/status`, { status: to });
      const expected = allowed.includes(to) ? [200, undefined] : [400, 'INVALID_TRANSITION'];
      expect([to, answer.status, answer.body.code]).toEqual([to, ...expected]);
    }
  });

  it('does not start while its agent is not published', async () => {
    const id = await house.campaign({}, {}, 'draft');
    const { agent } = (await house.must('GET', `/campaigns/${id}`)).data;
    await house.must('POST', `/agents/${agent.id}/unpublish`);
    const answer = await house.api('PATCH', `/campaigns/${id}/status`, { status: 'active' });
    expect([answer.status, Object.keys(answer.body.errors)]).toEqual([422, ['status']]);
  });

  it('keeps its schedule while it is active and calls wait for it, and changes it once paused', async () => {
    const id = await house.campaign();
    await house.call(id, aNumber());
    const change = { call_time_ranges: [{ start: '10:00', end: '11:00' }] };
    expect(codeOf(await house.api('PUT', `/campaigns/${id}`, change))).toEqual([
      409,
      'CAMPAIGN_HAS_ACTIVE_CALLS',
    ]);
    expect((await house.api('PUT', `/campaigns/${id}`, { name: 'Renamed' })).status).toBe(200);
    await house.must('PATCH', `/campaigns/${id}/status`, { status: 'paused' });
    const { data } = await house.must('PUT', `/campaigns/${id}`, change);
    expect(data).toMatchObject({ ...change, name: 'Renamed' });
  });

  it('shows its waiting calls as ended from the moment it is cancelled or completed', async () => {
    for (const [to, reads] of [
      ['cancelled', 'cancelled'],
      ['completed', 'expired'],
    ] as const) {
      const id = await house.campaign();
      const callId = await house.call(id, aNumber());
      const { data } = await house.must('PATCH', `/campaigns/${id}/status`, { status: to });
      expect(data).toMatchObject({ status: to, stopped: 1, in_flight: { count: 0, attempt_ids: [] } });
      expect((await house.readCall(callId)).status).toBe(reads);
    }
  });
});

describe('lists', () => {
  it('are paged newest first, and filtered', async () => {
    const id = await house.campaign();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await house.call(id, aNumber()));
    const page = await house.must('GET', `/calls?campaign_id=${id}&per_page=2&page=2`);
    expect(page.data.map((call: { id: string }) => call.id)).toEqual([ids[2], ids[1]]);
    const numbers = { current_page: 2, last_page: 3, per_page: 2, total: 5, from: 3, to: 4 };
    expect(page.pagination).toEqual({ ...numbers, next_cursor: page.data[1].id });
    expect((await house.must('GET', `/calls?campaign_id=${id}&status=completed`)).data).toEqual([]);
    expect((await house.must('GET', `/calls?campaign_id=${id}&status=queued`)).pagination.total).toBe(5);
    expect((await house.must('GET', '/agents?per_page=1')).meta).toMatchObject({
      current_page: 1,
      per_page: 1,
    });
  });

  it.each([
    '/calls?status=levitating',
    '/calls?per_page=101',
    '/calls?page=0',
    '/calls?date_from=yesterday',
    '/campaigns?status=x',
  ])('refuse %s with 422', async (path) => {
    expect((await house.api('GET', path)).status).toBe(422);
  });
});

describe('a waiting call', () => {
  it('reads as scheduled or queued by the hours as they are now, with no row rewritten', async () => {
    const id = await house.campaign();
    const callId = await house.call(id, aNumber());
    expect((await house.readCall(callId)).status).toBe('queued');
    await house.must('PATCH', `/campaigns/${id}/status`, { status: 'paused' });
    await house.must('PUT', `/campaigns/${id}`, { start_date: '2099-01-05' });
    expect(await house.readCall(callId)).toMatchObject({
      status: 'scheduled',
      scheduled_at: '2099-01-05T00:00:00.000Z',
    });
    expect((await house.must('GET', `/calls?campaign_id=${id}&status=scheduled`)).pagination.total).toBe(1);
    await house.must('PUT', `/campaigns/${id}`, { start_date: '2026-01-01' });
    expect((await house.readCall(callId)).status).toBe('queued');
    expect((await house.must('GET', `/calls?campaign_id=${id}&status=scheduled`)).pagination.total).toBe(0);
  });
});

describe('what is not there', () => {
  it.each([
    ['GET', '/nothing'],
    ['GET', '/campaigns/not-an-id'],
    ['GET', `/calls/${NOBODY}`],
    ['GET', `/agents/${NOBODY}`],
    ['GET', '/do-not-call/%00'],
  ])('%s %s is a 404 in the shape of errors', async (method, path) => {
    const { status, body, headers } = await house.api(method, path);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      success: false,
      message: expect.any(String),
      code: expect.stringMatching(/NOT_FOUND$/),
    });
    expect(headers.get('x-request-id')).toBe(body.request_id);
  });

  it('is a callback that no carrier signed, and a carrier that does not exist', async () => {
    const forged = await fetch(house.url('/callbacks/simulated'), {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(forged.status).toBe(401);
    const unknown = await fetch(house.url('/callbacks/nobody'), {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(unknown.status).toBe(404);
  });
});

describe('the description of the api', () => {
  it('is served without a token as it stands in the checkout', async () => {
    const { status, headers, text } = await fetched('/openapi.json');
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(headers.get('x-ratelimit-limit')).toBeNull();
    expect(text).toBe(readFileSync(resolve('docs/openapi.json'), 'utf8'));
  });

  it('is served to read, all of it by this server', async () => {
    const { headers, text } = await fetched('/docs');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    const files = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js']);
    for (const file of files) {
      const zipped = await fetched(file);
      const plain = await fetched(file, { 'accept-encoding': 'identity' });
      expect([plain.status, plain.headers.get('content-encoding')]).toEqual([200, null]);
      expect([zipped.status, zipped.headers.get('content-encoding')]).toEqual([200, 'gzip']);
      expect(zipped.text).toBe(plain.text);
    }
    expect((await fetched('/docs/package.json')).status).toBe(404);
  });

  async function fetched(path: string, headers = {}) {
    const response = await fetch(house.url(path), { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
});

describe('a client made from the description', () => {
  it('makes an agent, a campaign and a call, and reads the call', async () => {
    const { token } = await house.cli(['token', 'create', '--environment', house.environmentId]);
    const client = createClient<paths>({
      baseUrl: house.url(''),
      headers: { authorization: `Bearer ${token as string}` },
    });
    // What was refused fails here, with the error as it is described.
    const ok = <T>({ data, error }: { data?: T; error?: unknown }): T => {
      if (data === undefined) throw new Error(JSON.stringify(error));
      return data;
    };

    const agent = ok(await client.POST('/api/v1/agents', { body: AN_AGENT })).data;
    const ofAgent = { params: { path: { agent_id: agent.id } } };
    expect(ok(await client.POST('/api/v1/agents/{agent_id}/publish', ofAgent)).data.current_status).toBe(
      'published',
    );
    const body = { ...A_CAMPAIGN, agent_id: agent.id };
    const campaign = ok(await client.POST('/api/v1/campaigns', { body })).data;
    const ofCampaign = { params: { path: { campaign_id: campaign.id } } };
    const active = await client.PATCH('/api/v1/campaigns/{campaign_id}/status', {
      ...ofCampaign,
      body: { status: 'active' },
    });
    expect(ok(active).data.status).toBe('active');

    const call = { ...ofCampaign, body: { to: aNumber(), payload: { name: 'Ana' } } };
    const made = ok(await client.POST('/api/v1/campaigns/{campaign_id}/call', call));
    const again = await client.POST('/api/v1/campaigns/{campaign_id}/call', call);
    expect([again.response.status, again.error]).toMatchObject([
      409,
      { existing_call: { id: made.campaign_call.id } },
    ]);
    const ofCall = { params: { path: { call_id: made.campaign_call.id } } };
    const read = ok(await client.GET('/api/v1/calls/{call_id}', ofCall)).data;
    expect(read).toMatchObject({
      to: call.body.to,
      campaign_id: campaign.id,
      status: 'queued',
      attempts: [],
    });

    // @ts-expect-error the compiler knows which words there are
    await client.GET('/api/v1/calls', { params: { query: { status: 'levitating' } } });
  });
});

describe('the kill switch', () => {
  it('answers with what is in flight, and can be lifted again', async () => {
    const { data } = await house.must('PATCH', '/environment', { kill_switch: true });
    expect(data).toMatchObject({ kill_switch: true, in_flight: { count: 0, attempt_ids: [] } });
    expect((await house.must('PATCH', '/environment', { kill_switch: false })).data.kill_switch).toBe(false);
  });
});
