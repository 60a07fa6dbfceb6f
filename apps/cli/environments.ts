import { InvalidArgumentError, Option, type Command } from 'commander';
import { legalDatesOf } from '#policy/legal-dates.js';
import { LEGAL_GUARDS, type LegalGuard } from '#policy/legal-guard.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { environmentIdOf, run } from './run.js';

interface EnvironmentOptions {
  legalGuard?: LegalGuard;
  trustCallTimezone?: 'yes' | 'no';
  legalDates?: string[];
  rateLimit?: number;
  maxConcurrentCalls?: number;
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
        const { legalGuard, trustCallTimezone, legalDates } = settings;
        return {
          data: { id, legalGuard, trustCallTimezone, legalDates },
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
    .option('--json', 'print one JSON object on standard output');
}

function settingsOf(options: EnvironmentOptions) {
  const { legalGuard, trustCallTimezone, legalDates, rateLimit, maxConcurrentCalls } = options;
  return {
    legalGuard,
    trustCallTimezone: trustCallTimezone === undefined ? undefined : trustCallTimezone === 'yes',
    legalDates,
    rateLimitPerMinute: rateLimit,
    maxConcurrentCalls,
  };
}

function legalDateList(text: string): string[] {
  const dates = text === '' ? [] : text.split(',').map((one) => one.trim());
  const wrong = dates.find((one) => legalDatesOf(one) === null);
  if (wrong !== undefined)
    throw new InvalidArgumentError(`${wrong} is not as in holiday:FR:2026-07-14, or longer than 366 days.`);
  return dates;
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
