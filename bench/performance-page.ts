import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { KEPT_FOLDER, keptRun, type KeptRun } from './kept-runs.js';
import { drawingsOf } from './plots.js';
import type { Finding } from './report.js';
import type { Scenario } from './scenario.js';
import { spreadOf, threeDigits } from './spread.js';

const PAGE = 'docs/performance.md';

/** Written by hand, a file a scenario, and one that begins the page. A run does not touch them. */
const WORDS_FOLDER = 'bench/words';

/** Writes the page of all scenarios from their kept runs, with a plot for what can be drawn. */
export function writePage(scenarios: readonly Scenario[]): void {
  mkdirSync(KEPT_FOLDER, { recursive: true });
  const runs = scenarios.map((scenario) => ({ scenario, run: keptRun(scenario) }));
  const parts = [
    '# Performance',
    `Written by \`npm run bench -- report\` from the runs kept in \`${KEPT_FOLDER}\`. What is said about them is in \`${WORDS_FOLDER}\`.`,
    words('page'),
    overview(runs),
    ...runs.map(({ scenario, run }) => section(scenario, run)),
  ];
  writeFileSync(PAGE, `${parts.filter((part) => part !== '').join('\n\n')}\n`);
}

function overview(runs: { scenario: Scenario; run: KeptRun | null }[]): string {
  const rows = runs.map(({ scenario: { name, word, does }, run }) => {
    const targets = run === null ? [] : ofKind(run, 'target');
    const reached = targets.filter(({ isSo }) => isSo).length;
    return [
      `${name} [${word}](#${anchor(`${name} ${word}`)})`,
      does,
      run === null ? 'not run yet' : `${run.isQuick ? 'quick' : 'whole'}, ${run.day}`,
      targets.length === 0 ? '–' : `${reached} of ${targets.length}`,
    ];
  });
  return table(['scenario', 'what is measured', 'run', 'targets reached'], rows);
}

function section(scenario: Scenario, run: KeptRun | null): string {
  const { name, word, does } = scenario;
  const heading = `## ${name} ${word}`;
  if (run === null)
    return [heading, sentence(does), 'Not run yet: no figures.', words(name)].join('\n\n').trim();
  const breaches = ofKind(run, 'holds').filter(({ isSo }) => !isSo);
  return [
    heading,
    sentence(does),
    run.isQuick
      ? `**A quick run** of ${run.day}: ten to a hundred times smaller, on a machine shared with other work. It shows that the scenario runs, not how fast anything is.`
      : `A whole run of ${run.day}.`,
    breaches.length === 0
      ? ''
      : `**Void**: what must hold did not. ${breaches.map(({ sentence: said }) => sentence(said)).join(' ')}`,
    targets(run),
    figures(run),
    plots(scenario, run),
    words(name),
    held(run),
    conditions(run),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function targets(run: KeptRun): string {
  const rows = ofKind(run, 'target').map(({ sentence: said, isSo }) => [
    said,
    isSo ? 'reached' : '**missed**',
  ]);
  return rows.length === 0 ? '' : table(['target', ''], rows);
}

function figures(run: KeptRun): string {
  const rows = run.findings.flatMap((one) => {
    switch (one.kind) {
      case 'ratio':
        return [[one.label, ...spreadCells(one.values, ' times')]];
      case 'figure':
        return [[one.label, ...spreadCells(one.values, ` ${one.unit}`)]];
      case 'cpu':
        return Object.entries(one.microseconds).map(([where, values]) => [
          `processor time, ${one.label}: ${where}`,
          ...spreadCells(values, ' µs'),
        ]);
      default:
        return [];
    }
  });
  return table(['figure', 'median', 'least – most', 'repetitions'], rows);
}

function spreadCells(values: readonly number[], unit: string): string[] {
  const { median, min, max, count } = spreadOf(values);
  const least = count === 1 ? '' : `${threeDigits(min)} – ${threeDigits(max)}`;
  return [`${threeDigits(median)}${unit}`, least, count.toString()];
}

function plots({ name }: Scenario, run: KeptRun): string {
  return drawingsOf(run.findings)
    .map((drawing) => {
      const file = `${name}-${drawing.name}.svg`;
      writeFileSync(`${KEPT_FOLDER}/${file}`, drawing.svg);
      return `![${drawing.title}](performance/${file})\n\n*${drawing.title}.*`;
    })
    .join('\n\n');
}

function held(run: KeptRun): string {
  const sentences = ofKind(run, 'holds').map(({ sentence: said }) => said);
  if (sentences.length === 0) return '';
  return `Held in every repetition, or the run would have failed: ${[...new Set(sentences)].join('; ')}.`;
}

function conditions(run: KeptRun): string {
  const parts = [...ofKind(run, 'version'), ...ofKind(run, 'setting')];
  return parts.map(({ name, value }) => `${name} ${value}`).join(' · ');
}

function ofKind<Kind extends Finding['kind']>(
  { findings }: KeptRun,
  kind: Kind,
): Extract<Finding, { kind: Kind }>[] {
  return findings.filter((one): one is Extract<Finding, { kind: Kind }> => one.kind === kind);
}

function words(name: string): string {
  const file = `${WORDS_FOLDER}/${name}.md`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

function table(heads: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function anchor(heading: string): string {
  return heading.toLowerCase().replaceAll(' ', '-');
}
