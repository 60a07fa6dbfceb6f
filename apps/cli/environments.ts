import { InvalidArgumentError, Option, type Command } from 'commander';
import { MAX_CALLS_PER_CALLER_ID_SECOND } from '#policy/caller-ids.js';
import { legalDatesOf } from '#policy/legal-dates.js';
import { LEGAL_GUARDS, type LegalGuard } from '#policy/legal-guard.js';
import { MAX_LIMIT_CALLS } from '#policy/number-limits.js';
import { zoneOffsets } from '#policy/zone-offsets.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { environmentIdOf, run } from './run.js';

interface EnvironmentOptions {
  legalGuard?: LegalGuard;
  trustCallTimezone?: 'yes' | 'no';
  legalDates?: string[];
  rateLimit?: number;
  maxConcurrentCalls?: number;
  weight?: number;
  maxAttemptsPerDay?: number | typeof NONE;
  maxAttemptsPerWeek?: number | typeof NONE;
  minAttemptGap?: number | typeof NONE;
  successCooldown?: number | typeof NONE;
  maxCallsPerCallerIdSecond?: number | typeof NONE;
  maxCallsPerCallerIdDay?: number | typeof NONE;
  callerIdTimezone?: string;
  callDataRetention?: number | typeof NONE;
  webhookLogRetention?: number;
  importErrorRetention?: number;
}

export function addEnvironmentCommands(program: Command): void {
  const environment = program.command('environment').description('tenants');

  withSettings(environment.command('create').requiredOption('--name <name>', 'what people call it')).action(
    ({ name, ...options }: EnvironmentOptions & { name: string }) =>
      run(async (database) => {
        const { id } = await new EnvironmentsStore(database).create({ name, ...settingsOf(options) });
        return { data: { id }, line: `Environment ${name}: ${id}` };
      }),
  );

  withSettings(environment.command('set').argument('<id or name>', 'which one')).action(
    (idOrName: string, options: EnvironmentOptions) =>
      run(async (database) => {
        const id = await environmentIdOf(database, idOrName);
        const named = Object.entries(settingsOf(options)).filter(([, value]) => value !== undefined);
        if (named.length === 0) throw new Error('Nothing to set: see --help.');
        const settings = await new EnvironmentsStore(database).change(id, 'cli', Object.fromEntries(named));
        const { legalGuard, trustCallTimezone, legalDates, weight } = settings;
        const {
          maxAttemptsPerNumberDay,
          maxAttemptsPerNumberWeek,
          minAttemptGapMinutes,
          successCooldownHours,
          maxCallsPerCallerIdSecond,
          maxCallsPerCallerIdDay,
          callerIdTimezone,
          callDataRetentionDays,
          webhookLogRetentionDays,
          importErrorRetentionDays,
        } = settings;
        return {
          data: {
            id,
            legalGuard,
            trustCallTimezone,
            legalDates,
            weight,
            maxAttemptsPerNumberDay,
            maxAttemptsPerNumberWeek,
            minAttemptGapMinutes,
            successCooldownHours,
            maxCallsPerCallerIdSecond,
            maxCallsPerCallerIdDay,
            callerIdTimezone,
            callDataRetentionDays,
            webhookLogRetentionDays,
            importErrorRetentionDays,
          },
          line: `Environment ${settings.name} is changed.`,
        };
      }),
  );
}

