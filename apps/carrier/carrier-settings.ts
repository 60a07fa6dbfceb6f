import { plainToInstance, Transform } from 'class-transformer';
import { IsIn, IsInt, IsNotEmpty, IsNumber, IsString, IsUrl, Max, Min, validateSync } from 'class-validator';
import { keptSecret } from '#environment/kept-secret.js';
import { BadSettings, EXIT_BAD_SETTINGS } from '#environment/settings.js';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const asNumber = Transform(({ value }) => (value === '' || value == null ? undefined : Number(value)));

/** Every setting of the simulated carrier, read once. All mistakes are reported together. */
export class CarrierSettings {
  /** `production` refuses a generated secret. */
  @IsIn(['development', 'test', 'production'])
  NODE_ENV: 'development' | 'test' | 'production' = 'development';

  /** Where the dialer looks for the carrier; only its port is read here, as the default of PORT. */
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  CARRIER_URL: string = 'http://127.0.0.1:3002';

  /** TCP port to listen on. Default: the port of CARRIER_URL. 0 takes any free one. */
  @asNumber
  @IsInt()
  @Min(0)
  @Max(65_535)
  PORT: number;

  /** Address to listen on. Containers set 0.0.0.0. */
  @IsString()
  @IsNotEmpty()
  HOST: string = '127.0.0.1';

  /** Key under which callbacks are signed. Outside production generated and kept. */
  CARRIER_SECRET: string;

  /** Virtual seconds that pass in a real one: 60 lets a minute pass in a second. */
  @asNumber
  @IsNumber()
  @Min(0.1)
  @Max(100_000)
  SPEED: number = 1;

  /** The same seed gives the same outcomes. */
  @asNumber
  @IsInt()
  SEED: number = 1;

  /** File to which the ledger is appended, one JSON object a line. */
  LEDGER_FILE: string = '.ringfence/carrier-ledger.ndjson';

  /** Least important kind of message that is logged. */
  @IsIn(LOG_LEVELS)
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';
}

const NAMES = [
  'NODE_ENV',
  'CARRIER_URL',
  'PORT',
  'HOST',
  'CARRIER_SECRET',
  'SPEED',
  'SEED',
  'LEDGER_FILE',
  'LOG_LEVEL',
] as const satisfies (keyof CarrierSettings)[];

/** Reads and checks all settings. Throws BadSettings naming every mistake at once. */
export function readCarrierSettings(variables: NodeJS.ProcessEnv): CarrierSettings {
  const given = Object.fromEntries(
    NAMES.filter((name) => variables[name]).map((name) => [name, variables[name]]),
  );
  const settings = plainToInstance(CarrierSettings, given);
  settings.PORT ??= portOf(settings.CARRIER_URL);
  const mistakes = validateSync(settings).flatMap((error) => Object.values(error.constraints ?? {}));
  if (!settings.CARRIER_SECRET) {
    if (settings.NODE_ENV === 'production') mistakes.push('CARRIER_SECRET is required in production');
    else settings.CARRIER_SECRET = keptSecret('CARRIER_SECRET');
  }
  if (mistakes.length > 0) throw new BadSettings(mistakes);
  return settings;
}

/** Reads the settings, or prints every mistake and exits with 78. For the first line of the process. */
export function carrierSettingsOrExit(variables: NodeJS.ProcessEnv): CarrierSettings {
  try {
    return readCarrierSettings(variables);
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_BAD_SETTINGS);
  }
}

/** 0 for a URL that cannot be read; it is a mistake of its own. */
function portOf(url: string): number {
  if (!URL.canParse(url)) return 0;
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
