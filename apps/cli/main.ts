import 'reflect-metadata';
import { isUUID } from 'class-validator';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DataSource } from 'typeorm';
import { cooldownHourSeconds, queueSettings } from '#environment/settings.js';
import { openJobQueue } from '#jobs/open-job-queue.js';
import { migrate } from '#store/database.js';
import { LEGAL_GUARDS, type LegalGuard } from '#store/environment.entity.js';
import { EnvironmentsStore } from '#store/environments.store.js';
import { FeedStore } from '#store/feed.store.js';
import { OperatorCallsStore, RESOLUTIONS, type Resolution } from '#store/operator-calls.store.js';
import { SCOPES, type Scope } from '#store/token.entity.js';
import { TokensStore } from '#store/tokens.store.js';
import { addCreditsCommands } from './credits.js';
import { addPhoneNumberCommands } from './phone-numbers.js';
import { environmentIdOf, run, runningHouse } from './run.js';

/** More unknowns than this are no longer a list to read. */
const MOST_LISTED = 1_000;

const program = new Command('ringfence')
  .description('Commands for operators.')
  .option('--json', 'print one JSON object on standard output')
  .showHelpAfterError();

program
  .command('migrate')
  .description('apply migrations; safe to run by several at once')
  .action(() =>
    run(async (source) => {
      const applied = await migrate(source);
      const line = applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`;
      return { data: { applied }, line };
    }),
  );

const environment = program.command('environment').description('tenants');

environment
  .command('create')
  .requiredOption('--name <name>', 'what people call it')
  .addOption(new Option('--legal-guard <mode>', 'how far local law is enforced').choices(LEGAL_GUARDS))
  .option('--rate-limit <per minute>', 'requests per minute and token', wholeNumber)
  .option('--max-concurrent-calls <calls>', 'most attempts open at once', wholeNumber)
  .option('--json', 'print one JSON object on standard output')
  .action(
    (options: { name: string; legalGuard?: LegalGuard; rateLimit?: number; maxConcurrentCalls?: number }) =>
      run(async (source) => {
        const { name, legalGuard, rateLimit, maxConcurrentCalls } = options;
        const change = { name, legalGuard, rateLimitPerMinute: rateLimit, maxConcurrentCalls };
        const { id } = await new EnvironmentsStore(source).create(change);
        return { data: { id }, line: `Environment ${name}: ${id}` };
      }),
  );

const token = program.command('token').description('bearer tokens of an environment');

token
  .command('create')
  .requiredOption('--environment <id or name>', 'whose token it is')
  .option('--name <name>', 'what it is for')
  .option('--scopes <scopes>', `comma-separated, of ${SCOPES.join(', ')}; default: all`, scopeList)
  .option('--expires <when>', 'an ISO 8601 time, or a number of days as in 30d', expiry)
  .option('--json', 'print one JSON object on standard output')
  .action((options: { environment: string; name?: string; scopes?: Scope[]; expires?: Date }) =>
    run(async (source) => {
      const environmentId = await environmentIdOf(source, options.environment);
      const { name = null, scopes = [...SCOPES], expires = null } = options;
      const made = await new TokensStore(source).create(environmentId, { name, scopes, expiresAt: expires });
      return { data: { ...made }, line: `Token ${made.id}, shown this once: ${made.token}` };
    }),
  );

token
  .command('revoke')
  .argument('<id>', "the token's id")
  .option('--json', 'print one JSON object on standard output')
  .action((id: string) =>
    run(async (source) => {
      if (!isUUID(id) || !(await new TokensStore(source).revoke(id)))
        throw new Error('There is no such token, or it is revoked.');
      return { data: { id, revoked: true }, line: `Token ${id} is revoked.` };
    }),
  );

const unknown = program.command('unknown').description('calls whose outcome nobody could tell');

unknown
  .command('list')
  .option('--environment <id or name>', 'only of this one')
  .option('--json', 'print one JSON object on standard output')
  .action((options: { environment?: string }) =>
    run(async (source) => {
      const environmentId =
        options.environment === undefined ? null : await environmentIdOf(source, options.environment);
      const calls = await operatorCalls(source).unknown(environmentId, MOST_LISTED);
      const lines = calls.map(
        ({ callId, attemptId, sentAt, reason }) =>
          `${callId}  attempt ${attemptId}  sent ${sentAt.toISOString()}  ${reason ?? ''}`,
      );
      const line = calls.length === 0 ? 'No call is of unknown outcome.' : lines.join('\n');
      return { data: { calls }, line };
    }),
  );

unknown
  .command('resolve')
  .argument('<call id>', 'from the list')
  .addOption(
    new Option('--outcome <outcome>', 'what became of it, as somebody vouches')
      .choices(RESOLUTIONS)
      .makeOptionMandatory(),
  )
  .option('--note <text>', 'how that is known; kept in the audit log')
  .option('--json', 'print one JSON object on standard output')
  .action((callId: string, options: { outcome: Resolution; note?: string }) =>
    run(async (source) => {
      const { outcome, note = null } = options;
      const who = { environmentId: null, actor: 'cli' };
      if (!isUUID(callId) || (await operatorCalls(source).resolve(who, callId, outcome, note)) === null)
        throw new Error('There is no such call, or its outcome is not unknown.');
      return { data: { id: callId, outcome }, line: `Call ${callId} is ${outcome}.` };
    }),
  );

program
  .command('queue')
  .description('the tickets that wake the dialers')
  .command('rebuild')
  .description('throw every ticket to dial away, and let the feeder offer anew what is due')
  .option('--json', 'print one JSON object on standard output')
  .action(() =>
    run(async (source, databaseUrl) => {
      const queue = await openJobQueue({
        ...queueSettings(() => runningHouse()?.redisUrl ?? undefined),
        databaseUrl,
      });
      try {
        const dropped = await queue.jobs.dropDials();
        const withdrawn = await new FeedStore(source).rebuild('cli', dropped);
        const line = `${dropped} tickets thrown away; ${withdrawn} calls to be offered anew.`;
        return { data: { dropped, withdrawn }, line };
      } finally {
        await queue.close();
      }
    }),
  );

addPhoneNumberCommands(program);
addCreditsCommands(program);

await program.parseAsync();

function operatorCalls(source: DataSource): OperatorCallsStore {
  const dialing = { cooldownHourSeconds: cooldownHourSeconds() };
  return new OperatorCallsStore(source, dialing);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function scopeList(text: string): Scope[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const unknown = scopes.find((scope) => !(SCOPES as readonly string[]).includes(scope));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no scope ${unknown}.`);
  return scopes as Scope[];
}

function expiry(text: string): Date {
  const [, days] = /^(\d+)d$/.exec(text) ?? [];
  const at = days === undefined ? new Date(text) : new Date(Date.now() + Number(days) * 86_400_000);
  if (Number.isNaN(at.getTime()))
    throw new InvalidArgumentError('It must be an ISO 8601 time, or days as in 30d.');
  return at;
}
