import type { InFlight } from '#store/in-flight.js';

/** What a stop's answer tells of what it could not keep from ringing any more. */
export function inFlightView({ count, attempts, unknown }: InFlight): Record<string, unknown> {
  return { in_flight: { count, attempt_ids: attempts.map(({ attemptId }) => attemptId) }, unknown };
}
