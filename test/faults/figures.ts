/** What a trial came to. */
export interface Figures {
  scenario: string;
  calls: number;
  faults: number;
  rungTwice: number;
  lost: number;
  wrongState: number;
  unknown: number;
  /** Of those, the ones whose phone rang. */
  unknownThatRang: number;
  /** How many attempts the injected faults may have hidden from us: no more can rightly be unknown. */
  ambiguous: number;
  /** Share of calls that ended as in the run without faults; null where there is no such run. */
  sameAsWithout: number | null;
  /** Broken rules and broken expectations, in words. */
  breaches: string[];
  /** What was timed, with its limit. */
  timings: string[];
  /** From the end of each fault to the next request at the carrier. */
  recoveryMs: number[];
}

export function isGreen({ rungTwice, lost, wrongState, breaches }: Figures): boolean {
  return rungTwice + lost + wrongState + breaches.length === 0;
}

export function percentile(values: number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}

const COLUMNS: [string, (figures: Figures) => string][] = [
  ['scenario', ({ scenario }) => scenario],
  ['calls', ({ calls }) => calls.toString()],
  ['faults', ({ faults }) => faults.toString()],
  ['rung twice', ({ rungTwice }) => rungTwice.toString()],
  ['lost', ({ lost }) => lost.toString()],
  ['wrong state', ({ wrongState }) => wrongState.toString()],
  ['unknown', ({ unknown }) => unknown.toString()],
  ['(that rang)', ({ unknownThatRang }) => unknownThatRang.toString()],
  ['(of at most)', ({ ambiguous }) => ambiguous.toString()],
  ['breaches', ({ breaches }) => breaches.length.toString()],
  ['as without faults', ({ sameAsWithout }) => percent(sameAsWithout)],
  ['recovery p50', ({ recoveryMs }) => milliseconds(percentile(recoveryMs, 0.5))],
  ['p99', ({ recoveryMs }) => milliseconds(percentile(recoveryMs, 0.99))],
];

/** The figures as a table in Markdown, so that it can be put into the docs as it is. */
export function table(rows: Figures[]): string {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, tell]) => tell(row)))];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  const lines = cells.map(
    (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

/** All trials of ours in one line, with the bound that so many calls without a double ring allow. */
export function sum(rows: Figures[]): Figures {
  const add = (tell: (figures: Figures) => number) => rows.reduce((total, row) => total + tell(row), 0);
  const compared = rows.filter(({ sameAsWithout }) => sameAsWithout !== null);
  const calls = compared.reduce((total, row) => total + row.calls, 0);
  const same = compared.reduce((total, row) => total + row.calls * (row.sameAsWithout ?? 0), 0);
  return {
    scenario: 'all of ours',
    calls: add((row) => row.calls),
    faults: add((row) => row.faults),
    rungTwice: add((row) => row.rungTwice),
    lost: add((row) => row.lost),
    wrongState: add((row) => row.wrongState),
    unknown: add((row) => row.unknown),
    unknownThatRang: add((row) => row.unknownThatRang),
    ambiguous: add((row) => row.ambiguous),
    sameAsWithout: calls === 0 ? null : same / calls,
    breaches: rows.flatMap((row) => row.breaches),
    timings: rows.flatMap((row) => row.timings),
    recoveryMs: rows.flatMap((row) => row.recoveryMs),
  };
}

function percent(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${Math.round(value)} ms`;
}
