import { spreadOf, type Spread } from './spread.js';

/** What a scenario found out, a line each on standard output, for people and for programs. */
export class Report {
  readonly breaches: string[] = [];

  /** `ratio <label>: <number>`: the median of the ratios of the repetitions, with their range below it. */
  ratio(label: string, ratios: readonly number[]): void {
    const spread = spreadOf(ratios);
    this.line(`ratio ${label}: ${digits(spread.median)}`);
    this.line(`  ${range(spread)}`);
  }

  /** `figure <label>: <number> <unit>`; of several measurements the median, with the range below it. */
  figure(label: string, values: number | readonly number[], unit: string): void {
    const spread = spreadOf(typeof values === 'number' ? [values] : values);
    this.line(`figure ${label}: ${digits(spread.median)} ${unit}`);
    if (spread.count > 1) this.line(`  ${range(spread)}`);
  }

  /** `cpu <label>: node 1.2 µs, postgres 30 µs`: processor time of one call, by process; medians. */
  cpu(label: string, microseconds: Readonly<Record<string, readonly number[]>>): void {
    const parts = Object.entries(microseconds).map(
      ([where, values]) => `${where} ${digits(spreadOf(values).median)} µs`,
    );
    this.line(`cpu ${label}: ${parts.join(', ')}`);
  }

  version(name: string, version: string): void {
    this.line(`version ${name}: ${version}`);
  }

  /** Something to read, such as what was found wrong. */
  note(text: string): void {
    this.line(`  ${text}`);
  }

  /** What must be so for the figures to mean anything. Where it is not, the run fails. */
  holds(sentence: string, isSo: boolean): void {
    this.line(`${isSo ? 'holds' : 'BREACH'}: ${sentence}`);
    if (!isSo) this.breaches.push(sentence);
  }

  private line(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

function range({ min, max, count }: Spread): string {
  return `min ${digits(min)}, max ${digits(max)}, of ${count} repetitions`;
}

/** Three digits that say something, or the whole of a larger number; no exponent. */
function digits(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}
