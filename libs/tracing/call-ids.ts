/** A call's trace has the call's own id: every process knows it, and nobody has to carry it or keep it. */
export function traceIdOf(callId: string): string {
  return callId.replaceAll('-', '');
}

/**
 * The root's span id, for whoever hangs a span below it: the first half of the trace's. It is never all zeros, which would be no
 * id, for a random UUID has its version in it; the other ids are drawn, and hit it once in 2^64.
 */
export function rootSpanIdOf(traceId: string): string {
  return traceId.slice(0, 16);
}
