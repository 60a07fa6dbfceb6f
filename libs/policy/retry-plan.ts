import { nextLawfulOpening, type HoursFacts } from './lawful-hours.js';
import { OUTCOMES, type CooldownClass, type Outcome } from './outcomes.js';

/** The retry settings of a campaign. Cooldowns are whole hours of elapsed time, never wall-clock. */
export interface RetrySettings {
  /** Retries after the first attempt, 0–10. */
  maxRetries: number;
  retryCooldownHours: number;
  successCooldownHours: number | null;
  voicemailCooldownHours: number | null;
  noAnswerCooldownHours: number | null;
  busyCooldownHours: number | null;
  failedCooldownHours: number | null;
  retryOnNoConversion: boolean;
}

export interface EndedAttempt {
  outcome: Outcome;
  endedAt: Date;
  /** Whether this or an earlier conversation of the call reached its goal: then it is settled, however this ended. */
  converted: boolean;
  /** Attempts that spent a try so far, this one included. */
  attemptsSpent: number;
  /** The last instant a retry may start, or null for no limit of the call's own. */
  expiresAt: Date | null;
}

export type RetryDecision =
  /** Ready at `readyAt`, when the cooldown is over; expected at `at`, the first opening from then on. */
  | { kind: 'retry'; readyAt: Date; at: Date; because: Outcome }
  | {
      kind: 'stop';
      because:
        | 'settled'
        | 'permanent'
        | 'retries_used'
        | 'no_lawful_opening'
        | 'expired'
        | 'campaign_closed'
        | 'call_cancelled';
    };

export interface RetryOptions {
  /** Length of a cooldown hour; 3600 but in demos and tests. */
  cooldownHourSeconds: number;
  /** 0 ≤ jitter < 1, seeded by the caller, so that a replay gives the same instant. */
  jitter: number;
}

/**
 * Decides whether a call whose attempt ended is tried again, and when: the outcome's own cooldown, else the
 * campaign's, spread by up to a tenth (at most half an hour), moved into the next opening.
 */
export function planRetry(
  attempt: EndedAttempt,
  { campaign: settings, ...hours }: HoursFacts & { campaign: RetrySettings },
  options: RetryOptions,
): RetryDecision {
  const { retryClass } = OUTCOMES[attempt.outcome];
  if (retryClass === null) return { kind: 'stop', because: 'permanent' };
  if (attempt.converted || (retryClass === 'success' && !settings.retryOnNoConversion)) {
    return { kind: 'stop', because: 'settled' };
  }
  if (attempt.attemptsSpent > settings.maxRetries) return { kind: 'stop', because: 'retries_used' };

  const cooldownMs = cooldownHours(retryClass, settings) * options.cooldownHourSeconds * 1000;
  const spreadMs = Math.min(cooldownMs / 10, 30 * 60_000) * options.jitter;
  const readyAt = new Date(attempt.endedAt.getTime() + cooldownMs + spreadMs);
  const at = nextLawfulOpening({ campaign: settings, ...hours }, readyAt);
  if (at === null) return { kind: 'stop', because: 'no_lawful_opening' };
  if (attempt.expiresAt !== null && at > attempt.expiresAt) return { kind: 'stop', because: 'expired' };
  return { kind: 'retry', readyAt, at, because: attempt.outcome };
}

function cooldownHours(retryClass: CooldownClass, settings: RetrySettings): number {
  const own = {
    success: settings.successCooldownHours,
    voicemail: settings.voicemailCooldownHours,
    no_answer: settings.noAnswerCooldownHours,
    busy: settings.busyCooldownHours,
    failed: settings.failedCooldownHours,
  }[retryClass];
  return own ?? settings.retryCooldownHours;
}

/** Tries given back (nothing was dialled) before a call is failed, so that a dead carrier cannot hold it for ever. */
export const MAX_GIVE_BACKS = 100;

/**
 * How long to wait after the n-th try was given back: what the carrier asked for, else doubling from one second,
 * never more than five minutes. At that pace MAX_GIVE_BACKS is about seven hours.
 */
export function giveBackDelaySeconds(giveBacks: number, carrierAskedSeconds: number | null): number {
  const ownSeconds = Math.min(2 ** Math.max(0, giveBacks - 1), 300);
  const askedSeconds = Math.min(carrierAskedSeconds ?? 0, 3600);
  return Math.max(ownSeconds, askedSeconds);
}
