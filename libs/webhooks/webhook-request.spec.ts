import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createRawServer, type AddressInfo, type Server as RawServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve as absolute } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionAttempts, CountingListener } from './connections-under-test.js';
import { WebhookReach } from './webhook-reach.js';
import { sendWebhook, type WebhookAnswer, type WebhookRequest } from './webhook-request.js';

const attempts = new ConnectionAttempts();
const inside = new CountingListener();
let receiver: Server | undefined;
let raw: RawServer | undefined;
let seen: IncomingMessage[] = [];

beforeAll(() => inside.listen());
beforeEach(() => attempts.watch());
afterEach(async () => {
  attempts.stop();
  vi.unstubAllEnvs();
  seen = [];
  receiver?.closeAllConnections();
  receiver?.close();
  receiver = undefined;
  raw?.close();
  raw = undefined;
});
afterAll(() => inside.close());

/** A receiver that answers as told, and where it is. */
async function receiverThat(answers: (response: ServerResponse) => void): Promise<string> {
  receiver = createServer((request, response) => {
    seen.push(request);
    request.resume().on('end', () => answers(response));
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  return `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
}

const REACH = new WebhookReach({ allowPrivate: true });

function send(url: string, more: Partial<WebhookRequest> = {}, reach = REACH): Promise<WebhookAnswer> {
  return sendWebhook(
    {
      url,
      method: 'POST',
      customHeaders: {},
      headers: { 'webhook-id': 'ours' },
      body: '{"name":"José"}',
      timeoutSeconds: 10,
      secrets: [],
      ...more,
    },
    reach,
  );
}

describe('an answer that is none', () => {
  /** A receiver that writes these bytes, and leaves the connection open. */
  async function receiverThatWrites(bytes: string): Promise<string> {
    const server = createRawServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.write(bytes));
    }).listen(0, '127.0.0.1');
    raw = server;
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  }

  it.each([
    [
      'a switch of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      101,
    ],
    ['a promise alone', 'HTTP/1.1 100 Continue\r\n\r\n', null],
    ['no HTTP at all', 'hello\r\n\r\n', null],
  ])('is over by its time-out: %s', async (_, bytes, httpStatus) => {
    const answer = await send(await receiverThatWrites(bytes), { timeoutSeconds: 1 });
    expect(answer).toMatchObject({ httpStatus, error: expect.any(String) });
  });

  it('of hints before it is waited for', async () => {
    const url = await receiverThatWrites(
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    );
    expect(await send(url)).toMatchObject({ httpStatus: 200, responseBody: 'ok', error: null });
  });
});

describe('a redirect', () => {
  it.each([300, 301, 302, 303, 304, 307, 308])(
    'by %i to the inside is a failure with a word of its own, and is not followed',
    async (status) => {
      const location = `http://127.0.0.1:${inside.port}/latest/meta-data/`;
      const answer = await send(
        await receiverThat((response) => response.writeHead(status, { location }).end()),
      );
      expect(answer).toMatchObject({ httpStatus: status, error: 'redirect_not_followed' });
      expect(seen).toHaveLength(1);
      expect([attempts.addresses, inside.connections]).toEqual([['127.0.0.1'], 0]);
    },
  );
});

describe('a delivery', () => {
  it('goes out byte for byte, with its length, and to no proxy that the environment names', async () => {
    const proxy = `http://127.0.0.1:${inside.port}`;
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']) {
      vi.stubEnv(name, proxy);
    }
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    let raw = '';
    const url = await receiverThat((response) => response.end());
    receiver?.prependListener('request', (request) => request.on('data', (chunk) => (raw += String(chunk))));
    expect(await send(url)).toMatchObject({ httpStatus: 200, error: null });
    expect(raw).toBe('{"name":"José"}');
    expect(seen[0]?.headers).toMatchObject({
      'content-length': '16',
      'user-agent': 'Ringfence',
      connection: 'close',
    });
    expect(inside.connections).toBe(0);
  });

  it('leaves out headers that are not free to set, whoever has stored them, and is not contradicted by others', async () => {
    const forbidden = [
      'host',
      'content-length',
      'transfer-encoding',
      'connection',
      'keep-alive',
      'te',
      'trailer',
      'upgrade',
      'expect',
      'proxy-authorization',
      'proxy-connection',
      'webhook-id',
      'webhook-signature',
      'x-webhook-signature',
      'forwarded',
      'x-forwarded-for',
      'x-real-ip',
      'accept-encoding',
      'metadata-flavor',
      'metadata',
      'x-aws-ec2-metadata-token',
      'x-aws-ec2-metadata-token-ttl-seconds',
    ];
    const url = await receiverThat((response) => response.end());
    const customHeaders = Object.fromEntries(
      [...forbidden, ...forbidden.map((name) => name.toUpperCase())].map((name) => [name, '1']),
    );
    await send(url, { customHeaders: { ...customHeaders, cookie: 'a=b', 'x-tenant': 'seven' } });
    expect(Object.keys(seen[0]?.headers ?? {}).sort()).toEqual([
      'connection',
      'content-length',
      'cookie',
      'host',
      'user-agent',
      'webhook-id',
      'x-tenant',
    ]);
    expect(seen[0]?.headers).toMatchObject({ 'webhook-id': 'ours', host: new URL(url).host });
  });

  it('that cannot be written as a request is data, like everything that goes wrong', async () => {
    const url = await receiverThat((response) => response.end());
    const answer = await send(url, { headers: { authorization: 'two\r\nlines: smuggled' } });
    expect(answer).toMatchObject({ httpStatus: null, error: 'ERR_INVALID_CHAR' });
    expect(seen).toEqual([]);
  });

  it('waits no longer than its time for a name, nor for an answer', async () => {
    const never = new WebhookReach({ allowPrivate: true, resolve: () => new Promise(() => undefined) });
    const silent = await receiverThat(() => undefined);
    const answers = await Promise.all([
      send('http://slow.example.com/', { timeoutSeconds: 0.2 }, never),
      send(silent, { timeoutSeconds: 0.2 }),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ httpStatus: null, error: 'timeout' });
      expect(answer.durationMs).toBeLessThan(2_000);
    }
  });
});

