import { isUUID } from 'class-validator';
import { InvalidArgumentError, type Command } from 'commander';
import { TRUNK_NAME } from '#environment/trunk-settings.js';
import { OperatorTrunksStore } from '#store/operator-trunks.store.js';
import { run } from './run.js';

export function addTrunkCommands(program: Command): void {
  const trunks = program.command('trunk').description('the lines that calls go over');

  trunks
    .command('list')
    .option('--json', 'print one JSON object on standard output')
    .action(() =>
      run(async (database) => {
        const listed = await new OperatorTrunksStore(database).list();
        const rows = listed.map((trunk) => ({
          name: trunk.name,
          rate_share: trunk.rateShare,
          rests_until: trunk.restsUntil,
          failed_requests: trunk.failedRequests,
          failed_calls: trunk.failedCalls,
        }));
        const lines = rows.map(
          ({ name, rate_share: share, rests_until: until }) =>
            `${name}  ${Math.round(100 * share)} % of its rate${until === null ? '' : `, rests until ${until.toISOString()}`}`,
        );
        const line = lines.length === 0 ? 'No call has gone over any trunk yet.' : lines.join('\n');
        return { data: { trunks: rows }, line };
      }),
    );

  trunks
    .command('wake')
    .description('end the rest of a trunk whose carrier is well again')
    .argument('<name>', 'as in TRUNKS, or the name of its provider')
    .option('--json', 'print one JSON object on standard output')
    .action((name: string) =>
      run(async (database) => {
        if (!(await new OperatorTrunksStore(database).wake(name))) throw new Error('No such trunk rests.');
        return { data: { name, woken: true }, line: `Trunk ${name} rests no more.` };
      }),
    );

  trunks
    .command('route')
    .description('say over which trunks the calls of a campaign go')
    .argument('<campaign id>')
    .requiredOption(
      '--over <names>',
      'comma-separated, the first choice first; any: whichever takes them',
      over,
    )
    .option('--json', 'print one JSON object on standard output')
    .action((id: string, { over: names }: { over: string[] | 'any' }) =>
      run(async (database) => {
        const chosen = names === 'any' ? null : names;
        const routed = isUUID(id) ? await new OperatorTrunksStore(database).route(id, chosen) : null;
        if (routed === null) throw new Error('There is no such campaign.');
        const line = `Campaign ${id} goes over ${chosen === null ? 'whichever trunk takes it' : chosen.join(', then ')}.`;
        return { data: { id, trunks: chosen }, line };
      }),
    );
}

function over(text: string): string[] | 'any' {
  if (text === 'any') return 'any';
  const names = [...new Set(text.split(',').map((name) => name.trim()))];
  const wrong = names.find((name) => !TRUNK_NAME.test(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`A trunk cannot have the name ${wrong}.`);
  return names;
}
