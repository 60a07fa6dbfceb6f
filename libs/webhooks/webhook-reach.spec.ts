import { once } from 'node:events';
import { createServer } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionAttempts, CountingListener } from './connections-under-test.js';
import { sendWebhook, unsent, type WebhookAnswer } from './webhook-request.js';
import { WebhookReach, type Resolve } from './webhook-reach.js';

/** A public address that nothing here may connect to either. */
const PUBLIC = '93.184.215.14';

/** What hostile name servers answer. */
const NAMES: Record<string, string[]> = {
  'loopback.example.com': ['127.0.0.1'],
  'loopback6.example.com': ['::1'],
  'metadata.example.com': ['169.254.169.254'],
  'metadata6.example.com': ['fd00:ec2::254'],
  'agent.example.com': ['168.63.129.16'],
  'private.example.com': ['10.0.0.5'],
  'mapped.example.com': ['::ffff:127.0.0.1'],
  'nat64.example.com': ['64:ff9b::7f00:1'],
  'teredo.example.com': ['2001:0:7f00:1::1'],
  'zone.example.com': ['fe80::1%lo'],
  'public-first.example.com': [PUBLIC, '127.0.0.1'],
  'private-first.example.com': ['127.0.0.1', PUBLIC],
  'public-then-six.example.com': [PUBLIC, '::1'],
  'many.example.com': [...Array<string>(40).fill(PUBLIC), '127.0.0.1'],
  'nothing.example.com': [],
  'nonsense.example.com': ['127.1'],
  'localtest.me': ['127.0.0.1'],
  '127.0.0.1.nip.io': ['127.0.0.1'],
};

/** Addresses of the inside, written in every way that somebody has tried; `$port` is that of the listener there. */
const HOSTILE = [
  // IPv4 as it is
  'https://127.0.0.1:$port/',
  'https://127.0.0.53:$port/',
  'https://127.255.255.254:$port/',
  'https://0.0.0.0:$port/',
  'https://0.1.2.3:$port/',
  'https://10.0.0.1/',
  'https://100.64.0.1/',
  'https://100.100.100.200/latest/meta-data/',
  'https://168.63.129.16/machine',
  'https://169.254.169.254/latest/meta-data/iam/security-credentials/',
  'https://169.254.170.2/v2/credentials',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.0.1/',
  'https://192.0.0.192/',
  'https://192.0.2.1/',
  'https://192.88.99.1/',
  'https://198.18.0.1/',
  'https://198.51.100.1/',
  'https://203.0.113.1/',
  'https://224.0.0.1/',
  'https://239.255.255.250/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  // IPv4 in other notations
  'https://127.1:$port/',
  'https://127.0.1:$port/',
  'https://2130706433:$port/',
  'https://0x7f000001:$port/',
  'https://0x7f.0.0.1:$port/',
  'https://0X7F.1:$port/',
  'https://0177.0.0.1:$port/',
  'https://017700000001:$port/',
  'https://0000177.0.0.0001:$port/',
  'https://127.0x0.00.1:$port/',
  'https://127.0.0.1.:$port/',
  'https://0:$port/',
  'https://%31%32%37.0.0.1:$port/',
  'https://①②⑦.⓪.⓪.①:$port/',
  'https://127。0。0。1:$port/',
  'https://１２７.０.０.１:$port/',
  'https://169.254.43518/latest/',
  'https://2852039166/latest/',
  'https://0xa9fea9fe/latest/',
  'https:127.0.0.1:$port',
  'https:\\\\127.0.0.1:$port\\',
  'https:///127.0.0.1:$port/',
  // names
  'https://localhost:$port/',
  'https://LOCALHOST:$port/',
  'https://LocalHost.:$port/',
  'https://localhost..:$port/',
  'https://ⓛocalhost:$port/',
  'https://lo\u00adcalhost:$port/',
  'https://any.localhost:$port/',
  'https://redis:$port/',
  'https://kubernetes.default.svc.cluster.local/api',
  'https://postgres.internal:$port/',
  'https://metadata.google.internal/computeMetadata/v1/',
  'https://router.lan/',
  'https://printer.home.arpa/',
  // users, protocols and ports
  'https://example.com@127.0.0.1:$port/',
  'https://example.com:443@127.0.0.1:$port/',
  'https://user:secret@example.com/',
  'https://user@example.com/',
  'https://127.0.0.1:$port\\@example.com/',
  'http://example.com/',
  'http://127.0.0.1:$port/',
  'file:///etc/passwd',
  'ftp://127.0.0.1:$port/',
  'gopher://127.0.0.1:$port/_SET%20a%201',
  'dict://127.0.0.1:$port/stats',
  'unix:/var/run/docker.sock',
  'javascript:alert(1)',
  'https://example.com:22/',
  'https://example.com:25/',
  'https://example.com:53/',
  'https://example.com:79/',
  'https://example.com:5432/',
  'https://example.com:6379/',
  'https://example.com:11211/',
  'https://example.com:0/',
  'https://example.com:65536/',
  'https://',
  'nonsense',
  '',
];