describe('an answer', () => {
  it('that does not end is read to 16 kB, and of that 4 kB are kept', async () => {
    let sent = 0;
    const url = await receiverThat((response) => {
      const more = () => {
        while (!response.destroyed && response.write('€'.repeat(1_000))) sent += 3_000;
      };
      response.on('drain', more);
      more();
    });
    const answer = await send(url, { timeoutSeconds: 20 });
    expect(answer.httpStatus).toBe(200);
    expect(Buffer.byteLength(answer.responseBody ?? '')).toBeLessThanOrEqual(4 * 1024 + 2);
    expect(answer.durationMs).toBeLessThan(10_000);
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('that drips beyond its time is none', async () => {
    const url = await receiverThat((response) => response.write('slowly'));
    const answer = await send(url, { timeoutSeconds: 0.2 });
    expect(answer).toMatchObject({ httpStatus: null, error: 'timeout' });
    expect(answer.durationMs).toBeLessThan(2_000);
  });

  it('that breaks off before its end is none, whatever its status said', async () => {
    const url = await receiverThat((response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('.', () => response.destroy());
    });
    expect(await send(url)).toMatchObject({ httpStatus: null, error: 'answer_cut_off' });
  });

  it('whose headers do not end is no answer', async () => {
    const url = await receiverThat((response) =>
      response.writeHead(200, { 'x-long': 'a'.repeat(20_000) }).end(),
    );
    expect(await send(url)).toMatchObject({ httpStatus: null, error: 'HPE_HEADER_OVERFLOW' });
  });

  it('that sends back what was typed in by somebody does not show it to others', async () => {
    const credential = 'c2VjcmV0LXRva2Vu';
    const url = await receiverThat((response) =>
      response
        .writeHead(200, { 'x-echo': `Bearer ${credential}` })
        .end(`${'a'.repeat(4_090)}${credential} seven`),
    );
    const answer = await send(url, { secrets: [`Bearer ${credential}`, credential, 'seven'] });
    expect(JSON.stringify(answer)).not.toContain(credential.slice(0, 8));
    expect(answer.responseHeaders).toMatchObject({ 'x-echo': '[hidden]' });
    expect(answer.responseBody).toBe(`${'a'.repeat(4_090)}[hidde`);
  });
});

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!HAS_OPENSSL)(
  'a receiver by TLS (openssl makes its certificate, and is skipped where there is none)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'rf-tls-'));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const names: (string | false)[] = [];
    let requests = 0;
    let port = 0;
    let server: ReturnType<typeof createSecureServer>;

    beforeAll(async () => {
      const made = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ];
      const named = [
        '-subj',
        '/CN=receiver.example.com',
        '-addext',
        'subjectAltName=DNS:receiver.example.com',
      ];
      execFileSync('openssl', [...made, ...named, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
      server = createSecureServer(
        { key: readFileSync(key), cert: readFileSync(certificate) },
        (_, response) => {
          requests += 1;
          response.end('taken');
        },
      ).listen(0, '127.0.0.1');
      server.on('secureConnection', (socket) => names.push(socket.servername ?? false));
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    });

    afterAll(() => {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true });
    });

    beforeEach(() => {
      names.splice(0);
      requests = 0;
    });

    const local = new WebhookReach({
      allowPrivate: true,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    });

    it('is told nothing when nobody vouches for it, whatever the environment says of that', async () => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
      const answer = await send(`https://receiver.example.com:${port}/`, {}, local);
      expect(answer).toMatchObject({ httpStatus: null, error: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
      expect(requests).toBe(0);
    });

    // The authorities of a process are read at its start.
    it('is asked for by its name, and told where somebody vouches for that name', async () => {
      const outcomes = ['receiver.example.com', 'receiver.example.com.', 'other.example.com'].map(
        async (name) => {
          const { stdout } = await run(`https://${name}:${port}/`, { NODE_EXTRA_CA_CERTS: certificate });
          return JSON.parse(stdout) as WebhookAnswer;
        },
      );
      const [known, withDot, other] = await Promise.all(outcomes);
      expect(known).toMatchObject({ httpStatus: 200, responseBody: 'taken' });
      expect(withDot).toMatchObject({ httpStatus: 200, responseBody: 'taken' });
      expect(other).toMatchObject({ httpStatus: null, error: 'ERR_TLS_CERT_ALTNAME_INVALID' });
      expect(requests).toBe(2);
      expect(names.filter((name) => name === 'receiver.example.com')).toHaveLength(2);
    });
  },
);

async function run(url: string, variables: Record<string, string>): Promise<{ stdout: string }> {
  const script = `
    import { sendWebhook } from ${JSON.stringify(absolute('dist/libs/webhooks/webhook-request.js'))};
    import { WebhookReach } from ${JSON.stringify(absolute('dist/libs/webhooks/webhook-reach.js'))};
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const delivery = { url: process.argv[1], method: 'POST', customHeaders: {}, headers: {}, body: '{}',
      timeoutSeconds: 20, secrets: [] };
    console.log(JSON.stringify(await sendWebhook(delivery, new WebhookReach({ allowPrivate: true, resolve }))));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, url], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  await once(child, 'close');
  return { stdout };
}
