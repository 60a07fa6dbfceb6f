/** How an endpoint has taken its tries since the last one that it took. */
export interface EndpointHealth {
  /** Tries that have failed since. */
  consecutiveFailures: number;
  /** Since when; null: the last one was taken. */
  failingSince: Date | null;
  /** Until when it is left alone. */
  pausedUntil: Date | null;
  /** Pauses since. While there are any, one try at a time finds out how it is. */
  pauses: number;
}

/** Also that of an endpoint which nobody has tried yet, or which was pointed elsewhere or switched on by hand. */
export const HEALTHY: EndpointHealth = {
  consecutiveFailures: 0,
  failingSince: null,
  pausedUntil: null,
  pauses: 0,
};

/** Failures in a row after which an endpoint is paused. */
export const FAILURES_BEFORE_PAUSE = 10;

/** How long it is left alone, each time that the try after a pause fails: what is owed to it waits, and spends no try. */
export const PAUSE_SECONDS = [30, 60, 120, 300, 600];

/** An endpoint that is too busy is left alone for as long as it asks, up to this. */
export const MAX_ASKED_PAUSE_SECONDS = 600;

/** An endpoint of which every try has failed for so long is switched off: five days. */
export const DISABLE_AFTER_SECONDS = 5 * 86_400;

/** What a try came to, to its endpoint's health. */
export type TryVerdict =
  | { kind: 'taken' }
  /** Status 410: its owner wants to hear no more. */
  | { kind: 'gone' }
  /** @param askedSeconds the pause that a receiver which is too busy asks for; null: it asks for none */
  | { kind: 'failed'; askedSeconds: number | null };

/** Statuses of a receiver that is too busy for all deliveries, not wrong about one. */
const TOO_BUSY = new Set([429, 503]);

/** What an answer is to its endpoint. No status is no answer. */
export function verdictOf(httpStatus: number | null, retryAfterSeconds: number | null): TryVerdict {
  if (httpStatus === null) return { kind: 'failed', askedSeconds: null };
  if (httpStatus >= 200 && httpStatus < 300) return { kind: 'taken' };
  if (httpStatus === 410) return { kind: 'gone' };
  return { kind: 'failed', askedSeconds: TOO_BUSY.has(httpStatus) ? retryAfterSeconds : null };
}

export interface HealthDecision {
  health: EndpointHealth;
  /** Why the endpoint is to be switched off; null: it is not. */
  disable: 'gone' | 'failing' | null;
}

/**
 * An endpoint's health after a try. One success, a late one too, makes it healthy. Failures of tries that were under
 * way when a pause began do not lengthen it.
 */
export function healthAfter(health: EndpointHealth, verdict: TryVerdict, now: Date): HealthDecision {
  if (verdict.kind === 'taken') return { health: HEALTHY, disable: null };
  const failed: EndpointHealth = {
    ...health,
    consecutiveFailures: health.consecutiveFailures + 1,
    failingSince: health.failingSince ?? now,
  };
  if (verdict.kind === 'gone') return { health: failed, disable: 'gone' };
  const isLost =
    failed.consecutiveFailures >= FAILURES_BEFORE_PAUSE &&
    failedForSeconds(failed, now) >= DISABLE_AFTER_SECONDS;
  return { health: paused(failed, verdict.askedSeconds, now), disable: isLost ? 'failing' : null };
}

/**
 * How many tries to an endpoint may be under way: none in a pause, one after it, else as many as its owner allows.
 * @param most what its owner allows
 */
export function triesAtOnce({ pausedUntil, pauses }: EndpointHealth, most: number, now: Date): number {
  if (pausedUntil !== null && pausedUntil > now) return 0;
  return pauses > 0 ? 1 : most;
}

function paused(health: EndpointHealth, askedSeconds: number | null, now: Date): EndpointHealth {
  const { pausedUntil, pauses, consecutiveFailures } = health;
  const asked = later(now, Math.min(askedSeconds ?? 0, MAX_ASKED_PAUSE_SECONDS));
  const isPaused = pausedUntil !== null && pausedUntil > now;
  if (isPaused) return { ...health, pausedUntil: asked > pausedUntil ? asked : pausedUntil };
  if (pauses === 0 && consecutiveFailures < FAILURES_BEFORE_PAUSE) {
    return askedSeconds === null ? health : { ...health, pausedUntil: asked };
  }
  const ours = later(now, PAUSE_SECONDS[Math.min(pauses, PAUSE_SECONDS.length - 1)] ?? 0);
  return { ...health, pauses: pauses + 1, pausedUntil: asked > ours ? asked : ours };
}

function failedForSeconds({ failingSince }: EndpointHealth, now: Date): number {
  return failingSince === null ? 0 : (now.getTime() - failingSince.getTime()) / 1000;
}

function later(than: Date, seconds: number): Date {
  return new Date(than.getTime() + seconds * 1000);
}
