import { InvalidArgumentError, type Command } from 'commander';
import { CreditsStore } from '#store/credits.store.js';
import { environmentIdOf, run } from './run.js';

export function addCreditsCommands(program: Command): void {
  const credits = program.command('credits').description('what an environment may spend, and has spent');

  credits
    .command('set')
    .requiredOption('--environment <id or name>', 'whose balance it is')
    .requiredOption('--balance <amount>', 'in USD, or "unlimited"', amount)
    .option('--json', 'print one JSON object on standard output')
    .action((options: { environment: string; balance: number | typeof UNLIMITED }) =>
      run(async (database) => {
        const environmentId = await environmentIdOf(database, options.environment);
        const balance = options.balance === UNLIMITED ? null : options.balance;
        await new CreditsStore(database).set(environmentId, balance);
        const line = `Environment ${environmentId} may spend ${balance === null ? 'without limit' : `${balance} USD`}.`;
        return { data: { id: environmentId, balance, unlimited: balance === null }, line };
      }),
    );

  credits
    .command('add')
    .description('more to spend, or less')
    .requiredOption('--environment <id or name>', 'whose balance it is')
    .requiredOption('--amount <amount>', 'in USD; below zero, it is taken away', signedAmount)
    .option('--json', 'print one JSON object on standard output')
    .action((options: { environment: string; amount: number }) =>
      run(async (database) => {
        const environmentId = await environmentIdOf(database, options.environment);
        const store = new CreditsStore(database);
        await store.add(environmentId, options.amount);
        const { balance } = await store.balance(environmentId);
        const data = { id: environmentId, amount: options.amount, balance };
        return { data, line: `Environment ${environmentId} may spend ${balance} USD.` };
      }),
    );

  credits
    .command('rate')
    .description('what a second of talk costs, for dials from now on')
    .requiredOption('--environment <id or name>', 'whose rate it is')
    .requiredOption('--per-second <amount>', 'in USD; 0: calls cost nothing', rate)
    .option(
      '--reserve-seconds <seconds>',
      'most that a dial reserves; else the longest its agent may talk',
      seconds,
    )
    .option('--json', 'print one JSON object on standard output')
    .action((options: { environment: string; perSecond: number; reserveSeconds?: number }) =>
      run(async (database) => {
        const environmentId = await environmentIdOf(database, options.environment);
        const set = { perSecond: options.perSecond, reserveSeconds: options.reserveSeconds ?? null };
        await new CreditsStore(database).setRate(environmentId, set);
        const data = { id: environmentId, per_second: set.perSecond, reserve_seconds: set.reserveSeconds };
        return { data, line: `A second of talk costs environment ${environmentId} ${set.perSecond} USD.` };
      }),
    );

  credits
    .command('ledger')
    .description('what was granted and charged, newest first')
    .requiredOption('--environment <id or name>', 'whose ledger it is')
    .option('--limit <entries>', 'most entries shown', entries, 100)
    .option('--json', 'print one JSON object on standard output')
    .action((options: { environment: string; limit: number }) =>
      run(async (database) => {
        const environmentId = await environmentIdOf(database, options.environment);
        const found = await new CreditsStore(database).entries(environmentId, options.limit);
        const line = found
          .map(({ at, kind, amount: of, actor, attemptId, seconds: talked }) =>
            kind === 'grant'
              ? `${at.toISOString()}  ${of} USD  granted (${actor})`
              : `${at.toISOString()}  ${of} USD  ${talked} seconds of attempt ${attemptId}`,
          )
          .join('\n');
        return { data: { id: environmentId, entries: found }, line: line === '' ? 'Nothing yet.' : line };
      }),
    );
}

// A word, since commander takes null for a value that is missing.
const UNLIMITED = 'unlimited';

function amount(text: string): number | typeof UNLIMITED {
  if (text === UNLIMITED) return UNLIMITED;
  if (!/^\d{1,9}(\.\d{1,4})?$/.test(text))
    throw new InvalidArgumentError(
      'It must be an amount of at most nine digits and four decimals, or unlimited.',
    );
  return Number(text);
}

function signedAmount(text: string): number {
  if (!/^-?\d{1,9}(\.\d{1,4})?$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError(
      'It must be an amount of at most nine digits and four decimals, and not 0.',
    );
  return Number(text);
}

function rate(text: string): number {
  if (!/^\d{1,4}(\.\d{1,6})?$/.test(text))
    throw new InvalidArgumentError('It must be an amount of at most four digits and six decimals.');
  return Number(text);
}

function seconds(text: string): number {
  return wholeNumber(text, 86_400);
}

function entries(text: string): number {
  return wholeNumber(text, 10_000);
}

function wholeNumber(text: string, most: number): number {
  const number = Number(text);
  if (!/^\d{1,6}$/.test(text) || number < 1 || number > most)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  return number;
}
