import { range, spreadOf, threeDigits } from './spread.js';

/** One thing that a scenario found out, as it is kept for the page of all of them. */
export type Finding =
  | { kind: 'ratio'; label: string; values: number[] }
  | { kind: 'figure'; label: string; values: number[]; unit: string }
  | { kind: 'cpu'; label: string; microseconds: Record<string, number[]> }
  | { kind: 'version'; name: string; value: string }
  | { kind: 'setting'; name: string; value: string }
  | { kind: 'note'; text: string }
  | { kind: 'holds'; sentence: string; isSo: boolean }
  | { kind: 'target'; sentence: string; isSo: boolean }
  | ({ kind: 'series' } & Series);

/** How something went, to be drawn: lines of points, in the order of `x`. */
export interface Series {
  title: string;
  x: string;
  y: string;
  lines: Record<string, [x: number, y: number][]>;
}

/** What a scenario found out, a line each on standard output, for people and for programs. */
export class Report {
  readonly findings: Finding[] = [];
  readonly breaches: string[] = [];

  /** `ratio <label>: <number>`: the median of the ratios of the repetitions, with their range below it. */
  ratio(label: string, ratios: readonly number[]): void {
    this.findings.push({ kind: 'ratio', label, values: [...ratios] });
    const spread = spreadOf(ratios);
    this.line(`ratio ${label}: ${threeDigits(spread.median)}`);
    this.line(`  ${range(spread)}`);
  }

  /** `figure <label>: <number> <unit>`; of several measurements the median, with the range below it. */
  figure(label: string, measured: number | readonly number[], unit: string): void {
    const values = typeof measured === 'number' ? [measured] : [...measured];
    this.findings.push({ kind: 'figure', label, values, unit });
    const spread = spreadOf(values);
    this.line(`figure ${label}: ${threeDigits(spread.median)} ${unit}`);
    if (spread.count > 1) this.line(`  ${range(spread)}`);
  }

  /** `cpu <label>: node 1.2 µs, postgres 30 µs`: processor time of one call, by process; medians. */
  cpu(label: string, microseconds: Readonly<Record<string, readonly number[]>>): void {
    const byProcess = Object.entries(microseconds);
    const kept = Object.fromEntries(byProcess.map(([where, values]) => [where, [...values]]));
    this.findings.push({ kind: 'cpu', label, microseconds: kept });
    const parts = byProcess.map(([where, values]) => `${where} ${threeDigits(spreadOf(values).median)} µs`);
    this.line(`cpu ${label}: ${parts.join(', ')}`);
  }

  version(name: string, value: string): void {
    this.findings.push({ kind: 'version', name, value });
    this.line(`version ${name}: ${value}`);
  }

  /** What the figures depend on beside versions, such as how many slots there were. */
  setting(name: string, value: string | number): void {
    this.findings.push({ kind: 'setting', name, value: value.toString() });
    this.line(`setting ${name}: ${value}`);
  }

  /** Something to read, such as what was found wrong. */
  note(text: string): void {
    this.findings.push({ kind: 'note', text });
    this.line(`  ${text}`);
  }

  /** What must be so for the figures to mean anything. Where it is not, the run fails. */
  holds(sentence: string, isSo: boolean): void {
    this.findings.push({ kind: 'holds', sentence, isSo });
    this.line(`${isSo ? 'holds' : 'BREACH'}: ${sentence}`);
    if (!isSo) this.breaches.push(sentence);
  }

  /** What the figures are wished to be. Missed, the run is no failure, and the page says so. */
  target(sentence: string, isSo: boolean): void {
    this.findings.push({ kind: 'target', sentence, isSo });
    this.line(`target ${isSo ? 'reached' : 'missed'}: ${sentence}`);
  }

  /** How something went, for the plots of the page: nothing is printed. */
  series(series: Series): void {
    this.findings.push({ kind: 'series', ...series });
  }

  /** What it is at, on standard error: runs take minutes. */
  doing(text: string): void {
    process.stderr.write(`… ${text}\n`);
  }

  private line(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}
