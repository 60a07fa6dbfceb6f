import { setTimeout as pause } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { cooldownHourSeconds } from '#environment/settings.js';
import { toE164 } from '#policy/phone-number.js';
import { DoNotCallStore } from '#store/do-not-call.store.js';
import { ErasureStore, type ErasureResult, type LiveCall } from '#store/erasure.store.js';
import { OperatorCallsStore } from '#store/operator-calls.store.js';
import type { ScopedDatabase } from '#store/scoped-database.js';
import { fileAt } from './file-at.js';
import { environmentIdOf, run, type Result } from './run.js';

interface EraseOptions {
  environment: string;
  to: string;
  wait: number;
}

const LOOK_EVERY_MS = 500;

export function addEraseCommand(program: Command): void {
  program
    .command('erase')
    .description(
      'take a person out of all that an environment keeps, and see to it that the number is not called',
    )
    .requiredOption('--environment <id or name>', 'whose data')
    .requiredOption(
      '--to <number>',
      'in E.164, or - to read it from standard input, where no list of processes shows it',
    )
    .option('--wait <seconds>', 'how long to wait for a call that is under way', seconds, 30)
    .option('--json', 'print one JSON object on standard output')
    .action((options: EraseOptions) =>
      run(async (database) => {
        const environmentId = await environmentIdOf(database, options.environment);
        const to = await numberAsked(options.to);
        const doNotCall = new DoNotCallStore(database);
        const calls = new OperatorCallsStore(database, { cooldownHourSeconds: cooldownHourSeconds() });
        const store = new ErasureStore(database, doNotCall, calls);
        const result = await eraseWithin(store, environmentId, to, options.wait);
        return result.kind === 'erased'
          ? receipt(result, await listedElsewhere(database, environmentId, to))
          : refusal(result.calls);
      }),
    );
}

/** A call under way ends by itself, and is then erased with the others. */
async function eraseWithin(
  store: ErasureStore,
  environmentId: string,
  to: string,
  waitSeconds: number,
): Promise<ErasureResult> {
  const endsAt = performance.now() + waitSeconds * 1000;
  for (;;) {
    const result = await store.erase(environmentId, 'cli', to);
    if (result.kind === 'erased' || result.calls.every(({ isUnknown }) => isUnknown)) return result;
    while ((await store.live(environmentId, to)).some(({ isUnknown }) => !isUnknown)) {
      if (performance.now() >= endsAt) return result;
      await pause(LOOK_EVERY_MS);
    }
  }
}

/** Lists of the operator's for everybody. */
async function listedElsewhere(
  database: ScopedDatabase,
  environmentId: string,
  to: string,
): Promise<string[]> {
  const { entries, registries } = await new DoNotCallStore(database).lookUp(environmentId, to);
  return [
    ...entries.filter(({ list }) => list === 'global').map(() => 'the global list'),
    ...registries.filter(({ isListed }) => isListed).map(({ registry }) => `the registry ${registry.name}`),
  ];
}

function receipt(
  { entryId, erased, isStillPosted }: Extract<ErasureResult, { kind: 'erased' }>,
  elsewhere: string[],
): Result {
  const kept = [
    {
      what: `do_not_call_entries: entry ${entryId}, the number alone`,
      why: 'so that the person is not called again (GDPR Art. 21(3) and 17(3)(b); 47 CFR 64.1200(d)(6))',
    },
    {
      what: 'calls and attempts without number, payload, context, place and the carrier’s ids',
      why: 'when they were, what they came to and what each rule decided, of nobody any more',
    },
    { what: 'credit_entries, stat_quarters, stat_totals', why: 'money and figures, of nobody any more' },
    { what: 'audit_log', why: 'who did what; it never has numbers or payloads' },
    ...elsewhere.map((list) => ({
      what: `the number on ${list}`,
      why: 'it is not of this environment alone',
    })),
  ];
  const lines = [
    'Erased. Rows that the person was taken out of:',
    ...Object.entries(erased).map(([table, rows]) => `  ${table}: ${rows}`),
    'Kept:',
    ...kept.map(({ what, why }) => `  ${what}: ${why}`),
    ...(isStillPosted
      ? ['Calls to the number are still being made. They are blocked; stop making them, and run this again.']
      : []),
  ];
  return {
    data: { erased, kept, is_still_posted: isStillPosted },
    line: lines.join('\n'),
    isBad: isStillPosted,
  };
}

function refusal(calls: LiveCall[]): Result {
  const ids = (isUnknown: boolean) =>
    calls.filter((call) => call.isUnknown === isUnknown).map(({ id }) => id);
  const [underWay, unknown] = [ids(false), ids(true)];
  const lines = [
    'Not erased. The number is on the Do-Not-Call list, and nothing dials it any more.',
    ...(underWay.length === 0
      ? []
      : [
          `Under way: ${underWay.join(', ')}. Run this again when they have ended; POST /calls/ID/cancel hangs up.`,
        ]),
    ...(unknown.length === 0
      ? []
      : [
          `Of unknown outcome: ${unknown.join(', ')}. Say what became of them (unknown resolve), and run this again.`,
        ]),
  ];
  return { data: { erased: null, under_way: underWay, unknown }, line: lines.join('\n'), isBad: true };
}

async function numberAsked(to: string): Promise<string> {
  let text = to;
  if (to === '-') {
    text = '';
    for await (const piece of fileAt('-')) text += piece.toString('utf8');
  }
  const number = toE164(text.trim());
  if (number === null) throw new Error('--to must be a number in E.164, with a leading +.');
  return number;
}

function seconds(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of seconds.');
  return number;
}
