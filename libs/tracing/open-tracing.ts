import type { Log } from '#environment/log.js';
import type { Settings } from '#environment/settings.js';
import { LostSpans } from './lost-spans.js';
import { NO_TRACING, type Tracing } from './tracing.js';

type TracingSettings = Pick<
  Settings,
  | 'OTEL_EXPORTER_OTLP_ENDPOINT'
  | 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  | 'OTEL_SDK_DISABLED'
  | 'OTEL_SERVICE_NAME'
  | 'OTEL_TRACES_SAMPLER_ARG'
>;

/** The tracing of a process: none, unless a collector is named. */
export async function openTracing(
  settings: TracingSettings,
  app: 'api' | 'dialer',
  log: Log,
): Promise<Tracing> {
  const url = collectorOf(settings);
  if (url === null) return NO_TRACING;
  // Only now: what traces nothing does not even load what it takes.
  const { OtlpTracing } = await import('./otlp-tracing.js');
  const { OTEL_SERVICE_NAME: serviceName = `ringfence-${app}`, OTEL_TRACES_SAMPLER_ARG: ratio } = settings;
  const lost = new LostSpans(
    (line) => log.warn(line, 'tracing'),
    () => performance.now(),
  );
  return new OtlpTracing({ url, serviceName, ratio }, lost);
}

/** As OpenTelemetry has it: the address for traces as it stands, else `v1/traces` below the one for everything. */
function collectorOf(settings: TracingSettings): string | null {
  if (settings.OTEL_SDK_DISABLED) return null;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url } = settings;
  if (url !== undefined) return url;
  return base === undefined ? null : `${base.replace(/\/$/, '')}/v1/traces`;
}