function withSettings(command: Command): Command {
  return command
    .addOption(new Option('--legal-guard <mode>', 'how far local law is enforced').choices(LEGAL_GUARDS))
    .addOption(
      new Option(
        '--trust-call-timezone <yes or no>',
        'a timezone given with a call is where the person is, and not one candidate more',
      ).choices(['yes', 'no']),
    )
    .option(
      '--legal-dates <dates>',
      'comma-separated, all there are: holiday:FR:2026-07-14, blackout:US-LA:2026-09-01..2026-09-10; "" for none',
      legalDateList,
    )
    .option('--rate-limit <per minute>', 'requests per minute and token', wholeNumber)
    .option('--max-concurrent-calls <calls>', 'most attempts open at once', wholeNumber)
    .option(
      '--weight <number>',
      'its part of the starts where there are too few for all: one of twice the weight gets twice as many',
      weightFrom,
    )
    .option(
      '--max-attempts-per-day <calls>',
      'requests to one number in any 24 hours, or "none"',
      limitUpTo(MAX_LIMIT_CALLS),
    )
    .option(
      '--max-attempts-per-week <calls>',
      'requests to one number in any seven days, or "none"',
      limitUpTo(MAX_LIMIT_CALLS),
    )
    .option(
      '--min-attempt-gap <minutes>',
      'from one request to a number to the next, or "none"',
      limitUpTo(43_200),
    )
    .option(
      '--success-cooldown <hours>',
      'from the end of a conversation to the next request to the number, or "none"',
      limitUpTo(8_760),
    )
    .option(
      '--max-calls-per-caller-id-second <calls>',
      'starts from one caller id in any second, or "none"',
      limitUpTo(MAX_CALLS_PER_CALLER_ID_SECOND),
    )
    .option(
      '--max-calls-per-caller-id-day <calls>',
      'starts from one caller id on a day, or "none"',
      limitUpTo(1_000_000),
    )
    .option('--caller-id-timezone <zone>', 'where the days of caller ids begin, as in America/New_York', zone)
    .option(
      '--call-data-retention <days>',
      'from the end of a call until the person is taken out of it, or "none": never',
      limitUpTo(3_650),
    )
    .option('--webhook-log-retention <days>', 'that what webhooks were told is kept', daysOfAMonth)
    .option('--import-error-retention <days>', 'that what was wrong with rows of files is kept', daysOfAMonth)
    .option('--json', 'print one JSON object on standard output');
}

function settingsOf(options: EnvironmentOptions) {
  const { legalGuard, trustCallTimezone, legalDates, rateLimit, maxConcurrentCalls, weight } = options;
  const limit = (value: number | typeof NONE | undefined) => (value === NONE ? null : value);
  return {
    maxAttemptsPerNumberDay: limit(options.maxAttemptsPerDay),
    maxAttemptsPerNumberWeek: limit(options.maxAttemptsPerWeek),
    minAttemptGapMinutes: limit(options.minAttemptGap),
    successCooldownHours: limit(options.successCooldown),
    maxCallsPerCallerIdSecond: limit(options.maxCallsPerCallerIdSecond),
    maxCallsPerCallerIdDay: limit(options.maxCallsPerCallerIdDay),
    callerIdTimezone: options.callerIdTimezone,
    callDataRetentionDays: limit(options.callDataRetention),
    webhookLogRetentionDays: options.webhookLogRetention,
    importErrorRetentionDays: options.importErrorRetention,
    legalGuard,
    trustCallTimezone: trustCallTimezone === undefined ? undefined : trustCallTimezone === 'yes',
    legalDates,
    rateLimitPerMinute: rateLimit,
    maxConcurrentCalls,
    weight,
  };
}

function legalDateList(text: string): string[] {
  const dates = text === '' ? [] : text.split(',').map((one) => one.trim());
  const wrong = dates.find((one) => legalDatesOf(one) === null);
  if (wrong !== undefined)
    throw new InvalidArgumentError(`${wrong} is not as in holiday:FR:2026-07-14, or longer than 366 days.`);
  return dates;
}

// A word, since commander takes null for a value that is missing.
const NONE = 'none';

function limitUpTo(most: number): (text: string) => number | typeof NONE {
  return (text) => {
    if (text === NONE) return NONE;
    const limit = wholeNumber(text);
    if (limit < 1 || limit > most) throw new InvalidArgumentError(`It must be from 1 to ${most}, or none.`);
    return limit;
  };
}

function daysOfAMonth(text: string): number {
  const days = wholeNumber(text);
  if (days < 1 || days > 30) throw new InvalidArgumentError('It must be from 1 to 30.');
  return days;
}

function zone(text: string): string {
  try {
    zoneOffsets(text);
  } catch {
    throw new InvalidArgumentError('It must be a zone of the IANA database, as in America/New_York.');
  }
  return text;
}

function weightFrom(text: string): number {
  const weight = Number(text);
  if (!(weight >= 0.01 && weight <= 100)) throw new InvalidArgumentError('It must be from 0.01 to 100.');
  return weight;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
