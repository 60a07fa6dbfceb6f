import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOG, type MetricDescription } from '#metrics/catalog.js';
import { Metrics } from '#metrics/metrics.js';
import { ALERTS, alertExpressions, panelExpressions } from './prometheus.js';
import { promtool } from './promtool.js';

const alerts = readFileSync(ALERTS, 'utf8');
const runbook = readFileSync('docs/runbook.md', 'utf8');
const table = readFileSync('docs/metrics.md', 'utf8');

const WORDS = new Set(['and', 'or', 'unless', 'bool', 'inf', 'nan']);

/** The metrics that an expression asks for. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w|\s*\()/g)]
    .map(([word]) => word)
    .filter((word) => !WORDS.has(word));
}

/** Names under which Prometheus has what is scraped: a histogram is three of them. */
function scrapedNames(): Set<string> {
  const described: Record<string, MetricDescription> = CATALOG;
  return new Set([
    'up',
    ...new Metrics()
      .names()
      .flatMap((name) =>
        described[name]?.type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
  ]);
}

describe('the guide to metrics', () => {
  it('has a row for each, as the catalog describes it, and no other', () => {
    const rows = Object.entries<MetricDescription>(CATALOG).map(([name, { type, labels, help }]) => {
      const labelled = labels.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${labelled} | ${help} |`;
    });
    const shown = table.split('\n').filter((line) => line.startsWith('| `ringfence_'));
    expect([...shown].sort()).toEqual([...rows].sort());
  });
});

describe('alerts and dashboard', () => {
  it('ask for nothing but what is told', () => {
    const names = scrapedNames();
    expect(alertExpressions().length).toBeGreaterThan(15);
    expect(panelExpressions().length).toBeGreaterThan(30);
    for (const expression of [...alertExpressions(), ...panelExpressions()]) {
      const asked = metricsIn(expression);
      expect(asked.length, expression).toBeGreaterThan(0);
      expect(
        asked.filter((name) => !names.has(name)),
        expression,
      ).toEqual([]);
    }
  });

  it('show all that is told of the whole house', () => {
    const asked = new Set(panelExpressions().flatMap(metricsIn));
    const ofHouse = Object.entries(CATALOG).filter(([, { of }]) => of === 'house');
    expect(ofHouse.map(([name]) => name).filter((name) => !asked.has(name))).toEqual([]);
  });

  it('lead from each alert to a section that says what it means, what to look at and what to do', () => {
    const named = [...alerts.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name);
    const anchors = [...alerts.matchAll(/^ +runbook: docs\/runbook\.md#([a-z-]+)$/gm)].map(
      ([, anchor]) => anchor,
    );
    expect(anchors).toHaveLength(named.length);
    const sections = new Map(
      runbook
        .split(/^# Without an alert$/m)[0]!
        .split(/^## /m)
        .slice(1)
        .map((section) => [section.split('\n')[0]!.toLowerCase().replaceAll(' ', '-'), section]),
    );
    for (const anchor of new Set(anchors)) {
      const section = sections.get(anchor!) ?? '';
      for (const word of ['**Means.**', '**Look at.**', '**Do.**']) expect(section, anchor).toContain(word);
    }
    // And no section is left over from an alert that is gone.
    expect(new Set(sections.keys())).toEqual(new Set(anchors));
  });
});

describe.skipIf(promtool === null)('what promtool says (skipped where it is not on the PATH)', () => {
  it.each([
    ['the rules are rules', ['check', 'rules', ALERTS]],
    [
      'each alert speaks when it should, and not before',
      ['test', 'rules', 'deploy/monitoring/alerts.test.yml'],
    ],
    ['the example is a configuration', ['check', 'config', 'deploy/monitoring/prometheus.yml']],
  ])('%s', async (_, words) => {
    const { status, output } = await promtool!(words);
    expect(status, output).toBe(0);
  });
});