const HOSTILE_IPV6 = [
  'https://[::]:$port/',
  'https://[::1]:$port/',
  'https://[0:0:0:0:0:0:0:1]:$port/',
  'https://[0000:0000:0000:0000:0000:0000:0000:0001]:$port/',
  'https://[::2]/',
  'https://[::127.0.0.1]:$port/',
  'https://[::7f00:1]:$port/',
  'https://[::ffff:127.0.0.1]:$port/',
  'https://[::FFFF:7F00:1]:$port/',
  'https://[::ffff:0:127.0.0.1]:$port/',
  'https://[::ffff:8.8.8.8]/',
  'https://[64:ff9b::127.0.0.1]:$port/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[64:ff9b:1::7f00:1]/',
  'https://[100::1]/',
  'https://[2001::1]/',
  'https://[2001:0:7f00:1::1]/',
  'https://[2001:2::1]/',
  'https://[2001:10::1]/',
  'https://[2001:20::1]/',
  'https://[2001:db8::1]/',
  'https://[2002:7f00:1::1]:$port/',
  'https://[2002:a9fe:a9fe::1]/',
  'https://[3fff::1]/',
  'https://[4000::1]/',
  'https://[5f00::1]/',
  'https://[fc00::1]/',
  'https://[fd00:ec2::254]/latest/meta-data/',
  'https://[fd20:ce::254]/computeMetadata/v1/',
  'https://[fe80::1]/',
  'https://[fe80::1%25lo]:$port/',
  'https://[fe80::a9fe:a9fe]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  'https://[::1%25lo]:$port/',
  'https://[::1].:$port/',
];

/** Names whose addresses have to be asked for. */
const HOSTILE_NAMES = [
  'https://LoopBack.Example.com.:$port/',
  'https://loopback.example.com:$port/',
  'https://metadata.example.com/',
  'https://agent.example.com/',
  'https://private.example.com/',
  'https://public-first.example.com:$port/',
  'https://private-first.example.com:$port/',
  'https://public-then-six.example.com:$port/',
  'https://many.example.com:$port/',
  'https://nothing.example.com/',
  'https://nowhere.example.com/',
  'https://nonsense.example.com:$port/',
  'https://localtest.me:$port/',
  'https://127.0.0.1.nip.io:$port/',
  'https://loopback6.example.com:$port/',
  'https://mapped.example.com:$port/',
  'https://metadata6.example.com/',
  'https://nat64.example.com:$port/',
  'https://teredo.example.com/',
  'https://zone.example.com:$port/',
];

const attempts = new ConnectionAttempts();
const inside = new CountingListener();

beforeAll(() => inside.listen());
beforeEach(() => {
  asked = [];
  attempts.watch();
});
afterEach(() => attempts.stop());
afterAll(() => inside.close());

/** The names that were asked for. */
let asked: string[] = [];

const resolve: Resolve = async (name) => {
  asked.push(name);
  const addresses = NAMES[name.toLowerCase().replace(/\.+$/, '')];
  if (addresses === undefined) throw Object.assign(new Error(name), { code: 'ENOTFOUND' });
  return addresses.map((address) => ({ address, family: isIP(address) }));
};

function send(url: string, reach: WebhookReach): Promise<WebhookAnswer> {
  return sendWebhook(
    {
      url: url.replace('$port', inside.port.toString()),
      method: 'POST',
      customHeaders: {},
      headers: {},
      body: '{}',
      timeoutSeconds: 10,
      secrets: [],
    },
    reach,
  );
}

