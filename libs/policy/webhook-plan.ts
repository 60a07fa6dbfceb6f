/** Seconds between the tries of a delivery: the example schedule of the Standard Webhooks specification 1.0.0. */
export const WEBHOOK_BACKOFF_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/** What a receiver's Retry-After may ask for at most: a day, else a delivery could be put off for ever. */
const MAX_ASKED_SECONDS = 86_400;

/**
 * How long to wait after the n-th try failed, spread by ±20 %, or null when the retries are used up.
 * @param askedSeconds what the receiver asked for, or null
 * @param spread 0 ≤ spread < 1, given by the caller
 */
export function webhookRetrySeconds(
  triesMade: number,
  maxRetries: number,
  askedSeconds: number | null,
  spread: number,
): number | null {
  if (triesMade > maxRetries) return null;
  const planned = WEBHOOK_BACKOFF_SECONDS[Math.min(triesMade, WEBHOOK_BACKOFF_SECONDS.length) - 1] ?? 0;
  return Math.max(planned * (0.8 + 0.4 * spread), Math.min(askedSeconds ?? 0, MAX_ASKED_SECONDS));
}
