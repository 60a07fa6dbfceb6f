import { InvalidArgumentError, type Command } from 'commander';
import { CreditsStore } from '#store/credits.store.js';
import { environmentIdOf, run } from './run.js';

export function addCreditsCommands(program: Command): void {
  program
    .command('credits')
    .description('what an environment may spend')
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