describe('a webhook', () => {
  it.each([...HOSTILE, ...HOSTILE_IPV6])(
    'to %s asks for no name, tries no connection, and gets the one answer',
    async (url) => {
      const answer = await send(url, new WebhookReach({ allowPrivate: false, resolve }));
      expect(answer).toEqual(unsent('address_not_allowed'));
      expect([asked, attempts.addresses, inside.connections]).toEqual([[], [], 0]);
    },
  );

  it.each(HOSTILE_NAMES)('to %s asks once, tries no connection, and gets the one answer', async (url) => {
    const answer = await send(url, new WebhookReach({ allowPrivate: false, resolve }));
    expect(answer).toEqual(unsent('address_not_allowed'));
    expect([asked.length, attempts.addresses, inside.connections]).toEqual([1, [], 0]);
  });

  it('that may go inside does, and is seen to: what the others did not is what is counted', async () => {
    const answer = await send(
      'http://loopback.example.com:$port/',
      new WebhookReach({ allowPrivate: true, resolve }),
    );
    expect(answer.error).toBe('ECONNRESET');
    expect(attempts.addresses).toEqual(['127.0.0.1']);
    expect(inside.connections).toBe(1);
    inside.connections = 0;
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://metadata.example.com/',
    'http://metadata6.example.com/',
    'http://0.0.0.0:$port/',
    'http://[::]:$port/',
    'http://[::ffff:127.0.0.1]:$port/',
    'http://user:secret@127.0.0.1:$port/',
    'http://127.0.0.1:22/',
    'http://127.0.0.1:6379/',
  ])('that may go inside still does not go to %s', async (url) => {
    const answer = await send(url, new WebhookReach({ allowPrivate: true, resolve }));
    expect([answer, attempts.addresses]).toEqual([unsent('address_not_allowed'), []]);
  });

  it('whose name servers do not answer is told of that, for it may be tried again', async () => {
    const away: Resolve = () => Promise.reject(Object.assign(new Error('away'), { code: 'ETIMEOUT' }));
    const answer = await send(
      'https://example.com/',
      new WebhookReach({ allowPrivate: false, resolve: away }),
    );
    expect([answer.error, attempts.addresses]).toEqual(['dns_failed', []]);
  });
});

// 127.0.0.2 plays the public one here, and 127.0.0.1 the inside: Linux and Windows have both, macOS has not.
describe.skipIf(process.platform === 'darwin')('a name whose address changes', () => {
  const behind = new CountingListener();
  const reached: string[] = [];
  const receiver = createServer((request, response) => {
    reached.push(request.headers.host ?? '');
    response.end('taken');
  });

  beforeAll(async () => {
    receiver.listen(0, '127.0.0.2');
    await once(receiver, 'listening');
    await behind.listen('127.0.0.1', port());
  });
  beforeEach(() => reached.splice(0));
  afterAll(() => {
    receiver.closeAllConnections();
    receiver.close();
    return behind.close();
  });

  /** Answers in turn; the last answer stays. */
  function rebinding(...answers: string[][]): { reach: WebhookReach; asked: () => number } {
    let asked = 0;
    const inTurn: Resolve = async () => {
      const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      return addresses.map((address) => ({ address, family: isIP(address) }));
    };
    const reach = new WebhookReach({
      allowPrivate: true,
      denyNetworks: ['127.0.0.1/32', '::1/128'],
      resolve: inTurn,
    });
    return { reach, asked: () => asked };
  }

  const port = () => (receiver.address() as AddressInfo).port;

  it('is asked once for a delivery, which goes to the address that was judged', async () => {
    const { reach, asked } = rebinding(['127.0.0.2'], ['127.0.0.1']);
    const answer = await send(`http://rebind.example.com:${port()}/`, reach);
    expect(answer).toMatchObject({ httpStatus: 200, responseBody: 'taken', error: null });
    expect(reached).toEqual([`rebind.example.com:${port()}`]);
    expect([asked(), attempts.addresses]).toEqual([1, ['127.0.0.2']]);
  });

  it('is judged anew for the next delivery, and none goes to where it leads then', async () => {
    const { reach, asked } = rebinding(['127.0.0.2'], ['127.0.0.1'], ['::1'], ['127.0.0.2', '127.0.0.1']);
    const url = `http://rebind.example.com:${port()}/`;
    const words = [];
    for (let turn = 0; turn < 4; turn += 1) words.push((await send(url, reach)).error);
    expect(words).toEqual([null, 'address_not_allowed', 'address_not_allowed', 'address_not_allowed']);
    expect([asked(), attempts.addresses, behind.connections]).toEqual([4, ['127.0.0.2'], 0]);
  });
});
