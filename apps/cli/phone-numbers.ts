import { isUUID } from 'class-validator';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { toE164 } from '#policy/phone-number.js';
import { OperatorNumbersStore } from '#store/operator-numbers.store.js';
import { NUMBER_TYPES, type NumberType } from '#store/phone-number.entity.js';
import { environmentIdOf, run } from './run.js';

interface NewNumberOptions {
  environment: string;
  number: string;
  type: NumberType;
  capabilities?: NumberType[];
  sandbox?: boolean;
}

export function addPhoneNumberCommands(program: Command): void {
  const numbers = program.command('phone-number').description('numbers that an environment calls from');

  numbers
    .command('add')
    .requiredOption('--environment <id or name>', 'whose number it is')
    .requiredOption('--number <number>', 'in E.164, with a leading +', phoneNumber)
    .addOption(new Option('--type <type>', 'what it is for').choices(NUMBER_TYPES).default('voice'))
    .option('--capabilities <types>', 'comma-separated, what it can do; default: its type', types)
    .option('--sandbox', 'it reaches nobody')
    .option('--json', 'print one JSON object on standard output')
    .action((options: NewNumberOptions) =>
      run(async (database) => {
        const environmentId = await environmentIdOf(database, options.environment);
        const { number, type, capabilities = [], sandbox: isSandbox = false } = options;
        const added = await new OperatorNumbersStore(database).add(environmentId, {
          number,
          type,
          capabilities: [...new Set([type, ...capabilities])],
          isSandbox,
        });
        if (added === null) throw new Error('The environment has this number already.');
        return { data: { id: added.id, number }, line: `Number ${number}: ${added.id}` };
      }),
    );

  numbers
    .command('list')
    .requiredOption('--environment <id or name>', 'whose numbers')
    .option('--json', 'print one JSON object on standard output')
    .action((options: { environment: string }) =>
      run(async (database) => {
        const environmentId = await environmentIdOf(database, options.environment);
        const listed = await new OperatorNumbersStore(database).list(environmentId);
        const rows = listed.map(({ number, release }) => ({
          id: number.id,
          number: number.number,
          status: number.currentStatus,
          release_request: release === null ? null : { id: release.id, reason: release.reason },
        }));
        const lines = rows.map(
          ({ id, number, status, release_request: asked }) =>
            `${id}  ${number}  ${status}${asked === null ? '' : `  release asked: ${asked.id} ${asked.reason}`}`,
        );
        const line = lines.length === 0 ? 'The environment has no numbers.' : lines.join('\n');
        return { data: { phone_numbers: rows }, line };
      }),
    );

  numbers
    .command('retire')
    .description('call from it no more, and grant a request to release it')
    .argument('<id>', "the number's id")
    .option('--json', 'print one JSON object on standard output')
    .action((id: string) =>
      run(async (database) => {
        const retired = isUUID(id) ? await new OperatorNumbersStore(database).retire(id) : null;
        if (retired === null) throw new Error('There is no such number, or it is retired.');
        const line = `Number ${id} is retired; agents that had it: ${retired.agents}.`;
        return { data: { id, retired: true, agents: retired.agents }, line };
      }),
    );

  numbers
    .command('reject-release')
    .description('let a number stay that a customer wanted to give back')
    .argument('<request id>', 'from the list')
    .option('--json', 'print one JSON object on standard output')
    .action((id: string) =>
      run(async (database) => {
        if (!isUUID(id) || !(await new OperatorNumbersStore(database).rejectRelease(id)))
          throw new Error('There is no such request, or it is not pending.');
        return { data: { id, rejected: true }, line: `Request ${id} is rejected.` };
      }),
    );
}

function phoneNumber(text: string): string {
  const number = toE164(text);
  if (number === null) throw new InvalidArgumentError('It must be a number in E.164, with a leading +.');
  return number;
}

function types(text: string): NumberType[] {
  const named = text.split(',').map((type) => type.trim());
  const unknown = named.find((type) => !(NUMBER_TYPES as readonly string[]).includes(type));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no such type as ${unknown}.`);
  return named as NumberType[];
}
