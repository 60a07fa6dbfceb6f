import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BadSettings, readSettings } from '#environment/settings.js';
import { markOf } from './guides/mark.js';
import { pattern, printed } from './guides/page-script.js';
import { readPages, takeApart, type Block, type Page } from './guides/pages.js';

const pages = readPages();
const byPath = new Map(pages.map((page) => [page.path, page]));
const blocks = pages.flatMap((page) => page.blocks.map((block) => ({ page, ...block })));

/** For what is wrong with blocks: where it stands, by its page and its first line. */
function told({ page, code }: Block & { page: Page }): string {
  return `${page.path}: ${code.split('\n', 1)[0]}`;
}

const isShell = ({ language }: Block) => ['sh', 'bash', 'console', 'shell', 'zsh'].includes(language);

describe('what the pages tell their readers to type', () => {
  it('says of itself how it is held: run, or by hand on a day and for a reason', () => {
    const unmarked = blocks.filter((block) => isShell(block) && block.mark === null);
    expect(unmarked.map((block) => `${told(block)} (${block.comment ?? 'no comment'})`)).toEqual([]);
    expect(blocks.filter(isShell).length).toBeGreaterThan(20);
  });

  it('is in the file that is said to run it', () => {
    const astray = blocks.filter(({ page, code, mark }) => {
      if (mark?.kind !== 'file') return false;
      const text = existsSync(mark.file) ? readFileSync(mark.file, 'utf8') : '';
      return !text.includes(page.path) && !linesOf(code).every((line) => text.includes(line));
    });
    expect(astray.map(told)).toEqual([]);
  });

  it('prints what stands below it only where it is run', () => {
    const idle = pages.filter(({ blocks: own }) => {
      const first = own.findIndex(({ mark }) => mark?.kind === 'prints');
      return first >= 0 && !own.slice(0, first).some(({ mark }) => mark?.kind === 'house');
    });
    expect(idle.map(({ path }) => path)).toEqual([]);
  });

  it('asks npm and the command line for what they know', () => {
    const cli = readdirSync('apps/cli').map((file) => readFileSync(join('apps/cli', file), 'utf8'));
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object };
    const asked = pages
      .filter(({ path }) => path !== 'CHANGELOG.md')
      .flatMap(({ path, spans, blocks: own }) => [
        ...spans.map((text) => ({ path, text })),
        ...own.flatMap(({ code }) => linesOf(code).map((text) => ({ path, text }))),
      ]);
    const unknown = asked.filter(({ text }) => {
      const [, script, words] = /npm run (?:--silent )?([\w-]+)(?: -- ([a-z].*))?/.exec(text) ?? [];
      if (script === undefined) return false;
      return !(script in scripts) || (words !== undefined && script === 'cli' && !isCommand(words, cli));
    });
    expect(unknown.map(({ path, text }) => `${path}: ${text}`)).toEqual([]);
    expect(asked.filter(({ text }) => text.includes('npm run')).length).toBeGreaterThan(50);
    const wrong = ['credits refund', 'trunk list --scopes calls', 'environment create --overlap 24h'];
    expect(wrong.filter((words) => isCommand(words, cli))).toEqual([]);
  });
});

