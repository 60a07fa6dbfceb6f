import { isUUID } from 'class-validator';
import type { Command } from 'commander';
import { HOUSE_CHAIN, type ChainHead } from '#store/audit-chain.js';
import { AuditSealsStore, type Break } from '#store/audit-seals.store.js';
import type { ScopedDatabase } from '#store/scoped-database.js';
import { fileAt } from './file-at.js';
import { environmentIdOf, run } from './run.js';

interface AuditOptions {
  environment?: string;
  heads?: string;
}

export function addAuditCommands(program: Command): void {
  const audit = program
    .command('audit')
    .description('the log of what people did, and that nobody changed it');

  audit
    .command('head')
    .description('the last seal of each chain, to be kept elsewhere: a line each of chain, position and hash')
    .option('--environment <id or name>', 'only of this one')
    .option('--json', 'print one JSON object on standard output')
    .action((options: AuditOptions) =>
      run(async (database) => {
        const heads = await new AuditSealsStore(database).heads(await chainAsked(database, options));
        const lines = heads.map(({ chain, position, hash }) => `${chain} ${position} ${hash}`);
        return { data: { heads }, line: lines.length === 0 ? 'Nothing is sealed yet.' : lines.join('\n') };
      }),
    );

  audit
    .command('verify')
    .description('walk every chain from its first seal; ends with 1 where one is broken')
    .option('--environment <id or name>', 'only of this one')
    .option(
      '--heads <file>',
      'what audit head printed some day, or - for standard input: it must still be there',
    )
    .option('--json', 'print one JSON object on standard output')
    .action((options: AuditOptions) =>
      run(async (database) => {
        const kept = options.heads === undefined ? [] : await keptHeads(options.heads);
        const store = new AuditSealsStore(database);
        const { heads, broken, unsealed } = await store.verify(await chainAsked(database, options), kept);
        const lines = [
          ...broken.map(
            ({ chain, because, position, auditId }) =>
              `BROKEN ${chain}${position === null ? '' : ` at ${position}`}` +
              `${auditId === null ? '' : `, entry ${auditId}`}: ${SAID[because]}`,
          ),
          `${heads.reduce((sum, { position }) => sum + position, 0)} entries in ${heads.length} chains are as they were ` +
            `written; ${unsealed} are not sealed yet.`,
        ];
        return { data: { heads, broken, unsealed }, line: lines.join('\n'), isBad: broken.length > 0 };
      }),
    );
}

const SAID: Record<Break, string> = {
  seal_missing: 'a seal was taken out',
  entry_missing: 'the entry was taken out',
  entry_changed: 'the entry says something else than when it was written',
  seal_changed: 'the seal is not that of this entry after the one before: changed, or put into another order',
  head_missing: 'the chain ends before the head that was kept',
  head_differs: 'another seal stands where the head that was kept did',
  never_sealed: 'the entry is not sealed, and does not wait for it',
};

async function chainAsked(database: ScopedDatabase, { environment }: AuditOptions): Promise<string | null> {
  return environment === undefined ? null : environmentIdOf(database, environment);
}

/** Lines as `audit head` prints them, or its JSON. */
async function keptHeads(path: string): Promise<ChainHead[]> {
  const pieces: Buffer[] = [];
  for await (const piece of fileAt(path)) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8').trim();
  const heads = text.startsWith('{') ? headsOfJson(text) : text.split(/\s*\n\s*/).map(headOfLine);
  const wrong = heads.findIndex(({ chain, position, hash }) => {
    const isChain = isUUID(chain) || chain === HOUSE_CHAIN;
    return !isChain || !Number.isSafeInteger(position) || position < 1 || !/^[\da-f]{64}$/.test(hash);
  });
  if (wrong >= 0) throw new Error(`The kept heads hold something else, as the ${wrong + 1}. of them.`);
  return heads;
}

/** Found to be none. */
const NO_HEAD: ChainHead = { chain: '', position: 0, hash: '' };

function headsOfJson(text: string): ChainHead[] {
  try {
    const { heads } = JSON.parse(text) as { heads?: unknown };
    const isList = Array.isArray(heads) && heads.every((head) => typeof head === 'object' && head !== null);
    if (isList) return (heads as Partial<ChainHead>[]).map((head) => ({ ...NO_HEAD, ...head }));
  } catch {
    // Said below.
  }
  throw new Error('The kept heads are not as audit head prints them.');
}

function headOfLine(line: string): ChainHead {
  const [chain = '', position = '', hash = ''] = line.split(/\s+/);
  return { chain, position: Number(position), hash };
}
