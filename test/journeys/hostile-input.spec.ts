import { connect } from 'node:net';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { A_CAMPAIGN, AN_AGENT } from '../bodies.js';
import { House } from '../running-house.js';

// What of the OWASP API Security Top 10 is proved here, and what elsewhere, is said in docs/security.md.
let house: House;
let campaignId: string;
let agentId: string;

beforeAll(async () => {
  house = await House.open({ dialers: 0, settings: { WEBHOOK_ALLOW_PRIVATE: 'false' } });
  campaignId = await house.campaign();
  agentId = (await house.must('GET', `/campaigns/${campaignId}`)).data.agent.id as string;
  token = (await house.must('POST', '/tokens', {})).data.token as string;
});

afterAll(() => house.close());

/** Sends bytes as they are, and reads the answer to its end. */
async function bytes(request: string): Promise<string> {
  const { hostname, port } = new URL(house.url('/'));
  const socket = connect(Number(port), hostname);
  socket.write(request);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

let token: string;

const asked = (line: string, ...headers: string[]) =>
  bytes(
    [line, 'Host: api', 'Connection: close', `Authorization: Bearer ${token}`, ...headers, '', ''].join(
      '\r\n',
    ),
  );

describe('a 401', () => {
  it.each([null, 'nonsense', `talq_${'a'.repeat(46)}`])(
    'for the token %j is the same whatever was asked, and says how to come back',
    async (token) => {
      const ask = house.as(token);
      const told = [
        await ask('GET', `/campaigns/${campaignId}`),
        await ask('GET', '/nothing'),
        await ask('POST', `/campaigns/${campaignId}/call`, { to: 1 }),
      ];
      for (const { status, body, headers } of told) {
        expect([status, body.code]).toEqual([401, 'INVALID_TOKEN']);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
        expect(JSON.stringify(body)).not.toContain(campaignId);
      }
    },
  );
});

describe('what the server owns', () => {
  it.each([
    ['POST', () => '/campaigns', () => ({ ...A_CAMPAIGN, agent_id: agentId })],
    ['PUT', () => `/campaigns/${campaignId}`, () => ({})],
    ['POST', () => '/agents', () => AN_AGENT],
    ['PUT', () => `/agents/${agentId}/knowledge`, () => ({})],
    ['POST', () => `/campaigns/${campaignId}/call`, () => ({ to: '+12025550100' })],
    ['PATCH', () => '/environment', () => ({})],
    ['POST', () => '/tokens', () => ({})],
  ])('cannot be set by %s with a field more', async (method, path, body) => {
    for (const field of ['id', 'environment_id', 'created_at', 'deleted_at', 'is_direct', 'kind']) {
      const { status, body: told } = await house.api(method, path(), { ...body(), [field]: campaignId });
      expect(status).toBe(422);
      expect(told.errors).toHaveProperty([field]);
    }
  });
});

describe('a token', () => {
  it('without a scope comes to no route of it, and with none to none', async () => {
    const calls = await house.withScopes('calls');
    for (const [method, path] of [
      ['GET', '/campaigns'],
      ['POST', '/agents'],
      ['GET', '/do-not-call'],
      ['PATCH', '/environment'],
      ['GET', '/tokens'],
      ['GET', `/agents/${agentId}/webhooks`],
    ] as const) {
      const { status, body } = await calls(method, path, method === 'GET' ? undefined : {});
      expect([path, status, body.code]).toEqual([path, 403, 'FORBIDDEN']);
    }
    expect((await calls('GET', '/calls')).status).toBe(200);
  });

  it('that is rotated shares its count of requests with the one it becomes', async () => {
    const { id } = await house.cli(['environment', 'create', '--name', 'rotated', '--rate-limit', '4']);
    const made = await house.cli(['token', 'create', '--environment', id as string]);
    const [old, rotated] = [
      house.as(made.token as string),
      house.as((await house.cli(['token', 'rotate', made.id as string])).token as string),
    ];
    const statuses = [];
    for (const ask of [old, rotated, old, rotated, old, rotated])
      statuses.push((await ask('GET', '/calls')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
  });
});

describe('a request', () => {
  it.each([
    ['GET', '/calls?page=1&page=2', 422],
    ['GET', '/calls?page[a]=1', 200],
    ['GET', '/calls?per_page=1e2', 200],
    ['GET', '/calls?per_page=100000000000000000000', 422],
    ['GET', '/calls?search=%00', 422],
    ['GET', '/calls?date_from=0000-01-01', 422],
    ['GET', '/calls?search=%ED%A0%80', 200],
    ['GET', `/calls?search=${encodeURIComponent("' OR 1=1; DROP TABLE calls; --")}`, 200],
    ['GET', '/calls?__proto__=1', 422],
    ['GET', '/calls?constructor=1', 422],
    ['GET', '/calls/%E0%A4%A', 400],
    ['GET', '/campaigns/..%2F..%2Fhealth', 404],
    ['GET', `/campaigns/${'9'.repeat(2_000)}`, 414],
    ['DELETE', '/health', 405],
    ['PUT', '/calls', 405],
    ['OPTIONS', '/calls', 405],
    ['HEAD', '/calls', 200],
  ])('%s %s is answered %i, and never a 500', async (method, path, status) => {
    const response = await fetch(house.url(`/api/v1${path}`), {
      method,
      headers: { authorization: `Bearer ${token}` },
    });
    expect([path, response.status]).toEqual([path, status]);
    if (method === 'HEAD' || status < 300) return;
    expect(await response.json()).toMatchObject({
      success: false,
      code: expect.any(String),
      message: expect.any(String),
      request_id: response.headers.get('x-request-id'),
    });
    if (status === 405) expect(response.headers.get('allow')).toMatch(/^(DELETE|GET|HEAD|POST|, )+$/);
  });

  it.each([
    ['a charset that JSON does not have', 'application/json; charset=klingon', '{"to":"+12025550100"}', 415],
    ['another Unicode', 'application/json;charset="UTF-16"', '{"to":"+12025550100"}', 415],
    ['its charset in capitals', 'application/json; Charset="UTF-8"', '{"to":"+12025550198"}', 201],
    ['a byte order mark', 'application/json', '\ufeff{"to":"+12025550196"}', 201],
    ['a type that only begins like JSON', 'application/jsonp', '{"to":"+12025550100"}', 415],
    ['text', 'text/plain', '{"to":"+12025550100"}', 415],
    ['nothing', 'application/json', '', 422],
    ['a number', 'application/json', '7', 422],
    ['null', 'application/json', 'null', 422],
    ['the same key twice', 'application/json', '{"to":1,"to":"+12025550197"}', 201],
    ['bytes that are no text', 'application/json', Buffer.from('{"to":"\xff\xfe"}', 'latin1'), 400],
    ['a number beyond all', 'application/json', '{"to":"+12025550100","payload":{"a":[1e400]}}', 422],
  ])('with %s as its body is answered %s, in the shape of errors', async (_, type, text, status) => {
    const told = await house.raw(`/campaigns/${campaignId}/call`, text, type);
    expect(told.status).toBe(status);
    if (status >= 400) expect(told.body).toMatchObject({ success: false, request_id: expect.any(String) });
  });

  it('whose headers are too long, or that is no HTTP, costs its connection only', async () => {
    const tooLong = await asked('GET /api/v1/calls HTTP/1.1', `X-Long: ${'a'.repeat(40_000)}`);
    const noHttp = await bytes('HELLO\r\n\r\n');
    const smuggled = await asked(
      'POST /api/v1/calls HTTP/1.1',
      'Content-Length: 3',
      'Transfer-Encoding: chunked',
    );
    for (const [answer, status, code] of [
      [tooLong, 431, 'HEADERS_TOO_LONG'],
      [noHttp, 400, 'MALFORMED_REQUEST'],
      [smuggled, 400, 'MALFORMED_REQUEST'],
    ] as const) {
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      const told = JSON.parse(body);
      expect(told).toMatchObject({ success: false, code, message: expect.any(String) });
      expect(head).toContain(`x-request-id: ${told.request_id}`);
    }
    expect(await asked(`GET /api/v1/calls?search=${'a'.repeat(20_000)} HTTP/1.1`)).toMatch(
      /^HTTP\/1\.1 4\d\d/,
    );
    expect((await house.api('GET', '/calls')).status).toBe(200);
  });

  it.each(['0000-01-01T00:00:00Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-00:01'])(
    'about the time %s, which has no year of four digits, is refused by field',
    async (time) => {
      const body = { to: '+12025550100', expires_at: time };
      const { status, body: told } = await house.api('POST', `/campaigns/${campaignId}/call`, body);
      expect([status, Object.keys(told.errors ?? {})]).toEqual([422, ['expires_at']]);
    },
  );

  it('that names the type of a body it does not have is read as one without', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '0' };
    const answer = await house.api('POST', `/agents/${agentId}/publish`, undefined, headers);
    expect(answer.status).toBe(200);
  });

  it('whose path is written in another way comes past no token', async () => {
    for (const path of [
      '/api/v%31/calls',
      '//api/v1/calls',
      'http://elsewhere/api/v1/calls',
      '/API/v1/calls',
    ]) {
      const answer = await bytes(`GET ${path} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n`);
      expect([path, answer.slice(9, 12)]).toEqual([path, expect.stringMatching(/401|404/)]);
    }
  });

  it('whose body is compressed is refused rather than misread', async () => {
    const headers = { 'content-encoding': 'gzip' };
    const answer = await house.api('POST', `/campaigns/${campaignId}/call`, { to: '+12025550100' }, headers);
    expect([answer.status, answer.body.code]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
  });

  it('with a list that is too long, or numbers that are too large, is refused by field', async () => {
    const many = Array.from({ length: 2_000 }, (_, n) => `+1202555${String(n).padStart(4, '0')}`);
    for (const [body, field] of [
      [{ caller_ids: many }, 'caller_ids'],
      [{ holidays: Array.from({ length: 2_000 }, () => '2026-12-25') }, 'holidays'],
      [
        { call_time_ranges: Array.from({ length: 2_000 }, () => ({ start: '09:00', end: '10:00' })) },
        'call_time_ranges',
      ],
      [{ max_concurrent_calls: 1e300 }, 'max_concurrent_calls'],
      [{ max_retries: -0.5 }, 'max_retries'],
      [{ start_date: '0000-01-01' }, 'start_date'],
      [{ auto_dnc_trigger_statuses: 'completed' }, 'auto_dnc_trigger_statuses'],
      [{ auto_dnc_trigger_errors: Array(2_000).fill('disconnected') }, 'auto_dnc_trigger_errors'],
      [{ description: 'x'.repeat(100_000) }, 'description'],
    ] as const) {
      const { status, body: told } = await house.api('PUT', `/campaigns/${campaignId}`, body);
      expect([status, Object.keys(told.errors ?? {})]).toEqual([422, [field]]);
    }
  });

  it(
    'that the database is too slow for is 503, in the end, and leaves nothing behind',
    { timeout: 30_000 },
    async () => {
      const source = await new DataSource({ type: 'postgres', url: house.databaseUrl }).initialize();
      const holding = source.createQueryRunner();
      await holding.startTransaction();
      await holding.query(`LOCK TABLE campaigns IN ACCESS EXCLUSIVE MODE`);
      const { status, body, headers } = await house.api('GET', `/campaigns/${campaignId}`);
      await holding.rollbackTransaction();
      await source.destroy();
      expect([status, body.code]).toEqual([503, 'STORE_UNAVAILABLE']);
      expect(headers.get('retry-after')).toBe('1');
      expect((await house.api('GET', `/campaigns/${campaignId}`)).status).toBe(200);
    },
  );
});

describe('an answer', () => {
  it('is kept by nobody on the way, and shown in no frame or other site', async () => {
    const { headers } = await house.api('POST', '/tokens', {});
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });
});

describe('a webhook', () => {
  it.each([
    ['http://example.org/', /https/],
    ['https://user:secret@example.org/', /./],
    ['file:///etc/passwd', /./],
    ['gopher://example.org/', /./],
    ['https://', /./],
    ['https://2130706433/', /./],
    ['https://0x7f.1/', /./],
    ['https://127.0.0.1/', /public internet/],
    ['https://127.0.0.1\\@example.org/', /./],
    ['https://localhost/', /public internet/],
    ['https://Sub.LOCALHOST./', /./],
    ['https://redis/', /public internet/],
    ['https://postgres.internal/', /public internet/],
    ['https://169.254.169.254/latest/meta-data/', /public internet/],
    ['https://168.63.129.16/', /public internet/],
    ['https://10.0.0.1/', /public internet/],
    ['https://203.0.113.9/', /public internet/],
    ['https://[::1]/', /public internet/],
    ['https://[::ffff:127.0.0.1]/', /public internet/],
    ['https://[fd00:ec2::254]/', /public internet/],
    ['https://[64:ff9b::7f00:1]/', /public internet/],
    ['https://example.org:22/', /port/],
    ['https://example.org:6379/', /port/],
  ])('is neither created for %s nor changed to it', async (webhook_url, text) => {
    const webhook = { name: 'w', webhook_url, events: ['campaign.updated'] };
    for (const { status, body } of [
      await house.api('POST', `/campaigns/${campaignId}/webhooks`, webhook),
      await house.api('PUT', await outside(), { webhook_url }),
    ]) {
      expect([status, Object.keys(body.errors)]).toEqual([422, ['webhook_url']]);
      expect(body.errors.webhook_url[0]).toMatch(text);
    }
  });

  it.each([
    'https://127.0.0.1:$port/',
    'http://127.0.0.1:$port/',
    'https://localhost:$port/',
    'https://[::1]:$port/',
    'https://[::ffff:127.0.0.1]:$port/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1/',
    'https://redis:6379/',
  ])('that was stored for %s is told nothing, and its test says no more than that', async (address) => {
    const path = await outside();
    const webhookUrl = address.replace('$port', new URL(house.receiver.url('/')).port);
    await withDatabase((source) =>
      source.query(`UPDATE webhook_endpoints SET webhook_url = $1 WHERE id = $2`, [
        webhookUrl,
        path.split('/').at(-1),
      ]),
    );
    expect(await house.must('POST', `${path}/test`)).toEqual({
      success: false,
      message: 'The webhook could not be reached.',
    });
    expect((await house.must('GET', `${path}/logs`)).data[0]).toMatchObject({
      error: 'address_not_allowed',
      duration_ms: 0,
      http_status: null,
      response_body: null,
    });
    expect(house.receiver.deliveries).toEqual([]);
  });

  it('sends at most 8 kB of headers of others, and no twenty-first', async () => {
    const header = (length: number) => (_: unknown, n: number) => ({
      key: `X-${n}`,
      value: 'v'.repeat(length),
    });
    for (const custom_headers of [
      Array.from({ length: 5 }, header(2_000)),
      Array.from({ length: 21 }, header(1)),
    ]) {
      const { status, body } = await house.api('PUT', await outside(), { custom_headers });
      expect([status, Object.keys(body.errors)]).toEqual([422, ['custom_headers']]);
    }
  });

  /** One for a receiver that nobody asks anything of. */
  async function outside(): Promise<string> {
    const webhook = {
      name: 'outside',
      webhook_url: 'https://example.org/hook',
      events: ['campaign.updated'],
    };
    const { data } = await house.must('POST', `/campaigns/${campaignId}/webhooks`, webhook);
    return `/campaigns/${campaignId}/webhooks/${data.id as string}`;
  }
});

async function withDatabase(work: (source: DataSource) => Promise<unknown>): Promise<void> {
  const source = await new DataSource({ type: 'postgres', url: house.databaseUrl }).initialize();
  await work(source);
  await source.destroy();
}
