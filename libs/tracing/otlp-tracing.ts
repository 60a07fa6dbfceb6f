import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  RandomIdGenerator,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type IdGenerator,
} from '@opentelemetry/sdk-trace';
import { rootSpanIdOf, traceIdOf } from './call-ids.js';
import type { LostSpans } from './lost-spans.js';
import { SpanOutlet } from './span-outlet.js';
import { SPANS, type Attributes, type SpanDescription, type SpanName } from './spans.js';
import { NO_TRACE, Tracing, type CallTrace, type Intake } from './tracing.js';

/** Longest that a stop waits for the collector. */
const CLOSE_MS = 2_000;

const KINDS: Record<SpanDescription['kind'], SpanKind> = {
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

/** Where traces go, whose they are, and how many of them. */
export interface TracesSetup {
  url: string;
  serviceName: string;
  /** Share of calls that are traced. */
  ratio: number;
}

/** Sends traces to an OpenTelemetry collector, by OTLP over HTTP. */
export class OtlpTracing extends Tracing {
  private readonly sampler: TraceIdRatioBasedSampler;
  private readonly ids = new SpanIds();
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;

  constructor({ url, serviceName, ratio }: TracesSetup, lost: LostSpans) {
    super();
    this.sampler = new TraceIdRatioBasedSampler(ratio);
    const own = { 'service.name': serviceName, 'host.name': hostname(), 'process.pid': process.pid };
    this.provider = new TracerProvider({
      resource: defaultResource()
        .merge(detectResources({ detectors: [envDetector] }))
        .merge(resourceFromAttributes(own)),
      idGenerator: this.ids,
      spanProcessors: [new SpanOutlet(new OTLPTraceExporter({ url }), lost)],
    });
    this.tracer = this.provider.getTracer('ringfence');
  }

  of(callId: string | null): CallTrace {
    if (callId === null) return NO_TRACE;
    const traceId = traceIdOf(callId);
    if (!this.isSampled(traceId)) return NO_TRACE;
    return new Below(this.tracer, trace.setSpanContext(ROOT_CONTEXT, { ...rootOf(traceId), isRemote: true }));
  }

  takenIn({ callId, method, route, tookMs, traceparent, told }: Intake): void {
    const traceId = traceIdOf(callId);
    if (!this.isSampled(traceId)) return;
    const endedAtMs = Date.now();
    const context = traceparent === undefined ? null : parseTraceParent(traceparent);
    const root = this.ids.as(rootOf(traceId), () =>
      this.tracer.startSpan(
        `${method} ${route}`,
        {
          kind: SpanKind.SERVER,
          startTime: endedAtMs - tookMs,
          links: context === null ? [] : [{ context }],
        },
        ROOT_CONTEXT,
      ),
    );
    end(root, { 'http.request.method': method, 'http.route': route, ...told }, endedAtMs);
  }

  async close(): Promise<void> {
    const sent = this.provider.shutdown().catch(() => undefined);
    await Promise.race([sent, pause(CLOSE_MS, undefined, { ref: false })]);
  }

  /** By the trace's id alone, and so the same in every process. */
  private isSampled(traceId: string): boolean {
    const { decision } = this.sampler.shouldSample(ROOT_CONTEXT, traceId);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  }
}

/** What lies below a span, be it the root, which another process has made or will make. */
class Below implements CallTrace {
  constructor(
    private readonly tracer: Tracer,
    private readonly parent: Context,
  ) {}

  async step<Result>(
    name: SpanName,
    work: (within: CallTrace) => Promise<Result>,
    told: (result: Result) => Attributes,
  ): Promise<Result> {
    const span = this.begin(name);
    let result: Result;
    try {
      result = await work(new Below(this.tracer, trace.setSpan(this.parent, span)));
    } catch (error) {
      end(span, { 'error.type': typeOf(error) });
      throw error;
    }
    end(span, toldOf(result, told));
    return result;
  }

  note(name: SpanName, sinceMs: number, told: Attributes): void {
    end(this.begin(name, sinceMs), told, Date.now());
  }

  private begin(name: SpanName, startTime?: number): Span {
    return this.tracer.startSpan(name, { kind: KINDS[SPANS[name].kind], startTime }, this.parent);
  }
}

/** Draws the ids of spans, but for those of roots, which are their calls'. */
class SpanIds implements IdGenerator {
  private readonly drawn = new RandomIdGenerator();
  private given: SpanContext | null = null;

  /** @param begin begins one span, at once */
  as(given: SpanContext, begin: () => Span): Span {
    this.given = given;
    try {
      return begin();
    } finally {
      this.given = null;
    }
  }

  generateTraceId(): string {
    return this.given?.traceId ?? this.drawn.generateTraceId();
  }

  generateSpanId(): string {
    return this.given?.spanId ?? this.drawn.generateSpanId();
  }
}

function rootOf(traceId: string): SpanContext {
  return { traceId, spanId: rootSpanIdOf(traceId), traceFlags: TraceFlags.SAMPLED };
}

function end(span: Span, told: Attributes, atMs?: number): void {
  for (const [name, value] of Object.entries(told)) {
    if (value !== null && value !== undefined)
      span.setAttribute(name, value as string | number | boolean | string[]);
  }
  const isError = told['error.type'] !== null && told['error.type'] !== undefined;
  if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(atMs);
}

/** A defect in what is told must not become one of what was done: the phone may be ringing. */
function toldOf<Result>(result: Result, told: (result: Result) => Attributes): Attributes {
  try {
    return told(result);
  } catch (error) {
    return { 'error.type': typeOf(error) };
  }
}

/** Its code or its kind. Never its message: those of a database carry what the statement was about. */
function typeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
}
