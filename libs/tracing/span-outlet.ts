import type { Context } from '@opentelemetry/api';
import { ExportResultCode, type ExportResult } from '@opentelemetry/core';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { LostSpans } from './lost-spans.js';

/** Spans that wait to be sent, at most: some megabytes. */
const MOST_WAITING = 4_096;

const BATCH = 512;

/** A batch that is not full is sent after this. */
const SEND_AFTER_MS = 1_000;

/**
 * Hands spans on in batches, one batch at a time, and lets go of those that come while too many wait: whatever the collector
 * does, calls neither wait for it nor is there ever more of it in memory. What is lost is counted.
 */
export class SpanOutlet implements SpanProcessor {
  private readonly batches: BatchSpanProcessor;
  private waiting = 0;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly lost: LostSpans,
  ) {
    this.batches = new BatchSpanProcessor({
      exporter: { export: (spans, done) => this.send(spans, done), shutdown: () => exporter.shutdown() },
      maxQueueSize: MOST_WAITING,
      maxExportBatchSize: BATCH,
      scheduledDelayMillis: SEND_AFTER_MS,
    });
  }

  onStart(span: Span, parent: Context): void {
    this.batches.onStart(span, parent);
  }

  onEnd(span: ReadableSpan): void {
    // As the batches would by themselves, and without a word.
    if (this.waiting >= MOST_WAITING) return this.lost.add(1, 'too_many_wait');
    this.waiting += 1;
    this.batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.batches.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.batches.shutdown();
  }

  private send(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.waiting -= spans.length;
    this.exporter.export(spans, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) this.lost.add(spans.length, whyOf(result.error));
      done(result);
    });
  }
}

/** The status of an answer or a system's word, where there is one. */
function whyOf(error: (Error & { code?: unknown }) | undefined): string {
  if (error === undefined) return 'not_taken';
  const { code, message } = error;
  if (typeof code === 'number') return `status_${code}`;
  return typeof code === 'string' ? code : message;
}
