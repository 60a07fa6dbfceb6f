import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, walkTokens, type Token } from 'marked';
import { markOf, type Mark } from './mark.js';

/** A page of the project, taken apart. */
export interface Page {
  /** From the top folder, as in docs/webhooks.md. */
  path: string;
  blocks: Block[];
  /** Where its links and pictures lead, as they are written. */
  links: string[];
  /** What a link to a part of it may name. */
  anchors: Set<string>;
  /** What stands in single backticks. */
  spans: string[];
}

/** What stands in a fence. */
export interface Block {
  language: string;
  code: string;
  /** The comment right before the fence, as it is written; null: there is none. */
  comment: string | null;
  /** The same, read; null: there is none, or none that says how the block is held. */
  mark: Mark | null;
}

/** Folders with pages, beside the top one. Every command of the project runs in its top folder. */
const FOLDERS = ['apps', 'bench', 'deploy', 'docs', 'libs', 'test'];

/** Every page of the project. */
export function readPages(): Page[] {
  const inside = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  );
  return [...readdirSync('.'), ...inside]
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map(readPage);
}

function readPage(path: string): Page {
  return { path, ...takeApart(readFileSync(path, 'utf8')) };
}

/** A page by what it says. */
export function takeApart(text: string): Omit<Page, 'path'> {
  const tokens = lexer(text);
  const slugger = new GithubSlugger();
  const page: Omit<Page, 'path'> = { blocks: blocksOf(tokens), links: [], anchors: new Set(), spans: [] };
  void walkTokens(tokens, (token) => {
    if (token.type === 'link' || token.type === 'image') page.links.push(token.href as string);
    if (token.type === 'html') page.links.push(...picturesIn(token.raw));
    if (token.type === 'codespan') page.spans.push(token.text as string);
    if (token.type === 'heading') page.anchors.add(slugger.slug(plain(token.tokens ?? [])));
  });
  return page;
}

/** Where pictures lead that are written as HTML: their only one, or those to choose from. */
function picturesIn(html: string): string[] {
  const found = html.matchAll(/<(?:img|source)\b[^>]*?\s(?:src|srcset)="([^"]+)"/g);
  return [...found].flatMap(([, places]) =>
    places!.split(',').map((place) => place.trim().split(/\s/, 1)[0]!),
  );
}

/** Blocks with what stands right before each of them: in a list that is within its item. */
function blocksOf(tokens: Token[]): Block[] {
  const siblings = tokens.filter(({ type }) => type !== 'space');
  return siblings.flatMap((token, index) => {
    if (token.type === 'list') return (token.items as Token[]).flatMap((item) => blocksOf(within(item)));
    if (token.type !== 'code' || token.codeBlockStyle === 'indented') return blocksOf(within(token));
    const before = siblings[index - 1];
    const comment =
      before?.type === 'html' ? (/^<!--\s*(.*?)\s*-->\s*$/s.exec(before.raw)?.[1] ?? null) : null;
    const language = String(token.lang ?? '');
    const mark = comment === null ? null : markOf(comment);
    return [{ language, code: String(token.text), comment, mark }];
  });
}

function within(token: Token): Token[] {
  return 'tokens' in token ? (token.tokens ?? []) : [];
}

/** A heading without its markup. */
function plain(tokens: Token[]): string {
  return tokens
    .map((token) => (within(token).length > 0 ? plain(within(token)) : 'text' in token ? token.text : ''))
    .join('');
}
