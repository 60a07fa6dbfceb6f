import type { Block, Page } from './pages.js';

/** Stands between what one block prints and what the next does. */
const NEXT = '--- the next block ---';

/** What pages take for granted, by the words they say it in, and what it is in the house that they are run against. */
export interface PlacesOfHouse {
  '127.0.0.1:3000': string;
  '127.0.0.1:3001': string;
  /** Where the reader's own receiver listens. */
  '8080': string;
}

/**
 * What a page marks `run: house`, as one script: a value that one command has found is there for the next, and the first
 * that fails ends it. What is `given` it takes from its environment.
 */
export function pageScript(page: Page, places: PlacesOfHouse): string {
  const code = page.blocks.filter(isRun).map((block) => block.code);
  const here = Object.entries(places).reduce(
    (text, [usual, actual]) => text.replaceAll(usual, actual),
    code.join(`\necho '${NEXT}'\n`),
  );
  return `${BEFORE}\n${here}\n`;
}

/** Programs that a page needs beside those that every machine has. */
export function programsOf(page: Page): string[] {
  const code = page.blocks.filter(isRun).map((block) => block.code);
  return ['jq', 'openssl', 'promtool'].filter((program) =>
    code.some((text) => new RegExp(`(^|[|(]\\s*)${program}\\b`, 'm').test(text)),
  );
}

/** What the page says that its blocks print, and what they printed. */
export function printed(page: Page, output: string): { says: string; prints: string }[] {
  const outputs = output.split(`${NEXT}\n`);
  let runs = 0;
  return page.blocks.flatMap((block) => {
    if (isRun(block)) runs += 1;
    return block.mark?.kind === 'prints' ? [{ says: block.code, prints: outputs[runs - 1] ?? '' }] : [];
  });
}

/** The lines of what a page says, with `…` for anything, as they follow one another in what was printed. */
export function pattern(says: string): RegExp {
  const lines = says.split('\n').map((line) =>
    line
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*'),
  );
  return new RegExp(`^${lines.join('\\n(?:.*\\n)*?')}$`, 'm');
}

function isRun({ mark }: Block): boolean {
  return mark?.kind === 'house';
}

/** Commands of `npm run cli` go to `cli-host.mjs`, at the socket CLI. What curl leaves out is that an error of the api is one. */
const BEFORE = `set -eEuo pipefail
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
npm() {
  while [ "$1" != -- ]; do shift; done
  shift
  { printf %s "$PWD"; printf '\\0%s' "$@"; } | curl --unix-socket "$CLI" --data-binary @- http://cli/
}
curl() { command curl --fail-with-body --silent --show-error "$@"; }`;
