import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, IsUrl, Matches, Max, Min } from 'class-validator';
import { asBoolean, asNumber, E164, URL_RULES } from './setting-forms.js';

/** How one carrier is reached, and how fast calls may be started there. */
export class CarrierSettings {
  /** Which carrier adapter places the calls: docs/carriers.md. */
  @IsIn(['simulated', 'twilio', 'asterisk', 'livekit'])
  TELEPHONY_PROVIDER: 'simulated' | 'twilio' | 'asterisk' | 'livekit' = 'simulated';

  /** The simulated carrier's address: docs/carrier.md. */
  @IsUrl({ ...URL_RULES, protocols: ['http', 'https'] })
  CARRIER_URL: string = 'http://127.0.0.1:3002';

  /** Key under which the simulated carrier signs its callbacks. Outside production generated and kept. */
  CARRIER_SECRET: string;

  /** The account at Twilio that calls are placed by. */
  @IsOptional()
  @Matches(/^AC[0-9a-fA-F]{32}$/, {
    message: 'TWILIO_ACCOUNT_SID must be AC and 32 hexadecimal digits, as on the first page of the console',
  })
  TWILIO_ACCOUNT_SID?: string;

  /** The account's auth token: it authenticates requests, and callbacks are signed by it. */
  TWILIO_AUTH_TOKEN?: string;

  /** Called from where neither campaign nor agent names a number: one of the account's own. */
  @IsOptional()
  @Matches(E164, {
    message: 'TWILIO_FROM must be a phone number in E.164, as in +12025550123',
  })
  TWILIO_FROM?: string;

  /** Another address that speaks Twilio's API: a region's, a compatible carrier's. Absent: Twilio itself. */
  @IsOptional()
  @IsUrl({ ...URL_RULES, protocols: ['http', 'https'] })
  TWILIO_BASE_URL?: string;

  /** Lets Twilio tell machines from people, beside the conversation. It charges for each call. */
  @asBoolean
  @IsBoolean()
  TWILIO_MACHINE_DETECTION: boolean = true;

  /** Where Asterisk's REST interface is, up to `/ari` or with it. */
  @IsOptional()
  @IsUrl({ ...URL_RULES, protocols: ['http', 'https'], disallow_auth: true })
  ARI_URL?: string;

  /** A user of ari.conf. */
  ARI_USER?: string;

  /** That user's password. */
  ARI_PASSWORD?: string;

  /** The Stasis application of this house: no other program may be connected for it. */
  @Matches(/^[\w.-]{1,79}$/, {
    message: 'ARI_APP must be letters, digits, dots, underscores and hyphens, no more than 79',
  })
  ARI_APP: string = 'ringfence';

  /** What Asterisk dials: `{to}` is the number in E.164, `{digits}` the same without its plus. */
  @IsOptional()
  @Matches(/^\w+\/\S*\{(to|digits)\}\S*$/, {
    message: 'ARI_ENDPOINT must be a channel to dial with the number in it, as in PJSIP/{to}@trunk',
  })
  ARI_ENDPOINT?: string;

  /** Called from where neither campaign nor agent names a number: one that the trunk may show. */
  @IsOptional()
  @Matches(E164, { message: 'ARI_FROM must be a phone number in E.164, as in +12025550123' })
  ARI_FROM?: string;

  /** LiveKit's server, at LiveKit Cloud or one's own, by the address that its clients have or as a web address. */
  @IsOptional()
  @IsUrl(
    { ...URL_RULES, protocols: ['ws', 'wss', 'http', 'https'], disallow_auth: true },
    { message: 'LIVEKIT_URL must be the address of LiveKit, as in wss://my-project.livekit.cloud' },
  )
  LIVEKIT_URL?: string;

  /** The key of the project that calls are placed by, and that LiveKit signs its webhooks with. */
  LIVEKIT_API_KEY?: string;

  /** The secret of that key. */
  LIVEKIT_API_SECRET?: string;

  /** The outbound trunk that numbers are dialled through. */
  @IsOptional()
  @Matches(/^ST_\w{1,60}$/, {
    message: 'LIVEKIT_SIP_TRUNK must be the id of an outbound trunk, as in ST_3fkW9xYzabcd',
  })
  LIVEKIT_SIP_TRUNK?: string;

  /** The name that the agents' workers are registered by. Absent: those that are dispatched to every room. */
  @IsOptional()
  @Matches(/^[\w.-]{1,100}$/, {
    message: 'LIVEKIT_AGENT_NAME must be the name that an agent is registered by',
  })
  LIVEKIT_AGENT_NAME?: string;

  /**
   * Most starts per second on the trunk, all dialers together. With a carrier that is not simulated 1 unless it is set: Twilio
   * queues what is more, and the trunk behind Asterisk or LiveKit fails it.
   */
  @asNumber
  @IsNumber()
  @Min(0.1)
  @Max(10_000)
  TRUNK_CALLS_PER_SECOND: number = 50;

  /**
   * How much longer the way to the carrier may take one call than another: the trunk's starts are spread by that much more
   * (docs/policy.md#head-room).
   */
  @asNumber
  @IsInt()
  @Min(0)
  @Max(1_000)
  TRUNK_JITTER_MS: number = 100;
}

/** What an account at Twilio starts with, and what every trunk takes. */
export const CALLS_PER_SECOND_UNLESS_SET = 1;

/** What a carrier cannot do without, by its kind. */
export const NEEDED_BY_CARRIER = {
  simulated: [],
  twilio: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM', 'PUBLIC_URL'],
  asterisk: ['ARI_URL', 'ARI_USER', 'ARI_PASSWORD', 'ARI_ENDPOINT', 'ARI_FROM'],
  livekit: ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET', 'LIVEKIT_SIP_TRUNK'],
} as const satisfies Record<CarrierSettings['TELEPHONY_PROVIDER'], (keyof CarrierSettings | 'PUBLIC_URL')[]>;
