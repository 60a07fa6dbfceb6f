import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BadSettings, readSettings } from './settings.js';

const home = process.cwd();
const DATABASE_URL = 'postgres://someone@database:5432/ringfence';

// Generated secrets are kept under the working directory.
beforeAll(() => process.chdir(mkdtempSync(join(tmpdir(), 'settings-'))));
afterAll(() => process.chdir(home));

function mistakesOf(variables: Record<string, string>): string[] {
  try {
    readSettings(variables);
    return [];
  } catch (error) {
    if (error instanceof BadSettings) return error.mistakes;
    throw error;
  }
}

describe('the settings', () => {
  it('need nothing but a database outside production', () => {
    expect(readSettings({ DATABASE_URL })).toMatchObject({
      DATABASE_URL,
      REDIS_URL: undefined,
      PORT: 3000,
      ADMIN_PORT: 3001,
      PUBLIC_URL: 'http://127.0.0.1:3000',
      WEBHOOK_ALLOW_PRIVATE: false,
      UNSAFE_COOLDOWN_HOUR_SECONDS: 3600,
    });
  });

  it('read a list of networks, of one or more', () => {
    const list = (text: string) =>
      readSettings({ DATABASE_URL, WEBHOOK_DENY_NETWORKS: text }).WEBHOOK_DENY_NETWORKS;
    expect(list('203.0.113.0/24, 2001:db8::/32')).toEqual(['203.0.113.0/24', '2001:db8::/32']);
    expect(list('203.0.113.0/24')).toEqual(['203.0.113.0/24']);
  });

  it('keep generated secrets, so that every process of a folder reads the same', () => {
    const [first, second] = [readSettings({ DATABASE_URL }), readSettings({ DATABASE_URL })];
    for (const name of ['ENCRYPTION_KEY', 'CARRIER_SECRET', 'ADMIN_PASSWORD'] as const) {
      expect(first[name]).toBe(second[name]);
    }
    expect(first.ENCRYPTION_KEY).not.toBe(first.CARRIER_SECRET);
  });

  it('report every mistake at once, by the name of its variable', () => {
    const mistakes = mistakesOf({
      DATABASE_URL: 'mysql://x',
      REDIS_URL: 'nonsense',
      PORT: '99999',
      DIALER_CONCURRENCY: 'many',
      WEBHOOK_ALLOW_PRIVATE: 'yes',
      LOG_LEVEL: 'loud',
      TELEPHONY_PROVIDER: 'pigeon',
      ENCRYPTION_KEY: 'short',
      FAULT_POINT: 'after_lunch',
      WEBHOOK_DENY_NETWORKS: '203.0.113.0/24, 203.0.113.9',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_TRACES_SAMPLER_ARG: '25%',
      OTEL_EXPORTER_OTLP_HEADERS: 'a key of ours',
    });
    for (const name of ['DATABASE_URL', 'REDIS_URL', 'PORT', 'DIALER_CONCURRENCY', 'WEBHOOK_ALLOW_PRIVATE']) {
      expect(mistakes.join('\n')).toMatch(new RegExp(`^${name} `, 'm'));
    }
    for (const name of [
      'LOG_LEVEL',
      'TELEPHONY_PROVIDER',
      'ENCRYPTION_KEY',
      'FAULT_POINT',
      'WEBHOOK_DENY_NETWORKS',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_TRACES_SAMPLER_ARG',
      'OTEL_EXPORTER_OTLP_HEADERS',
    ]) {
      expect(mistakes.join('\n')).toMatch(new RegExp(`^${name} `, 'm'));
    }
  });

  it('take OpenTelemetry’s words for headers, and for a protocol that is not asked for', () => {
    const headers = 'x-api-key=Zm9v%3D, x-tenant=a%20b';
    expect(mistakesOf({ DATABASE_URL, OTEL_EXPORTER_OTLP_HEADERS: headers })).toEqual([]);
    const grpc = { DATABASE_URL, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(mistakesOf(grpc)).toEqual([]);
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = 'http://collector:4317';
    expect(mistakesOf({ ...grpc, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toEqual(
      [],
    );
    expect(mistakesOf({ ...grpc, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT })).toEqual([
      expect.stringMatching(/^OTEL_EXPORTER_OTLP_PROTOCOL must be http\/protobuf/),
    ]);
  });

  it('take a password of the admin port that begins like a hash for one, and refuse what cannot be read', () => {
    const hash = '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046w';
    expect(readSettings({ DATABASE_URL, ADMIN_PASSWORD: hash }).ADMIN_PASSWORD).toBe(hash);
    for (const wrong of [hash.slice(0, 40), hash.replace('ln=14', 'ln=31'), '$scrypt$secret']) {
      expect(mistakesOf({ DATABASE_URL, ADMIN_PASSWORD: wrong }).join()).toMatch(/^ADMIN_PASSWORD begins/);
    }
    expect(mistakesOf({ DATABASE_URL, ADMIN_USER: 'a:b' }).join()).toMatch(/^ADMIN_USER must/);
  });

  it('miss a database that is not named', () => {
    expect(mistakesOf({}).join()).toMatch(/DATABASE_URL/);
  });

  it('generate no secret, and refuse what is unsafe, in production', () => {
    const mistakes = mistakesOf({
      NODE_ENV: 'production',
      DATABASE_URL,
      FAULT_POINT: 'after_fence@3',
      UNSAFE_COOLDOWN_HOUR_SECONDS: '1',
      UNSAFE_RECONCILE_HORIZON_SECONDS: '20',
    });
    expect(mistakes).toEqual([
      'ADMIN_PASSWORD is required in production',
      'CARRIER_SECRET is required in production',
      'ENCRYPTION_KEY is required in production',
      'FAULT_POINT is refused in production',
      'UNSAFE_COOLDOWN_HOUR_SECONDS is refused in production',
      'UNSAFE_RECONCILE_HORIZON_SECONDS is refused in production',
    ]);
  });
});

describe('the settings of the queues', () => {
  const REDIS_URL = 'redis://redis:6379';

  it('are one queue on one Redis unless more is asked for', () => {
    expect(readSettings({ DATABASE_URL, REDIS_URL })).toMatchObject({
      QUEUE_SHARDS: 1,
      REDIS_CLUSTER: false,
    });
  });

  it('take several nodes of a cluster, whose password may hold a comma', () => {
    const nodes = 'rediss://:one,two@a:6379, rediss://:one,two@b:6379';
    const asked = { DATABASE_URL, REDIS_URL: nodes, REDIS_CLUSTER: 'true', QUEUE_SHARDS: '6' };
    expect(readSettings(asked)).toMatchObject({ REDIS_URL: nodes, REDIS_CLUSTER: true, QUEUE_SHARDS: 6 });
  });

  it.each([
    [{ QUEUE_SHARDS: '3' }, /QUEUE_SHARDS above 1 needs REDIS_URL/],
    [{ REDIS_CLUSTER: 'true' }, /REDIS_CLUSTER needs REDIS_URL/],
    [{ REDIS_URL: `${REDIS_URL},redis://other:6379` }, /REDIS_CLUSTER=true/],
    [{ REDIS_URL: `${REDIS_URL},nonsense`, REDIS_CLUSTER: 'true' }, /REDIS_URL must be the address/],
    [{ REDIS_URL: `${REDIS_URL}/2`, REDIS_CLUSTER: 'true' }, /REDIS_URL names a database/],
    [{ REDIS_URL, QUEUE_SHARDS: '0' }, /QUEUE_SHARDS must not be less than 1/],
    [{ REDIS_URL, QUEUE_SHARDS: '2', QUEUE_PREFIX: '{a}' }, /QUEUE_PREFIX must be without braces/],
    [{ REDIS_URL, QUEUE_SHARDS: '8', DIALER_CONCURRENCY: '6' }, /DIALER_CONCURRENCY must be at least/],
  ])('are refused together: %o', (variables, mistake) => {
    expect(mistakesOf({ DATABASE_URL, ...variables }).join('\n')).toMatch(mistake);
  });
});

describe('the settings of a carrier', () => {
  const TWILIO = {
    DATABASE_URL,
    TELEPHONY_PROVIDER: 'twilio',
    TWILIO_ACCOUNT_SID: `AC${'0a'.repeat(16)}`,
    TWILIO_AUTH_TOKEN: 'a token',
    TWILIO_FROM: '+12025550123',
    PUBLIC_URL: 'https://calls.example.com',
  };

  it('that is not chosen may be absent', () => {
    expect(readSettings({ DATABASE_URL })).toMatchObject({
      TELEPHONY_PROVIDER: 'simulated',
      TRUNK_CALLS_PER_SECOND: 50,
    });
  });

  it('that is chosen are missed all at once, the address for callbacks too', () => {
    expect(mistakesOf({ DATABASE_URL, TELEPHONY_PROVIDER: 'twilio' })).toEqual(
      ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM', 'PUBLIC_URL'].map(
        (name) => `${name} is required with TELEPHONY_PROVIDER=twilio`,
      ),
    );
  });

  it('are looked at one by one', () => {
    const mistakes = mistakesOf({ ...TWILIO, TWILIO_ACCOUNT_SID: 'SK1', TWILIO_FROM: '2025550123' });
    expect(mistakes).toHaveLength(2);
    expect(mistakes.join()).toMatch(/TWILIO_ACCOUNT_SID must be.*TWILIO_FROM must be/s);
  });

  it('start Twilio at the one call per second that every account has, unless more is asked for', () => {
    expect(readSettings(TWILIO).TRUNK_CALLS_PER_SECOND).toBe(1);
    expect(readSettings({ ...TWILIO, TRUNK_CALLS_PER_SECOND: '5' }).TRUNK_CALLS_PER_SECOND).toBe(5);
  });

  const ASTERISK = {
    DATABASE_URL,
    TELEPHONY_PROVIDER: 'asterisk',
    ARI_URL: 'http://10.0.0.5:8088',
    ARI_USER: 'ringfence',
    ARI_PASSWORD: 'a password',
    ARI_ENDPOINT: 'PJSIP/{to}@trunk',
    ARI_FROM: '+12025550123',
  };

  it('of Asterisk are missed all at once, and start at one call per second', () => {
    expect(mistakesOf({ DATABASE_URL, TELEPHONY_PROVIDER: 'asterisk' })).toEqual(
      ['ARI_URL', 'ARI_USER', 'ARI_PASSWORD', 'ARI_ENDPOINT', 'ARI_FROM'].map(
        (name) => `${name} is required with TELEPHONY_PROVIDER=asterisk`,
      ),
    );
    expect(readSettings(ASTERISK)).toMatchObject({ ARI_APP: 'ringfence', TRUNK_CALLS_PER_SECOND: 1 });
  });

  it.each([
    ['ARI_URL', 'http://user:password@10.0.0.5:8088'],
    ['ARI_APP', 'two words'],
    ['ARI_ENDPOINT', 'PJSIP/trunk'],
    ['ARI_ENDPOINT', '{to}@trunk'],
    ['ARI_FROM', '2025550123'],
  ])('of Asterisk are looked at: %s=%s', (name, value) => {
    expect(mistakesOf({ ...ASTERISK, [name]: value }).join()).toContain(name);
  });

  const LIVEKIT = {
    DATABASE_URL,
    TELEPHONY_PROVIDER: 'livekit',
    LIVEKIT_URL: 'wss://my-project.livekit.cloud',
    LIVEKIT_API_KEY: 'APIkey',
    LIVEKIT_API_SECRET: 'a secret',
    LIVEKIT_SIP_TRUNK: 'ST_3fkW9xYz',
  };

  it('that is LiveKit need no more than that, and start at one call per second', () => {
    expect(readSettings(LIVEKIT)).toMatchObject({ TRUNK_CALLS_PER_SECOND: 1 });
    expect(mistakesOf({ DATABASE_URL, TELEPHONY_PROVIDER: 'livekit' })).toEqual(
      ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'LIVEKIT_SIP_TRUNK'].map(
        (name) => `${name} is required with TELEPHONY_PROVIDER=livekit`,
      ),
    );
  });

  it.each([
    ['LIVEKIT_URL', 'my-project.livekit.cloud'],
    ['LIVEKIT_URL', 'wss://key:secret@my-project.livekit.cloud'],
    ['LIVEKIT_SIP_TRUNK', 'my trunk'],
    ['LIVEKIT_AGENT_NAME', 'two words'],
  ])('that is LiveKit are looked at one by one: %s=%s', (name, value) => {
    expect(mistakesOf({ ...LIVEKIT, [name]: value }).join()).toMatch(new RegExp(`^${name} must be`));
  });

  it('of the simulated one are not asked for in production where another is chosen', () => {
    const mistakes = mistakesOf({ ...TWILIO, NODE_ENV: 'production' });
    expect(mistakes.join()).toMatch(/ADMIN_PASSWORD/);
    expect(mistakes.join()).not.toMatch(/CARRIER_SECRET/);
  });
});

describe('trunks', () => {
  const TWO = {
    ...{ DATABASE_URL, TRUNKS: 'london, spare', CARRIER_SECRET: 'a secret' },
    ...{ TRUNK_LONDON_TELEPHONY_PROVIDER: 'asterisk', TRUNK_LONDON_ARI_URL: 'http://10.0.0.5:8088' },
    ...{ TRUNK_LONDON_ARI_ENDPOINT: 'PJSIP/{to}@london', TRUNK_LONDON_CALLS_PER_SECOND: '7' },
    ...{ TRUNK_LONDON_PREFIXES: '+4420,+4416', TRUNK_LONDON_CALLER_IDS: '+442079460000' },
    ...{
      ARI_USER: 'ringfence',
      ARI_PASSWORD: 'a password',
      ARI_FROM: '+442079460000',
      TRUNK_JITTER_MS: '50',
    },
  };

  it('are one where none is named, named as its provider is', () => {
    const { trunks } = readSettings({ DATABASE_URL, TRUNK_CALLS_PER_SECOND: '9' });
    expect(trunks).toMatchObject([
      { name: 'simulated', TRUNK_CALLS_PER_SECOND: 9, PREFIXES: [], CALLER_IDS: [] },
    ]);
  });

  it('take no variable for theirs that has no trunk in its name and may be another program’s', () => {
    const others = { PREFIXES: '+44', CALLER_IDS: 'none' };
    for (const variables of [
      { DATABASE_URL, ...others },
      { ...TWO, ...others },
    ])
      expect(readSettings(variables).trunks.at(-1)).toMatchObject({ PREFIXES: [], CALLER_IDS: [] });
  });

  it('are missed where variables are set for some and none is named', () => {
    expect(mistakesOf({ DATABASE_URL, TRUNK_LONDON_ARI_URL: 'http://10.0.0.5:8088' })).toEqual([
      'TRUNK_LONDON_ARI_URL is set, and TRUNKS names no such trunk',
    ]);
  });

  it('have settings of their own, and else those that name no trunk', () => {
    expect(readSettings(TWO).trunks).toMatchObject([
      {
        ...{
          name: 'london',
          TELEPHONY_PROVIDER: 'asterisk',
          ARI_URL: 'http://10.0.0.5:8088',
          ARI_USER: 'ringfence',
        },
        ...{ TRUNK_CALLS_PER_SECOND: 7, TRUNK_JITTER_MS: 50, PREFIXES: ['+4420', '+4416'] },
        ...{ CALLER_IDS: ['+442079460000'] },
      },
      {
        ...{ name: 'spare', TELEPHONY_PROVIDER: 'simulated', CARRIER_SECRET: 'a secret' },
        ...{ TRUNK_CALLS_PER_SECOND: 50, TRUNK_JITTER_MS: 50, PREFIXES: [] },
      },
    ]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'a carrier’s needs, of each',
      { ARI_USER: '' },
      /trunk london: ARI_USER is required with TELEPHONY_PROVIDER=asterisk/,
    ],
    ['what is wrong, of each', { TRUNK_SPARE_CARRIER_URL: 'carrier' }, /trunk spare: CARRIER_URL must be/],
    ['a prefix without a plus', { TRUNK_LONDON_PREFIXES: '44' }, /trunk london: PREFIXES must be/],
    ['a name that is not one', { TRUNKS: 'london,Spare!' }, /TRUNKS must be names/],
    ['one that is named twice', { TRUNKS: 'london,london' }, /TRUNKS must name each trunk once/],
    [
      'an application at one Asterisk that another trunk has too',
      {
        ...{ TRUNK_SPARE_TELEPHONY_PROVIDER: 'asterisk', TRUNK_SPARE_ARI_URL: 'http://10.0.0.5:8088' },
        ...{ TRUNK_SPARE_ARI_ENDPOINT: 'PJSIP/{to}@spare' },
      },
      /trunk spare: TRUNK_SPARE_ARI_APP must not be that of trunk london/,
    ],
    [
      'a variable of a trunk that nobody names',
      { TRUNK_LODNON_ARI_URL: 'x' },
      /TRUNK_LODNON_ARI_URL is set, and TRUNKS/,
    ],
  ])('have their mistakes told: %s', (_, variables, mistake) => {
    expect(mistakesOf({ ...TWO, ...variables }).join('\n')).toMatch(mistake);
  });
});
