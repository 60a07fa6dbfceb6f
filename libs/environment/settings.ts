import { plainToInstance } from 'class-transformer';
import {
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsUrl,
  isURL,
  Matches,
  Max,
  Min,
  ValidateBy,
  validateSync,
  type ValidationOptions,
} from 'class-validator';
import ipaddr from 'ipaddr.js';
import { CALLS_PER_SECOND_UNLESS_SET, CarrierSettings } from './carrier-settings.js';
import { FAULT_POINTS } from './fault-point.js';
import { keptSecret } from './kept-secret.js';
import { isMeantAsHash, readHash } from './password-hash.js';
import { asBoolean, asList, asNumber, URL_RULES } from './setting-forms.js';
import {
  CARRIER_SETTINGS_WITHOUT_DEFAULT,
  readTrunks,
  TRUNK_NAME,
  type TrunkSettings,
} from './trunk-settings.js';

/** Exit status for a wrong or missing setting (sysexits.h, EX_CONFIG). */
export const EXIT_BAD_SETTINGS = 78;

const FAULT_POINT_SETTING = new RegExp(`^(${Object.keys(FAULT_POINTS).join('|')})(@[1-9]\\d*)?$`);
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** An address with the number of bits that its network has in common, as in `203.0.113.0/24`. */
const IsNetwork = (options: ValidationOptions) =>
  ValidateBy(
    {
      name: 'network',
      validator: {
        validate: (value) => typeof value === 'string' && ipaddr.isValidCIDR(value),
      },
    },
    options,
  );

/** Where one address of a cluster ends and the next begins: a password may hold commas. */
export const NEXT_ADDRESS = /\s*,\s*(?=rediss?:\/\/)/;

/** An address of Redis, or those of several nodes of a cluster. */
const IsRedis = (options: ValidationOptions) =>
  ValidateBy(
    {
      name: 'redis',
      validator: {
        validate: (value) =>
          typeof value === 'string' &&
          value
            .split(NEXT_ADDRESS)
            .every((address) => isURL(address, { ...URL_RULES, protocols: ['redis', 'rediss'] })),
      },
    },
    options,
  );

const PROXY = '([\\da-fA-F.:]+(/\\d{1,3})?|loopback|linklocal|uniquelocal)';
const PROXY_LIST = new RegExp(`^${PROXY}(\\s*,\\s*${PROXY})*$`);

/** Names as HTTP has them; values without commas and spaces (W3C Baggage, which OpenTelemetry takes its form from). */
const HEADER = "[\\w!#$%&'*+.^`|~-]+=[\\x21-\\x2b\\x2d-\\x7e]*";
const HEADER_LIST = new RegExp(`^${HEADER}(\\s*,\\s*${HEADER})*$`);

/**
 * Every setting of every process, read once from the environment variables named in SCREAMING_SNAKE_CASE.
 * All mistakes are reported together, and the process exits with 78.
 */
export class Settings extends CarrierSettings {
  /** `production` refuses the UNSAFE settings and generated secrets. */
  @IsIn(['development', 'test', 'production'])
  NODE_ENV: 'development' | 'test' | 'production' = 'development';

  /** PostgreSQL 15 or newer, the truth. A schema other than public is named by `options=-csearch_path=…` in the URL. */
  @IsUrl({ ...URL_RULES, protocols: ['postgres', 'postgresql'] })
  DATABASE_URL: string;

  /**
   * Redis (6.2 or newer) or Valkey with `maxmemory-policy noeviction`, the wake-up; of a cluster any node, or several, comma-separated.
   * Absent: the queue lives in PostgreSQL.
   */
  @IsOptional()
  @IsRedis({ message: 'REDIS_URL must be the address of Redis, as in redis://host:6379' })
  REDIS_URL?: string;

  /** REDIS_URL names nodes of a Redis or Valkey Cluster; the others are learnt from them: docs/scaling.md#queues-in-shards. */
  @asBoolean
  @IsBoolean()
  REDIS_CLUSTER: boolean = false;

  /** Prefix of every Redis key; without Redis, the PostgreSQL schema that holds the queue. */
  QUEUE_PREFIX: string = 'ringfence';

