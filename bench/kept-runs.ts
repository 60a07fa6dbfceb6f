import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Finding } from './report.js';
import type { Scenario } from './scenario.js';

/** What a run of a scenario found out, as it is kept beside the page. */
export interface KeptRun {
  /** The day of the run, as in `2026-11-28`. */
  day: string;
  isQuick: boolean;
  findings: Finding[];
}

/** Where the page's figures and plots are. */
export const KEPT_FOLDER = 'docs/performance';

/** Points of a line that a plot needs at most. */
const MOST_POINTS = 200;

export function keptRun({ name }: Scenario): KeptRun | null {
  const file = fileOf(name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as KeptRun) : null;
}

/** Keeps a run for the page. @returns false: it is a quick one, and does not take the place of a whole one */
export function keepRun(scenario: Scenario, run: KeptRun): boolean {
  if (run.isQuick && keptRun(scenario)?.isQuick === false) return false;
  mkdirSync(KEPT_FOLDER, { recursive: true });
  const findings = run.findings.map((one) => (one.kind === 'series' ? thinned(one) : one));
  const text = JSON.stringify({ ...run, findings }, (_, value: unknown) => shortened(value), 1);
  writeFileSync(fileOf(scenario.name), `${text}\n`);
  return true;
}

function fileOf(name: string): string {
  return `${KEPT_FOLDER}/${name}.json`;
}

function thinned(series: Extract<Finding, { kind: 'series' }>): Finding {
  const lines = Object.entries(series.lines).map(([name, points]) => {
    const step = Math.ceil(points.length / MOST_POINTS);
    return [name, points.filter((_, nth) => nth % step === 0 || nth === points.length - 1)];
  });
  return { ...series, lines: Object.fromEntries(lines) as typeof series.lines };
}

/** Nothing is measured to more than six digits. */
function shortened(value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}
