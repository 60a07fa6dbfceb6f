import type { Attributes, SpanName } from './spans.js';

/** A call's trace, or one of its spans: what is written down here lies below it. */
export interface CallTrace {
  /**
   * Does the work, and writes down from when to when it took and what it came to. Resolves and rejects as the work does,
   * whatever becomes of the span.
   * @param work gets the span, for steps within it
   */
  step<Result>(
    name: SpanName,
    work: (within: CallTrace) => Promise<Result>,
    told: (result: Result) => Attributes,
  ): Promise<Result>;

  /**
   * Writes down what is over by now, where it was known only then whose it was.
   * @param sinceMs when it began, by `Date.now()`
   */
  note(name: SpanName, sinceMs: number, told: Attributes): void;
}

/** The request that a call came by. */
export interface Intake {
  callId: string;
  method: string;
  /** The pattern of its route: a path may carry numbers. */
  route: string;
  tookMs: number;
  /** The header in which the client named a trace of its own. */
  traceparent: string | undefined;
  told: Attributes;
}

/** Writes down what becomes of calls, for OpenTelemetry: a trace for each, whichever processes work on it. */
export abstract class Tracing {
  /** Null: there is no call, and nothing is written down. */
  abstract of(callId: string | null): CallTrace;

  /** The root of a call's trace: the request that has just been answered, and has brought it. To be told once of a call. */
  abstract takenIn(intake: Intake): void;

  /** Sends what is left, for as long as a stop may wait for that. Never rejects. */
  abstract close(): Promise<void>;
}

/** Where nothing is traced, or not this call. */
export const NO_TRACE: CallTrace = {
  step: (_name, work) => work(NO_TRACE),
  note: () => undefined,
};

class NoTracing extends Tracing {
  of(): CallTrace {
    return NO_TRACE;
  }

  takenIn(): void {}

  async close(): Promise<void> {}
}

/** Of a process that traces nothing. */
export const NO_TRACING: Tracing = new NoTracing();