  /**
   * Queues of each kind, spread over the masters of a cluster: docs/scaling.md#queues-in-shards. The same for api and
   * dialers.
   */
  @asNumber
  @IsInt()
  @Min(1)
  @Max(64)
  QUEUE_SHARDS: number = 1;

  /** TCP port of the HTTP API. 0 takes any free one. */
  @asNumber
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT: number = 3000;

  /** TCP port of Bull Board and of this process's health and metrics. 0 takes any free one. */
  @asNumber
  @IsInt()
  @Min(0)
  @Max(65_535)
  ADMIN_PORT: number = 3001;

  /** Login of the admin port. */
  @Matches(/^[^:\p{Cc}]{1,100}$/u, { message: 'ADMIN_USER must be at most 100 characters, without a colon' })
  ADMIN_USER: string = 'admin';

  /**
   * Password of the admin port, plain or as the hash that `cli admin hash-password` prints. Outside production one is
   * generated and kept when it is not given.
   */
  ADMIN_PASSWORD: string;

  /**
   * Lets whoever has logged in change the queues in Bull Board, and resolve unknown outcomes and throw kill switches in the console, and
   * not only look at them.
   */
  @asBoolean
  @IsBoolean()
  ADMIN_QUEUES_WRITABLE: boolean = false;

  /**
   * How long an api that is to stop goes on taking requests, while it says at /ready and /api/v1/health that it stops: until
   * whoever sends to it has seen that. Whatever kills a process that does not end has to leave it 30 seconds more.
   */
  @asNumber
  @IsNumber()
  @Min(0)
  @Max(60)
  DRAIN_SECONDS: number = 1;

  /** Bearer token of whoever scrapes /metrics on the admin port. Absent: it is told to whoever reaches that port. */
  @IsOptional()
  @Matches(/^[\x21-\x7e]{16,}$/, {
    message: 'METRICS_TOKEN must be at least 16 characters without spaces',
  })
  METRICS_TOKEN?: string;

  /** Where carriers reach the API from outside; callbacks are built on it. Default: this machine, at PORT. */
  @IsUrl({ ...URL_RULES, protocols: ['http', 'https'] })
  PUBLIC_URL: string;

  /**
   * Proxies before the api and the admin port whose X-Forwarded-For, -Proto and -Host are believed: a comma-separated list
   * of IPs, CIDRs, `loopback`, `linklocal` and `uniquelocal`. Absent: none, and a client's address is that of its connection.
   */
  @IsOptional()
  @Matches(PROXY_LIST, { message: 'TRUST_PROXY must be a comma-separated list of proxy addresses' })
  TRUST_PROXY?: string;

  /**
   * The trunks that calls go over, by name, comma-separated, the first choice first: docs/trunks.md. Absent: one, of the settings
   * that have no trunk's name in theirs, and named as its provider is. The same for api and dialers.
   */
  @asList
  @IsArray()
  @ArrayUnique({ message: 'TRUNKS must name each trunk once' })
  @Matches(TRUNK_NAME, {
    each: true,
    message: 'TRUNKS must be names of small letters, digits and hyphens, comma-separated, as in london,spare',
  })
  TRUNKS: string[] = [];

  /** Of each trunk, in the order of TRUNKS; at least one. */
  trunks: TrunkSettings[];

  /**
   * Share of each environment's and campaign's slots and of the trunk's starts that only direct calls and test calls may use:
   * docs/policy.md#room-for-calls-that-somebody-waits-for. The same for api and dialers.
   */
  @asNumber
  @IsNumber()
  @Min(0)
  @Max(0.5)
  RESERVED_SHARE: number = 0;

  /**
   * How long a campaign's starts take to rise from a fifth of its rate to the whole after its hours have opened; 0: no time. See
   * docs/policy.md#pacing. The same for api and dialers.
   */
  @asNumber
  @IsInt()
  @Min(0)
  @Max(3_600)
  CAMPAIGN_RAMP_SECONDS: number = 60;

