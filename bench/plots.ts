import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Finding, Series } from './report.js';
import { spreadOf, threeDigits } from './spread.js';

/** A drawing for the page: its name within the scenario, what it shows, and the SVG itself. */
export interface Drawing {
  name: string;
  title: string;
  svg: string;
}

const WIDTH = 760;
const ROW_HEIGHT = 26;
/** Room for labels at the left, in pixels a character. */
const CHARACTER = 6.2;
const OURS = '#1f6feb';
const COLOURS = [OURS, '#d1590d', '#57606a', '#8250df', '#1a7f37', '#bf3989'];

/** Every drawing that a scenario's findings give. */
export function drawingsOf(findings: readonly Finding[]): Drawing[] {
  const ratios = findings.filter((one) => one.kind === 'ratio');
  const cpu = findings.filter((one) => one.kind === 'cpu');
  const series = findings.filter((one) => one.kind === 'series');
  return [
    ...(ratios.length > 0
      ? [{ name: 'ratios', title: 'Ratios: median, least and most', svg: ratioPlot(ratios) }]
      : []),
    ...(cpu.length > 0
      ? [{ name: 'cpu', title: 'Processor time, µs of each process', svg: cpuPlot(cpu) }]
      : []),
    ...series.map((one, nth) => ({ name: `series-${nth + 1}`, title: one.title, svg: seriesPlot(one) })),
  ];
}

function ratioPlot(ratios: Extract<Finding, { kind: 'ratio' }>[]): string {
  const rows = ratios.map(({ label, values }) => ({ label, ...spreadOf(values) }));
  const ends = rows.flatMap(({ min, max }) => [min, max]).filter((value) => value > 0);
  return svgOf({
    marginLeft: labelRoom(rows.map(({ label }) => label)),
    marginRight: 60,
    height: 50 + rows.length * ROW_HEIGHT,
    x: {
      type: 'log',
      label: 'times',
      grid: true,
      domain: [Math.min(0.5, ...ends) / 1.3, Math.max(2, ...ends) * 1.3],
      tickFormat: threeDigits,
    },
    y: { label: null, domain: rows.map(({ label }) => label) },
    marks: [
      Plot.ruleX([1], { stroke: '#57606a', strokeDasharray: '4 3' }),
      Plot.ruleY(rows, {
        y: 'label',
        x1: 'min',
        x2: 'max',
        stroke: OURS,
        strokeWidth: 3,
        strokeOpacity: 0.35,
      }),
      Plot.dot(rows, { y: 'label', x: 'median', fill: OURS, r: 4.5 }),
      Plot.text(rows, {
        y: 'label',
        x: 'max',
        text: ({ median }: { median: number }) => threeDigits(median),
        dx: 8,
        textAnchor: 'start',
      }),
    ],
  });
}

function cpuPlot(all: Extract<Finding, { kind: 'cpu' }>[]): string {
  const rows = all.flatMap(({ label, microseconds }) =>
    Object.entries(microseconds).map(([where, values]) => ({
      name: `${label}: ${where}`,
      median: spreadOf(values).median,
    })),
  );
  return svgOf({
    marginLeft: labelRoom(rows.map(({ name }) => name)),
    marginRight: 60,
    height: 50 + rows.length * ROW_HEIGHT,
    x: { label: 'µs', grid: true },
    y: { label: null, domain: rows.map(({ name }) => name) },
    marks: [
      Plot.barX(rows, { y: 'name', x: 'median', fill: OURS }),
      Plot.text(rows, {
        y: 'name',
        x: 'median',
        text: ({ median }: { median: number }) => threeDigits(median),
        dx: 6,
        textAnchor: 'start',
      }),
      Plot.ruleX([0]),
    ],
  });
}

function seriesPlot({ x, y, lines }: Series): string {
  const names = Object.keys(lines);
  const points = Object.entries(lines).flatMap(([name, some]) =>
    some.map(([atX, atY]) => ({ name, x: atX, y: atY })),
  );
  return svgOf({
    marginLeft: 60,
    marginRight: labelRoom(names),
    height: 320,
    x: { label: x, grid: true },
    y: { label: y, grid: true, zero: true },
    color: { domain: names, range: COLOURS },
    marks: [
      Plot.line(points, { x: 'x', y: 'y', stroke: 'name', strokeWidth: 2 }),
      Plot.text(
        points,
        Plot.selectLast({
          x: 'x',
          y: 'y',
          z: 'name',
          text: 'name',
          fill: 'name',
          dx: 6,
          textAnchor: 'start',
        }),
      ),
    ],
  });
}

function labelRoom(labels: readonly string[]): number {
  return 20 + CHARACTER * Math.max(...labels.map(({ length }) => length));
}

/** Drawn in a document without a browser. On white, so that it can be read on a dark page too. */
function svgOf(options: Plot.PlotOptions): string {
  const { document } = parseHTML('<html></html>') as unknown as { document: never };
  const style = { background: 'white', color: '#1f2328', fontSize: '12px' };
  const inDocument = { ...options, width: WIDTH, style, document };
  // The library types what it draws by a browser's types, which are not there.
  const drawn = Plot.plot(inDocument) as unknown as {
    setAttribute(name: string, value: string): void;
    outerHTML: string;
  };
  drawn.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${drawn.outerHTML}\n`;
}
