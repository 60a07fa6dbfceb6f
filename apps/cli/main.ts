import 'reflect-metadata';
import { isUUID } from 'class-validator';
import { Command, InvalidArgumentError, Option } from 'commander';
import { cooldownHourSeconds, queueSettings } from '#environment/settings.js';
import { openJobQueue } from '#jobs/open-job-queue.js';
import { migrate } from '#store/database.js';
import { FeedStore } from '#store/feed.store.js';
import { OperatorCallsStore, RESOLUTIONS, type Resolution } from '#store/operator-calls.store.js';
import { ScopedDatabase } from '#store/scoped-database.js';
import { SCOPES, type Scope, type Token } from '#store/token.entity.js';
import { TokensStore } from '#store/tokens.store.js';
import { addAdminCommands } from './admin.js';
import { addAuditCommands } from './audit.js';
import { addContactsCommands } from './contacts.js';
import { addCreditsCommands } from './credits.js';
import { addDoNotCallCommands } from './do-not-call.js';
import { addEraseCommand } from './erase.js';
import { addEnvironmentCommands } from './environments.js';
import { addPhoneNumberCommands } from './phone-numbers.js';
import { addRestoreCommands } from './restore.js';
import { environmentIdOf, queueOfRunningHouse, run } from './run.js';
import { addTrunkCommands } from './trunks.js';

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
    run(async (_, { source }) => {
      const applied = await migrate(source);
      const line = applied.length === 0 ? 'The database is up to date.' : `Applied: ${applied.join(', ')}`;
      return { data: { applied }, line };
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
    run(async (database) => {
      const environmentId = await environmentIdOf(database, options.environment);
      const { name = null, scopes = [...SCOPES], expires = null } = options;
      const settings = { name, scopes, expiresAt: expires };
      const made = await new TokensStore(database).create(environmentId, 'cli', settings);
      if (made === null) throw new Error('The token was not made.');
      return { data: { ...made }, line: `Token ${made.id}, shown this once: ${made.token}` };
    }),
  );

token
  .command('list')
  .requiredOption('--environment <id or name>', 'whose tokens')
  .option('--json', 'print one JSON object on standard output')
  .action((options: { environment: string }) =>
    run(async (database) => {
      const environmentId = await environmentIdOf(database, options.environment);
      const { items } = await new TokensStore(database).list(environmentId, { number: 1, size: MOST_LISTED });
      const tokens = items.map(({ hash, ...shown }) => shown);
      const lines = tokens.map(
        ({ id, lastFour, name, scopes, revokedAt, expiresAt }) =>
          `${id}  …${lastFour}  ${name ?? ''}  ${scopes.join(',')}  ` +
          (revokedAt !== null ? 'revoked' : `ends ${expiresAt?.toISOString() ?? 'never'}`),
      );
      return { data: { tokens }, line: lines.length === 0 ? 'There are no tokens.' : lines.join('\n') };
    }),
  );

token
  .command('rotate')
  .description('make a new token with the same rights; the old one ends after the overlap')
  .argument('<id>', "the old token's id")
  .option('--overlap <hours>', 'how long both are valid, as in 24h', overlap, 86_400)
  .option('--json', 'print one JSON object on standard output')
  .action((id: string, options: { overlap: number }) =>
    run(async (database) => {
      const { environmentId } = await tokenOf(database, id);
      const made = await new TokensStore(database).rotate(environmentId, 'cli', id, options.overlap);
      if (made === null || made === 'grantor_ended')
        throw new Error('The token is revoked, expired or replaced already.');
      return { data: { ...made }, line: `Token ${made.id}, shown this once: ${made.token}` };
    }),
  );

token
  .command('revoke')
  .argument('<id>', "the token's id")
  .option('--json', 'print one JSON object on standard output')
  .action((id: string) =>
    run(async (database) => {
      const { environmentId } = await tokenOf(database, id);
      if (!(await new TokensStore(database).revoke(environmentId, 'cli', id)))
        throw new Error('The token is revoked already.');
      return { data: { id, revoked: true }, line: `Token ${id} is revoked.` };
    }),
  );

const unknown = program.command('unknown').description('calls whose outcome nobody could tell');

unknown
  .command('list')
  .option('--environment <id or name>', 'only of this one')
  .option('--json', 'print one JSON object on standard output')
  .action((options: { environment?: string }) =>
    run(async (database) => {
      const environmentId =
        options.environment === undefined ? null : await environmentIdOf(database, options.environment);
      const calls = await operatorCalls(database).unknown(environmentId, MOST_LISTED);
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
    run(async (database) => {
      const { outcome, note = null } = options;
      const who = { environmentId: null, actor: 'cli' };
      if (!isUUID(callId) || (await operatorCalls(database).resolve(who, callId, outcome, note)) === null)
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
    run(async (database, { databaseUrl }) => {
      const queue = await openJobQueue({
        ...queueSettings(queueOfRunningHouse),
        databaseUrl,
      });
      try {
        const dropped = await queue.jobs.dropDials();
        const withdrawn = await new FeedStore(database).rebuild('cli', dropped);
        const line = `${dropped} tickets thrown away; ${withdrawn} calls to be offered anew.`;
        return { data: { dropped, withdrawn }, line };
      } finally {
        await queue.close();
      }
    }),
  );

addAdminCommands(program);
addAuditCommands(program);
addEraseCommand(program);
addEnvironmentCommands(program);
addPhoneNumberCommands(program);
addTrunkCommands(program);
addCreditsCommands(program);
addContactsCommands(program);
addDoNotCallCommands(program);
addRestoreCommands(program);

await program.parseAsync();
// A connection to a server that is away may outlive whoever had it, and would keep a command that is done from ending.
process.exit();

function operatorCalls(database: ScopedDatabase): OperatorCallsStore {
  const dialing = { cooldownHourSeconds: cooldownHourSeconds() };
  return new OperatorCallsStore(database, dialing);
}

async function tokenOf(database: ScopedDatabase, id: string): Promise<Token> {
  const token = isUUID(id) ? await new TokensStore(database).find(null, id) : null;
  if (token === null) throw new Error('There is no such token.');
  return token;
}

function overlap(text: string): number {
  const [, hours] = /^(\d{1,3})h$/.exec(text) ?? [];
  if (hours === undefined) throw new InvalidArgumentError('It must be hours, as in 24h.');
  return Number(hours) * 3600;
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