  /** Tickets of a kind that one dialer process works on at once, over all shards. */
  @asNumber
  @IsInt()
  @Min(1)
  @Max(1_000)
  DIALER_CONCURRENCY: number = 200;

  /** Webhooks one dialer process begins to send at once; 0: it sends none, and leaves them to others. */
  @asNumber
  @IsInt()
  @Min(0)
  @Max(1_000)
  WEBHOOK_CONCURRENCY: number = 50;

  /**
   * Lets webhooks reach private and loopback addresses, and plain http; link-local ones and cloud agents never. For demos,
   * tests and receivers inside: docs/webhooks.md#for-operators.
   */
  @asBoolean
  @IsBoolean()
  WEBHOOK_ALLOW_PRIVATE: boolean = false;

  /**
   * Networks of the operator's own that webhooks never reach, in CIDR notation, comma-separated: public ones too, where what
   * answers there trusts who asks from inside.
   */
  @asList
  @IsArray()
  @IsNetwork({
    each: true,
    message: 'WEBHOOK_DENY_NETWORKS must be a comma-separated list of networks in CIDR notation',
  })
  WEBHOOK_DENY_NETWORKS: string[] = [];

  /** Key that encrypts secrets of webhooks and actions at rest: 32 bytes, base64. Outside production generated and kept. */
  ENCRYPTION_KEY: string;

  /**
   * An OpenTelemetry collector that takes OTLP over HTTP: calls are traced to `v1/traces` below this address. The names of these
   * settings are OpenTelemetry's own. Absent, as the next one is: nothing is traced. See docs/tracing.md.
   */
  @IsOptional()
  @IsUrl({ ...URL_RULES, protocols: ['http', 'https'] })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  /** The same for traces alone, the whole address: it goes before the other. */
  @IsOptional()
  @IsUrl({ ...URL_RULES, protocols: ['http', 'https'] })
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string;

  /** Said by many setups for all that they run: where a collector is named, no other is spoken. */
  OTEL_EXPORTER_OTLP_PROTOCOL: string = 'http/protobuf';

  /** What lets into the collector, as in `key=value,other=value`. A secret; the exporter reads it by itself. */
  @IsOptional()
  @Matches(HEADER_LIST, {
    message:
      'OTEL_EXPORTER_OTLP_HEADERS must be headers as in key=value,other=value, the values percent-encoded',
  })
  OTEL_EXPORTER_OTLP_HEADERS?: string;

  /** Traces nothing, whatever collector is named. */
  @asBoolean
  @IsBoolean()
  OTEL_SDK_DISABLED: boolean = false;

  /** Under which name traces show this process. Absent: `ringfence-api` or `ringfence-dialer`. */
  OTEL_SERVICE_NAME?: string;

  /** Share of calls that are traced, by their ids: a call is traced by every process or by none. The same for api and dialers. */
  @asNumber
  @IsNumber()
  @Min(0)
  @Max(1)
  OTEL_TRACES_SAMPLER_ARG: number = 1;

  /** The least that is logged. */
  @IsIn(LOG_LEVELS)
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  /**
   * Makes this process die at a named point, as in `after_fence` or `after_fence@7`, for the fault harness
   * (docs/reliability.md). Refused in production.
   */
  @IsOptional()
  @Matches(FAULT_POINT_SETTING, {
    message: 'FAULT_POINT must be one of the named points, with @n for the n-th time',
  })
  FAULT_POINT?: string;

  /** Length of a cooldown hour, in seconds. Anything but 3600 is refused in production. */
  @asNumber
  @IsNumber()
  @Min(0.001)
  UNSAFE_COOLDOWN_HOUR_SECONDS: number = 3600;

  /** How long an attempt of unknown fate is looked for before it is parked; the other reconcile deadlines
   *  scale with it. Anything but 600 is refused in production. */
  @asNumber
  @IsNumber()
  @Min(1)
  UNSAFE_RECONCILE_HORIZON_SECONDS: number = 600;
}

/** Every mistake found in the settings, one sentence each. */
export class BadSettings extends Error {
  constructor(readonly mistakes: string[]) {
    super(`Settings are wrong or missing:\n${mistakes.map((line) => `  - ${line}`).join('\n')}`);
    this.name = 'BadSettings';
  }
}

