import { plainToInstance } from 'class-transformer';
import { IsArray, Matches, validateSync } from 'class-validator';
import { CALLS_PER_SECOND_UNLESS_SET, CarrierSettings, NEEDED_BY_CARRIER } from './carrier-settings.js';
import { asList, E164 } from './setting-forms.js';

/** What a trunk may be called: it stands in the names of variables, and in the addresses that carriers call. */
export const TRUNK_NAME = /^[a-z][a-z0-9-]{0,30}$/;

/**
 * One trunk of several. Each of its settings is read from `TRUNK_<NAME>_<SETTING>`, the name in capitals and its hyphens as
 * underscores, else from the variable that names no trunk: `TRUNK_LONDON_ARI_URL`, then `ARI_URL`. The pace is
 * `TRUNK_LONDON_CALLS_PER_SECOND` and `TRUNK_LONDON_JITTER_MS`.
 */
export class TrunkSettings extends CarrierSettings {
  name: string;

  /** Beginnings of the numbers that it calls, E.164, comma-separated, as in `+44,+353`. Absent: every number. */
  @asList
  @IsArray()
  @Matches(/^\+[1-9]\d{0,14}$/, {
    each: true,
    message: 'PREFIXES must be beginnings of phone numbers in E.164, comma-separated, as in +44,+353',
  })
  PREFIXES: string[] = [];

  /** Caller ids that it may show, E.164, comma-separated: a call that may come from none of them goes elsewhere. Absent: any. */
  @asList
  @IsArray()
  @Matches(E164, {
    each: true,
    message: 'CALLER_IDS must be phone numbers in E.164, comma-separated, as in +12025550123',
  })
  CALLER_IDS: string[] = [];
}

/** The trunks that are named, in their order; where none is, the one of the settings that name none. */
export function readTrunks(
  names: string[],
  variables: NodeJS.ProcessEnv,
): { trunks: TrunkSettings[]; mistakes: string[] } {
  // Where no trunk is named too: a house that was to have some would dial over another carrier.
  const mistakes: string[] = strays(names, variables);
  const ofAll = (setting: string) => (OF_ONE_ALONE.includes(setting) ? undefined : variables[setting]);
  if (names.length === 0) {
    const trunk = trunkOf(ofAll);
    trunk.name = trunk.TELEPHONY_PROVIDER;
    return { trunks: [trunk], mistakes: [...mistakes, ...missing(trunk, ofAll)] };
  }
  const trunks = names.map((name) => {
    const given = (setting: string) => variables[variableOf(name, setting)] || ofAll(setting);
    const trunk = trunkOf(given);
    trunk.name = name;
    const wrong = validateSync(trunk).flatMap((error) => Object.values(error.constraints ?? {}));
    mistakes.push(...[...wrong, ...missing(trunk, given)].map((mistake) => `trunk ${name}: ${mistake}`));
    return trunk;
  });
  mistakes.push(...sharedApplications(trunks));
  return { trunks, mistakes };
}

/** An Asterisk tells an application's calls to one connection, the latest: two trunks would take them from each other. */
function sharedApplications(trunks: TrunkSettings[]): string[] {
  const listening = trunks.filter(({ TELEPHONY_PROVIDER: provider }) => provider === 'asterisk');
  return listening.flatMap((trunk, place) => {
    const other = listening
      .slice(0, place)
      .find(({ ARI_URL: url, ARI_APP: app }) => url === trunk.ARI_URL && app === trunk.ARI_APP);
    return other === undefined
      ? []
      : [
          `trunk ${trunk.name}: ${variableOf(trunk.name, 'ARI_APP')} must not be that of trunk ${other.name} at the same ARI_URL`,
        ];
  });
}

/** Fields without a default do not exist on a fresh instance; named here so that their variables are read. */
const WITHOUT_DEFAULT: Partial<Record<keyof TrunkSettings, string>> = {
  CARRIER_SECRET: '',
  TWILIO_ACCOUNT_SID: '',
  TWILIO_AUTH_TOKEN: '',
  TWILIO_FROM: '',
  TWILIO_BASE_URL: '',
  ARI_URL: '',
  ARI_USER: '',
  ARI_PASSWORD: '',
  ARI_ENDPOINT: '',
  ARI_FROM: '',
  LIVEKIT_URL: '',
  LIVEKIT_API_KEY: '',
  LIVEKIT_API_SECRET: '',
  LIVEKIT_SIP_TRUNK: '',
  LIVEKIT_AGENT_NAME: '',
};

const TRUNK_SETTINGS = Object.keys(plainToInstance(TrunkSettings, { ...WITHOUT_DEFAULT }));

/** What only a trunk that is named has: a variable `PREFIXES` is somebody else's. */
const OF_ONE_ALONE = ['PREFIXES', 'CALLER_IDS'];

/** The names of the settings of a carrier that have no default. */
export const CARRIER_SETTINGS_WITHOUT_DEFAULT = Object.keys(WITHOUT_DEFAULT);

function trunkOf(given: (setting: string) => string | undefined): TrunkSettings {
  const values = TRUNK_SETTINGS.filter(given).map((setting) => [setting, given(setting)]);
  const trunk = plainToInstance(TrunkSettings, Object.fromEntries(values));
  if (trunk.TELEPHONY_PROVIDER !== 'simulated' && !given('TRUNK_CALLS_PER_SECOND'))
    trunk.TRUNK_CALLS_PER_SECOND = CALLS_PER_SECOND_UNLESS_SET;
  return trunk;
}

function variableOf(trunk: string, setting: string): string {
  return `TRUNK_${trunk.toUpperCase().replaceAll('-', '_')}_${setting.replace(/^TRUNK_/, '')}`;
}

/** Asked of what was given: Twilio cannot call back to this machine's own default address. */
function missing(
  { TELEPHONY_PROVIDER: provider }: TrunkSettings,
  given: (setting: string) => string | undefined,
): string[] {
  return (Object.hasOwn(NEEDED_BY_CARRIER, provider) ? NEEDED_BY_CARRIER[provider] : [])
    .filter((setting) => !given(setting))
    .map((setting) => `${setting} is required with TELEPHONY_PROVIDER=${provider}`);
}

/** Variables of a trunk that nobody names: a name misspelt must not pass for a trunk that takes what it was not meant to. */
function strays(names: string[], variables: NodeJS.ProcessEnv): string[] {
  const own = new Set(names.flatMap((name) => TRUNK_SETTINGS.map((setting) => variableOf(name, setting))));
  const ends = TRUNK_SETTINGS.map((setting) => `_${setting.replace(/^TRUNK_/, '')}`);
  return Object.keys(variables)
    .filter((name) => name.startsWith('TRUNK_') && !own.has(name) && !TRUNK_SETTINGS.includes(name))
    .filter((name) => ends.some((end) => name.length > 'TRUNK'.length + end.length && name.endsWith(end)))
    .map((name) => `${name} is set, and TRUNKS names no such trunk`);
}