function linesOf(code: string): string[] {
  return code.split('\n').map((line) => line.replace(/\s+#\s.*$/, '').trim());
}

/** Whether the command line knows the commands of a line, and the file of the last of them its options. */
function isCommand(words: string, files: string[]): boolean {
  const named = words
    .split(' ')
    .slice(0, 2)
    .filter((word) => !word.startsWith('-'));
  const options = words.match(/--[a-z][a-z-]*/g) ?? [];
  const declares = (file: string, word: string) => file.includes(`command('${word}')`);
  if (!named.every((word) => files.some((file) => declares(file, word)))) return false;
  // Several commands have one of the same name below them: it is the one beside its own.
  const own = files.filter((file) => declares(file, named.at(-1)!));
  const beside = own.find((file) => declares(file, named[0]!)) ?? own[0]!;
  return options.every((option) => new RegExp(`'${option}( |')`).test(beside));
}

it('no page holds a word that stands for what is still to be written', () => {
  const unwritten = pages.filter(({ path }) => /\b(FIGURES|TODO|TBD)\b/.test(readFileSync(path, 'utf8')));
  expect(unwritten.map(({ path }) => path)).toEqual([]);
});

describe('settings that pages show', () => {
  const table = readFileSync('docs/settings.md', 'utf8');
  const known = new Set([...table.matchAll(/^\| `([A-Z][A-Z0-9_<>]*)`/gm)].map(([, name]) => name!));
  const shown = blocks.filter(({ mark }) => mark?.kind === 'settings');

  it.each(shown.map((block) => [told(block), block] as const))(
    'are settings that can be read: %s',
    (_, block) => {
      const variables = variablesOf(block.code);
      expect(Object.keys(variables).filter((name) => !isKnown(name, known))).toEqual([]);
      const isWhole = block.mark?.kind === 'settings' && block.mark.isWhole;
      const mistakes = mistakesIn(variables).filter(
        (mistake) => isWhole || !/ is required with /.test(mistake),
      );
      expect(mistakes).toEqual([]);
    },
  );

  it('are all there are, of those that the containers are given', () => {
    const example = readFileSync('.env.example', 'utf8');
    const names = [...example.matchAll(/^(?:# )?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name!);
    expect(names.filter((name) => !known.has(name))).toEqual(['POSTGRES_PASSWORD']);
  });

  it('are found wrong where they are', () => {
    expect(mistakesIn(variablesOf('TELEPHONY_PROVIDER=twilio\nTWILIO_FROM=0123'))).not.toEqual([]);
    expect(() => variablesOf('npm start')).toThrow('npm start');
    expect(isKnown('TELEPHONY', known)).toBe(false);
  });
});

/** Each line of some settings; what they leave open is filled with what would do. */
function variablesOf(code: string): Record<string, string> {
  const lines = linesOf(code).filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
      if (name === undefined || value === undefined) throw new Error(`This is no setting: ${line}`);
      return [name, value.replace('…', '0'.repeat(32))];
    }),
  );
}

/** One of the table, or one of those that a trunk of several may have of its own. */
function isKnown(name: string, known: Set<string>): boolean {
  if (known.has(name)) return true;
  const ends = [...known].map((one) => `_${one.replace(/^TRUNK_(<NAME>_)?/, '')}`);
  return name.startsWith('TRUNK_') && ends.some((end) => name.endsWith(end));
}

function mistakesIn(variables: Record<string, string>): string[] {
  try {
    readSettings({ DATABASE_URL: 'postgres://postgres@127.0.0.1:5432/postgres', ...variables });
    return [];
  } catch (error) {
    if (error instanceof BadSettings) return error.mistakes;
    throw error;
  }
}

describe('links between pages', () => {
  it('lead to something that is there, and to a part that is in it', () => {
    const broken = pages.flatMap((page) =>
      page.links.filter((link) => !leads(page, link)).map((link) => `${page.path}: ${link}`),
    );
    expect(broken).toEqual([]);
    expect(pages.flatMap(({ links }) => links).length).toBeGreaterThan(100);
  });

  it('do not lead to what is not there', () => {
    const page = byPath.get('README.md')!;
    const links = ['docs/nowhere.md', 'docs/policy.md#nowhere', '#nowhere', 'docs/policy.md#pacing'];
    expect(links.filter((link) => leads(page, link))).toEqual(['docs/policy.md#pacing']);
  });

  it('lead to every page for readers from the map in the README', () => {
    const fromReadme = new Set(byPath.get('README.md')!.links.map((link) => link.split('#')[0]));
    const unlinked = pages.filter(({ path }) => /^(docs\/)?[\w-]+\.md$/.test(path) && !fromReadme.has(path));
    expect(unlinked.map(({ path }) => path)).toEqual(['README.md']);
  });

  it('name files of the project that are there', () => {
    const isPath = (span: string) => /^(apps|bench|bin|deploy|docs|libs|test)\/[\w./-]+$/.test(span);
    const missing = pages
      .filter(({ path }) => path !== 'CHANGELOG.md')
      .flatMap(({ path, spans }) => spans.filter(isPath).map((span) => ({ path, span })))
      .filter(({ span }) => !existsSync(span));
    expect(missing.map(({ path, span }) => `${path}: ${span}`)).toEqual([]);
  });
});

/** Whether a link leads somewhere; what is on other machines is taken to be there. */
function leads(page: Page, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true;
  const [path = '', part] = decodeURIComponent(link).split('#');
  const target = path === '' ? page.path : join(dirname(page.path), path);
  if (!existsSync(target)) return false;
  return part === undefined || (byPath.get(target)?.anchors.has(part) ?? false);
}

describe('reading a page', () => {
  it.each<[string, object | null]>([
    ['run: house', { kind: 'house' }],
    ['run: test/webhook-guide.spec.ts', { kind: 'file', file: 'test/webhook-guide.spec.ts' }],
    ['manual: 2026-11-28, it stays', { kind: 'manual', day: '2026-11-28', reason: 'it stays' }],
    ['manual: never here, no docker', { kind: 'manual', day: null, reason: 'no docker' }],
    ['settings: part', { kind: 'settings', isWhole: false }],
    ['manual: 2026-11-28', null],
    ['manual: 2026-02-30, it stays', null],
    ['manual: it stays', null],
    ['run: somewhere', null],
    ['a remark', null],
  ])('takes the comment "%s" for %j', (comment, mark) => {
    expect(markOf(comment)).toEqual(mark);
  });

  const PAGE = [
    '# Sending `files`, again',
    '<!-- run: house -->',
    '```sh\necho one\n```',
    '<!-- prints -->',
    '```text\no…e\n```',
    '1. Then\n\n   <!-- given -->\n   ```sh\n   TOKEN=…\n   ```',
    '<picture><source srcset="a.png, b.png 2x"><img alt="A" src="c.png"></picture> ![D](d.png)',
    'No comment.',
    '```sh\necho two\n```',
    '# Sending files again',
  ];

  it('finds blocks and what marks them, in lists too, pictures, and the names of parts', () => {
    const page = { path: 'page.md', ...takeApart(PAGE.join('\n\n')) };
    expect(page.blocks.map(({ mark, code }) => [mark?.kind, code])).toEqual([
      ['house', 'echo one'],
      ['prints', 'o…e'],
      ['given', 'TOKEN=…'],
      [undefined, 'echo two'],
    ]);
    expect(page.links).toEqual(['a.png', 'b.png', 'c.png', 'd.png']);
    expect([...page.anchors]).toEqual(['sending-files-again', 'sending-files-again-1']);
    const [first] = printed(page, 'one\n');
    expect(first!.prints).toMatch(pattern(first!.says));
    expect('two\n').not.toMatch(pattern(first!.says));
  });
});