/** Reads and checks all settings. Throws BadSettings naming every mistake at once, those that are known already first. */
export function readSettings(
  variables: NodeJS.ProcessEnv = process.env,
  knownMistakes: readonly string[] = [],
): Settings {
  const names = Object.keys(plainToInstance(Settings, { ...EMPTY })) as (keyof Settings)[];
  const given = Object.fromEntries(
    names.filter((name) => variables[name]).map((name) => [name, variables[name]]),
  );
  const settings = plainToInstance(Settings, given);
  settings.PUBLIC_URL ??= `http://127.0.0.1:${settings.PORT}`;
  if (settings.TELEPHONY_PROVIDER !== 'simulated' && given.TRUNK_CALLS_PER_SECOND === undefined) {
    settings.TRUNK_CALLS_PER_SECOND = CALLS_PER_SECOND_UNLESS_SET;
  }
  const { trunks, mistakes: ofTrunks } = readTrunks(settings.TRUNKS, variables);
  settings.trunks = trunks;
  const mistakes = [...knownMistakes, ...ofTrunks, ...unfitForQueues(settings), ...unfitForTracing(settings)];
  mistakes.push(...validateSync(settings).flatMap((error) => Object.values(error.constraints ?? {})));
  if (settings.NODE_ENV === 'production') mistakes.push(...unfitForProduction(settings));
  else keepSecrets(settings);
  if (settings.ENCRYPTION_KEY && Buffer.from(settings.ENCRYPTION_KEY, 'base64').length !== 32) {
    mistakes.push('ENCRYPTION_KEY must be 32 bytes, base64');
  }
  if (isMeantAsHash(settings.ADMIN_PASSWORD ?? '') && readHash(settings.ADMIN_PASSWORD) === null) {
    mistakes.push('ADMIN_PASSWORD begins like a hash and is none: make one by `cli admin hash-password`');
  }
  if (mistakes.length > 0) throw new BadSettings(mistakes);
  return settings;
}

/**
 * Reads the settings, or prints every mistake and exits with 78. For the first line of a process.
 * @param knownMistakes what else is wrong with how this process was set up, a sentence each
 */
export function settingsOrExit(knownMistakes: readonly string[]): Settings {
  try {
    return readSettings(process.env, knownMistakes);
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_BAD_SETTINGS);
  }
}

/** What one setting of the queues forbids another. */
function unfitForQueues(settings: Settings): string[] {
  const { REDIS_URL: url, REDIS_CLUSTER: isCluster, QUEUE_PREFIX: prefix, QUEUE_SHARDS: shards } = settings;
  const mistakes: string[] = [];
  if (url === undefined && isCluster) mistakes.push('REDIS_CLUSTER needs REDIS_URL: it names the nodes');
  if (url === undefined && shards > 1)
    mistakes.push('QUEUE_SHARDS above 1 needs REDIS_URL: without Redis the queue lives in PostgreSQL');
  const addresses = url?.split(NEXT_ADDRESS) ?? [];
  if (addresses.length > 1 && !isCluster)
    mistakes.push('REDIS_URL names several nodes, as of a cluster: set REDIS_CLUSTER=true, or name one');
  if (isCluster && addresses.some((address) => NAMES_DATABASE.test(address)))
    mistakes.push('REDIS_URL names a database by number, and a cluster has only one');
  if ((isCluster || shards > 1) && /[{}]/.test(prefix))
    mistakes.push('QUEUE_PREFIX must be without braces: they say which keys belong to one slot');
  if (settings.DIALER_CONCURRENCY < shards)
    mistakes.push('DIALER_CONCURRENCY must be at least QUEUE_SHARDS: a dialer works on every shard');
  return mistakes;
}

/** With another protocol nothing would ever arrive, and nobody be told why. */
function unfitForTracing(settings: Settings): string[] {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url } = settings;
  const isTraced = !settings.OTEL_SDK_DISABLED && (base ?? url) !== undefined;
  return isTraced && settings.OTEL_EXPORTER_OTLP_PROTOCOL !== 'http/protobuf'
    ? [
        'OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf: no other is spoken, and the endpoint must be of that',
      ]
    : [];
}

