import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type Metric } from 'prom-client';
import {
  CATALOG,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricDescription,
  type MetricName,
} from './catalog.js';

/** Gauges of Node's with the ending of counters, which Prometheus' own rules refuse. What they count is in no alert. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** What a metric is at this moment: its value by its labels. */
export type Reading<Name extends MetricName> = { labels: LabelsOf<Name>; value: number }[];

/** The metrics of one process: those of the catalog, and Node's own. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly byName: ReadonlyMap<MetricName, Metric>;
  readonly contentType = this.registry.contentType;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    for (const name of MISNAMED) this.registry.removeSingleMetric(name);
    const names = Object.keys(CATALOG) as MetricName[];
    this.byName = new Map(names.map((name) => [name, this.make(name, CATALOG[name])]));
  }

  /** One more of a kind that is counted from this process' start on. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    (this.byName.get(name) as Counter).inc(labels, by);
  }

  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    (this.byName.get(name) as Histogram).observe(labels, value);
  }

  /** Says what a metric is now, and forgets what it was: labels that are not named are gone. */
  tell<Name extends CounterName | GaugeName>(name: Name, reading: Reading<Name>): void {
    const metric = this.byName.get(name) as Counter | Gauge;
    metric.reset();
    // Without labels a metric is 0 by itself, and that would be a statement too.
    if (reading.length === 0 && CATALOG[name].labels.length === 0) metric.remove({});
    for (const { labels, value } of reading) metric.inc(labels, value);
  }

  /** All of them in Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** The names of all metrics, Node's included. */
  names(): string[] {
    return this.registry.getMetricsAsArray().map(({ name }) => name);
  }

  private make(name: string, { type, help, labels, buckets }: MetricDescription): Metric {
    const configuration = { name, help, labelNames: labels, registers: [this.registry] };
    switch (type) {
      case 'counter':
        return new Counter(configuration);
      case 'gauge':
        return new Gauge(configuration);
      case 'histogram':
        return new Histogram(
          buckets === undefined ? configuration : { ...configuration, buckets: [...buckets] },
        );
    }
  }
}