const NAMES_DATABASE = /^rediss?:\/\/[^/]+\/[1-9]/;

const GENERATED = ['ADMIN_PASSWORD', 'CARRIER_SECRET', 'ENCRYPTION_KEY'] as const;
/** Fields without a default do not exist on a fresh instance; named here so that their variables are read. */
const EMPTY = {
  DATABASE_URL: '',
  REDIS_URL: '',
  PUBLIC_URL: '',
  TRUST_PROXY: '',
  FAULT_POINT: '',
  ADMIN_PASSWORD: '',
  METRICS_TOKEN: '',
  ENCRYPTION_KEY: '',
  OTEL_EXPORTER_OTLP_ENDPOINT: '',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '',
  OTEL_EXPORTER_OTLP_HEADERS: '',
  OTEL_SERVICE_NAME: '',
  ...Object.fromEntries(CARRIER_SETTINGS_WITHOUT_DEFAULT.map((name) => [name, ''])),
};

function keepSecrets(settings: Settings): void {
  for (const name of GENERATED) settings[name] ??= keptSecret(name);
  for (const trunk of settings.trunks) trunk.CARRIER_SECRET ??= settings.CARRIER_SECRET;
}

function unfitForProduction(settings: Settings): string[] {
  const lacksSecret = settings.trunks.some(
    (trunk) => trunk.TELEPHONY_PROVIDER === 'simulated' && !trunk.CARRIER_SECRET,
  );
  const mistakes = GENERATED.filter((name) =>
    name === 'CARRIER_SECRET' ? lacksSecret : !settings[name],
  ).map((name) => `${name} is required in production`);
  if (settings.FAULT_POINT !== undefined) mistakes.push('FAULT_POINT is refused in production');
  if (settings.UNSAFE_COOLDOWN_HOUR_SECONDS !== 3600) {
    mistakes.push('UNSAFE_COOLDOWN_HOUR_SECONDS is refused in production');
  }
  if (settings.UNSAFE_RECONCILE_HORIZON_SECONDS !== 600) {
    mistakes.push('UNSAFE_RECONCILE_HORIZON_SECONDS is refused in production');
  }
  return mistakes;
}

/** What commands beside the processes need to know of the queue. */
export interface QueueSettings {
  redisUrl: string | undefined;
  isCluster: boolean;
  prefix: string;
  shards: number;
}

/** Length of a cooldown hour, in seconds, for commands that plan retries. */
export function cooldownHourSeconds(): number {
  return Number(process.env.UNSAFE_COOLDOWN_HOUR_SECONDS) || new Settings().UNSAFE_COOLDOWN_HOUR_SECONDS;
}

/** The queue that commands are to work on, found as the database is: what `otherwise` knows goes where DATABASE_URL is not set. */
export function queueSettings(otherwise: () => Partial<QueueSettings>): QueueSettings {
  const { env } = process;
  const found = env.DATABASE_URL
    ? { redisUrl: env.REDIS_URL, isCluster: env.REDIS_CLUSTER === 'true' }
    : otherwise();
  const usual = new Settings();
  return {
    redisUrl: found.redisUrl || undefined,
    isCluster: found.isCluster ?? usual.REDIS_CLUSTER,
    prefix: env.QUEUE_PREFIX || found.prefix || usual.QUEUE_PREFIX,
    shards: Number(env.QUEUE_SHARDS) || found.shards || usual.QUEUE_SHARDS,
  };
}

/** For commands that need the database and nothing else: DATABASE_URL, else what `otherwise` knows, or exit with 78. */
export function databaseUrlOrExit(otherwise: () => string | undefined): string {
  const url = process.env.DATABASE_URL || otherwise();
  if (url !== undefined) return url;
  process.stderr.write(
    'DATABASE_URL is not set, and no house that npm start runs was found in this folder.\n',
  );
  process.exit(EXIT_BAD_SETTINGS);
}
